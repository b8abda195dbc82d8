"""Judge a study's runs."""

from __future__ import annotations

from pathlib import Path

from bakeoff.comparison import Comparison, compare_study
from bakeoff.spec import Study
from bakeoff.store import open_store
from bakeoff.verbs.default_store import default_store


def compare(study: Study, *, store: Path | str | None = None, images: bool = False) -> Comparison:
    """Judge all of a study's runs that a store holds; neither the data nor a deep-learning framework is needed.

    Args:
        study: From `load_study`, with the same overrides as when it was run.
        store: Folder with the results.
        images: Whether to count the votes on single test images, for the page to show.

    Returns:
        Estimates, pairs, ranks and curves; tables as pandas.

    Raises:
        StoreError: There is no store, or no run of this study in it.
    """
    return compare_study(study, open_store(store or default_store()), images=images)
