"""How much of a picture's detail is the photograph's: by wavelength, and what is left of a picture
whose finest detail is damped."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from leap.evaluation.metrics import frequencies
from leap.loss.losses import luminance

EDGES = (64, 16, 8, 6, 5, 4.4, 4, 3.5, 3, 2.5, 2)
"""Pixels a cycle between the bands. A picture of half the side holds nothing under 4."""

FINEST, UNDAMPED = 4.2, 5.5
"""Pixels a cycle under which `damp_finest` damps, and over which it leaves all as it is."""

MARGIN = 32
"""Pixels mirrored around a picture before it is filtered."""


@dataclass(frozen=True)
class Detail:
    """Of luminance by band, coarse to fine, [B,12] each. energy: over the photograph's;
    correlation: with the photograph's, 0 where what is seen there is made up."""

    energy: Tensor
    correlation: Tensor


def compare_detail(image: Tensor, photo: Tensor) -> Detail:
    """Of images [B,3,H,W] and photographs as large. A window that falls to the border keeps the
    step from one border to the opposite one out of it."""
    height, width = photo.shape[-2:]
    window = torch.hann_window(height)[:, None] * torch.hann_window(width)
    grey = luminance(photo)
    mean = grey.mean((2, 3), keepdim=True)
    ours, theirs = (torch.fft.fft2((x - mean) * window) for x in (luminance(image), grey))
    limits = torch.tensor([1 / edge for edge in EDGES])
    band = torch.bucketize(frequencies(height, width), limits)

    def by_band(power: Tensor) -> Tensor:
        sums = [(power * (band == b)).sum((1, 2, 3)) for b in range(len(EDGES) + 1)]
        return torch.stack(sums, 1)

    shown, true = by_band(ours.abs().square()), by_band(theirs.abs().square())
    both = by_band((ours * theirs.conj()).real)
    return Detail(shown / true, both / (shown * true).sqrt().clamp_min(1e-12))


def damp_finest(image: Tensor, gain: float) -> Tensor:
    """The images [B,3,H,W] with what is finer than `FINEST` pixels a cycle times `gain`."""
    padded = F.pad(image, (MARGIN,) * 4, mode="reflect")
    frequency = frequencies(*padded.shape[-2:])
    start, end = 1 / UNDAMPED, 1 / FINEST
    part = ((frequency - start) / (end - start)).clamp(0, 1)
    damped = torch.fft.ifft2(torch.fft.fft2(padded) * (1 + (gain - 1) * part)).real
    return damped[..., MARGIN:-MARGIN, MARGIN:-MARGIN].clamp(0, 1)
