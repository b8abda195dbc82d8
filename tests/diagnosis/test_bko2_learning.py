"""Overfitting, plateaus, seeds that disagree, learning rates, and histories that start trained."""

import math
from dataclasses import replace

import numpy as np
import pytest

from bakeoff.diagnosis import Run
from bakeoff.diagnosis.families.bko2_learning import CODES, diagnose
from bakeoff.diagnosis.starts import find_trained_starts
from bakeoff.spec.record import DataFacts, History
from bakeoff.spec.study import Published, PublishedHistory

RISING = 0.3 + 0.05 * np.abs(np.arange(10) - 3)  # lowest, 0.3, in epoch 4; 0.6 in epoch 10


def _by_code(study):
    found = list(diagnose(study))
    kinds = {(finding.code, finding.model, finding.published) for finding in found}
    assert len(kinds) == len(found), "one finding per model and code, and one of what was published"
    assert all(finding.code in CODES and finding.cause and finding.advice for finding in found)
    return {finding.code: finding for finding in found}


@pytest.fixture
def make_runs(make_run, make_history):
    """Three seeds whose histories have these columns, with a little noise on the validation loss."""

    def make(**columns):
        rng = np.random.default_rng(0)
        validation = np.array(columns.pop("validation_loss", make_history().validation_loss))
        noisy = validation * (1 + rng.normal(0, 0.002, (3, len(validation))))
        return [make_run(seed, history=make_history(**columns, validation_loss=noisy[seed])) for seed in range(3)]

    return make


@pytest.fixture
def settled(make_history):
    """A validation loss that has settled after half of the epochs."""
    return np.maximum(make_history().validation_loss, make_history().validation_loss[5])


def test_healthy_runs_have_notes_at_most(make_study, make_runs, settled):
    """A network that learned and settled is only told from where on."""
    found = _by_code(make_study(*make_runs(validation_loss=settled)))
    assert {code: finding.severity for code, finding in found.items()} == {"BKO202": "note"}


def test_overfitting_has_epoch_and_size(make_study, make_runs):
    """BKO201 says from which epoch the validation loss rises while the training loss falls, and how far."""
    finding = _by_code(make_study(*make_runs(validation_loss=RISING)))["BKO201"]
    assert finding.title == "Overfitting from epoch 4 on"
    assert "from epoch 4 to epoch 10 the validation loss goes from 0.3 to 0.6" in finding.evidence
    assert "the training loss from 0.865 to 0.2" in finding.evidence  # 1.8 / 9 ** (3 / 9) and 1.8 / 9
    assert finding.severity == "note"
    assert finding.advice.startswith("--set models.net.protocol.stop=best")


def test_overfitting_of_one_seed(make_study, make_run, make_history):
    """With one seed every one of the last epochs must lie above the best."""
    assert "BKO201" in _by_code(make_study(make_run(history=make_history(validation_loss=RISING))))
    dips = np.where(np.arange(10) == 8, 0.301, RISING)
    dips[3] = 0.302
    assert "BKO201" not in _by_code(make_study(make_run(history=make_history(validation_loss=dips))))


def test_overfitting_that_costs_accuracy_is_a_warning(make_study, make_runs):
    """Where the last epoch counts and has lost more accuracy than the margin, readers must know."""
    accuracy = 0.93 - 0.01 * np.abs(np.arange(10) - 3)
    runs = make_runs(validation_loss=RISING, validation_accuracy=accuracy)
    assert _by_code(make_study(*runs, margin=0.01))["BKO201"].severity == "warning"
    assert _by_code(make_study(*runs, margin=0.1))["BKO201"].severity == "note"
    assert _by_code(make_study(*runs, margin=0.01, stop="best"))["BKO201"].severity == "note"


def test_a_wide_gap_is_overfitting(make_study, make_runs, settled):
    """Ten points between training and validation accuracy are overfitting, though the loss never rose."""
    finding = _by_code(make_study(*make_runs(validation_loss=settled, validation_accuracy=np.full(10, 0.8))))["BKO201"]
    assert (finding.title, finding.severity) == ("Overfitting", "warning")
    assert "15.0% more of the training images" in finding.evidence  # 1 - 0.2 / 4 = 0.95, less 0.8


@pytest.mark.parametrize(("images", "said"), [(20, False), (60, True)])
def test_a_wide_gap_among_few_images_may_be_chance(make_study, make_runs, settled, images, said):
    """BKO201: 0.80 right of 20 images are 0.94 at most, by the tables of Clopper and Pearson's 95 % limit; of 60, 0.88.

    Beside 0.95 of the training images that leaves 0.01 and 0.07; networks that learned well had up to 0.06.
    """
    runs = make_runs(validation_loss=settled, validation_accuracy=np.full(10, 0.8))
    counts = runs[0].record.images.model_copy(update={"validation": images})
    few = [Run(run.record.model_copy(update={"images": counts}), run.probes, run.predictions) for run in runs]
    assert ("BKO201" in _by_code(make_study(*few))) == said


def test_folds_are_no_seeds(make_study, make_run, make_history):
    """BKO201 to BKO203 speak of two seeds with three folds each, whose mean is the curve; a seed that lacks one is out.

    By hand: losses of 0.9, 1.0 and 1.1 times the curve have the curve as their mean.
    """
    runs = [
        make_run(seed, fold=fold, history=make_history(validation_loss=(0.9 + fold / 10) * RISING))
        for seed in range(2)
        for fold in range(3)
    ]
    lacking = make_run(2, fold=0, history=make_history(validation_loss=9 * RISING))
    found = _by_code(make_study(*runs, lacking, validation={"kfold": 3}))
    assert found["BKO201"].evidence.startswith("mean of 2 seeds: from epoch 4 to epoch 10 the validation loss goes")
    assert "from 0.3 to 0.6" in found["BKO201"].evidence
    assert "mean validation loss of 2 seeds" in found["BKO202"].evidence
    assert not {"BKO201", "BKO202", "BKO203"} & set(_by_code(make_study(lacking, validation={"kfold": 3})))


def test_folds_share_the_images_of_a_wide_gap(make_study, make_run, make_history, settled):
    """BKO201: the three folds of 20 images each are 60 images, enough for a gap of 15 points."""
    history = make_history(validation_loss=settled, validation_accuracy=np.full(10, 0.8))
    counts = make_run().record.images.model_copy(update={"validation": 20})
    runs = [make_run(0, fold=fold, history=history, images=counts) for fold in range(3)]
    assert "BKO201" in _by_code(make_study(*runs, validation={"kfold": 3}))
    assert "BKO201" not in _by_code(make_study(runs[0]))


def test_rising_losses_of_both_are_no_overfitting(make_study, make_runs):
    """A training loss that rises as well is another trouble."""
    runs = make_runs(validation_loss=RISING, loss=RISING)
    assert "BKO201" not in _by_code(make_study(*runs))


def test_plateau(make_study, make_runs, settled):
    """BKO202 has the epoch, which the advice takes over."""
    finding = _by_code(make_study(*make_runs(validation_loss=settled)))["BKO202"]
    assert finding.severity == "note"
    epoch = int(finding.title.split()[3])
    assert epoch in (6, 7)  # settled from epoch 6 on, but for noise
    assert finding.advice == f"--set models.net.protocol.epochs={epoch}"


@pytest.mark.parametrize(("epochs", "flat", "said"), [(5, 1, False), (5, 2, True), (12, 2, False), (12, 3, True)])
def test_a_plateau_must_be_worth_the_advice(make_study, make_runs, epochs, flat, said):
    """BKO202: at least two epochs, and a fifth of all, must have brought nothing; one epoch of five is no advice."""
    falling = np.concatenate([np.linspace(2, 0.5, epochs - flat), np.full(flat, 0.7)])
    runs = make_runs(validation_loss=falling, loss=falling, accuracy=1 - falling / 4)
    found = _by_code(make_study(*runs, epochs=epochs))
    assert ("BKO202" in found) == said
    if said:
        assert f"the last {flat} of {epochs} epochs brought nothing" in found["BKO202"].cause


def test_still_improving(make_study, make_runs):
    """BKO203 asks for twice the epochs of a loss that was still falling."""
    finding = _by_code(make_study(*make_runs()))["BKO203"]
    assert finding.severity == "note"
    assert finding.advice == "--set models.net.protocol.epochs=20"


def test_seeds_that_patience_stopped_have_no_length_to_judge(make_study, make_runs):
    """Where a seed ended before the last epoch, neither BKO202 nor BKO203 is said."""
    found = _by_code(make_study(*make_runs(), epochs=30, stop={"patience": 3}))
    assert not {"BKO202", "BKO203"} & set(found)


def test_failed_or_unvalidated_runs_have_no_curve_to_judge(make_study, make_run, make_history):
    """Collapsed runs, runs without validation images and runs with an infinite validation loss are passed over."""
    infinite = np.where(np.arange(10) == 2, np.inf, 1.0)
    runs = [
        make_run(0, status="collapsed", test_accuracy=0.1),
        make_run(1, history=make_history(validation_loss=(), validation_accuracy=())),
        make_run(2, history=make_history(validation_loss=infinite)),
    ]
    assert set(_by_code(make_study(*runs))) == {"BKO204"}


def test_seeds_disagree(make_study, make_run):
    """BKO204 counts seeds that failed, with the exact interval; a crashed worker is no failure of the network."""
    runs = [make_run(seed) for seed in range(3)]
    runs += [make_run(3, status="collapsed"), make_run(4, status="diverged", test_accuracy=None)]
    finding = _by_code(make_study(*runs, make_run(5, status="crashed")))["BKO204"]
    assert (finding.title, finding.severity) == ("2 of 5 seeds failed", "warning")
    # Clopper and Pearson's 95 % interval for 2 of 5, from their tables: 0.0527 to 0.8534
    assert "seeds 3, 4 failed; the others learned" in finding.evidence
    assert "40% of trainings, 95 % interval 5% to 85%" in finding.evidence


def test_a_seed_at_chance_failed(make_study, make_run):
    """BKO204: a finished run that does not beat chance has failed like a collapsed one."""
    guesses = np.roll(np.arange(1000) % 10, 1)
    runs = [make_run(0), make_run(1), make_run(2, predictions=guesses)]
    assert _by_code(make_study(*runs))["BKO204"].title == "1 of 3 seeds failed"


@pytest.mark.parametrize("status", ["finished", "collapsed"])
def test_seeds_that_agree(make_study, make_run, status):
    """Where all seeds fail or none does, they agree."""
    assert "BKO204" not in _by_code(make_study(*[make_run(seed, status=status) for seed in range(3)]))


def test_a_seed_with_one_failed_fold_failed(make_study, make_run):
    """Folds of a seed count as one: it fails if one of them does."""
    runs = [make_run(seed, fold=fold) for seed in range(2) for fold in range(2)]
    runs.append(make_run(1, fold=2, status="collapsed"))
    assert _by_code(make_study(*runs))["BKO204"].title == "1 of 2 seeds failed"


@pytest.fixture
def stuck(make_history):
    """A loss that has come down from 2.35 to 2.3."""
    return make_history(loss=np.linspace(2.35, 2.3, 10))


def test_first_step_too_large(make_study, make_run, make_probes, stuck):
    """BKO205: a first step that changes most layers by three quarters is too large, if it led nowhere."""
    probes = make_probes(update=np.array([[0.1, 6.0, 7.0], [0.1, 0.1, 0.1], [0.1, 0.1, 0.1]]))  # of weights of 8
    finding = _by_code(make_study(make_run(probes=probes, history=stuck)))["BKO205"]
    assert finding.severity == "warning"
    assert "the first step changes the weights by 0.75 times the size that they need" in finding.evidence
    assert finding.advice == "--set models.net.protocol.optimizer.adam.learning_rate=0.0001"
    assert "BKO205" not in _by_code(make_study(make_run(probes=probes)))
    assert "BKO205" in _by_code(make_study(make_run(probes=probes, status="collapsed")))


def test_first_step_beside_tiny_weights(make_study, make_run, make_probes, stuck):
    """BKO205: weights that hand on a thousandth of their input may be changed by many times their size."""
    update, scale = np.full((3, 3), 80.0), np.tile(0.3 * 0.001 ** np.arange(1, 4), (3, 1))
    run = {"history": stuck}
    assert "BKO205" in _by_code(make_study(make_run(probes=make_probes(update=update), **run)))
    assert "BKO205" not in _by_code(make_study(make_run(probes=make_probes(update=update, scale=scale), **run)))


def _risen(make_history, epochs, *, by):
    """The usual history, but in these epochs (from 1) so much above the lowest before."""
    loss = np.array(make_history().loss)
    for epoch in epochs:
        loss[epoch - 1] = loss[: epoch - 1].min() + by
    return make_history(loss=loss)


@pytest.mark.parametrize(
    ("epochs", "by", "said"),
    [((7,), 0.2, False), ((4, 7), 0.2, True), ((6, 7), 0.2, False), ((10,), 0.2, True), ((4, 7), 0.05, False)],
    ids=["once", "twice", "one jump of two epochs", "in the last epoch", "small"],
)
def test_loss_that_jumps(make_study, make_run, make_history, epochs, by, said):
    """BKO205: a training loss that rises by 6 % of its first epoch's 1.8, so by 0.108, and does so again or stays."""
    found = _by_code(make_study(make_run(history=_risen(make_history, epochs, by=by))))
    assert ("BKO205" in found) == said
    if said:
        assert found["BKO205"].evidence.endswith("it jumped 2 times in 10 epochs") == (len(epochs) == 2)


def test_two_jumps_in_a_long_training(make_study, make_run):
    """BKO205: in 40 epochs two jumps from which the loss comes back are few, three are not."""
    for jumps, said in (((10, 20), False), ((10, 20, 30), True)):
        loss = np.geomspace(1.8, 0.01, 40)
        loss[list(jumps)] += 0.2
        history = History(loss=tuple(loss), accuracy=tuple(1 - loss / 4), seconds=(1.0,) * 40)
        assert ("BKO205" in _by_code(make_study(make_run(history=history), epochs=40))) == said


def test_a_jump_of_a_run_that_learned_nothing(make_study, make_run, make_history):
    """BKO205: one jump counts where hardly anything was learned afterwards."""
    loss = np.linspace(2.45, 2.0, 10)  # down by 0.05 in every epoch
    loss[5] = 2.45
    finding = _by_code(make_study(make_run(history=make_history(loss=loss))))["BKO205"]
    assert "the training loss rose from 2.25 to 2.45 in epoch 6" in finding.evidence


def test_loss_that_blew_up_at_once(make_study, make_run, make_history):
    """BKO205: a first epoch worse than no training at all."""
    loss = (600.0, *[2.31] * 9)
    finding = _by_code(make_study(make_run(history=make_history(loss=loss))))["BKO205"]
    assert "the loss was 2.35 before training and 600 in the first epoch" in finding.evidence


def test_divergence_is_a_high_rate_unless_pixels_are_raw(make_study, make_run, make_probes, make_history):
    """A diverged run has too high a learning rate; on raw pixels BKO101 says it already."""
    changes = {"status": "diverged", "history": make_history(loss=(2.0, math.nan)), "test_accuracy": None}
    assert "it diverged in epoch 2" in _by_code(make_study(make_run(**changes)))["BKO205"].evidence
    raw = make_probes(pixels=np.array([0.0, 255.0, 33.0, 78.0]))
    assert "BKO205" not in _by_code(make_study(make_run(**changes, probes=raw)))


def test_rate_too_low(make_study, make_run, make_probes, make_history):
    """BKO206: 10 epochs of 50 steps at 1e-5 of the weights move them by 0.005 of their size at most."""
    probes = make_probes(update=np.full((3, 3), 8e-5))  # of weights of 8
    high = make_history(loss=np.linspace(2.35, 2.3, 10))
    finding = _by_code(make_study(make_run(probes=probes, history=high), optimizer="sgd"))["BKO206"]
    assert finding.severity == "warning"
    assert "by 1e-05 of their size, all 500 steps together by at most 0.005" in finding.evidence
    assert "from 2.35 to 2.3" in finding.evidence
    assert finding.advice.startswith("--set models.net.protocol.optimizer.sgd.learning_rate=0.1")


def test_small_steps_that_learned_are_no_trouble(make_study, make_run, make_probes):
    """A loss that came down needs no larger steps, and weights that do not move at all have another trouble."""
    small = make_probes(update=np.full((3, 3), 8e-5))
    still = make_probes(update=np.zeros((3, 3)))
    assert "BKO206" not in _by_code(make_study(make_run(0, probes=small), make_run(1, probes=still)))


FALLING = np.linspace(2.35, 1.9, 10)


@pytest.mark.parametrize(
    ("update", "validation", "advice"),
    [
        (8e-4, FALLING, ("epochs=40", "optimizer.adam.learning_rate=0.01")),
        (8e-5, FALLING, ("optimizer.adam.learning_rate=0.01",)),
        (8e-4, np.full(10, 2.3), ("optimizer.adam.learning_rate=0.01",)),
    ],
    ids=["40 epochs are enough", "400 would be needed", "nothing falls any more"],
)
def test_too_few_steps(make_study, make_run, make_probes, make_history, update, validation, advice):
    """BKO206: where the loss still falls and some more epochs move the weights far enough, these come first.

    500 steps of 1e-4 move the weights by 0.05 of their size; four times as many by 0.2, which is enough.
    """
    probes = make_probes(update=np.full((3, 3), update))  # of weights of 8
    history = make_history(loss=FALLING, validation_loss=validation)
    finding = _by_code(make_study(make_run(probes=probes, history=history)))["BKO206"]
    assert finding.advice == ", or ".join(f"--set models.net.protocol.{entry}" for entry in advice)
    few = len(advice) == 2
    assert finding.title == ("Too few steps for this learning rate" if few else CODES["BKO206"])
    assert ("still falling when training stopped" in finding.cause) == few


def test_causes_of_all_seeds_are_no_luck(make_study, make_run, make_probes):
    """BKO204: what the seeds that learned show as well is not put down to the weights that were drawn."""
    raw = make_probes(pixels=np.array([0.0, 255.0, 33.0, 78.0]))
    failed, luck = {"status": "collapsed"}, "whether it learns depends on the weights"
    shared = make_study(make_run(0, probes=raw), make_run(1, probes=raw, **failed))
    assert _by_code(shared)["BKO204"].cause == "the first layer sees unscaled pixels"
    dead = make_probes(dead=np.tile([0.1, 1.0, 0.0], (3, 1)))
    assert luck in _by_code(make_study(make_run(0), make_run(1, probes=dead, **failed)))["BKO204"].cause
    assert luck in _by_code(make_study(make_run(0), make_run(1, **failed)))["BKO204"].cause


SLOW = {"update": np.full((3, 3), 8e-5)}  # of weights of 8
ONE_CLASS = np.full(1000, 3)


@pytest.mark.parametrize(
    ("probes", "run", "protocol", "said"),
    [
        ({}, {}, {}, True),
        ({"pixels": np.array([0.0, 255.0, 33.0, 78.0])}, {}, {}, False),
        ({"clipped": np.array([0.8, 0.9, 0.9])}, {}, {"loss": "kl_divergence"}, False),
        ({"dead": np.tile([0.1, 1.0, 0.0], (3, 1))}, {}, {}, False),
        ({}, {"status": "collapsed", "predictions": ONE_CLASS}, {}, False),
        (
            {"predicted": np.tile(np.eye(10, dtype=int)[3] * 250, (3, 1))},
            {"status": "collapsed", "predictions": ONE_CLASS},
            {},
            True,
        ),
    ],
    ids=["slow", "raw", "clipped", "dead", "fell to one class", "one class from the start"],
)
def test_larger_steps_are_no_cure_for_what_is_stuck(
    make_study, make_run, make_probes, make_history, probes, run, protocol, said
):
    """BKO206 is not said where raw pixels, a clipped loss, a dead layer or a collapse keep the gradient small."""
    high = make_history(loss=np.linspace(2.35, 2.3, 10))
    found = _by_code(make_study(make_run(probes=make_probes(**SLOW | probes), history=high, **run), **protocol))
    assert ("BKO206" in found) == said


def test_published_history_of_a_model_without_runs(make_study, make_run):
    """BKO207: its steps are at most all training images over the batch size: here 1,800 / 32, so 57."""
    histories = {"low": 0.04, "fair": 0.041}  # ln(10) / 57 = 0.0404
    strangers = {name: Published(history=PublishedHistory(loss=(first,))) for name, first in histories.items()}
    (found,) = [finding for finding in diagnose(make_study(make_run(), strangers=strangers)) if finding.published]
    assert (found.code, found.model, found.severity) == ("BKO207", "low", "warning")
    assert "is 0.04; of 57 batches" in found.evidence


def test_published_history_below_the_bound(make_study, make_run):
    """BKO207: study D's first long run begins at 0.0023, where 469 steps allow ln(10) / 469 = 0.0049 at least."""
    images = make_run().record.images.model_copy(update={"train": 60000})
    published = Published(history=PublishedHistory(loss=(0.0023, 0.0021)))
    study = make_study(make_run(images=images), published=published, batch_size=128)
    finding = _by_code(study)["BKO207"]
    assert (finding.severity, finding.published) == ("warning", True)
    assert "is 0.0023; of 469 batches" in finding.evidence
    assert "2.3 / 469 = 0.0049" in finding.evidence
    assert finding.evidence.count("0.0023") == 1  # that our own runs are behind it as well need not be said


def test_published_history_ahead_of_our_own(make_study, make_run, make_history):
    """BKO207: a first epoch better than our third of every seed started trained; one as good as our second did not."""
    own = make_history()
    for epoch, expected in ((3, True), (1, False)):
        history = PublishedHistory(accuracy=(own.accuracy[epoch],))
        found = _by_code(make_study(make_run(0), make_run(1), published=Published(history=history)))
        assert ("BKO207" in found) == expected
    assert (
        "accuracy of the first epoch"
        in _by_code(make_study(make_run(), published=Published(history=PublishedHistory(accuracy=(0.9994,)))))[
            "BKO207"
        ].evidence
    )


def _stranger(first):
    """A model without a run, whose first published epoch had this loss: the bound alone is asked."""
    return {"other": Published(history=PublishedHistory(loss=(first,)))}


@pytest.mark.parametrize(("batch_size", "said"), [(95, False), (90, True)])
def test_a_first_epoch_of_few_steps_proves_nothing(make_study, make_run, batch_size, said):
    """BKO207: of 1,800 images the bound is asked in 20 batches, of 2.3 / 20 = 0.115, and not in 19."""
    study = make_study(make_run(), strangers=_stranger(0.05), batch_size=batch_size)
    assert ("BKO207" in _by_code(study)) == said


@pytest.mark.parametrize(("first", "said"), [(0.00098, True), (0.001, False)])
def test_the_bound_of_rare_classes(make_study, make_run, first, said):
    """BKO207: where 99 % of the labels are one class, the bound is 0.056 / 57 = 0.00098, not 0.69 / 57 = 0.012.

    By hand: the entropy is -0.99 ln 0.99 - 0.01 ln 0.01 = 0.00995 + 0.04605 = 0.056.
    """
    study = make_study(make_run(), strangers=_stranger(first))
    facts = DataFacts(train_counts=(990, 10), test_counts=(500, 500))
    assert ("BKO207" in _by_code(replace(study, data=study.data.model_copy(update={"facts": facts})))) == said


def _begun(make_probes, before):
    return make_probes(loss=np.array([before, 0.2, 0.1]))


def test_own_runs_that_start_trained(make_study, make_run, make_probes):
    """BKO207: a network that is built with trained weights knows the labels before training, in every run."""
    (known, fresh) = (_begun(make_probes, before) for before in (0.5, 0.6))  # a quarter of ln(10) is 0.576
    finding = _by_code(make_study(make_run(0, probes=known), make_run(1, probes=known)))["BKO207"]
    assert finding.evidence.startswith("2 of 2 seeds; seed 0, for instance: the loss before training is 0.5, where")
    assert not finding.published
    for probes in (fresh, make_probes()):
        assert "BKO207" not in _by_code(make_study(make_run(0, probes=known), make_run(1, probes=probes)))


def test_own_runs_with_few_steps_are_fresh(make_study, make_run, make_history):
    """BKO207 is not said of a first epoch however good: full batches learn in a step or two what the bound excludes."""
    runs = [make_run(seed, history=make_history(loss=np.full(10, 0.01))) for seed in range(5)]
    assert "BKO207" not in _by_code(make_study(*runs, batch_size=1600))


@pytest.mark.parametrize(("runs", "said"), [(9, False), (10, True)])
def test_a_lucky_draw_of_two_classes(make_study, make_run, make_probes, runs, said):
    """BKO207: an untrained network that separates two classes names them right every other time: 2 ** -9 = 0.002."""
    study = make_study(*[make_run(seed, probes=_begun(make_probes, 0.1)) for seed in range(runs)])
    assert bool(list(find_trained_starts(study.models[0], counts=[80, 80]))) == said


def test_the_entropy_is_for_cross_entropies(make_study, make_run, make_probes):
    """A squared error is small from the start; KL divergence of single labels is a cross-entropy."""
    run = make_run(probes=_begun(make_probes, 0.09))
    assert "BKO207" not in _by_code(make_study(run, loss="mean_squared_error"))
    assert "BKO207" in _by_code(make_study(run, loss="kl_divergence"))
    for loss, said in (("mean_squared_error", False), ("kl_divergence", True)):
        assert ("BKO207" in _by_code(make_study(make_run(), strangers=_stranger(0.001), loss=loss))) == said
