"""Bakeoff: which of these networks is really better?

    study = bakeoff.load_study("quickstart")
    comparison = bakeoff.run(study).compare()
    bakeoff.write_report(comparison)

Importing this package loads neither Keras nor JAX, and little else: each name below is imported when it is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bakeoff.comparison import Comparison
    from bakeoff.spec import Study
    from bakeoff.spec.prediction import Prediction
    from bakeoff.verbs.compare import compare
    from bakeoff.verbs.compare_across import compare_across
    from bakeoff.verbs.load_study import load_study
    from bakeoff.verbs.plan import Plan, plan
    from bakeoff.verbs.predict import predict
    from bakeoff.verbs.report import write_report
    from bakeoff.verbs.run import Results, run

_HOMES = {
    "Comparison": "bakeoff.comparison",
    "Plan": "bakeoff.verbs.plan",
    "Prediction": "bakeoff.spec.prediction",
    "Results": "bakeoff.verbs.run",
    "Study": "bakeoff.spec",
    "compare": "bakeoff.verbs.compare",
    "compare_across": "bakeoff.verbs.compare_across",
    "load_study": "bakeoff.verbs.load_study",
    "plan": "bakeoff.verbs.plan",
    "predict": "bakeoff.verbs.predict",
    "run": "bakeoff.verbs.run",
    "write_report": "bakeoff.verbs.report",
}

__all__ = [
    "Comparison",
    "Plan",
    "Prediction",
    "Results",
    "Study",
    "compare",
    "compare_across",
    "load_study",
    "plan",
    "predict",
    "run",
    "write_report",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name not in _HOMES:
        raise AttributeError(f"module 'bakeoff' has no attribute {name!r}; it has {', '.join(__all__)}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
