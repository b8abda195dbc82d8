"""Records and probe arrays in, findings out: why a model failed, what is wrong with the data, when to stop."""

from bakeoff.diagnosis.examine import diagnose, find_families, known_codes
from bakeoff.diagnosis.values import ModelRuns, PublishedModel, Run, StudyRuns

__all__ = ["ModelRuns", "PublishedModel", "Run", "StudyRuns", "diagnose", "find_families", "known_codes"]
