"""What a picture has too much of, frequency by frequency."""

from functools import lru_cache

import torch
from torch import Tensor

from leap.loss.losses import ENERGY_FLOOR

BLOCK = 16
"""Pixels along a side of the blocks whose spectra are averaged; each overlaps the next by half."""

SPECTRUM_FLOOR = ENERGY_FLOOR / 4
"""Power of a frequency below which more is not seen, as mean square of the pixels."""


@lru_cache
def block_window(device: torch.device) -> Tensor:
    """Hann window of a block, [BLOCK,BLOCK], of mean square 1."""
    with torch.inference_mode(False):
        line = torch.hann_window(BLOCK, device=device)
        window = line[:, None] * line
        return window / window.square().mean().sqrt()


def block_spectrum(x: Tensor) -> Tensor:
    """Mean power spectrum of the blocks of [B,C,H,W]: [B,C,BLOCK,BLOCK/2+1]. Its mean over all
    frequencies is about the mean square of x."""
    blocks = x.float().unfold(2, BLOCK, BLOCK // 2).unfold(3, BLOCK, BLOCK // 2)
    spectrum = torch.fft.rfft2(blocks * block_window(x.device), norm="ortho")
    return torch.view_as_real(spectrum).square().sum(-1).mean((2, 3))


def spectrum_excess(prediction: Tensor, target: Tensor) -> Tensor:
    """How much more power than the target inner residuals have at single frequencies: mean of
    log(prediction / target), zero where there is no more.

    Energy is asked for as a whole, and comes cheapest where a photograph has least of it. SDXL's
    and SD 1.5's decoders drew a weave of 2.3 by 2.9 pixels, at up to seventy times the photograph's
    power there. It changes its sign from place to place, so that no mean cell showed it.
    """
    power = [block_spectrum(x) + SPECTRUM_FLOOR for x in (prediction, target)]
    return (power[0] / power[1]).log().relu().mean()
