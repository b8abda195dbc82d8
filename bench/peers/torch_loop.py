"""A PyTorch loop written well: images stay in memory as bytes, no loader, fused optimiser; option `compile` or none."""

from __future__ import annotations

import torch
from peer import Clock, Images, Task, main
from torch import nn
from torch_network import build_network, build_optimizer


class TorchLoop:
    """Network, optimiser and tensors."""

    def __init__(self, task: Task, images: Images) -> None:
        self.task = task
        self.network = build_network(task).to(memory_format=torch.channels_last)
        self.optimizer = build_optimizer(task, self.network)
        self.images = torch.from_numpy(images.train).permute(0, 3, 1, 2)
        self.labels = torch.from_numpy(images.train_labels.astype("int64"))
        self.test = torch.from_numpy(images.test).permute(0, 3, 1, 2)
        self.test_labels = torch.from_numpy(images.test_labels.astype("int64"))
        self.loss = torch.compile(self._loss) if task.option == "compile" else self._loss

    def train(self, clock: Clock) -> None:
        """Epoch after epoch."""
        for _ in range(self.task.epochs):
            clock.begin()
            self.network.train()
            for batch in torch.randperm(self.task.train).split(self.task.batch_size):
                self.loss(self.images[batch], self.labels[batch]).backward()
                self.optimizer.step()
                self.optimizer.zero_grad(set_to_none=True)
            if self.task.validation:
                held_out = slice(self.task.train, self.task.train + self.task.validation)
                self._share_right(self.images[held_out], self.labels[held_out])
            clock.end()

    def accuracy(self) -> float:
        """In batches of 1,000."""
        return self._share_right(self.test, self.test_labels)

    def _loss(self, images: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        return nn.functional.cross_entropy(self.network(images.float() / self.task.scale), labels)

    @torch.inference_mode()
    def _share_right(self, images: torch.Tensor, labels: torch.Tensor) -> float:
        self.network.eval()
        right = 0
        for some, classes in zip(images.split(1000), labels.split(1000), strict=True):
            right += int((self.network(some.float() / self.task.scale).argmax(1) == classes).sum())
        return right / len(labels)


if __name__ == "__main__":
    main(TorchLoop)
