"""Correlation and energy by wavelength, and damping of the finest detail."""

import math

import torch
from torch import Tensor

from leap.evaluation.correlation import compare_detail, damp_finest


def wave(pixels: float, side: int = 96, phase: float = 0) -> Tensor:
    """A grey wave along rows, of so many pixels a cycle: [1,3,H,W] around one half."""
    x = torch.arange(side) * (2 * math.pi / pixels) + phase
    return (0.5 + 0.2 * torch.sin(x)).expand(1, 3, side, side)


def test_detail_is_found_in_its_own_band() -> None:
    photo = torch.rand(2, 3, 128, 128, generator=torch.Generator().manual_seed(1))
    same = compare_detail(photo, photo)
    torch.testing.assert_close(same.correlation, torch.ones(2, 12))
    torch.testing.assert_close(same.energy, torch.ones(2, 12))
    # Half of the amplitude around the photograph's mean: a quarter of the energy, as alike.
    mean = photo.mean((2, 3), keepdim=True)
    weak = compare_detail(mean + 0.5 * (photo - mean), photo)
    torch.testing.assert_close(weak.energy, torch.full((2, 12), 0.25), rtol=1e-3, atol=0)
    torch.testing.assert_close(weak.correlation, torch.ones(2, 12), rtol=1e-3, atol=0)
    # What is added at 3.2 pixels a cycle changes the band from 3.5 to 3 alone: the ninth.
    added = compare_detail(photo + 2 * (wave(3.2, 128) - 0.5), photo)
    changed = (added.energy / same.energy).log().abs() > 0.05
    assert changed.nonzero()[:, 1].tolist() == [8, 8]
    assert (added.correlation[:, 8] < 0.9).all()


def test_made_up_detail_is_not_correlated() -> None:
    noise = torch.rand(2, 1, 3, 256, 256, generator=torch.Generator().manual_seed(2))
    # The bands from 5 pixels on hold thousands of frequencies each.
    assert compare_detail(*noise).correlation[:, 5:].abs().max() < 0.1


def test_only_the_finest_waves_are_damped() -> None:
    for pixels, kept in ((12, 1.0), (6, 1.0), (4, 0.6), (2.5, 0.6)):
        image = wave(pixels)
        inner = (damp_finest(image, 0.6) - 0.5)[..., 24:-24, 24:-24]
        expected = (kept * (image - 0.5))[..., 24:-24, 24:-24]
        torch.testing.assert_close(inner, expected, atol=6e-3, rtol=0)
