"""Serve live pages: watch a study being trained, browse the store, and draw what every network then votes on."""

from __future__ import annotations

import importlib
import shlex
from typing import Annotated, Any

import typer

from bakeoff.cli.options import JsonOption, OnlyOption, SetOption, StoreOption, repeated
from bakeoff.cli.printing import console, print_json
from bakeoff.errors import WorkerError
from bakeoff.verbs.default_store import default_store
from bakeoff.verbs.load_study import load_study

LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def command(
    study: Annotated[
        str | None,
        typer.Argument(help="A built-in study's name, or a YAML file.  [default: none, to browse the store only]"),
    ] = None,
    host: Annotated[
        str, typer.Option("--host", metavar="ADDRESS", help="Where to listen; others than this machine need another.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", metavar="N", min=0, max=65535, help="0 takes any that is free.")
    ] = 8000,
    overrides: SetOption = None,
    only: OnlyOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Serve until Ctrl-C."""
    if study is None and (overrides or only):
        raise typer.BadParameter("they change a study: name one", param_hint="--set and --only")
    chosen = load_study(study, overrides=overrides or (), only=only or ()) if study else None
    folder = store or default_store()
    server = _import_server()

    def tell(address: str) -> None:
        if as_json:
            print_json({"address": address, "study": chosen.name if chosen else None, "store": str(folder)})
            return
        out = console()
        out.print(f"Open [bold]{address}[/bold] ({folder}). Ctrl-C ends it.", soft_wrap=True)
        if host not in LOOPBACK:
            out.print("Whoever reaches this machine under that address can look at these runs and use its processors.")

    again = [study or "", *repeated("--set", overrides), *repeated("--only", only)]
    again += ["--store", str(store)] if store else []
    server.serve(chosen, folder, host=host, port=port, run_command=shlex.join(["bakeoff", "run", *again]), tell=tell)


def _import_server() -> Any:
    """Only here, so that every other command, and the help of this one, work without the extra."""
    try:
        return importlib.import_module("bakeoff.server.serving")
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("starlette", "uvicorn"):
            raise
        raise WorkerError(
            f"bakeoff serve needs {error.name}, which is not installed: pip install 'bakeoff[serve]'"
        ) from None
