"""Networks run in what the device is fastest in."""

import pytest
import torch

from leap import precision


@pytest.mark.parametrize(
    ("device", "amx", "expected"),
    [
        ("cpu", False, torch.float32),
        ("cpu", True, torch.bfloat16),
        ("cuda", False, torch.bfloat16),
        ("cuda:1", False, torch.bfloat16),
    ],
)
def test_bf16_needs_matrix_units(
    monkeypatch: pytest.MonkeyPatch, device: str, amx: bool, expected: torch.dtype
):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"amx_bf16": amx})
    precision.fast_dtype.cache_clear()
    assert precision.fast_dtype(device) is expected
    precision.fast_dtype.cache_clear()


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_autocast_follows_it(monkeypatch: pytest.MonkeyPatch, dtype: torch.dtype):
    monkeypatch.setattr(precision, "fast_dtype", lambda device: dtype)
    convolution = torch.nn.Conv2d(3, 4, 3)
    with precision.autocast("cpu"):
        assert convolution(torch.rand(1, 3, 5, 5)).dtype is dtype
