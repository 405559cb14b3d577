"""Spectra of blocks against plain sums, and what is made of them."""

import numpy as np
import torch

from leap.evaluation.metrics import capped_energy, energy_ratio, strongest_excess
from leap.loss.losses import gaussian_residual, luminance
from leap.loss.spectrum import SPECTRUM_FLOOR, block_spectrum, spectrum_excess

RNG = np.random.default_rng(5)


def plain_spectrum(x: np.ndarray) -> np.ndarray:
    """Of one channel [H,W], [16,9], by sums of cosines and sines in float64."""
    n = np.arange(16)
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * n / 16)
    window = np.outer(hann, hann)
    window /= np.sqrt((window**2).mean())
    waves = np.exp(-2j * np.pi * np.outer(n, n) / 16)
    powers = [
        np.abs(waves @ (x[y : y + 16, z : z + 16] * window) @ waves.T) ** 2 / 256
        for y in range(0, x.shape[0] - 15, 8)
        for z in range(0, x.shape[1] - 15, 8)
    ]
    return np.mean(powers, 0)[:, :9]


def weave(picture: torch.Tensor, strength: float) -> torch.Tensor:
    """With diagonal waves of 16/7 by 16/6 pixels, whose sign changes from place to place."""
    y, x = torch.meshgrid(*(torch.arange(n) for n in picture.shape[2:]), indexing="ij")
    sign = torch.where((y // 24 + x // 24) % 2 == 0, 1.0, -1.0)
    return picture + strength * sign * torch.cos(2 * torch.pi * (7 * y + 6 * x) / 16)


def test_block_spectrum() -> None:
    x = RNG.standard_normal((2, 3, 40, 48))
    found = block_spectrum(torch.from_numpy(x)).numpy()
    for picture in range(2):
        for channel in range(3):
            expected = plain_spectrum(x[picture, channel])
            np.testing.assert_allclose(found[picture, channel], expected, rtol=1e-4)
    # Its mean is about the mean square: the half of the frequencies stands for all.
    assert 0.8 < found.mean() / np.square(x).mean() < 1.2


def test_spectrum_excess() -> None:
    """By loops; none in what is softer, and much in a weave."""
    target = 0.05 * torch.randn(2, 3, 64, 64)
    prediction = weave(0.8 * target, 0.03)
    logs = []
    for p, t in zip(prediction.flatten(0, 1).numpy(), target.flatten(0, 1).numpy(), strict=True):
        ratio = (plain_spectrum(p) + SPECTRUM_FLOOR) / (plain_spectrum(t) + SPECTRUM_FLOOR)
        logs.append(np.maximum(np.log(ratio), 0).mean())
    found = spectrum_excess(prediction, target)
    np.testing.assert_allclose(found, np.mean(logs), rtol=1e-3)
    assert found > 0.01
    assert spectrum_excess(0.8 * target, target) == 0


def test_a_weave_does_not_pass_for_detail() -> None:
    """The energy that it brings is not counted, and its frequency is found."""
    reference = (0.5 + 0.1 * torch.randn(2, 3, 96, 96)).clamp(0, 1)
    soft = 0.5 + 0.5 * (reference - 0.5)
    woven = weave(soft, 0.1)
    pair = woven, reference
    residuals = [gaussian_residual(luminance(x)) for x in pair]
    expected = []
    for found, wanted in zip(*(r[:, 0].numpy() for r in residuals), strict=True):
        powers = [plain_spectrum(x.astype(np.float64)) for x in (found, wanted)]
        expected.append(np.minimum(*powers).sum() / powers[1].sum())
    np.testing.assert_allclose(capped_energy(woven, reference), expected, rtol=1e-3)
    assert (capped_energy(woven, reference) < 0.5 * energy_ratio(*map(luminance, pair))).all()
    assert (strongest_excess(soft, reference) < 1).all()
    assert (strongest_excess(woven, reference) > 3).all()
