"""Writes docs/doctor.md: what the doctor said of networks of which it is known what is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tests.diagnosis.examination import BY_LAYOUT, Observation, count_code
from tests.diagnosis.sick_data import MAKERS

from bakeoff.comparison.diagnose import all_codes
from bakeoff.stats import failure_rate


def write_page(observations: Sequence[Observation]) -> str:
    """The page, in Markdown."""
    sick = [seen for seen in observations if not seen.member.healthy]
    healthy = [seen for seen in observations if seen.member.healthy]
    parts = [
        _opening(sick, healthy),
        _missed(observations),
        _absent(observations),
        _code_table(observations),
        _network_table("Sick networks", sick),
        _network_table("Healthy networks", healthy),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def say_rate(count: int, total: int) -> str:
    """A count with its rate and exact 95 % interval.

    >>> say_rate(0, 5), say_rate(0, 0)
    ('0 of 5 (0 %, 0 to 52 %)', '-')
    """
    if not total:
        return "-"
    rate = failure_rate(count, total)
    value, low, high = (f"{100 * share:.0f}" for share in (rate.value, rate.low, rate.high))
    return f"{count} of {total} ({value} %, {low} to {high} %)"


def _opening(sick: Sequence[Observation], healthy: Sequence[Observation]) -> str:
    found = sum(seen.diagnosed for seen in sick)
    alarmed = sum(bool(seen.errors) for seen in healthy)
    warned = sum(any(finding.severity == "warning" for finding in seen.findings) for seen in healthy)
    return "\n".join(
        [
            "# The doctor's own check",
            "",
            f"What Bakeoff finds in {len(sick)} sick and {len(healthy)} healthy networks on small real images "
            "(scikit-learn's digits and 5,000 MNIST digits). `make doctor` trains them all by the way that a user "
            "takes, and writes this page; `tests/diagnosis/panel.py` says how each is made.",
            "",
            "| | |",
            "|---|---|",
            f"| sick networks that got the code they had to | {say_rate(found, len(sick))} |",
            f"| healthy networks that got an error | {say_rate(alarmed, len(healthy))} |",
            f"| healthy networks that got a warning | {say_rate(warned, len(healthy))} |",
            "",
            "Intervals are Clopper and Pearson's, 95 %. They hold for networks like these: what is wrong with them was "
            "made on purpose and mostly is flagrant, so that milder cases will be found less often. Several thresholds "
            "were set on networks of the same kinds on the same digits, see [findings](findings.md).",
            "",
            "The panel, and the doctor, were changed after first results, so that these networks are no independent "
            "check of what was changed. `all-weights-equal` had to get BKO102 or BKO103, and got neither, for it "
            "reaches twice the accuracy of chance: BKO108 was made for what is wrong with it. `tiny-weights` was told "
            "that its learning rate is too high: steps and gradients are measured since by the weights that a layer "
            "would need. `one-unit-wide`, `mnist-continued` and `shape-error` were added for codes that no network had "
            "to get. BKO307 has asked for two networks since it named many images by the seeds of one; "
            "`wrong-test-labels-wide` was added for that. After 12 epochs of 2 seeds both missed so many images "
            "together that BKO307 took the networks to be wrong and said nothing: they have 40 epochs and 4 seeds now. "
            "A reviewer found networks that were accused wrongly, or of which the wrong cause was named: imbalanced "
            "data that were learned and called a collapse, raw pixels that the network itself normalises, squared "
            "errors taken for a clipped loss, and heavy dropout, penalties and cut gradients that nobody named. "
            "`knows-the-rare-class`, `names-the-common-class`, the `normalised` ones, `raw-squared-error` and "
            "`much-dropout`, `strong-penalty` and `cut-gradients` were added for these, after the doctor was mended; "
            "and so were the healthy networks that are trained long, or by one or very many batches an epoch, which "
            "had been told that their learning rate is too high or that they start trained.",
        ]
    )


def _missed(observations: Sequence[Observation]) -> str:
    lines = [
        f"- `{seen.member.name}`: " + (_say_miss(seen) if not seen.diagnosed else _say_forbidden(seen))
        for seen in observations
        if not seen.diagnosed or seen.contradicted
    ]
    return "## Misses\n\n" + ("\n".join(lines) if lines else "None.")


def _absent(observations: Sequence[Observation]) -> str:
    """What is not in the panel, so that nobody reads its rates as if it were."""
    due = {code for seen in observations for code in seen.member.required}
    never_due = set(all_codes()) - due - BY_LAYOUT
    return "\n".join(
        [
            "## What the panel does not have",
            "",
            "- Sick networks with convolutions or recurrent layers: all that are sick are dense. A CNN and an LSTM are "
            "among the healthy.",
            "- Colour images, images larger than 28x28, more than ten classes, and data of other kinds than digits.",
            "- Networks of more than 24 layers, pretrained ones, `function:` and `estimator:` models, augmentation.",
            "- Learning-rate schedules, k-fold validation, and runs that ended for want of memory or were killed.",
            "- Mild sickness, such as a learning rate three times too high or a few per cent of wrong labels in "
            "training: what is wrong here was made to be seen. Nor two causes at once, but for raw pixels and a loss.",
            "- Runs on a GPU.",
            *[f"- Networks that had to get {_say_codes(never_due)}: of these codes no row below has a sensitivity."]
            * bool(never_due),
        ]
    )


def _say_miss(seen: Observation) -> str:
    if seen.member.healthy:
        return f"healthy, and got the error {_say_codes(seen.errors)}."
    return f"should get {_say_expected(seen)}, got {_say_codes(seen.codes)}."


def _say_forbidden(seen: Observation) -> str:
    return f"must not get {_say_codes(seen.contradicted)}, and got it."


def _code_table(observations: Sequence[Observation]) -> str:
    rows = [
        "## By code",
        "",
        "Sensitivity: of those that had to get the code, how many did. Undue: of those that should not have it, how "
        "many got it, with any severity. Those that may have it, as a consequence of what makes them sick, count in "
        "neither column. Codes about data or a whole comparison are counted once for each study here, and stand at "
        "each network of that study below.",
        "",
        "| code | meaning | counted over | sensitivity | undue | of these errors |",
        "|---|---|---|---|---|---|",
    ]
    for code, meaning in all_codes().items():
        if code not in BY_LAYOUT:
            count = count_code(code, observations)
            unit = "studies" if count.unit == "study" else "networks"
            due, undue = say_rate(count.hits, count.due), say_rate(count.false, count.undue)
            rows.append(f"| {code} | {meaning} | {unit} | {due} | {undue} | {count.false_errors} |")
    rows += ["", f"Not counted, since the panel's own layout brings them about: {_say_codes(BY_LAYOUT)}."]
    return "\n".join(rows)


def _network_table(title: str, observations: Sequence[Observation]) -> str:
    rows = [f"## {title}", "", "| network | data | had to get | got | as errors |", "|---|---|---|---|---|"]
    for seen in observations:
        data = f"digits: {seen.study.data}" if seen.study.data in MAKERS else seen.study.data
        rows.append(
            f"| {seen.member.name} | {data.replace('-', ' ') if ':' in data else data} | "
            f"{_say_expected(seen)} | {_say_codes(seen.codes)} | {_say_codes(seen.errors)} |"
        )
    return "\n".join(rows)


def _say_expected(seen: Observation) -> str:
    if seen.member.healthy:
        return "no error"
    return ", or ".join(_say_codes(codes, joint=" and ") for codes in seen.member.expected)


def _say_codes(codes: Iterable[str], *, joint: str = ", ") -> str:
    return joint.join(sorted(codes)) or "-"
