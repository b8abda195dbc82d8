"""A first look at a data set."""

from __future__ import annotations

from pathlib import Path

from bakeoff.data import load_dataset
from bakeoff.data.exploration import DataSummary, encode_png, sample_grid, summarize_dataset
from bakeoff.errors import OutputError


def explore(reference: str, *, picture: Path | None = None) -> DataSummary:
    """Shapes, class counts, value range and duplicates of a data set.

    Args:
        reference: A name, or KIND:PATH.
        picture: Where to write a PNG with samples of every class; nowhere if None.

    Returns:
        Counts, ranges and duplicates as plain values.

    Raises:
        DataError: The data cannot be found or are damaged.
        OutputError: The picture cannot be written.
    """
    dataset = load_dataset(reference)
    if picture is not None:
        grid = sample_grid(dataset.train_images, dataset.train_labels, classes=dataset.classes)
        try:
            picture.write_bytes(encode_png(grid))
        except OSError as error:
            raise OutputError(f"the picture cannot be written to {picture}: {error.strerror}") from error
    return summarize_dataset(dataset)
