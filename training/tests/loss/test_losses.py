"""Every loss against a plain float64 numpy reference."""

import numpy as np
import pytest
import torch

from leap.loss import losses

RNG = np.random.default_rng(0)
P, T = RNG.random((2, 3, 18, 24)), RNG.random((2, 3, 18, 24))


def check(value: torch.Tensor, reference: float, tolerance: float = 2e-5) -> None:
    assert float(value) == pytest.approx(reference, rel=tolerance)


def pair() -> tuple[torch.Tensor, torch.Tensor]:
    return torch.from_numpy(P).float(), torch.from_numpy(T).float()


def test_fft_l1() -> None:
    def magnitude(x: np.ndarray) -> np.ndarray:
        return np.abs(np.fft.rfft2(x, norm="ortho"))

    check(losses.fft_l1(*pair()), np.abs(magnitude(P) - magnitude(T)).mean())


def test_gradient_l1() -> None:
    d = P - T
    expected = np.abs(np.diff(d, axis=3)).mean() + np.abs(np.diff(d, axis=2)).mean()
    check(losses.gradient_l1(*pair()), expected)


def residual(x: np.ndarray) -> np.ndarray:
    g = np.exp(-(np.arange(-2, 3.0) ** 2) / 2)
    g /= g.sum()
    padded = np.pad(x, ((0, 0), (0, 0), (2, 2), (2, 2)), mode="reflect")
    h, w = x.shape[2:]
    low = sum(g[i] * g[j] * padded[:, :, i : i + h, j : j + w] for i in range(5) for j in range(5))
    return x - low


def inner_residuals(*pictures: np.ndarray) -> list[torch.Tensor]:
    return [losses.inner_residual(torch.from_numpy(x).float()) for x in pictures]


def test_log_mse_averages_the_logs_of_pictures() -> None:
    p, t = pair()
    expected = np.log(((P - T) ** 2).mean((1, 2, 3)) + 1e-4).mean()
    check(losses.log_mse(p, t), expected)
    assert not np.isclose(expected, np.log(((P - T) ** 2).mean() + 1e-4), rtol=1e-5)


def test_energy_gap_asks_only_for_what_is_missing() -> None:
    """In pictures of 64 pixels: blocks of 16 in the middle 48 count up to the target's energy."""
    p, t = RNG.random((2, 3, 3, 64, 64))
    p[0, :, :40], t[1] = 0.5 + 0.2 * (p[0, :, :40] - 0.5), 0.5 + 0.2 * (t[1] - 0.5)
    p[0, :, 40:] = 0.5 + 9 * (p[0, :, 40:] - 0.5)  # a surplus makes up for no other block
    p[2] = 0.5 + 0.5 * (t[2] - 0.5)  # a quarter of the target's everywhere
    p[:, :, :, :4] *= 9  # a frame along the border counts for nothing

    def energy(x: np.ndarray) -> np.ndarray:
        inner = (residual(x) ** 2).mean(1)[:, 8:56, 8:56]
        return inner.reshape(3, 3, 16, 3, 16).mean((2, 4))

    given = np.minimum(energy(p), energy(t)).mean((1, 2))
    gaps = np.log(0.72 * energy(t).mean((1, 2)) + 2e-5) - np.log(given + 2e-5)
    assert gaps[0] > 0.3 and gaps[1] < 0 and 1 < gaps[2] < np.log(4 * 0.72)
    expected = np.maximum(gaps, 0)
    np.testing.assert_allclose(losses.energy_gap(*inner_residuals(p, t)), expected, rtol=2e-5)


@pytest.mark.parametrize("period", [8, 4])
def test_grid_excess_sees_what_repeats(period: int) -> None:
    """64 pixels: of the middle 48, mean cells of 8 and 4 over the first 32x32 pixels."""
    t = 0.5 + 0.05 * RNG.standard_normal((2, 3, 64, 64))
    p = t.copy()
    p[0] += np.tile(0.1 * RNG.standard_normal((3, period, period)), (1, 64 // period, 64 // period))

    def log_energy(x: np.ndarray, side: int) -> np.ndarray:
        n = 32 // side
        cells = residual(x)[:, :, 8:40, 8:40].reshape(2, 3, n, side, n, side)
        return np.log((cells.mean((2, 4)) ** 2).mean((1, 2, 3)) + 2e-5 / 16)

    excess = {side: log_energy(p, side) - log_energy(t, side) for side in (8, 4)}
    assert excess[period][0] > 2 and excess[8][1] == excess[4][1] == 0
    details = inner_residuals(p, t)
    check(losses.grid_excess(*details), sum(np.maximum(e, 0).mean() for e in excess.values()))
    assert losses.grid_excess(details[1], details[0]) == 0


@pytest.mark.parametrize("along", [2, 3])
def test_phase_excess_sees_noise_in_every_eighth_line(along: int) -> None:
    """Blue dots in each eighth column (row), which no mean cell shows; the middle 48 of 64."""
    t = 0.5 + 0.05 * RNG.standard_normal((2, 3, 64, 64))
    p = t.copy()
    np.moveaxis(p, along, 0)[3::8, 0, 2] += 0.3 * RNG.standard_normal((8, 64))

    def log_share(x: np.ndarray, channel: int, axis: int, phase: int) -> float:
        middle = residual(x)[:, :, 8:56, 8:56]
        lines = [(np.moveaxis(middle, axis, 0)[i, :, channel] ** 2).mean(1) for i in range(48)]
        each = [np.mean(lines[k::8], axis=0) + 2e-5 / 16 for k in range(8)]
        return np.log(each[phase] / np.mean(each, axis=0))

    places = [(c, axis, k) for c in range(3) for axis in (2, 3) for k in range(8)]
    excess = {at: log_share(p, *at) - log_share(t, *at) for at in places}
    assert excess[2, along, 3][0] > 1 and all(e[1] == 0 for e in excess.values())
    details = inner_residuals(p, t)
    check(losses.phase_excess(*details, 8), np.mean([np.maximum(e, 0) for e in excess.values()]))
    assert losses.phase_excess(details[1], details[1], 8) == 0


@pytest.mark.parametrize("period", [16, 32])
def test_grid_excess_sees_what_luas_shuffles_repeat(period: int) -> None:
    """240 pixels: of the middle 180, mean cells of four by four, from the first corner on."""
    t = 0.5 + 0.05 * RNG.standard_normal((2, 3, 240, 240))
    p = t.copy()
    tile = 0.2 * RNG.standard_normal((3, period, period))
    p[0] += np.tile(tile, (1, 8, 8))[:, :240, :240] if period == 32 else np.tile(tile, (1, 15, 15))

    def log_energy(x: np.ndarray, side: int) -> np.ndarray:
        n, middle = 4 * side, residual(x)[:, :, 30:210, 30:210]
        found = []
        for top in range(0, 180 - n + 1, n):
            for left in range(0, 180 - n + 1, n):
                group = middle[:, :, top : top + n, left : left + n]
                cell = group.reshape(2, 3, 4, side, 4, side).mean((2, 4))
                found.append(np.log((cell**2).mean((1, 2, 3)) + 2e-5 / 16))
        return np.stack(found)

    excess = {side: log_energy(p, side) - log_energy(t, side) for side in (16, 32)}
    assert excess[period][:, 0].min() > 0.5 and not excess[period][:, 1].any()
    expected = sum(np.maximum(e, 0).mean() for e in excess.values())
    check(losses.grid_excess(*inner_residuals(p, t), (16, 32)), expected)
    assert {4, 8, 16} < set(losses.LUA_GRID_SIDES[4]) > set(losses.LUA_GRID_SIDES[2])


def test_high_frequency_l1() -> None:
    check(losses.high_frequency_l1(*pair()), np.abs(residual(P) - residual(T)).mean())


def cubic(x: float) -> float:
    """Keys' kernel, a = -0.5, as antialiased bicubic uses."""
    x = abs(x)
    if x < 1:
        return 1.5 * x**3 - 2.5 * x**2 + 1
    return -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2 if x < 2 else 0.0


def shrink_matrix(n: int, factor: int) -> np.ndarray:
    rows = np.zeros((n // factor, n))
    for i in range(n // factor):
        centre = (i + 0.5) * factor
        taps = [cubic((j + 0.5 - centre) / factor) for j in range(n)]
        rows[i] = np.array(taps) / sum(taps)
    return rows


def test_coarse_l1_sums_over_cell_sizes() -> None:
    """Pictures of 64 pixels; an alternation of single pixels counts for nothing."""
    p, t = RNG.random((2, 2, 3, 64, 64))
    cells = [(p - t).reshape(2, 3, 64 // s, s, 64 // s, s).mean((3, 5)) for s in (4, 8, 16, 32)]
    expected = sum(np.abs(c).mean() for c in cells)
    check(losses.coarse_l1(torch.from_numpy(p), torch.from_numpy(t)), expected)
    stripes = np.tile([1.0, -1.0], 32)
    check(losses.coarse_l1(torch.from_numpy(p + stripes), torch.from_numpy(t)), expected)


@pytest.mark.parametrize("factor", [2, 3])
def test_downsample_l1(factor: int) -> None:
    a, b = shrink_matrix(18, factor), shrink_matrix(24, factor)
    small = np.einsum("ih,bchw,jw->bcij", a, P - T, b)
    check(losses.downsample_l1(*pair(), factor), np.abs(small).mean(), 1e-4)


def eagle_maps(x: np.ndarray) -> list[np.ndarray]:
    luma = 0.299 * x[:, 0] + 0.587 * x[:, 1] + 0.114 * x[:, 2]
    padded = np.pad(luma, ((0, 0), (1, 1), (1, 1)))
    scharr = np.array(losses.SCHARR)
    maps = []
    for kernel in (scharr, scharr.T):
        gradient = np.zeros_like(luma)
        for i in range(3):
            for j in range(3):
                window = padded[:, i : i + luma.shape[1], j : j + luma.shape[2]]
                gradient += kernel[i, j] * window
        b, h, w = gradient.shape
        patches = gradient.reshape(b, h // 3, 3, w // 3, 3)
        variance = patches.var(axis=(2, 4), ddof=1)
        u = np.fft.fftfreq(h // 3)[:, None]
        v = np.fft.fftfreq(w // 3)[None]
        high_pass = 1 - np.exp(-(u**2 + v**2) / (2 * 0.5**2))
        maps.append(np.abs(np.fft.fft2(variance)) * high_pass)
    return maps


def test_eagle() -> None:
    pairs = zip(eagle_maps(P), eagle_maps(T), strict=True)
    check(losses.eagle(*pair()), sum(np.abs(p - t).mean() for p, t in pairs), 1e-4)


def test_every_loss_is_zero_at_the_target_and_has_a_finite_gradient() -> None:
    for loss in (losses.l1, losses.fft_l1, losses.gradient_l1, losses.eagle):
        x = torch.from_numpy(P).float().requires_grad_()
        value = loss(x, x.detach())
        value.backward()
        assert float(value.detach()) == 0
        assert torch.isfinite(x.grad).all()
