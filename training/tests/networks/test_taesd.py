"""The TAESD layout takes the published weights of every family."""

from pathlib import Path

import pytest
import torch

from leap.evaluation.metrics import psnr
from leap.families import FAMILIES
from leap.networks.taesd import load_taesd


@pytest.mark.parametrize("family", list(FAMILIES))
def test_round_trip_of_a_gradient(family: str, weights: Path) -> None:
    ramp = torch.linspace(0.2, 0.8, 64)
    image = torch.stack(
        [ramp[None].expand(64, 64), ramp[:, None].expand(64, 64), ramp.flip(0)[None].expand(64, 64)]
    )
    with torch.inference_mode():
        latent = load_taesd("encoder", family, weights)(image[None])
        back = load_taesd("decoder", family, weights)(latent)
    assert latent.shape == (1, FAMILIES[family].channels, 8, 8)
    assert psnr(back, image[None]).item() > 20
