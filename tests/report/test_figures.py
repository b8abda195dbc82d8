"""Every figure that is found keeps the same promises, for every comparison."""

from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest

from bakeoff.report.figures import confusion, differences, learning_curves, plateaus
from bakeoff.report.gallery import load_figures
from bakeoff.report.look import INK, apply_look
from bakeoff.report.rendering import render_svg

FIGURES = load_figures()


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
    """As the page does it."""
    figure = FIGURES[name]
    return render_svg(apply_look(figure.draw(comparison)), name=name, description=figure.alt_text(comparison))


def texts(svg: str) -> list[str]:
    """All words that are written into a picture."""
    return [element.text for element in ElementTree.fromstring(svg).iter("text") if element.text]


def test_the_figures_are_found():
    """Figures are found by file name, in the order of the page."""
    assert list(FIGURES) == ["leaderboard", "learning_curves", "plateaus", "differences", "confusion"]


def test_it_says_what_it_is(name):
    """Title and caption are there and are sentences of their own."""
    assert FIGURES[name].TITLE
    assert FIGURES[name].CAPTION.endswith(".")


def test_alt_text_names_every_model(name, drawn):
    """Who cannot see the figure learns about every model."""
    alt_text = FIGURES[name].alt_text(drawn)
    assert all(model.name in alt_text for model in drawn.models)
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


@pytest.mark.parametrize("name", ["leaderboard", "learning_curves", "confusion"])
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
    """A study without one finished run still has its figures."""
    comparison = by_hand.make_comparison([by_hand.Entry(name, seeds=0, failed=2) for name in ("a", "b")])
    searched = replace(comparison, plateaus=tuple(by_hand.make_search(model, 8) for model in comparison.models))
    assert render(name, searched) if FIGURES[name].applies(searched) else name == "plateaus"


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


def test_curves_of_different_length_have_a_median_while_half_of_them_last():
    """By hand: at epoch 2 two of three curves are left, at epoch 3 one."""
    assert learning_curves.median_curve([[1, 2, 9], [3, 4], [8]]) == [3, 3]
    assert learning_curves.median_curve([]) == []


def test_a_model_without_validation_has_no_validation_curve(by_hand):
    """Two colours with validation images, one without."""
    curves = render("learning_curves", by_hand.make_comparison([by_hand.Entry("blind", validation=False)]))
    paths = [
        element.get("stroke") for element in ElementTree.fromstring(curves).iter("path") if "L" in element.get("d", "")
    ]
    assert learning_curves.ORANGE in paths
    assert learning_curves.BLUE not in paths


def test_a_diverging_run_does_not_press_the_others_flat(by_hand):
    """The scale of the loss follows the runs that finished."""
    comparison = by_hand.make_comparison([by_hand.Entry("dense", failed=1), by_hand.Entry("cnn")])
    dense = comparison.model("dense")
    wild = replace(dense.runs[-1], history=dense.runs[-1].history.model_copy(update={"loss": (1e9, float("inf"))}))
    models = (comparison.models[0], comparison.models[1])
    models = tuple(replace(m, runs=(*m.runs[:-1], wild)) if m is dense else m for m in models)
    words = texts(render("learning_curves", replace(comparison, models=models)))
    assert not any("000" in word for word in words)


def test_confusions_are_shares_of_their_row(by_hand):
    """By hand: 8 of 10 right is 0.75 * 0.8 of the colour, 2 of 10 wrong 0.75 times the cube root of 0.2."""
    comparison = by_hand.make_comparison([by_hand.Entry("dense")], class_names=("cat", "dog"))
    model = replace(comparison.models[0], confusion=np.array([[8, 2], [0, 10]]))
    (cells,) = confusion.draw(replace(comparison, models=(model,))).to_dict()["datasets"].values()
    strength = {(cell["true"], cell["said"]): cell["strength"] for cell in cells}
    assert strength == pytest.approx({("cat", "cat"): 0.6, ("cat", "dog"): 0.75 * 0.2 ** (1 / 3), ("dog", "dog"): 0.75})


def test_the_commonest_confusion_is_named(by_hand):
    """The alternative text has the confusion that matters most."""
    comparison = by_hand.make_comparison([by_hand.Entry("dense")], class_names=("cat", "dog"))
    model = replace(comparison.models[0], confusion=np.array([[8, 2], [0, 10]]))
    alt_text = confusion.alt_text(replace(comparison, models=(model,)))
    assert alt_text == "Commonest confusions: dense takes 20.0% of class cat for class dog."
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
    (rows,) = plateaus.draw(comparison).to_dict()["datasets"].values()
    assert [row["value"] for row in rows if row["part"] == "mean"] == pytest.approx([2.0, 0.6])
    assert [row["value"] for row in rows if row["part"] == "seed"] == [1.0, 0.5, 3.0, 0.7, 9.0, None]
    assert [row["label"] for row in rows if row["part"] == "chosen"] == ["epoch 2"]
