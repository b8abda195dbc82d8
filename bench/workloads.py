"""The networks that are timed: one of each kind in the published comparisons."""

from __future__ import annotations

from workload import Workload, dense_gflop

STUDY_D_CNN = """{layers: [
  {Conv2D: {filters: 32, kernel_size: 3, activation: relu}}, MaxPooling2D,
  {Conv2D: {filters: 64, kernel_size: 3, activation: relu}}, MaxPooling2D,
  {Conv2D: {filters: 64, kernel_size: 3, activation: relu}}, Flatten,
  {Dense: {units: 512, activation: relu}}, {Dense: {units: classes, activation: softmax}}]}"""

# PyTorch's LSTM knows no other activation than tanh; study A's has relu, which costs the same.
STUDY_A_LSTM = """{layers: [
  {Reshape: {target_shape: [28, 28]}}, {LSTM: {units: 128, return_sequences: true}}, {LSTM: {units: 128}},
  {Dense: {units: 32, activation: relu}}, {Dense: {units: classes, activation: softmax}}]}"""

HIDDEN_2_3 = (512, 256, 200, 128, 100, 64, 50, 20)
STUDY_B_2_3 = f"{{mlp: {{hidden: {list(HIDDEN_2_3)}, activation: relu, dropout: 0.2, batch_normalization: true}}}}"

FEW = 12_800
CNN_GFLOP = FEW * 18.3e-3
LSTM_GFLOP = FEW * (28 * 2 * 512 * (3 * (28 + 3 * 128) - 28) + 6 * (128 * 32 + 32 * 10)) / 1e9

MLP_32 = Workload(
    "MLP 128-64-32-16, batch 32",
    "{mlp: {hidden: [128, 64, 32, 16]}}",
    60_000,
    32,
    dense_gflop(60_000, 784, 128, 64, 32, 16, 10),
    limit=2.5,
    only_dense=True,
)
MLP_128 = Workload(
    "MLP 512-512 with dropout, batch 128",
    "{mlp: {hidden: [512, 512], dropout: 0.2}}",
    60_000,
    128,
    dense_gflop(60_000, 784, 512, 512, 10),
    limit=2.0,
)
CNN = Workload("CNN of study D, batch 128", STUDY_D_CNN, FEW, 128, CNN_GFLOP, limit=3.0, optimizer="rmsprop")
LSTM = Workload("LSTM 128-128, batch 32", STUDY_A_LSTM, FEW, 32, LSTM_GFLOP, limit=2.2)
NINE_LAYERS = Workload(
    "9-layer MLP 2_3 of study B, batch 32",
    STUDY_B_2_3,
    60_000,
    32,
    dense_gflop(60_000, 784, *HIDDEN_2_3, 10),
    limit=4.0,
    data="fashion-mnist",
)
WORKLOADS = (MLP_32, MLP_128, CNN, LSTM, NINE_LAYERS)
