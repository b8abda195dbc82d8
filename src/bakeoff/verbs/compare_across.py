"""Judge one study on several data sets."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bakeoff.comparison import Across
from bakeoff.comparison import compare_across as judge
from bakeoff.spec import Study
from bakeoff.verbs.compare import compare


def compare_across(studies: Sequence[Study], *, store: Path | str | None = None) -> Across:
    """Judge the runs of one study on several data sets: on each of them, and in general.

    Args:
        studies: The same study for each data set, from `load_study(source, overrides=["data=NAME"])`.
        store: Folder with the results.

    Returns:
        A verdict for every pair on every data set, corrected over all of them, and what they say in general.

    Raises:
        StoreError: There is no store, or no run of one of these studies in it.
        StudyError: Fewer than two data sets, one twice, a race, other models, or a model without a run.
    """
    return judge([compare(study, store=store) for study in studies])
