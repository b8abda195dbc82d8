"""Every figure that is found keeps the same promises, for every comparison."""

import json
import math
import re
from dataclasses import replace
from xml.etree import ElementTree

import altair as alt
import numpy as np
import pytest

from bakeoff.errors import OutputError
from bakeoff.report.curves import BLUE, ORANGE, chosen_epoch, median_curve
from bakeoff.report.figures import (
    classes,
    confusion,
    confusion_differences,
    differences,
    factors,
    leaderboard,
    learning_curves,
    plateaus,
    tradeoff_parameters,
)
from bakeoff.report.gallery import draw_picture, draw_pictures, load_figures
from bakeoff.report.look import INK, apply_look, describe_origin, to_rows
from bakeoff.report.rendering import FILE_FORMATS, render_svg, to_file
from bakeoff.report.tradeoff import place_labels

FIGURES = load_figures()
ORIGINS = {"plateaus": ("500 validation images", 20), "confusion_differences": ("1,000 test images", 10)}
"""Of figures that do not show the judged runs of all models."""

PAPERS = ("#ffffff", "#fcfcfa", "#16181c")
"""Of files, and of the page in light and in dark."""


@pytest.fixture(params=list(FIGURES))
def name(request: pytest.FixtureRequest) -> str:
    """Each discovered figure in turn."""
    return request.param


@pytest.fixture
def drawn(name, comparison):
    """A comparison for which this figure has something to draw."""
    if not FIGURES[name].applies(comparison):
        pytest.skip(f"{name} has nothing to draw here")
    return comparison


def test_every_figure_is_drawn_for_some_comparison(by_hand):
    """No figure is skipped by all tests below."""
    everything = by_hand.with_everything(by_hand.make_comparison(by_hand.FOUR))
    assert [name for name, figure in FIGURES.items() if figure.applies(everything)] == list(FIGURES)


def render(name: str, comparison) -> str:
    """As a report shows it."""
    return draw_picture(name, comparison).svg


def rows_of(chart) -> list[list[dict]]:
    """The rows of each data set of a chart."""
    return [json.loads(rows) for rows in chart.to_dict()["datasets"].values()]


def texts(svg: str) -> list[str]:
    """All words that are written into a picture."""
    return [element.text for element in ElementTree.fromstring(svg).iter("text") if element.text]


def test_the_figures_are_found():
    """Figures are found by file name, in the order of the page."""
    assert list(FIGURES) == [
        "leaderboard",
        "tradeoff_parameters",
        "tradeoff_seconds",
        "learning_curves",
        "learning_curves_log",
        "plateaus",
        "differences",
        "confusion",
        "confusion_differences",
        "classes",
        "factors",
    ]


def test_it_says_what_it_is(name):
    """Title and caption are there and are sentences of their own."""
    assert FIGURES[name].TITLE
    assert FIGURES[name].CAPTION.endswith(".")


def test_alt_text_names_every_model(name, drawn):
    """Who cannot see the figure learns about every model that it shows, and no figure of all models leaves one out."""
    alt_text = FIGURES[name].alt_text(drawn)
    written = " ".join(texts(render(name, drawn)))
    partial = ("factors", "confusion_differences")
    shown = [model.name for model in drawn.models if name not in partial or re.search(rf"\b{model.name}\b", written)]
    assert all(model in alt_text for model in shown)
    assert "nan" not in alt_text.lower()


def test_it_renders(name, drawn):
    """The figure becomes an SVG that describes itself, takes the page's text colour and cannot clash with another."""
    svg = render(name, drawn)
    root = ElementTree.fromstring(svg)
    assert root.tag == "svg"
    assert root.get("aria-label") == FIGURES[name].alt_text(drawn)
    assert "currentColor" in svg
    assert INK not in svg
    assert "NaN" not in svg
    assert "<script" not in svg
    assert float(root.get("width")) < 1_000
    assert all(element.get("id").startswith(name) for element in root.iter() if element.get("id"))


def test_every_reference_inside_an_svg_resolves(name, by_hand):
    """Renaming ids renames what points to them."""
    svg = render(name, by_hand.with_everything(by_hand.make_comparison(by_hand.FOUR)))
    ids = {element.get("id") for element in ElementTree.fromstring(svg).iter()}
    pointers = {part.split(")")[0] for part in svg.split("url(#")[1:]}
    assert pointers <= ids


@pytest.mark.parametrize("name", ["leaderboard", "learning_curves", "learning_curves_log", "confusion"])
def test_models_are_in_the_order_of_the_leaderboard(name, comparison):
    """Every model has its row or panel, the best first, those without a finished run included."""
    names = [model.name for model in comparison.models]
    shown = list(dict.fromkeys(text for text in texts(render(name, comparison)) if text in names))
    assert shown == names


def test_failed_models_are_crossed_out(by_hand):
    """A model of which runs failed has a cross and the way it failed."""
    words = texts(render("leaderboard", by_hand.make_comparison(by_hand.TROUBLED)))
    assert "2 of 5 seeds: collapsed" in words
    assert "5 of 5 seeds: collapsed" in words
    assert "\u2715" not in texts(render("leaderboard", by_hand.make_comparison(by_hand.FOUR)))


def test_all_failed(by_hand, name):
    """A study without one finished run still has its figures, but for those that need a result."""
    comparison = by_hand.make_comparison([by_hand.Entry(name, seeds=0, failed=2) for name in ("a", "b")])
    searched = replace(comparison, plateaus=tuple(by_hand.make_search(model, 8) for model in comparison.models))
    drawn = {"leaderboard", "learning_curves", "differences", "confusion"}
    assert FIGURES[name].applies(searched) == (name in drawn)
    assert name not in drawn or render(name, searched)


def test_many_pairs_are_cut_and_it_says_so(by_hand):
    """With 24 models only pairs with the best and neighbours are shown, and the title says so."""
    words = texts(render("differences", by_hand.make_comparison(by_hand.many_entries(24))))
    assert "Of 276 pairs only those with the best model, then neighbours in rank" in words
    assert sum("\u2212" in word and "m" in word for word in words) == 23 + 22
    assert sum("\u2212" in word and "c" in word for word in words) == 0


def test_few_pairs_are_all_shown(by_hand):
    """With four models there are six pairs and nothing is left out."""
    words = texts(render("differences", by_hand.make_comparison(by_hand.FOUR)))
    assert sum(" \u2212 " in word for word in words) == 6
    assert not any("only" in word for word in words)


def test_without_pairs_it_says_so(by_hand):
    """One model has no differences."""
    alt_text = differences.alt_text(by_hand.make_comparison(by_hand.FOUR[:1]))
    assert alt_text == "Differences in accuracy between cnn: no two models can be compared."


def test_the_better_one_is_named(by_hand):
    """Who hears the figure does not know which of two is a."""
    alt_text = differences.alt_text(by_hand.make_comparison(by_hand.FOUR[:2]))
    assert alt_text.endswith("cnn minus lstm +3.1 points (2.1 to 4.1), cnn better.")


def test_curves_of_different_length_have_a_median_while_half_of_them_last():
    """By hand: at epoch 2 two of three curves are left, at epoch 3 one."""
    assert median_curve([[1, 2, 9], [3, 4], [8]]) == [3, 3]
    assert median_curve([]) == []


def test_a_model_without_validation_has_no_validation_curve(by_hand):
    """Two colours with validation images, one without."""
    curves = render("learning_curves", by_hand.make_comparison([by_hand.Entry("blind", validation=False)]))
    paths = [
        element.get("stroke") for element in ElementTree.fromstring(curves).iter("path") if "L" in element.get("d", "")
    ]
    assert ORANGE in paths
    assert BLUE not in paths


def test_a_diverging_run_does_not_press_the_others_flat(by_hand):
    """The scale of the loss follows the runs that finished."""
    comparison = by_hand.make_comparison([by_hand.Entry("dense", failed=1), by_hand.Entry("cnn")])
    dense = comparison.model("dense")
    wild = replace(dense.runs[-1], history=dense.runs[-1].history.model_copy(update={"loss": (1e9, float("inf"))}))
    models = (comparison.models[0], comparison.models[1])
    models = tuple(replace(m, runs=(*m.runs[:-1], wild)) if m is dense else m for m in models)
    words = texts(render("learning_curves", replace(comparison, models=models)))
    assert not any("000" in word for word in words if "test images" not in word)


def test_large_losses_are_written_out(by_hand):
    """An axis up to 13 has a 10, and no 1e+1."""
    comparison = by_hand.make_comparison(by_hand.FOUR)
    first, *others = comparison.models
    history = first.runs[0].history.model_copy(update={"loss": (13.0, 9.0)})
    runs = tuple(replace(run, history=history) for run in first.runs)
    words = texts(render("learning_curves", replace(comparison, models=(replace(first, runs=runs), *others))))
    assert "10" in words
    assert not [word for word in words if "e+" in word]


def test_confusions_are_shares_of_their_row(by_hand):
    """By hand: 8 of 10 right is 0.75 * 0.8 of the colour, 2 of 10 wrong 0.75 times the cube root of 0.2."""
    comparison = by_hand.make_comparison([by_hand.Entry("dense")], class_names=("cat", "dog"))
    model = replace(comparison.models[0], confusion=np.array([[8, 2], [0, 10]]))
    (cells,) = rows_of(confusion.draw(replace(comparison, models=(model,))))
    strength = {(cell["true"], cell["said"]): cell["strength"] for cell in cells}
    assert strength == pytest.approx({("cat", "cat"): 0.6, ("cat", "dog"): 0.75 * 0.2 ** (1 / 3), ("dog", "dog"): 0.75})


def test_the_commonest_confusion_is_named(by_hand):
    """The alternative text has the confusion that matters most."""
    comparison = by_hand.make_comparison([by_hand.Entry("dense")], class_names=("cat", "dog"))
    model = replace(comparison.models[0], confusion=np.array([[8, 2], [0, 10]]))
    alt_text = confusion.alt_text(replace(comparison, models=(model,)))
    assert alt_text == "Commonest confusions: dense takes 20.0\u00a0% of class cat for class dog."
    perfect = replace(model, confusion=np.diag([10, 10]))
    assert "dense confuses nothing" in confusion.alt_text(replace(comparison, models=(perfect,)))


def test_many_classes_show_fewer_models_and_say_so(by_hand):
    """100 classes are 10,000 cells a model: the best three are shown."""
    classes = tuple(f"class {number}" for number in range(100))
    comparison = by_hand.make_comparison(by_hand.FOUR, class_names=classes)
    words = texts(render("confusion", comparison))
    assert "The best 3 of 4 models" in words
    assert "dropout" not in words


def test_the_mean_of_the_long_runs_is_that_of_the_seeds_that_chose(by_hand):
    """By hand: of losses 1 and 3 the mean is 2; a seed that diverged is drawn, and not counted."""
    (model,) = by_hand.make_comparison([by_hand.Entry("dense", seeds=3)]).models
    curves = [(1.0, 0.5), (3.0, 0.7), (9.0, float("nan"))]
    runs = tuple(
        replace(run, history=run.history.model_copy(update={"validation_loss": curve}))
        for run, curve in zip(model.runs, curves, strict=True)
    )
    search = by_hand.make_search(replace(model, runs=runs), 2, chose=(0, 1))
    comparison = replace(by_hand.make_comparison([by_hand.Entry("dense", seeds=3)]), plateaus=(search,))
    (rows,) = rows_of(plateaus.draw(comparison))
    assert [row["value"] for row in rows if row["part"] == "mean"] == pytest.approx([2.0, 0.6])
    assert [row["value"] for row in rows if row["part"] == "seed"] == [1.0, 0.5, 3.0, 0.7, 9.0, None]
    assert [row["label"] for row in rows if row["part"] == "chosen"] == ["epoch 2"]


def test_every_figure_carries_its_origin(name, by_hand):
    """Data set, images, seeds and runs stand below, wherever the figure is copied to; of what it shows, no more."""
    comparison = by_hand.with_everything(by_hand.make_comparison(by_hand.FOUR))
    images, runs = ORIGINS.get(name, ("1,000 test images", 20))
    told = f"mnist-5k \u00b7 {images} \u00b7 5 seeds per model \u00b7 {runs} finished runs"
    assert told in texts(render(name, comparison))


def test_the_origin_is_that_of_the_models_that_are_shown(by_hand):
    """By hand, five seeds each: four of five models have a colour, three of four fit, one of three has no weights."""
    five = by_hand.make_comparison(by_hand.many_entries(5))
    story = by_hand.make_classes(five, {model.name: (8,) for model in five.models})
    assert classes.origin(replace(five, classes=story)).endswith("20 finished runs")
    hundred = by_hand.make_comparison(by_hand.FOUR, class_names=tuple(f"class {place}" for place in range(100)))
    assert confusion.origin(hundred).endswith("15 finished runs")
    three = by_hand.make_comparison(by_hand.FOUR[:3])
    weightless = replace(three, models=(replace(three.models[0], parameters=0), *three.models[1:]))
    assert tradeoff_parameters.origin(weightless).endswith("10 finished runs")


def test_the_origin_of_long_runs_is_not_that_of_the_judged_ones(by_hand):
    """By hand: two long runs on 500 validation images, one of which failed, while 5 runs are judged."""
    comparison = by_hand.make_comparison([by_hand.Entry("dense")])
    first, second, *_ = comparison.models[0].runs
    search = replace(
        by_hand.make_search(comparison.models[0], 5, chose=(0,)), runs=(first, replace(second, status="diverged"))
    )
    told = plateaus.origin(replace(comparison, plateaus=(search,)))
    assert told == "mnist-5k \u00b7 500 validation images \u00b7 2 seeds \u00b7 1 finished run \u00b7 1 failed"
    alone = replace(comparison, models=(), plateaus=(search,))  # the plateau is found, and nothing trained to it yet
    assert " \u00b7 validation images \u00b7 " in plateaus.origin(alone)


def test_the_origin_counts_failures_and_unequal_seeds(by_hand):
    """By hand: 5 + 3 + 0 + 1 + 5 runs finished, 2 + 5 failed; one model had one seed and the others five."""
    told = describe_origin(by_hand.make_comparison(by_hand.TROUBLED))
    assert (
        told
        == "mnist-5k \u00b7 1,000 test images \u00b7 1 to 5 seeds per model \u00b7 14 finished runs \u00b7 7 failed"
    )
    one = describe_origin(by_hand.make_comparison([by_hand.Entry("a", seeds=1)]))
    assert one == "mnist-5k \u00b7 1,000 test images \u00b7 1 seed \u00b7 1 finished run"


@pytest.mark.parametrize("cost", ["tradeoff_seconds", "tradeoff_parameters"])
@pytest.mark.parametrize("count", [4, 24])
def test_unequal_costs_become_a_pdf(by_hand, cost, count):
    """Over six decades labels keep away from each other, and only those far from their point have a line to it."""
    svg = render(cost, spread_costs(by_hand.make_comparison(by_hand.many_entries(count))))
    lines = [line for line in ElementTree.fromstring(svg).iter("line") if line.get("opacity") == "0.25"]
    assert all(math.hypot(float(line.get("x2")), float(line.get("y2"))) > 14 for line in lines)
    assert to_file(svg, "pdf").startswith(b"%PDF")


def spread_costs(comparison):
    """The same models, of a hundred to a hundred million weights, and as many milliseconds."""
    amounts = np.logspace(2, 8, len(comparison.models)).tolist()
    return replace(
        comparison,
        models=tuple(
            replace(
                model,
                parameters=round(amount),
                runs=tuple(replace(run, train_seconds=amount / 1_000) for run in model.runs),
            )
            for model, amount in zip(comparison.models, amounts, strict=True)
        ),
    )


def test_many_labels_far_from_their_points_have_lines(by_hand):
    """Where models crowd, some numbers stand aside, joined to their points."""
    entries = [replace(entry, accuracy=0.9) for entry in by_hand.many_entries(24)]
    svg = render("tradeoff_seconds", by_hand.make_comparison(entries))
    assert 0 < sum(line.get("opacity") == "0.25" for line in ElementTree.fromstring(svg).iter("line")) < 24


def test_what_arithmetic_misses_of_zero_is_zero():
    """0.1 + 0.2 and 0.3 are the same place: nothing in a picture is written with an exponent."""
    almost = alt.Chart(to_rows([{"from": 0.3, "to": 0.1 + 0.2, "y": 0.5}])).mark_rule(opacity=0.25)
    scale = alt.Scale(domain=[0, 1])
    chart = almost.encode(x=alt.X("from:Q", scale=scale), x2="to:Q", y=alt.Y("y:Q", scale=scale))
    svg = render_svg(apply_look(chart.properties(width=700, height=100)), name="almost", description="")
    assert not re.search(r"\de-\d", svg)
    assert 'x2="0"' in svg


def test_a_renderer_that_gives_up_is_an_error_of_the_output():
    """A panic of the library under it is told in a sentence; an interruption stays what it is."""
    line = '<line transform="translate(542.51,102.08)" x2="2.27e-13" y2="4.26e-14" stroke="black" opacity="0.25"/>'
    with pytest.raises(OutputError, match=r"cannot write a figure as pdf \(.+\): ask for another kind with --figures"):
        to_file(f'<svg width="600" height="200">{line}</svg>', "pdf")


def test_an_interrupted_renderer_is_not_an_error_of_the_output(monkeypatch):
    """Who presses Ctrl-C gets out."""

    def interrupt(_: str) -> bytes:
        raise KeyboardInterrupt

    monkeypatch.setattr("vl_convert.svg_to_pdf", interrupt)
    with pytest.raises(KeyboardInterrupt):
        to_file('<svg width="9" height="9"/>', "pdf")


def test_words_can_be_read_on_every_paper(name, drawn):
    """WCAG 2.2, 1.4.3 and 1.4.11: a contrast of 4.5 for words that have a colour of their own, 3 for marks."""
    for element in ElementTree.fromstring(render(name, drawn)).iter("text"):
        fill = element.get("fill", "currentColor")
        least = 3.0 if element.text == "\u2715" else 4.5
        assert fill == "currentColor" or min(contrast(fill, paper) for paper in PAPERS) >= least, element.text


def contrast(one: str, other: str) -> float:
    """As WCAG 2.2 defines the contrast ratio of two colours."""
    low, high = sorted(map(luminance, (one, other)))
    return (high + 0.05) / (low + 0.05)


def luminance(color: str) -> float:
    """As WCAG 2.2 defines relative luminance."""
    parts = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_the_axis_reaches_a_run_that_got_nothing_right(by_hand):
    """An accuracy of 0 is an accuracy."""
    comparison = by_hand.make_comparison([by_hand.Entry("dense", seeds=2)])
    (model,) = comparison.models
    runs = tuple(replace(run, accuracy=share) for run, share in zip(model.runs, (0.0, 0.5), strict=True))
    bare = replace(model, runs=runs, accuracy=None, accuracy_this_test_set=None)
    layers = leaderboard.draw(replace(comparison, models=(bare,))).to_dict()["layer"]
    assert layers[0]["encoding"]["x"]["scale"]["domain"] == pytest.approx([0.0, 0.52])


def test_failed_runs_are_no_part_of_the_medians_in_words(by_hand):
    """By hand, as the thick line: two seeds end at 0.99 - (0.25 + 0.01 s) / 4, three that collapsed at 0.1."""
    comparison = by_hand.make_comparison([by_hand.Entry("dense", seeds=2, failed=3)])
    told = learning_curves.alt_text(comparison)
    assert "a training accuracy of 93\u00a0% and a validation accuracy of 90\u00a0%" in told
    lost = by_hand.make_comparison([by_hand.Entry("lost", seeds=0, failed=2)])
    assert learning_curves.alt_text(lost) == "Loss and accuracy over the epochs: lost has no finished run."


@pytest.mark.parametrize("kind", FILE_FORMATS)
def test_figures_become_files(name, by_hand, kind):
    """Each figure is a whole file of its kind, without colours that a viewer would have to supply."""
    picture = draw_picture(name, by_hand.with_everything(by_hand.make_comparison(by_hand.FOUR)))
    content = to_file(picture.svg, kind)
    assert content.startswith({"svg": b"<svg ", "png": b"\x89PNG", "pdf": b"%PDF"}[kind])
    if kind == "svg":
        root = ElementTree.fromstring(content)
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert root.get("color")


def test_many_runs_stay_small(by_hand):
    """24 models of ten seeds and twenty epochs: no figure above 350 kB."""
    entries = [replace(entry, seeds=10, epochs=20) for entry in by_hand.many_entries(24)]
    pictures = draw_pictures(by_hand.make_comparison(entries))
    assert len(pictures) == 8
    assert max(len(picture.svg) for picture in pictures) < 350_000


def test_all_runs_of_a_curve_are_drawn_and_none_is_joined_to_the_next(by_hand):
    """By hand: three seeds of eight epochs, a gap behind each, in the order in which they are to be drawn."""
    loss, _ = rows_of(learning_curves.draw(by_hand.make_comparison([by_hand.Entry("dense", seeds=3)])))
    runs = [row for row in loss if row["of"] == "runs" and row["part"] == "training"]
    assert [row["epoch"] for row in runs] == [1, 2, 3, 4, 5, 6, 7, 8, 8] * 3
    assert [place for place, row in enumerate(runs) if row["value"] is None] == [8, 17, 26]
    assert [row["step"] for row in runs] == list(range(27))


def test_the_chosen_epoch_is_marked_where_validation_chose_it(by_hand):
    """By hand: epochs 3, 5 and 8 have the median 5; under `stop: last` nobody chose."""
    comparison = by_hand.make_comparison([by_hand.Entry("dense", seeds=3)], protocol={"stop": "best"})
    (model,) = comparison.models
    runs = tuple(replace(run, epoch=epoch) for run, epoch in zip(model.runs, (3, 5, 8), strict=True))
    chosen = replace(model, runs=runs)
    loss, accuracy = rows_of(learning_curves.draw(replace(comparison, models=(chosen,))))
    assert [row["epoch"] for row in loss + accuracy if row["of"] == "chosen"] == [5, 5]
    assert "epoch 5 chosen in the median" in learning_curves.alt_text(replace(comparison, models=(chosen,)))
    assert chosen_epoch(by_hand.make_comparison([by_hand.Entry("dense")]).models[0]) is None


def test_a_loss_of_zero_has_no_place_on_a_logarithmic_scale(by_hand):
    """It is left out; what lies above 0 is drawn."""
    comparison = by_hand.make_comparison([by_hand.Entry("dense", seeds=1, validation=False)])
    (model,) = comparison.models
    run = replace(model.runs[0], history=model.runs[0].history.model_copy(update={"loss": (1.0, 0.01, 0.0)}))
    chart = FIGURES["learning_curves_log"].draw(replace(comparison, models=(replace(model, runs=(run,)),)))
    (rows,) = rows_of(chart)
    assert [row["value"] for row in rows if row["of"] == "runs"] == [1.0, 0.01, None, None]


@pytest.mark.parametrize("count", [2, 8, 24, 60])
def test_labels_of_a_tradeoff_do_not_overlap(count):
    """By boxes: no label covers another, even where points lie upon each other."""
    rng = np.random.default_rng(7)
    points = [(float(x), float(y)) for x, y in rng.uniform(100, 300, size=(count - 1, 2))] + [(200.0, 200.0)]
    labels = place_labels([*points, points[0]], [f"{place}" for place in range(count + 1)], width=600, height=400)
    for place, one in enumerate(labels):
        for other in labels[:place]:
            wide = 6.5 * (len(one.text) + len(other.text)) / 2
            assert abs(one.x - other.x) >= wide - 1e-9 or abs(one.y - other.y) >= 14 - 1e-9


def test_few_models_carry_names_and_many_carry_numbers(by_hand):
    """With 24 models the names stand in a list beside the figure, each with its number."""
    few = texts(render("tradeoff_seconds", by_hand.make_comparison(by_hand.FOUR)))
    assert {"cnn", "lstm", "dense", "dropout"} <= set(few)
    many = texts(render("tradeoff_seconds", by_hand.make_comparison(by_hand.many_entries(24))))
    assert all(many.count(f"m{place:02}") == 1 for place in range(1, 25))
    assert all(many.count(str(place)) == 2 for place in range(1, 25))


def test_a_model_without_weights_is_not_weighed(by_hand):
    """Estimators have no number of weights: they are left out and said to be, and one model alone is no figure."""
    comparison = by_hand.make_comparison(by_hand.FOUR[:2])
    first, second = comparison.models
    without = replace(comparison, models=(replace(first, parameters=0), second))
    assert not tradeoff_parameters.applies(without)
    assert "cnn is not drawn" in tradeoff_parameters.alt_text(without)
    assert "lstm 93.3\u00a0% with 101,770 weights" in tradeoff_parameters.alt_text(comparison)


def test_differences_of_confusions_speak_for_the_better_model(by_hand):
    """By hand: 8 against 6 of 10 cats right speaks for the first, 1 against 0 of 10 dogs wrong for the second."""
    comparison = by_hand.make_comparison(by_hand.FOUR[:2], class_names=("cat", "dog"))
    first, second = comparison.models
    models = (
        replace(first, confusion=np.array([[8, 2], [1, 9]])),
        replace(second, confusion=np.array([[6, 4], [0, 10]])),
    )
    (cells,) = rows_of(confusion_differences.draw(replace(comparison, models=models)))
    told = {(cell["true"], cell["said"]): (cell["label"], cell["for"]) for cell in cells}
    assert told == {
        ("cat", "cat"): ("+20.0", "speaks for cnn"),
        ("cat", "dog"): ("\u221220.0", "speaks for cnn"),
        ("dog", "cat"): ("+10.0", "speaks for lstm"),
        ("dog", "dog"): ("\u221210.0", "speaks for lstm"),
    }
    alt_text = confusion_differences.alt_text(replace(comparison, models=models))
    assert "most for cnn speaks class cat, of which it gets 20.0 points more right" in alt_text
    assert "most for lstm speaks class dog, of which it gets 10.0 points more right" in alt_text


def test_equal_confusions_speak_for_nobody(by_hand):
    """Two models that confuse alike are drawn all the same."""
    comparison = by_hand.make_comparison(by_hand.FOUR[:2])
    alike = tuple(replace(model, confusion=100 * np.eye(10, dtype=np.int64)) for model in comparison.models)
    comparison = replace(comparison, models=alike)
    assert "nothing speaks for cnn; nothing speaks for lstm" in confusion_differences.alt_text(comparison)
    assert render("confusion_differences", comparison)


def test_the_hardest_class_comes_first(by_hand):
    """By hand: class 8 has 90 % right and the others 95 %."""
    comparison = by_hand.make_comparison(by_hand.FOUR)
    told = replace(comparison, classes=by_hand.make_classes(comparison, {"cnn": (8,), "lstm": (8,)}))
    rows = [texts(render("classes", told))]
    labels = [word for word in rows[0] if word in set("0123456789")]
    assert labels[:3] == ["8", "0", "1"]
    assert "cnn gets 90.0\u00a0% of class 8 (88.0 to 92.0)" in classes.alt_text(told)
    assert "dense has no finished seed" in classes.alt_text(told)


def test_classes_of_many_models_are_cut_and_it_says_so(by_hand):
    """Four models have a colour; among five the best four are shown."""
    comparison = by_hand.make_comparison(by_hand.many_entries(5))
    story = by_hand.make_classes(comparison, {model.name: (8,) for model in comparison.models})
    words = texts(render("classes", replace(comparison, classes=story)))
    assert "The best 4 of 5 models" in words
    assert "m05" not in words
    with pytest.raises(ValueError, match="needs a comparison with classes"):
        classes.draw(comparison)


def test_effects_of_factors_are_in_points(by_hand):
    """By hand: relu is 3.1 points above tanh in two settings and 0.4 below sigmoid in one, which proves nothing."""
    comparison = by_hand.with_everything(by_hand.make_comparison(by_hand.FOUR))
    datasets = rows_of(factors.draw(comparison))
    (rows,) = (data for data in datasets if "verdict" in data[0])
    assert [(row["contrast"], row["verdict"]) for row in rows] == [
        ("activation: relu \u2212 tanh", "clear"),
        ("activation: relu \u2212 sigmoid", "undecided"),
    ]
    assert [row["value"] for row in rows] == pytest.approx([3.1, -0.4])
    (settings,) = (data for data in datasets if "contrast" in data[0] and "verdict" not in data[0])
    assert [row["contrast"] for row in settings] == ["activation: relu \u2212 tanh"] * 2


def test_many_contrasts_are_cut_and_it_says_so(by_hand):
    """Of forty contrasts the thirty clearest are shown."""
    contrasts = [by_hand.make_contrast(f"a{n}", f"b{n}", 1.0, p=n / 100) for n in range(40)]
    comparison = by_hand.with_everything(by_hand.make_comparison(by_hand.FOUR))
    attribution = replace(comparison.attribution, factors=(by_hand.make_factor("width", contrasts),))
    words = texts(render("factors", replace(comparison, attribution=attribution)))
    assert "The 30 clearest of 40 contrasts" in words
    assert "width: a29 \u2212 b29" in words
    assert "width: a30 \u2212 b30" not in words


def test_altair_accepts_every_figure(name, by_hand):
    """Every specification follows the grammar: `apply_look` trusts that."""
    comparison = by_hand.with_everything(by_hand.make_comparison(by_hand.FOUR))
    chart = FIGURES[name].draw(comparison)
    assert chart.to_dict(validate=True)["$schema"] == apply_look(chart)["$schema"]
