"""The full VAE in TAESD's place: pictures in [0,1], model space, by the VAE's own constants."""

from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from torch import nn

from leap.networks.full_vae import VaeDecoder, VaeEncoder
from prepare.build_cache import read_vaes


class HalvingVae(nn.Module):
    """Stands in for AutoencoderKL: latents are half the picture, pixel for position."""

    def __init__(self, **config: float | None):
        super().__init__()
        self.config = SimpleNamespace(**config)

    def encode(self, x: torch.Tensor) -> SimpleNamespace:
        return SimpleNamespace(latent_dist=SimpleNamespace(mode=lambda: x / 2))

    def decode(self, z: torch.Tensor) -> SimpleNamespace:
        return SimpleNamespace(sample=z * 2)


@pytest.mark.parametrize("shift", [0.1159, None])
def test_latents_are_in_model_space_and_come_back(shift):
    vae = HalvingVae(scaling_factor=0.3611, shift_factor=shift)
    images = torch.rand(2, 3, 4, 4)
    latents = VaeEncoder(vae)(images)
    expected = ((images * 2 - 1) / 2 - (shift or 0)) * 0.3611
    torch.testing.assert_close(latents, expected)
    torch.testing.assert_close(VaeDecoder(vae)(latents), images)


def test_families_that_have_no_such_vae_are_refused():
    assert read_vaes(["sdxl=a/b"]) == {"sdxl": Path("a/b")}
    for wrong in ("flux2=a", "dalle=a"):
        with pytest.raises(SystemExit, match="not"):
            read_vaes([wrong])
