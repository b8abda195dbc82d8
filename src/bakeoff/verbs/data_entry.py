"""What a store is told of the data that a study is trained on."""

from __future__ import annotations

from bakeoff.data import Dataset
from bakeoff.spec.record import DataEntry, DataFacts


def make_entry(reference: str, dataset: Dataset, *, facts: DataFacts | None = None) -> DataEntry:
    """The entry of a data set.

    Args:
        reference: As the study names it.
        dataset: The data.
        facts: What was found in them; None where nobody looked.
    """
    return DataEntry(
        reference=reference,
        fingerprint=dataset.fingerprint,
        class_names=dataset.class_names,
        image_shape=dataset.image_shape,
        train=len(dataset.train_labels),
        test=len(dataset.test_labels),
        licence=dataset.licence,
        source=dataset.source,
        facts=facts,
    )
