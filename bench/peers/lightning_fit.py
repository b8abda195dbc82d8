"""Lightning's `Trainer.fit`, without logging, checkpoints and progress bar, and whole batches from the loader."""

from __future__ import annotations

import logging
import warnings

import lightning
import torch
from peer import Clock, Images, Task, main
from torch import nn
from torch.utils.data import BatchSampler, DataLoader, RandomSampler, TensorDataset
from torch_network import build_network, build_optimizer

logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
warnings.filterwarnings("ignore")


class Classifier(lightning.LightningModule):
    """The network with its loss."""

    def __init__(self, task: Task) -> None:
        super().__init__()
        self.task = task
        self.network = build_network(task)

    def training_step(self, batch: list[torch.Tensor], index: int) -> torch.Tensor:
        """The loss of a batch."""
        return nn.functional.cross_entropy(self.network(batch[0].float() / self.task.scale), batch[1])

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """As the plain loop has it."""
        return build_optimizer(self.task, self)


class _Turns(lightning.Callback):
    def __init__(self, clock: Clock) -> None:
        self.clock = clock

    def on_train_epoch_start(self, *arguments: object) -> None:
        self.clock.begin()

    def on_train_epoch_end(self, *arguments: object) -> None:
        self.clock.end()


class LightningFit:
    """A module and a loader."""

    def __init__(self, task: Task, images: Images) -> None:
        self.task, self.images = task, images
        self.module = Classifier(task)

    def train(self, clock: Clock) -> None:
        """One call of `Trainer.fit`."""
        images = torch.from_numpy(self.images.train[: self.task.train]).permute(0, 3, 1, 2)
        data = TensorDataset(images, torch.from_numpy(self.images.train_labels[: self.task.train].astype("int64")))
        batches = BatchSampler(RandomSampler(data), self.task.batch_size, drop_last=False)
        trainer = lightning.Trainer(
            max_epochs=self.task.epochs,
            accelerator="cpu",
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            callbacks=[_Turns(clock)],
        )
        trainer.fit(self.module, DataLoader(data, sampler=batches, batch_size=None))

    @torch.inference_mode()
    def accuracy(self) -> float:
        """In batches of 1,000."""
        network = self.module.network.eval()
        images = torch.from_numpy(self.images.test).permute(0, 3, 1, 2)
        said = torch.cat([network(some.float() / self.task.scale).argmax(1) for some in images.split(1000)])
        return float((said.numpy() == self.images.test_labels).mean())


if __name__ == "__main__":
    main(LightningFit)
