"""Show an image to the trained networks: a test image or a file; each model's classes and how its seeds agree."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from bakeoff.cli.options import JsonOption, OnlyOption, SetOption, StoreOption, StudyArgument
from bakeoff.cli.printing import console, print_json
from bakeoff.report.prediction import describe_image, picture_text, prediction_table, summarize_votes
from bakeoff.spec import only_models
from bakeoff.spec.prediction import Prediction
from bakeoff.verbs.load_study import load_study_file
from bakeoff.verbs.predict import check_picture_path, predict, write_picture


def command(
    study: StudyArgument,
    models: Annotated[
        list[str] | None,
        typer.Option("--model", metavar="NAME", help="Ask this model. May be repeated.  [default: all]"),
    ] = None,
    index: Annotated[int | None, typer.Option("--index", metavar="N", min=0, help="A test image, from 0.")] = None,
    image: Annotated[
        Path | None, typer.Option("--image", metavar="FILE", help="An image file of any size, in colour or grey.")
    ] = None,
    invert: Annotated[bool, typer.Option("--invert", help="Exchange bright and dark in the file.")] = False,
    picture: Annotated[
        Path | None,
        typer.Option("--picture", "-o", metavar="PATH", help="Draw all probabilities: an .svg, .png or .pdf file."),
    ] = None,
    overrides: SetOption = None,
    only: OnlyOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print what each model says."""
    if (index is None) == (image is None):
        raise typer.BadParameter("give either a test image's number or a file", param_hint="--index or --image")
    if invert and image is None:
        raise typer.BadParameter("it is for files: give one with --image", param_hint="--invert")
    if picture:
        check_picture_path(picture)
    file = load_study_file(study, overrides=overrides or (), only=only or ())
    asked = only_models(file.study, models) if models else file.study
    with file.placing_errors():
        prediction = predict(asked, index=index, image=image, invert=invert, store=store)
    if picture:
        write_picture(prediction, picture)
    if as_json:
        print_json({**prediction.to_dict(), "picture": str(picture) if picture else None})
    else:
        _print(console(), prediction, picture)


def _print(out: Console, prediction: Prediction, picture: Path | None) -> None:
    out.print(Text(describe_image(prediction), style="bold"))
    if prediction.pixels is not None and _can_show_pictures(out):
        out.print()
        out.print(picture_text(prediction.pixels))
    out.print()
    out.print(prediction_table(prediction))
    out.print(Text(f"\n{summarize_votes(prediction)}"))
    if prediction.file:
        out.print(Text(f"A network names one of its {len(prediction.class_names)} classes whatever it is shown."))
    for name, reason in prediction.left_out.items():
        out.print(Text(f"{name} is not asked: {reason}."))
    for warning in prediction.warnings:
        out.print(Text.assemble(("! ", "red"), warning))
    if picture:
        out.print(Text(f"\nAll probabilities are drawn in {picture}"))


def _can_show_pictures(out: Console) -> bool:
    """Half blocks need colours and an encoding that has them; what is piped elsewhere wants neither."""
    return out.is_terminal and out.color_system is not None and out.encoding.startswith("utf")
