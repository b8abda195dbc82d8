"""Writes docs/findings.md: every code with what it means, how it is found, its thresholds and what to do.

The codes and their meanings come from the program, thresholds and where they come from out of its source: a constant's
value, and what is written beneath or beside it. Only how a finding is made, and what to do, is prose of this file.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from dataclasses import dataclass
from pathlib import Path

from bakeoff.comparison.diagnose import all_codes

PAGE = Path(__file__).parent / "findings.md"
FAMILIES = {"1": "Training failed", "2": "Learning", "3": "Data", "4": "Fairness", "5": "Evidence"}
D, F = "bakeoff.diagnosis", "bakeoff.diagnosis.families"
REMEDY = "`bakeoff explain STUDY MODEL --try` tries each remedy alone and names the one that cures it."


@dataclass(frozen=True)
class Entry:
    """What is said of one code.

    Attributes:
        how: How it is found.
        todo: What to do.
        thresholds: Constants of the program, as MODULE:NAME; none where a rule needs no number.
    """

    how: str
    todo: str
    thresholds: tuple[str, ...] = ()


ENTRIES = {
    "BKO101": Entry(
        "The record of a run says that its loss was no finite number; epoch and step are those in which it stopped "
        "being one.",
        f"Scale the pixels if they are not, else take a tenth of the learning rate. {REMEDY}",
    ),
    "BKO102": Entry(
        "A run names one class for nearly all test images, and its predictions know next to nothing of the labels: on "
        "imbalanced data a network that is right names one class nearly always, and has learned. Whether a run "
        "collapsed is said when it is trained, and stands in its record.",
        "Scale the pixels; take cross-entropy, whose gradient does not vanish where the softmax saturates; take a "
        f"tenth of the learning rate. {REMEDY}",
        ("bakeoff.stats.collapse:ONE_CLASS", "bakeoff.stats.collapse:MOST_KAPPA"),
    ),
    "BKO103": Entry(
        "A run names more than one class, and its test accuracy is not above what labels dealt out at random would "
        "reach with the same predictions, at 99.9 %. Where the test images are too few to tell, or too many are of one "
        "class, nothing is said. BKO204, BKO301 and BKO307 ask by the same rule which runs learned nothing. The cause "
        "is read from the network's description (heavy dropout, strong penalties, gradients that are cut under SGD), "
        "then from pixels and loss, then from what the probes show; labels are suspected if no network of the study "
        "learned them.",
        "As for BKO102. If no network learns, look at the labels (BKO305).",
        (
            "bakeoff.data.neighbours:LEVEL",
            f"{D}.handicaps:MUCH_DROPOUT",
            f"{D}.handicaps:STRONG_PENALTY",
            f"{D}.handicaps:SHORT_CLIP",
            f"{D}.causes:MOSTLY_SATURATED",
        ),
    ),
    "BKO104": Entry(
        "A loss that is the logarithm of probabilities (KL divergence, binary and focal cross-entropy, Poisson) is cut "
        "off where they are 1e-7, and has no gradient there. Probes show images whose true class is clipped; under KL "
        "divergence a test loss of (1 - accuracy) x 16.118 shows that every wrong image is, in printed figures as in "
        "our own runs. Squared and absolute errors are not clipped, and have no gradient either where the softmax "
        "saturates: BKO102 and BKO103 say so as a cause. What a source printed gets a finding of its own, "
        "which says nothing about the runs made here.",
        "`--set protocol.loss=categorical_crossentropy`, which Bakeoff takes from the logits, or scale the pixels. The "
        "accuracies of such runs speak of the loss, not of depth, width or activation.",
        (f"{D}.clipping:CEILING", f"{D}.clipping:LARGEST_SLACK", f"{D}.clipping:LOST_CLASS"),
    ),
    "BKO105": Entry(
        "Probes count the units of each layer that give the same output for every image of a fixed sample of training "
        "images. All units of any hidden layer count, or most of a layer with ReLU.",
        f"A tenth of the learning rate, scaled pixels, or an activation that does not switch off. {REMEDY}",
        (f"{D}.layers:MOSTLY_DEAD",),
    ),
    "BKO106": Entry(
        "Probes measure each layer's gradient relative to its weights. It vanishes if the first layer's is a small "
        "part of the last one's, and explodes if any layer's is large beside the weights with which it would hand its "
        "input on undiminished.",
        f"Fewer layers, batch normalisation, ReLU in place of sigmoid; scaled pixels where it explodes. {REMEDY}",
        (f"{D}.layers:VANISHING", f"{D}.layers:EXPLODING"),
    ),
    "BKO107": Entry(
        "The record of a run says that memory ran out, that its process ended, or that the program stopped with an "
        "error.",
        "A smaller batch, fewer workers, or mend the error; `bakeoff run` tries such runs again.",
    ),
    "BKO108": Entry(
        "A run's list of layers says that all weights of a layer start as one number, and so do those of the layer "
        "behind it, with no dropout between them. Its units then get the same gradient in every step.",
        "`kernel_initializer: glorot_uniform`, Keras's own, or another random one.",
    ),
    "BKO201": Entry(
        "The mean validation loss over the last fifth of the epochs lies above its lowest value, beyond chance over "
        "seeds, while the training loss fell; or far more of the training than of the validation images are right, "
        "more than the number of validation images leaves to chance. Folds of one seed count as one.",
        "`--set protocol.stop=best`, dropout, or more training images.",
        (f"{D}.overfitting:RISE", f"{D}.overfitting:WIDE_GAP", f"{D}.overfitting:USUAL_GAP"),
    ),
    "BKO202": Entry(
        "The first epoch whose mean validation loss over seeds lies within one standard error of the lowest one comes "
        "at least two epochs, and a fifth of all, before the end.",
        "Fewer epochs: `--set protocol.epochs=N`, or `--set protocol.stop=plateau`.",
        (f"{F}.bko2_learning:LEAST_EPOCHS", f"{D}.plateau:WINDOW_SHARE"),
    ),
    "BKO203": Entry(
        "The mean validation loss of the last fifth of the epochs lies below that of the fifth before, over seeds by a "
        "one-sided t test at 5 %.",
        "More epochs: `--set protocol.epochs=N`. A comparison of models of which one was stopped early is one of "
        "budgets.",
        (f"{D}.plateau:WINDOW_SHARE", f"{D}.plateau:WINDOW_OF_ONE_SEED", f"{D}.plateau:LEAST_FALL"),
    ),
    "BKO204": Entry(
        "Some seeds of a model learned nothing, and others did: they diverged, collapsed or stayed at chance (BKO103).",
        "Report the rate of failures beside the accuracy, which speaks of the others only. What helps is what helps "
        f"against BKO101 to BKO103. {REMEDY}",
    ),
    "BKO205": Entry(
        "The training loss jumps again and again, or has not come back from a jump at the end; it blows up in the "
        "first epoch; or the run diverged from scaled pixels. Where hardly anything was learned, one jump counts, and "
        "so does a first step that changes the weights by much of the size that they need to hand their input on.",
        "A tenth of the learning rate, or scaled pixels where they are not.",
        (
            f"{D}.rates:LARGE_STEP",
            f"{D}.rates:JUMP",
            f"{D}.rates:OFTEN",
            f"{D}.rates:BLOWN_UP",
            f"{D}.rates:STILL_HIGH",
        ),
    ),
    "BKO206": Entry(
        "All steps together can hardly have moved the weights from where they were drawn, and the loss is still high. "
        "Unscaled pixels, a clipped loss, a dead layer or a collapse explain small steps better, and silence it. Where "
        "the validation loss was still falling (BKO203), too few steps come first.",
        "Ten times the learning rate, perhaps more than once; more epochs where the loss was still falling.",
        (
            f"{D}.rates:HARDLY_MOVED",
            f"{D}.rates:STILL_HIGH",
            f"{D}.rates:ENOUGH_MOVED",
            f"{D}.rates:MOST_TIMES",
        ),
    ),
    "BKO207": Entry(
        "A published history is better in its first epoch than a freshly drawn network's can be: its training loss "
        "lies below the entropy of the labels over the number of batches, where there are many, or it is ahead of "
        "later epochs of our own runs; of a model without a run here, the bound alone is asked. Our own runs start "
        "afresh, unless the network itself comes with trained weights: then the loss before training lies far below "
        "the entropy of the labels in every run.",
        "Judge epochs by histories that start from fresh weights; `bakeoff run` trains every seed so.",
        (
            f"{D}.starts:FEWEST_STEPS",
            f"{D}.starts:TRAINED",
            f"{D}.starts:LUCKY",
            f"{D}.starts:EPOCHS_AHEAD",
        ),
    ),
    "BKO301": Entry(
        "Probes measure what the first layer sees, unless a layer in front of it normalises. Without probes, "
        "`protocol.pixels` being `raw` counts. It is an error where runs failed or stayed at chance.",
        "`--set protocol.pixels=unit`.",
        (f"{D}.pixels:LARGE_INPUT",),
    ),
    "BKO302": Entry(
        "Images are compared byte for byte when data are loaded for training, and the pairs are kept. Near-duplicates "
        "are looked for only where distances within a class allow telling them. It is an error where the leak can "
        "move the accuracy by more than half of a 95 % interval, 0.98 / sqrt(test images).",
        "Remove these images from the training files, or keep all images of one origin on one side of the split.",
    ),
    "BKO303": Entry(
        "As BKO302, among all images: the same bytes occur with different labels.",
        "Correct or remove one of each pair.",
    ),
    "BKO304": Entry(
        "Images of every class are counted in training, test and validation images, the latter as the study's split "
        "draws them.",
        "Draw splits at random within each class (`--set protocol.validation=0.1` does), or add images; read nothing "
        "into the accuracy of a rare class.",
        (f"{F}.bko3_data:RARE",),
    ),
    "BKO305": Entry(
        "The nearest training image of a sample of images has the same label no more often than with random labels; or "
        "test classes look like other training classes. A run that is better than chance refutes it.",
        "`bakeoff data NAME` draws the first images of each class: compare them with their labels.",
        ("bakeoff.data.neighbours:LEVEL", "bakeoff.data.neighbours:SAMPLE"),
    ),
    "BKO306": Entry(
        "Pixel values that are the same in all, or all but one in a thousand, training images are counted. More than "
        "half of them is a note, all of them an error.",
        "Look at the images with `bakeoff data NAME`; wide margins can be cropped.",
    ),
    "BKO307": Entry(
        "Nearly all runs of all good models, and most of each, say the same other class of a test image. It takes two "
        "networks with different layers, of which neither makes more than twice the errors of the best. Nothing is "
        "reported where there are very many such images: then it is the networks that are wrong.",
        "Look at these images, and correct the labels that are wrong.",
        (
            f"{D}.suspects:MISSED",
            f"{D}.suspects:AGREED",
            f"{D}.suspects:FEWEST_RUNS",
            f"{D}.suspects:FEWEST_NETWORKS",
            f"{D}.suspects:MOST_ERRORS",
            f"{D}.suspects:MOST_SUSPECTS",
        ),
    ),
    "BKO401": Entry(
        "`protocol.validation` is `test`; or the study declares `chosen_on_test` of a published figure.",
        "`--set protocol.validation=0.1`. Expect published figures that were chosen so to come out lower.",
    ),
    "BKO402": Entry(
        "Images, epochs, updates, seeds or the declared numbers of settings tried differ between models; the report "
        "has them all under Budgets.",
        "Give all models the same, or read the result as one of models and budgets together.",
    ),
    "BKO403": Entry(
        "The store counts how many different sets of runs have been judged on a test set.",
        "Choose models and settings on validation images, and look at the test set once.",
    ),
    "BKO404": Entry(
        "No two models differ in a factor's levels alone, so that no contrast of these levels can be estimated.",
        "Use a `grid`, or add models that differ in one factor only.",
    ),
    "BKO501": Entry(
        "Undecided pairs that more seeds would decide, if difference and spreads are what they seem to be.",
        "`bakeoff run STUDY --seeds N` with a larger N; nothing is trained twice.",
    ),
    "BKO502": Entry(
        "Undecided pairs that no number of seeds would decide, because the test images alone leave too much open.",
        "A larger test set, or accept that such a difference cannot be seen with this one.",
    ),
    "BKO503": Entry(
        "Several models may be the best. The expected maximum of their means, if they are equally good, is worked out "
        "from the standard errors.",
        "Quote the interval, or train the winner again with fresh seeds before quoting its mean.",
    ),
    "BKO504": Entry("A model has one seed.", "`bakeoff run STUDY --seeds 5`."),
}


def write_page() -> str:
    """The whole page."""
    parts = [
        "# Findings\n\n"
        "What Bakeoff says of runs, data and comparisons, each under a code that stays. An *error* makes runs or data "
        "unusable or a result invalid, a *warning* is what a reader must know, a *note* the rest. A study silences a "
        "code with `ignore: [BKO402]`. This page is written by `python docs/findings.py`; thresholds are those of the "
        "program, with the reason that stands beside them there.\n"
    ]
    family = ""
    for code, meaning in all_codes().items():
        if code[3] != family:
            family = code[3]
            parts.append(f"**BKO{family}: {FAMILIES[family]}**\n")
        parts.append(_section(code, meaning, ENTRIES[code]))
    return "\n".join(parts)


def _section(code: str, meaning: str, entry: Entry) -> str:
    listed = "\n".join(_threshold(name) for name in entry.thresholds)
    thresholds = f"\n\n{listed}" if listed else " None: it is a matter of fact."
    return (
        f"## {code}\n\n{meaning[:1].upper()}{meaning[1:]}.\n\n**How it is found.** {entry.how}\n\n"
        f"**Thresholds.**{thresholds}\n\n**What to do.** {entry.todo}\n"
    )


def _threshold(name: str) -> str:
    """A constant's value and the reason beside it."""
    module, constant = name.split(":")
    loaded = importlib.import_module(module)
    value = getattr(loaded, constant)
    reason = _reason(inspect.getsource(loaded), constant)
    return f"- `{constant}` = {value:.6g}. {reason[:1].upper()}{reason[1:]}"


def _reason(source: str, constant: str) -> str:
    """The text beneath an assignment, or else the comment on its lines."""
    body = ast.parse(source).body
    for place, statement in enumerate(body):
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == constant:
            after = body[place + 1] if place + 1 < len(body) else None
            if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
                return " ".join(str(after.value.value).split())
            lines = source.splitlines()[statement.lineno - 1 : statement.end_lineno]
            comments = [match[1] for line in lines if (match := re.search(r"#\s*(.*)", line))]
            if comments:
                return f"{' '.join(comments).rstrip('.')}."
    raise ValueError(f"{constant} has no reason beside it: write one beneath its value")


if __name__ == "__main__":
    PAGE.write_text(write_page(), "utf-8")
