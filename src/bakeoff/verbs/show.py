"""Show a study with every default filled in, and what its networks look like."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from bakeoff.data import load_dataset
from bakeoff.errors import DataError
from bakeoff.runner.pool import worker_pool
from bakeoff.spec import Study, study_to_dict
from bakeoff.spec.values import ModelSummary


@dataclass(frozen=True)
class StudyView:
    """A study and its networks.

    Attributes:
        study: The study.
        models: Each network's layers and parameter counts; empty if the data are not at hand.
        obstacle: Why the networks could not be built: the shape of the images is not known.
    """

    study: Study
    models: tuple[ModelSummary, ...]
    obstacle: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Plain values: the expanded study, its models as a list with layers and parameter counts."""
        summaries = {summary.name: summary for summary in self.models}
        written = study_to_dict(self.study)
        models = [
            {
                "name": model.name,
                "recipe": model.recipe,
                "arguments": model.model_dump(mode="json")["arguments"],
                "protocol": model.protocol.model_dump(mode="json"),
                "factors": model.factors,
                "parameters": None,
                "trainable_parameters": None,
                "layers": None,
                **(asdict(summaries[model.name]) if model.name in summaries else {}),
            }
            for model in self.study.models
        ]
        return {**written, "models": models}


def show(study: Study) -> StudyView:
    """Build every network of a study once, in a worker process, and count.

    Args:
        study: From `load_study`.

    Returns:
        The study with its networks' layers and parameter counts, or with the reason why there are none.

    Raises:
        StudyError: A layer, optimiser or loss is unknown or does not fit.
    """
    try:
        dataset = load_dataset(study.data)
    except DataError as error:
        return StudyView(study, (), obstacle=str(error))
    with worker_pool(1) as pool:
        models = pool.submit("describe", study.models, dataset.image_shape, dataset.classes).result()
    return StudyView(study, tuple(models))
