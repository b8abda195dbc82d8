"""Data sets by name: a file of this package that defines `load` is a data set, under its file name.

`def load() -> Dataset` makes a plain name (`mnist_5k.py` is `mnist-5k`); `def load(path: str) -> Dataset` makes a kind
that takes an argument (`npz.py` is `npz:PATH`). Names are read from the source, so that listing them imports nothing.
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import re
from importlib.abc import InspectLoader
from typing import cast

import bakeoff.data
from bakeoff.data.dataset import Dataset
from bakeoff.errors import DataError, suggest

_DEFINES_LOAD = re.compile(r"^def load\((\w*)", re.MULTILINE)


def dataset_names() -> list[str]:
    """How every data set is written in a study's `data:`.

    >>> "mnist" in dataset_names(), "npz:PATH" in dataset_names()
    (True, True)
    """
    return sorted(_written_forms().values())


def load_dataset(reference: str) -> Dataset:
    """Load a data set.

    Args:
        reference: A name such as `mnist`, or a kind with its argument such as `npz:my_images.npz`.

    Raises:
        DataError: No such data set, an argument is missing or superfluous, or the data cannot be found or are damaged.

    >>> load_dataset("mnist-5k").train_images.shape
    (4000, 28, 28, 1)
    """
    name, _, argument = reference.partition(":")
    forms = _written_forms()
    if name not in forms:
        raise DataError(f"data {reference!r}: there is no such data set; {suggest(name, forms.values())}")
    takes_argument = ":" in forms[name]
    if takes_argument and not argument:
        raise DataError(f"data {reference!r}: {name} needs {forms[name].partition(':')[2]}; write {forms[name]}")
    if ":" in reference and not takes_argument:
        raise DataError(f"data {reference!r}: {name} takes no argument; write {name}")
    module = importlib.import_module(f"{bakeoff.data.__name__}.{name.replace('-', '_')}")
    return cast(Dataset, module.load(argument) if takes_argument else module.load())


def _written_forms() -> dict[str, str]:
    """{"mnist": "mnist", "npz": "npz:PATH", ...} from the sources of the modules beside this one."""
    forms = {}
    for module in pkgutil.iter_modules(bakeoff.data.__path__):
        found = _DEFINES_LOAD.search(_source(f"{bakeoff.data.__name__}.{module.name}"))
        if found:
            name = module.name.replace("_", "-")
            forms[name] = f"{name}:{found[1].upper()}" if found[1] else name
    return forms


def _source(module: str) -> str:
    spec = importlib.util.find_spec(module)
    loader = spec.loader if spec else None
    return (loader.get_source(module) if isinstance(loader, InspectLoader) else None) or ""
