"""A PyTorch network from Keras's layer names, with Keras's initial weights, since both decide what an epoch reaches."""

from __future__ import annotations

from typing import Any

import torch
from peer import Task
from torch import nn

ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid}


class LongShortTerm(nn.Module):
    """Keras's LSTM layer: all steps or the last one."""

    def __init__(self, inputs: int, units: int, *, whole: bool) -> None:
        super().__init__()
        self.cell = nn.LSTM(inputs, units, batch_first=True)
        self.whole = whole

    def forward(self, sequence: torch.Tensor) -> torch.Tensor:
        """From (batch, steps, inputs) to (batch, steps, units) or (batch, units)."""
        outputs, _ = self.cell(sequence)
        return outputs if self.whole else outputs[:, -1]


class _Reshape(nn.Module):
    def __init__(self, shape: list[int]) -> None:
        super().__init__()
        self.shape = shape

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        return values.reshape(-1, *self.shape)


def build_network(task: Task) -> nn.Sequential:
    """The task's layers; takes images of shape (batch, 1, 28, 28) and puts out logits."""
    shape: tuple[int, ...] = (1, 28, 28)
    modules: list[nn.Module] = []
    for name, arguments in task.layers:
        made = _make(name, arguments, shape)
        with torch.no_grad():  # the shape behind these modules
            shape = tuple(nn.Sequential(*made).eval()(torch.zeros(2, *shape)).shape[1:])
        modules += made
    for module in modules:
        _initialize(module)
    return nn.Sequential(*modules).train()


def build_optimizer(task: Task, network: nn.Module) -> torch.optim.Optimizer:
    """With Keras's default arguments, fused where PyTorch can."""
    if task.optimizer == "adam":
        return torch.optim.Adam(network.parameters(), lr=1e-3, eps=1e-7, fused=True)
    return torch.optim.RMSprop(network.parameters(), lr=1e-3, alpha=0.9, eps=1e-7, foreach=True)


def _make(name: str, arguments: dict[str, Any], shape: tuple[int, ...]) -> list[nn.Module]:
    if name == "Dense":
        return [nn.Linear(shape[0], arguments["units"]), *_activation(arguments)]
    if name == "Conv2D":
        return [nn.Conv2d(shape[0], arguments["filters"], arguments["kernel_size"]), *_activation(arguments)]
    if name == "LSTM":
        return [LongShortTerm(shape[-1], arguments["units"], whole=arguments.get("return_sequences", False))]
    simple = {
        "Flatten": lambda: nn.Flatten(),
        "Reshape": lambda: _Reshape(arguments["target_shape"]),
        "MaxPooling2D": lambda: nn.MaxPool2d(arguments.get("pool_size", 2)),
        "Dropout": lambda: nn.Dropout(arguments["rate"]),
        "BatchNormalization": lambda: nn.BatchNorm1d(shape[0], eps=1e-3, momentum=0.01),
        "LeakyReLU": lambda: nn.LeakyReLU(arguments["negative_slope"]),
        "Activation": lambda: ACTIVATIONS[arguments["activation"]](),
    }
    return [simple[name]()]


def _activation(arguments: dict[str, Any]) -> list[nn.Module]:
    """The softmax is part of the loss."""
    name = arguments.get("activation", "softmax")
    return [] if name == "softmax" else [ACTIVATIONS[name]()]


def _initialize(module: nn.Module) -> None:
    if isinstance(module, nn.Linear | nn.Conv2d):
        nn.init.xavier_uniform_(module.weight)
        nn.init.zeros_(module.bias)
    elif isinstance(module, LongShortTerm):
        nn.init.xavier_uniform_(module.cell.weight_ih_l0)
        for block in module.cell.weight_hh_l0.chunk(4):
            nn.init.orthogonal_(block)
