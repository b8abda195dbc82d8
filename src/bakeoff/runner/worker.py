"""What the planning process may ask of a worker process; see `pool` for how it asks."""

from bakeoff.runner.describing import accelerators, describe
from bakeoff.runner.predicting import predict
from bakeoff.runner.training import record_crash, train
from bakeoff.runner.trial import trial
from bakeoff.runner.voting import vote

__all__ = ["accelerators", "describe", "predict", "record_crash", "train", "trial", "vote"]
