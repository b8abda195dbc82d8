"""What is asked: studies, read from YAML and checked; and the values that results are made of."""

from bakeoff.spec.builtin import BuiltinStudy, builtin_studies
from bakeoff.spec.choosing import only_models, with_seeds
from bakeoff.spec.claims import Claim, parse_claim
from bakeoff.spec.named import Frozen, Named
from bakeoff.spec.protocol import Holdout, KFold, L2Pixels, Patience, Pixels, Protocol, Race, Stop, Validation
from bakeoff.spec.reading import StudyFile, locate_error, parse_study, read_study, read_study_file
from bakeoff.spec.showing import study_to_dict
from bakeoff.spec.statements import (
    Difference,
    FactorOrder,
    Fails,
    Hardest,
    Improving,
    Order,
    Rarest,
    Ratio,
    Statement,
)
from bakeoff.spec.study import ModelSpec, Published, Study
from bakeoff.spec.values import Estimate, Target, Verdict

__all__ = [
    "BuiltinStudy",
    "Claim",
    "Difference",
    "Estimate",
    "FactorOrder",
    "Fails",
    "Frozen",
    "Hardest",
    "Holdout",
    "Improving",
    "KFold",
    "L2Pixels",
    "ModelSpec",
    "Named",
    "Order",
    "Patience",
    "Pixels",
    "Protocol",
    "Published",
    "Race",
    "Rarest",
    "Ratio",
    "Statement",
    "Stop",
    "Study",
    "StudyFile",
    "Target",
    "Validation",
    "Verdict",
    "builtin_studies",
    "locate_error",
    "only_models",
    "parse_claim",
    "parse_study",
    "read_study",
    "read_study_file",
    "study_to_dict",
    "with_seeds",
]
