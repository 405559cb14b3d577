"""Networks run in what the device is fastest in."""

from pathlib import Path

import pytest
import torch

from leap import precision
from leap.families import channels_of
from leap.frozen import leap_decode
from leap.networks.leap_decoder import DecoderConfig, FamilyDecoder


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


def test_a_decoder_keeps_its_last_convolution_in_fp32(tmp_path: Path) -> None:
    """bf16 has steps of 1/255 at bright colours."""
    state = tmp_path / "decoder.state.pt"
    decoder = FamilyDecoder(DecoderConfig(), channels_of(["sd15"]))
    torch.save({"ema": decoder.state_dict()}, state)
    decode = leap_decode([state], "cpu", torch.bfloat16)
    image = decode("sd15", torch.randn(1, 4, 4, 4))
    assert image.dtype is torch.float32
    assert len(image.unique()) > 1000
