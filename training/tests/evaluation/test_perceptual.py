"""The perceptual network's folded batch norms, against convolution and batch norm one by one."""

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from leap.loss.perceptual import BATCH_NORM_EPS, fold


def package(place: str, conv: str, norm: str, out: int) -> dict[str, Tensor]:
    """Tensors named as in the package."""
    norms = {k: torch.randn(out) for k in ("weight", "bias", "running_mean")}
    norms["running_var"] = torch.rand(out) + 0.1
    weights = {f"{place}{norm}.{k}": v for k, v in norms.items()}
    return weights | {f"{place}{conv}.weight": torch.randn(out, 3, 3, 3)}


@pytest.mark.parametrize(
    ("place", "conv", "norm"),
    [
        ("", "_conv_stem", "_bn0"),
        ("_blocks.0.", "_depthwise_conv", "_bn1"),
        ("_blocks.3.", "_expand_conv", "_bn0"),
        ("_blocks.3.", "_project_conv", "_bn2"),
    ],
)
def test_a_folded_convolution_is_convolution_and_batch_norm(
    place: str, conv: str, norm: str
) -> None:
    torch.manual_seed(0)
    weights = package(place, conv, norm, 5)
    x = torch.randn(2, 3, 6, 7)
    plain = F.conv2d(x, weights[f"{place}{conv}.weight"])
    norms = [weights[f"{place}{norm}.{k}"] for k in ("running_mean", "running_var")]
    affine = [weights[f"{place}{norm}.{k}"] for k in ("weight", "bias")]
    expected = F.batch_norm(plain, *norms, *affine, eps=BATCH_NORM_EPS)
    folded = [fold(f"{place}{conv}.{part}", weights) for part in ("weight", "bias")]
    torch.testing.assert_close(F.conv2d(x, *folded), expected)
