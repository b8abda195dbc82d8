"""A study in the file format again, with everything filled in: what `bakeoff show` prints."""

from __future__ import annotations

from typing import Any

from bakeoff.spec.study import ModelSpec, Study


def study_to_dict(study: Study) -> dict[str, Any]:
    """Write a study in the file format, every default of the protocol filled in, grid and defaults spelt out.

    Args:
        study: The study.

    Returns:
        Plain values, ready for YAML or JSON; reading them back gives an equal study.
    """
    written = study.model_dump(mode="json", exclude={"models", "published", "claims", "overrides"})
    written = {key: value for key, value in written.items() if value not in ("", [])}
    written["models"] = {model.name: _model_to_dict(model, study) for model in study.models}
    if study.published:
        written["published"] = {
            name: figures.model_dump(mode="json", exclude_defaults=True) for name, figures in study.published.items()
        }
    if study.claims:
        written["claims"] = [claim.to_short_form() for claim in study.claims]
    return written


def _model_to_dict(model: ModelSpec, study: Study) -> dict[str, Any]:
    shared = study.protocol.model_dump(mode="json")
    own = {key: value for key, value in model.protocol.model_dump(mode="json").items() if value != shared[key]}
    options = {"protocol": own, "factors": dict(model.factors), "note": model.note, "trials": model.trials}
    return {model.recipe: model.arguments, **{key: value for key, value in options.items() if value}}
