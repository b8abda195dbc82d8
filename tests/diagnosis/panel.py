"""The doctor's own check: networks of which it is known what is wrong with them, or that nothing is.

`python -m tests.diagnosis.panel > docs/doctor.md`, or `make doctor`, trains them and writes what the doctor said.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.diagnosis.doctor_page import write_page
from tests.diagnosis.examination import Member, PanelStudy, examine_panel

FAILS = frozenset({"BKO101", "BKO102", "BKO103", "BKO105", "BKO106", "BKO108", "BKO204", "BKO205"})
"""What a network that cannot learn may show as well."""
LENGTH = frozenset({"BKO202", "BKO203"})
"""Notes on the length of training: not planned for most networks, and true of some."""


def _codes(*codes: str) -> frozenset[str]:
    return frozenset(codes)


def _healthy(name: str, entry: str, *never: str) -> Member:
    return Member(name, entry, also=LENGTH, never=_codes("BKO301", *never))


def _sick(name: str, entry: str, *expected: str, also: frozenset[str] = FAILS, never: str = "") -> Member:
    """Each of `expected` is a set of codes, with blanks between them."""
    sets = tuple(frozenset(codes.split()) for codes in expected)
    return Member(name, entry, sets, also=also | LENGTH, never=frozenset(never.split()))


def _rate(optimizer: str, rate: str) -> str:
    return f"{{mlp: {{hidden: [64, 32]}}, protocol: {{optimizer: {{{optimizer}: {{learning_rate: {rate}}}}}}}}}"


def _dense(depth: int, arguments: str, *, output: str = "") -> str:
    """Dense layers of 32 units, all with these arguments."""
    hidden = f"{{Dense: {{units: 32, {arguments}}}}}"
    last = f"{{Dense: {{units: classes, activation: softmax{output}}}}}"
    return f"{{layers: [Flatten, {', '.join([hidden] * depth)}, {last}]}}"


def _initial(kernel: str) -> str:
    return f"kernel_initializer: {kernel}"


NORMAL = "{{class_name: RandomNormal, config: {{stddev: {}}}}}"
CONSTANT = "{{class_name: Constant, config: {{value: {}}}}}"
DEAD = f"bias_initializer: {CONSTANT.format(-100)}"
SMALL = "{mlp: {hidden: [64]}}"
FOCAL = "{mlp: {hidden: [64]}, protocol: {loss: {categorical_focal_crossentropy: {alpha: [0.2, 0.3, 0.5]}}}}"
"""Three weights of classes for ten classes: the mistake shows where training begins."""

NORMALISED_RAW = (
    "{{layers: [BatchNormalization, Flatten, {{Dense: {{units: 64, activation: relu}}}}, "
    "{{Dense: {{units: classes, activation: softmax}}}}], protocol: {{pixels: raw, optimizer: {}}}}}"
)
"""Raw pixels that the network itself normalises: they are to be blamed for nothing."""

HEALTHY_DIGITS = (
    _healthy("softmax-regression", "{mlp: {hidden: []}}"),
    _healthy("mlp", SMALL),
    _healthy("mlp-tanh", "{mlp: {hidden: [64, 64], activation: tanh}}", "BKO106"),
    _healthy("mlp-sigmoid", "{mlp: {hidden: [64], activation: sigmoid}}", "BKO106"),
    _healthy("mlp-leaky", "{mlp: {hidden: [64, 32], activation: leaky_relu}}", "BKO105"),
    _healthy("mlp-dropout", "{mlp: {hidden: [128], dropout: 0.5}}"),
    _healthy("mlp-normalised", "{mlp: {hidden: [64, 64], batch_normalization: true}}"),
    _healthy("mlp-six-layers", "{mlp: {hidden: [64, 64, 64, 64, 64, 64]}}", "BKO106"),
    _healthy("rmsprop", "{mlp: {hidden: [64]}, protocol: {optimizer: rmsprop}}", "BKO205"),
    _healthy("momentum", "{mlp: {hidden: [64]}, protocol: {optimizer: {sgd: {learning_rate: 0.05, momentum: 0.9}}}}"),
    _healthy("adam-fast", "{mlp: {hidden: [64]}, protocol: {optimizer: {adam: {learning_rate: 0.003}}}}", "BKO205"),
    _healthy("standardized", "{mlp: {hidden: [64]}, protocol: {pixels: standardize}}"),
    _healthy("unit-length", "{mlp: {hidden: [64]}, protocol: {pixels: {l2: 1}}}"),
    _healthy("large-batches", "{mlp: {hidden: [64]}, protocol: {batch_size: 128}}"),
    _healthy("kl-on-scaled-pixels", "{mlp: {hidden: [64]}, protocol: {loss: kl_divergence}}", "BKO104"),
    _healthy(
        "raw-but-rescaled",
        "{layers: [{Rescaling: {scale: 0.00392}}, Flatten, {Dense: {units: 64, activation: relu}}, "
        "{Dense: {units: classes, activation: softmax}}], protocol: {pixels: raw}}",
        "BKO104",
    ),
    _healthy("raw-but-normalised", NORMALISED_RAW.format("adam"), "BKO104"),
    _healthy("cnn", "{cnn: {filters: [16], dense: [32]}}"),
    _healthy("lstm", "{lstm: {units: [32]}}"),
)


def _unhurried(name: str, entry: str) -> Member:
    """Healthy, and trained for so long, or in such steps, that a loss may jump once and overfitting is true."""
    return Member(name, entry, also=LENGTH | {"BKO201"}, never=_codes("BKO301", "BKO205", "BKO207"))


HEALTHY_AND_LONG = (
    _unhurried("gelu-six-layers", "{mlp: {hidden: [128, 128, 128, 128, 128, 128], activation: gelu}}"),
    _unhurried("leaky-ten-layers", "{mlp: {hidden: [64, 64, 64, 64, 64, 64, 64, 64, 64, 64], activation: leaky_relu}}"),
    _unhurried("batches-of-8", "{mlp: {hidden: [128, 128, 128, 128]}, protocol: {batch_size: 8}}"),
    _unhurried("one-batch", "{mlp: {hidden: [64]}, protocol: {batch_size: 1294, epochs: 200}}"),
    _unhurried("softmax-fast", "{mlp: {hidden: []}, protocol: {optimizer: {adam: {learning_rate: 0.1}}}}"),
)

RAW_ALSO = FAILS | {"BKO104", "BKO201"}
"""What unscaled pixels may bring with them."""

SCALES_AND_RATES = (
    _sick("raw", "{mlp: {hidden: [64]}, protocol: {pixels: raw}}", "BKO301", also=RAW_ALSO),
    _sick("raw-tanh", "{mlp: {hidden: [64, 64], activation: tanh}, protocol: {pixels: raw}}", "BKO301", also=RAW_ALSO),
    _sick(
        "raw-kl",
        "{mlp: {hidden: [64]}, protocol: {pixels: raw, loss: kl_divergence}}",
        "BKO301 BKO104",
        also=RAW_ALSO,
    ),
    _sick(
        "raw-kl-sgd",
        "{mlp: {hidden: [64, 32, 16]}, protocol: {pixels: raw, loss: kl_divergence, optimizer: sgd}}",
        "BKO301 BKO102 BKO104",
        "BKO301 BKO103 BKO104",
        also=RAW_ALSO,
    ),
    _sick("adam-1e-7", _rate("adam", "0.0000001"), "BKO206", never="BKO205 BKO101"),
    _sick("adam-1e-6", _rate("adam", "0.000001"), "BKO206", never="BKO205 BKO101"),
    _sick("sgd-1e-5", _rate("sgd", "0.00001"), "BKO206", never="BKO205 BKO101"),
    _sick("adam-0.3", _rate("adam", "0.3"), "BKO205", never="BKO206"),
    _sick(
        "normalised-raw-slow",
        NORMALISED_RAW.format("{adam: {learning_rate: 0.0000001}}"),
        "BKO206",
        never="BKO301 BKO205",
    ),
    _sick(
        "normalised-raw-fast", NORMALISED_RAW.format("{adam: {learning_rate: 1.0}}"), "BKO205", never="BKO301 BKO206"
    ),
    _sick("adam-1", _rate("adam", "1.0"), "BKO101", "BKO205", never="BKO206"),
    _sick("adam-10", _rate("adam", "10.0"), "BKO101", "BKO205", never="BKO206"),
    _sick("adam-100", _rate("adam", "100.0"), "BKO101", "BKO205", never="BKO206"),
    _sick(
        "sgd-100-linear",
        "{mlp: {hidden: [64, 32], activation: linear}, protocol: {optimizer: {sgd: {learning_rate: 100.0}}}}",
        "BKO101",
        never="BKO206",
    ),
    _sick(
        "sgd-10-leaky",
        "{mlp: {hidden: [64, 64, 32], activation: leaky_relu}, protocol: {optimizer: {sgd: {learning_rate: 10.0}}}}",
        "BKO101",
        never="BKO206",
    ),
    _sick("sgd-100", _rate("sgd", "100.0"), "BKO101", "BKO205", never="BKO206"),
)

BADLY_BUILT = (
    _sick("all-weights-zero", _dense(2, f"activation: relu, {_initial('zeros')}"), "BKO102"),
    _sick(
        "all-weights-equal",
        _dense(
            2,
            f"activation: relu, {_initial(CONSTANT.format(0.05))}",
            output=f", {_initial(CONSTANT.format(0.05))}",
        ),
        "BKO108",
    ),
    _sick(
        "dead-from-the-start",
        _dense(2, f"activation: relu, bias_initializer: {CONSTANT.format(-100)}"),
        "BKO102 BKO105",
    ),
    _sick(
        "tiny-weights",
        _dense(3, f"activation: relu, {_initial(NORMAL.format(0.00001))}"),
        "BKO102",
        "BKO103",
        "BKO106",
        never="BKO205",  # its steps are of the usual size, and large only beside such weights
    ),
    _sick("sigmoid-eight-layers", _dense(8, "activation: sigmoid"), "BKO106"),
    _sick("relu-24-layers", _dense(24, "activation: relu"), "BKO106"),
    _sick("huge-weights", _dense(3, f"activation: relu, {_initial(NORMAL.format(5.0))}"), "BKO106", "BKO101"),
    _sick("huge-weights-deep", _dense(8, f"activation: relu, {_initial(NORMAL.format(1.0))}"), "BKO106", "BKO101"),
)

HELD_BACK = (
    _sick("much-dropout", "{mlp: {hidden: [64, 64, 64], dropout: 0.95}}", "BKO102", "BKO103", never="BKO206"),
    _sick(
        "strong-penalty",
        _dense(2, "activation: relu, kernel_regularizer: {class_name: L2, config: {l2: 10.0}}"),
        "BKO102",
        "BKO103",
    ),
    _sick(
        "cut-gradients",
        "{mlp: {hidden: [64]}, protocol: {optimizer: {sgd: {learning_rate: 0.01, clipnorm: 0.0001}}}}",
        "BKO102",
        "BKO103",
        also=FAILS | {"BKO206"},
    ),
    _sick(
        "raw-squared-error",
        "{mlp: {hidden: [64, 32]}, protocol: {pixels: raw, loss: mean_squared_error, "
        "optimizer: {sgd: {learning_rate: 0.1}}}}",
        "BKO301",
        also=RAW_ALSO,
        never="BKO104",
    ),
)
"""What the description of a network says against it; what is said of it is asked in `test_bko1_failures`."""

BADLY_RUN = (
    _sick("stopped-early", "{mlp: {hidden: [64]}, protocol: {epochs: 4}}", "BKO203", also=frozenset()),
    _sick("long-plateau", "{mlp: {hidden: [64]}, protocol: {epochs: 80}}", "BKO202", also=frozenset({"BKO201"})),
    _sick("shape-error", FOCAL, "BKO107", also=frozenset()),
    _sick("validated-on-test", "{mlp: {hidden: [64]}, protocol: {validation: test}}", "BKO401", also=frozenset()),
)

MNIST = PanelStudy(
    "mnist-5k",
    "mnist-5k",
    (
        _healthy("mnist-mlp", "{mlp: {hidden: [64]}}"),
        _healthy("mnist-cnn", "{cnn: {filters: [8], dense: [32]}}"),
        _sick("mnist-published", "{mlp: {hidden: [32]}}", "BKO104", also=frozenset()),
        _sick("mnist-continued", "{mlp: {hidden: [48]}}", "BKO207", also=frozenset()),
    ),
    protocol="{seeds: 2, epochs: 5, batch_size: 64, validation: 0.1}",
    more="published:\n  mnist-published: {accuracy: 0.1941, loss: 12.9896}\n"
    "  mnist-continued: {history: {loss: [0.0023, 0.0021], accuracy: [0.9994, 0.9995]}}\n",  # as study D's second run
)

RAW_MNIST = PanelStudy(
    "mnist-5k-raw",
    "mnist-5k",
    (
        _sick(
            "mnist-raw-kl",
            "{mlp: {hidden: [64, 32, 16]}, protocol: {pixels: raw, loss: kl_divergence}}",
            "BKO301 BKO104",
            also=RAW_ALSO,
        ),
    ),
    protocol="{seeds: 2, epochs: 5, batch_size: 64, validation: 0.1}",
)


def _on_sick_data(
    data: str,
    *expected: str,
    also: str = "",
    protocol: str = "{seeds: 2, epochs: 12, validation: 0.1}",
) -> PanelStudy:
    network = _sick(data, SMALL, *expected, also=frozenset(also.split()))
    return PanelStudy(f"panel-{data}", data, (network,), protocol)


STUDIES = (
    PanelStudy("scales-and-rates", "digits", SCALES_AND_RATES),
    PanelStudy("healthy", "digits", HEALTHY_DIGITS, also=_codes("BKO402")),
    PanelStudy(
        "healthy-and-long",
        "digits",
        HEALTHY_AND_LONG,
        protocol="{seeds: 2, epochs: 40, validation: 0.1}",
        also=_codes("BKO402"),
    ),
    PanelStudy("badly-built", "digits", BADLY_BUILT),
    PanelStudy("held-back", "digits", HELD_BACK),
    PanelStudy("badly-run", "digits", BADLY_RUN, also=_codes("BKO402")),
    MNIST,
    RAW_MNIST,
    _on_sick_data("shuffled-training-labels", "BKO305 BKO103", also="BKO201"),
    _on_sick_data("shuffled-test-labels", "BKO305 BKO103"),
    _on_sick_data("shifted-test-labels", "BKO305 BKO103"),
    _on_sick_data("swapped-test-labels", "BKO305"),
    _on_sick_data("some-test-images-in-training", "BKO302"),
    _on_sick_data("all-test-images-in-training", "BKO302"),
    _on_sick_data("two-labels-for-an-image", "BKO303", also="BKO201"),
    _on_sick_data("a-rare-class", "BKO304", also="BKO307 BKO201"),
    _on_sick_data("a-class-without-test-images", "BKO304"),
    _on_sick_data("constant-images", "BKO306", also="BKO102 BKO103 BKO302 BKO303"),
    _on_sick_data("wide-margins", "BKO306"),
    _on_sick_data(
        "a-hundred-images",
        "BKO201",
        also="BKO304 BKO307",
        protocol="{seeds: 2, epochs: 100, batch_size: 10, validation: 0.5}",
    ),
    PanelStudy(
        "panel-zeros-are-rare",
        "zeros-are-rare",
        (
            _healthy("knows-the-rare-class", SMALL, "BKO102", "BKO103", "BKO204"),
            _sick("names-the-common-class", _dense(2, f"activation: relu, {DEAD}"), "BKO102 BKO105"),
        ),
        protocol="{seeds: 2, epochs: 20, validation: 0.1}",
        also=_codes("BKO304"),
    ),
    PanelStudy(
        "panel-wrong-test-labels",
        "wrong-test-labels",
        (
            _sick("wrong-test-labels", SMALL, "BKO307", also=frozenset()),
            _sick("wrong-test-labels-wide", "{mlp: {hidden: [128]}}", "BKO307", also=frozenset()),
        ),
        protocol="{seeds: 4, epochs: 40, validation: 0.1}",
    ),
    PanelStudy(
        "one-run",
        "digits",
        (_sick("one-run", "{mlp: {hidden: [48]}}", "BKO504"),),  # no other study has runs of this network
        protocol="{seeds: 1, epochs: 12, validation: 0.1}",
    ),
    PanelStudy(
        "some-seeds-fail",
        "digits",
        # The second unit sees one number, which is never negative, and is dead if its weight is: in every other seed.
        (_sick("one-unit-wide", "{mlp: {hidden: [1, 1]}}", "BKO204"),),
        protocol="{seeds: 6, epochs: 12, validation: 0.1}",
    ),
    PanelStudy(
        "unequal-epochs",
        "digits",
        (
            _sick("six-epochs", "{mlp: {hidden: [64]}, protocol: {epochs: 6}}", "BKO402"),
            _healthy("twelve-epochs", SMALL),
        ),
    ),
)
"""The panel."""


def main() -> None:
    """Train the panel and print the page."""
    with tempfile.TemporaryDirectory() as folder:
        sys.stdout.write(write_page(examine_panel(STUDIES, Path(folder))))


if __name__ == "__main__":
    main()
