"""The page that opens anywhere."""

import base64
import hashlib
import json
import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser

import pytest
import yaml

from bakeoff.comparison.claims import ClaimResult
from bakeoff.comparison.factors import Attribution
from bakeoff.report import gallery, numbers, verdict_sentences, write_report
from bakeoff.report.page import make_page
from bakeoff.report.writing import write_files
from bakeoff.spec import parse_study, read_study
from bakeoff.spec.values import Finding

VOID = {"meta", "br", "link", "img", "hr", "input"}
LOADING = {"src", "srcset", "data", "action", "poster", "background", "xlink:href", "formaction"}


class Reader(HTMLParser):
    """Checks nesting and gathers what a test asks for."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        """Called for `<tag>`."""
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        """Called for `<tag/>`."""
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        """Called for `</tag>`."""
        assert self.open.pop() == tag

    def handle_data(self, data):
        """Called for text."""
        self.words.append(data)

    def values(self, attribute: str) -> list[str]:
        """Of this attribute, all over the page."""
        return [attributes[attribute] for _, attributes in self.elements if attribute in attributes]


@pytest.fixture(scope="module")
def page(comparison) -> str:
    """The page of each comparison in turn."""
    return make_page(comparison)


def test_the_page_is_well_formed_and_links_resolve(page):
    """Elements close in order, ids are unique, every link leads to an id of the page."""
    reader = Reader(page)
    ids = reader.values("id")
    assert len(ids) == len(set(ids))
    links = reader.values("href")
    assert links
    assert {link.removeprefix("#") for link in links} <= set(ids)
    assert all(link.startswith("#") for link in links)


def test_the_page_loads_nothing(page):
    """No reference outward, and a policy that forbids it."""
    reader = Reader(page)
    assert not {tag for tag, _ in reader.elements} & {"link", "iframe", "object", "embed", "base", "form"}
    assert not any(reader.values(attribute) for attribute in LOADING)
    assert not any(key.startswith("on") for _, attributes in reader.elements for key in attributes)
    assert "@import" not in page
    assert "http://" not in page
    assert "https://" not in page


def test_the_page_runs_no_script_but_its_own(page):
    """Of two kinds of script element one is data; the other is allowed by the hash of its text, and nothing else is."""
    (policy,) = [content for content in Reader(page).values("content") if "default-src" in content]
    runnable = re.findall(r"<script>(.*?)</script>", page, flags=re.DOTALL)
    (digest,) = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in runnable]
    assert policy == (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
        f"script-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    assert len(re.findall("<script", page)) - len(re.findall('<script type="application/json"', page)) == 1


def test_the_page_stays_small(page):
    """Under 6 MB for every comparison."""
    assert len(page.encode()) < 6_000_000


def test_the_verdict_comes_first_and_links_to_its_numbers(by_hand):
    """Every sentence stands on the page before any table, its number linked to the number's place."""
    comparison = by_hand.make_comparison(by_hand.FOUR)
    page = make_page(comparison)
    reader = Reader(page)
    words = "".join(reader.words)
    anchors = {sentence.anchor for sentence in verdict_sentences(comparison)}
    assert all(sentence.text in words for sentence in verdict_sentences(comparison))
    assert page.index('id="verdict"') < page.index("<table")
    assert {f"#{anchor}" for anchor in anchors} <= set(reader.values("href"))


def test_names_and_texts_of_users_are_escaped(by_hand):
    """Nothing that a user or a data set named becomes markup."""
    attack = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    comparison = by_hand.make_comparison(by_hand.TROUBLED, title=attack, class_names=(attack, "</style>", *"23456789"))
    data = comparison.data.model_copy(update={"licence": attack, "source": attack, "reference": attack})
    study = comparison.study.model_copy(update={"source": attack, "choices": (attack,), "data": attack})
    spec = comparison.models[0].spec.model_copy(update={"name": attack, "note": attack})
    first = replace(comparison.models[0], spec=spec)
    pairs = tuple(replace(pair, reason=attack) for pair in comparison.pairs)
    comparison = replace(
        comparison,
        data=data,
        study=study,
        models=(first, *comparison.models[1:]),
        pairs=pairs,
        environments=({attack: attack},),
    )
    page = make_page(comparison)
    assert "<script>alert" not in page
    assert "<img" not in page
    reader = Reader(page)
    assert attack in "".join(reader.words)
    assert [attributes for tag, attributes in reader.elements if "onerror" in attributes] == []


def test_texts_of_claims_factors_and_findings_are_escaped(by_hand):
    """What a source wrote, what a level is called and what a finding quotes are text."""
    attack = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    comparison = by_hand.with_everything(by_hand.make_comparison(by_hand.FOUR))
    contrast = replace(by_hand.make_contrast(attack, "b", 1.0), simple=())
    effects = by_hand.make_contrast("a", "b", 1.0, settings=(attack, "2"))
    refused = replace(by_hand.make_refused("a", "b"), reason=attack)
    factor = replace(by_hand.make_factor(attack, [contrast, effects, refused]), share=None, share_reason=attack)
    comparison = replace(
        comparison,
        attribution=Attribution((factor,), (attack,), 0.95),
        claims=(ClaimResult(attack, attack, "reproduced", attack), ClaimResult("a", attack, "reproduced", "b")),
        budget=replace(comparison.budget, unequal=(attack,)),
        findings=(Finding("BKO201", "error", attack, attack, attack, "cnn", attack),),
        data=comparison.data.model_copy(update={"class_names": (attack,) * 10}),
        classes=replace(comparison.classes, names=(attack,) * 10),
        pairs=tuple(replace(pair, basis="none", reason=attack) for pair in comparison.pairs),
    )
    page = make_page(comparison)
    assert "<script>alert" not in page
    assert "<img" not in page
    assert "".join(Reader(page).words).count(attack) > 12


def test_the_page_has_a_section_for_everything(by_hand):
    """Classes, images, claims, factors, budgets and findings are there, in this order; the contents lead to them."""
    reader = Reader(make_page(by_hand.with_everything(by_hand.make_comparison(by_hand.FOUR))))
    sections = [attributes["id"] for tag, attributes in reader.elements if tag == "section"]
    assert sections[-9:] == [
        "classes",
        "images",
        "pairs",
        "claims",
        "factors",
        "numbers",
        "budget",
        "findings",
        "training",
    ]
    assert {"#classes", "#claims", "#factors", "#budget", "#findings"} <= set(reader.values("href"))


def test_sections_without_content_are_left_out(by_hand):
    """A study without claims, factors and findings has no empty tables."""
    reader = Reader(make_page(by_hand.make_comparison(by_hand.FOUR)))
    assert not {"classes", "claims", "factors", "findings"} & set(reader.values("id"))
    assert "budget" in reader.values("id")


def test_the_price_of_a_verdict_has_its_column(by_hand):
    """In the words of the sentence; no column where nothing is undecided."""
    comparison = by_hand.with_everything(by_hand.make_comparison(by_hand.FOUR))
    words = "".join(Reader(make_page(comparison)).words)
    assert "What would decide it" in words
    price = f"about 4 more seeds of each, 6{numbers.NO_BREAK_SPACE}minutes of training, would decide"
    assert words.count(price) == 3 + 2  # all three undecided pairs in the table, two of them in sentences
    assert "What would decide it" not in make_page(by_hand.make_comparison(by_hand.FOUR))


def test_failed_seeds_show_what_must_be_expected(by_hand):
    """The rate of failures stands beside their number, and the pair says that ranks decided."""
    words = " ".join("".join(Reader(make_page(by_hand.make_comparison(by_hand.TROUBLED))).words).split())
    assert "2 failed 5 to 85 % fail" in words
    assert "5 failed 48 to 100 % fail" in words
    assert "by ranks, failed runs last" in words


def test_intervals_of_a_race_are_labelled(by_hand):
    """Each has the level of its look; the heading promises no common one."""
    comparison = by_hand.make_comparison(by_hand.FOUR)
    pairs = tuple(
        replace(pair, difference=replace(pair.difference, level=1 - 0.00793), settled_at=3) for pair in comparison.pairs
    )
    race = by_hand.make_race([entry.name for entry in by_hand.FOUR])
    words = "".join(Reader(make_page(replace(comparison, pairs=pairs, race=race))).words)
    assert words.count(f"at 99.21{numbers.NO_BREAK_SPACE}%") == len(pairs)
    assert "new images, points, 95" not in words
    assert "after Holm" not in words
    assert words.count("settled at 3 seeds") >= 3


def _findings(page: str) -> str:
    section = page[page.index('<section id="findings">') : page.index('<section id="training">')]
    return " ".join("".join(Reader(section).words).split())


def test_a_finding_has_cause_advice_and_page(by_hand):
    """Who, what was seen, why, what to type, and where it is explained."""
    found = Finding(
        "BKO102",
        "error",
        "It collapsed",
        "5 of 5 seeds (seed 0)",
        "--set protocol.pixels=unit, or train longer",
        "cnn",
        "the first layer sees unscaled pixels",
    )
    page = make_page(replace(by_hand.make_comparison(by_hand.FOUR), findings=(found,)))
    assert _findings(page) == (
        "Findings It collapsed BKO102 · error · docs/findings.md#bko102 cnn: 5 of 5 seeds (seed 0). "
        "Probable cause The first layer sees unscaled pixels. Try --set protocol.pixels=unit, or train longer"
    )
    assert "<code>--set protocol.pixels=unit</code>, or train longer" in page
    assert 'id="finding:BKO102"' in page
    assert 'href="#finding:BKO102"' in page[: page.index("<table")]  # the verdict says so first


def test_findings_of_many_models_are_one(by_hand):
    """What is the same of several models stands there once; the evidence of very many is folded away."""
    comparison = by_hand.make_comparison(by_hand.many_entries(6))
    found = tuple(
        Finding("BKO203", "note", "Still improving", f"by {place} %", "--set protocol.epochs=16", model.name)
        for place, model in enumerate(comparison.models)
    )
    few = make_page(replace(comparison, findings=found[:4]))
    assert _findings(few).count("Still improving") == 1
    assert all(f"m0{place + 1}: by {place} %." in _findings(few) for place in range(4))
    assert "<summary>6 models</summary>" not in few
    assert "<summary>6 models</summary>" in make_page(replace(comparison, findings=found))


def test_many_notes_are_folded_away_beside_something_grave(by_hand):
    """They do not bury a warning; alone, they are in sight."""
    notes = tuple(Finding(f"BKO40{place}", "note", f"note {place}", "so", "and so") for place in range(7))
    warning = Finding("BKO201", "warning", "It overfits", "much", "stop")
    comparison = by_hand.make_comparison(by_hand.FOUR)
    assert "<summary>7 notes</summary>" in make_page(replace(comparison, findings=(warning, *notes)))
    assert "notes</summary>" not in make_page(replace(comparison, findings=notes))


def test_a_finding_about_a_model_that_was_not_run_leads_to_its_row(by_hand):
    """Published figures of a model without runs can have findings."""
    comparison = by_hand.make_comparison(by_hand.FOUR, missing=("vgg",))
    found = Finding("BKO104", "warning", "Clipped", "loss 14.5", "other loss", "vgg")
    reader = Reader(make_page(replace(comparison, findings=(found,))))
    assert "#model:vgg" in reader.values("href")
    assert "model:vgg" in reader.values("id")


def test_classes_have_a_table_and_words(by_hand):
    """Training images, the recall of each model, the harder classes marked, and what is taken for what."""
    comparison = by_hand.make_comparison(by_hand.FOUR)
    story = by_hand.make_classes(comparison, {"cnn": (8, 5), "lstm": (8,)})
    page = make_page(replace(comparison, classes=story))
    section = page[page.index('<section id="classes">') : page.index('<section id="pairs">')]
    words = " ".join("".join(Reader(section).words).split())
    assert section.count('<small class="mark">harder</small>') == 3
    assert "8 480 100 90" in words
    assert f"It takes most often 3 for 5 (6{numbers.NO_BREAK_SPACE}%" not in words  # with the digits of its interval
    assert "It takes most often 3 for 5 (6.0 %, 4.0 to 8.0), then 4 for 9" in words.replace(numbers.NO_BREAK_SPACE, " ")
    assert "none of them shows a difference" in words


@pytest.mark.parametrize(("classes", "folded"), [(20, False), (21, True)])
def test_many_classes_are_folded_away(by_hand, classes, folded):
    """A long table opens on demand."""
    names = tuple(f"class {label}" for label in range(classes))
    comparison = by_hand.make_comparison(by_hand.FOUR, class_names=names)
    story = by_hand.make_classes(comparison, {"cnn": ()}, train_images=None)
    page = make_page(replace(comparison, classes=story))
    assert (f"<summary>All {classes} classes</summary>" in page) == folded


def test_refused_contrasts_are_folded_with_their_reason(by_hand):
    """How many, and why, on demand."""
    page = make_page(by_hand.with_everything(by_hand.make_comparison(by_hand.FOUR)))
    assert "<summary>2 of 2 contrasts cannot be estimated</summary>" in page
    assert "<li>adam and sgd never differ in optimizer alone: epochs changes along</li>" in page


def test_effects_that_depend_on_the_setting_are_open(by_hand):
    """Where an average misleads, the differences of each setting are in sight."""
    contrast = by_hand.make_contrast("relu", "tanh", 3.1, verdict="depends")
    attribution = Attribution((by_hand.make_factor("activation", [contrast]),), (), 0.95)
    page = make_page(replace(by_hand.make_comparison(by_hand.FOUR), attribution=attribution))
    assert "<details open>\n<summary>2 settings</summary>" in page
    assert "width 128" in page


def test_the_source_s_words_are_shown_once(by_hand):
    """Prose is its own claim, and the study's source is named below the table only."""
    comparison = by_hand.with_everything(by_hand.make_comparison(by_hand.FOUR))
    comparison = replace(comparison, study=comparison.study.model_copy(update={"source": "a book"}))
    page = make_page(comparison)
    table = page[page.index('<section id="claims">') : page.index('<section id="factors">')]
    assert table.count("Deep is good.") == 1
    assert table.count("a book") == 1
    assert table.count("The CNN wins.") == 1


def test_figures_have_captions_and_alternative_texts(by_hand):
    """Every picture describes itself and is explained."""
    reader = Reader(make_page(by_hand.make_comparison(by_hand.FOUR)))
    pictures = [attributes for tag, attributes in reader.elements if tag == "svg"]
    captions = [tag for tag, _ in reader.elements if tag == "figcaption"]
    assert len(pictures) == len(captions) >= 4
    assert all(attributes["role"] == "img" and "cnn" in attributes["aria-label"] for attributes in pictures)


def test_one_model_has_no_pairs(by_hand):
    """Neither a table of pairs nor a figure of differences, nor links to them."""
    reader = Reader(make_page(by_hand.make_comparison(by_hand.FOUR[:1])))
    assert "pairs" not in reader.values("id")
    assert "figure:differences" not in reader.values("id")


@pytest.mark.parametrize(("models", "folded"), [(4, False), (24, True)])
def test_many_pairs_are_folded_away(by_hand, models, folded):
    """A long table opens on demand."""
    page = make_page(by_hand.make_comparison(by_hand.many_entries(models)))
    assert ("All 276 pairs" in page) == folded


def test_the_study_file_on_the_page_is_the_study(by_hand):
    """What stands on the page can be saved and run again."""
    comparison = by_hand.make_comparison(by_hand.FOUR, title="A & <b>")
    text = next(word for word in Reader(make_page(comparison)).words if word.startswith("name: by-hand"))
    assert yaml.safe_load(text)["title"] == "A & <b>"
    assert parse_study(text).study == comparison.study


@pytest.mark.parametrize(
    ("study", "source"),
    [
        (read_study("quickstart"), "quickstart"),
        (read_study("quickstart", overrides=["protocol.epochs=2"]), "quickstart.yaml"),
    ],
)
def test_it_says_how_to_run_it_again(by_hand, study, source):
    """A built-in study is run by its name; one that was changed by --set, from the file that the page prints."""
    comparison = replace(by_hand.make_comparison(by_hand.FOUR), study=study)
    assert f"bakeoff run {source}\n" in make_page(comparison)


def test_changes_of_single_models_are_listed(by_hand):
    """A model that was trained differently says how."""
    comparison = by_hand.make_comparison(by_hand.FOUR)
    dense = comparison.study.models[0]
    other = dense.model_copy(update={"protocol": dense.protocol.model_copy(update={"epochs": 44})})
    study = comparison.study.model_copy(update={"models": (other, *comparison.study.models[1:])})
    page = make_page(replace(comparison, study=study))
    assert "Changes for single models" in page
    assert "epochs <code>44</code>" in page
    assert "Changes for single models" not in make_page(comparison)


def test_numbers_are_formatted_as_in_the_sentences(by_hand):
    """Table and text show the same accuracy in the same digits."""
    comparison = by_hand.make_comparison(by_hand.FOUR)
    assert f"96.4{numbers.NO_BREAK_SPACE}%" in verdict_sentences(comparison)[0].text
    assert make_page(comparison).count(f'<span class="value">96.4{numbers.NO_BREAK_SPACE}%</span>') == 2


def test_writing_makes_the_folder_and_leaves_nothing_else(by_hand, tmp_path):
    """One file, whole, where it was asked for."""
    comparison = by_hand.make_comparison(by_hand.FOUR)
    path = tmp_path / "new" / "deep" / "page.html"
    assert write_report(comparison, path) == path
    assert path.read_text("utf-8") == make_page(comparison)
    assert list(path.parent.iterdir()) == [path]


def test_a_page_with_figures_as_files_draws_each_once(by_hand, tmp_path, monkeypatch):
    """What stands in the page is what is written beside it."""
    drawn, draw = [], gallery.draw_picture
    monkeypatch.setattr(gallery, "draw_picture", lambda name, comparison: drawn.append(name) or draw(name, comparison))
    written = write_files(by_hand.make_comparison(by_hand.FOUR), tmp_path / "page.html", figures=["svg"])
    assert drawn == [path.stem for path in written.figures]


def test_writing_replaces_an_older_page(by_hand, tmp_path):
    """The second report takes the place of the first."""
    path = tmp_path / "page.html"
    path.write_text("old", "utf-8")
    write_report(by_hand.make_comparison(by_hand.FOUR), path)
    assert path.read_text("utf-8").startswith("<!doctype html>")


def test_a_failed_write_keeps_the_older_page(by_hand, tmp_path, monkeypatch):
    """Whole or not at all."""
    path = tmp_path / "page.html"
    path.write_text("old", "utf-8")

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("pathlib.Path.replace", fail)
    with pytest.raises(OSError, match="disk full"):
        write_report(by_hand.make_comparison(by_hand.FOUR), path)
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_text("utf-8") == "old"


def test_the_same_comparison_makes_the_same_page(by_hand):
    """A report can be compared with another by its bytes."""
    assert make_page(by_hand.make_comparison(by_hand.FOUR)) == make_page(by_hand.make_comparison(by_hand.FOUR))


def test_reporting_loads_no_deep_learning_framework():
    """The judging wing stands alone, and its text needs no drawing library either."""
    code = "import json, sys, bakeoff.report; print(json.dumps(sorted(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout
    assert not {"keras", "jax", "tensorflow", "torch"} & set(json.loads(found))
