"""PSNR, SSIM and high-frequency energy of images [B,3,H,W] in [0,1]; one value per image."""

import torch
import torch.nn.functional as F
from torch import Tensor

from leap.loss.losses import gaussian_residual, luminance
from leap.loss.spectrum import SPECTRUM_FLOOR, block_spectrum


def psnr(image: Tensor, reference: Tensor) -> Tensor:
    """dB, peak 1; both clamped to [0,1]: [B]."""
    error = (image.float().clamp(0, 1) - reference.float().clamp(0, 1)).square()
    return -10 * error.mean((1, 2, 3)).clamp_min(1e-10).log10()


def ssim(image: Tensor, reference: Tensor) -> Tensor:
    """Wang et al. 2004 on RGB: Gaussian window 11, sigma 1.5, K 0.01 and 0.03, no padding: [B]."""
    taps = torch.arange(11, dtype=torch.float32, device=image.device) - 5
    g = torch.exp(-taps.square() / (2 * 1.5**2))
    g = (g / g.sum()).expand(3, 1, 11)

    def blur(x: Tensor) -> Tensor:
        x = F.conv2d(x, g[:, :, None, :], groups=3)
        return F.conv2d(x, g[:, :, :, None], groups=3)

    x, y = image.float().clamp(0, 1), reference.float().clamp(0, 1)
    mx, my = blur(x), blur(y)
    vx, vy, cov = blur(x * x) - mx**2, blur(y * y) - my**2, blur(x * y) - mx * my
    c1, c2 = 0.01**2, 0.03**2
    score = (2 * mx * my + c1) * (2 * cov + c2) / ((mx**2 + my**2 + c1) * (vx + vy + c2))
    return score.mean((1, 2, 3))


def high_frequency_energy(image: Tensor) -> Tensor:
    """Mean square of x - G(x), G Gaussian with kernel 5 and sigma 1: [B]."""
    return gaussian_residual(image.float().clamp(0, 1)).square().mean((1, 2, 3))


def energy_ratio(image: Tensor, reference: Tensor) -> Tensor:
    """High-frequency energy of the image over the reference's: 1 is right, 0 blur: [B]."""
    return high_frequency_energy(image) / high_frequency_energy(reference).clamp_min(1e-10)


WAVELENGTHS = (64, 16, 8, 4)
"""Pixels a cycle between the bands of `band_powers`: two latent positions are 16 pixels."""


def frequencies(height: int, width: int, device: torch.device | None = None) -> Tensor:
    """Cycles a pixel at each place of a Fourier transform: [H,W]."""
    rows, columns = (torch.fft.fftfreq(n, device=device) for n in (height, width))
    return (rows[:, None] ** 2 + columns**2).sqrt()


def band_powers(x: Tensor) -> Tensor:
    """Mean square of [B,3,H,W] by wavelength, the channels together, coarse to fine: [B,5]. The
    bands (longer than 64 pixels a cycle, the mean included, to shorter than 4) sum to the whole
    mean square."""
    h, w = x.shape[2:]
    power = torch.view_as_real(torch.fft.rfft2(x.float(), norm="forward")).square().sum(-1).mean(1)
    mirrored = torch.full((w // 2 + 1,), 2.0, device=x.device)
    mirrored[0] = 1
    if w % 2 == 0:
        mirrored[-1] = 1
    frequency = frequencies(h, w, x.device)[:, : w // 2 + 1]
    limits = torch.tensor([1 / p for p in WAVELENGTHS], device=x.device)
    band = torch.bucketize(frequency.contiguous(), limits, right=True)
    power = power * mirrored
    return torch.stack([(power * (band == b)).sum((1, 2)) for b in range(len(limits) + 1)], 1)


PERIODS = (8, 4, 2)
"""Pixels: those of the three pixel-shuffles of a decoder that begins at 1/8."""

LINE_WINDOW = 64
"""Pixels along a side of the windows whose spectra `line_strengths` looks at."""

LINE_FLOOR = 1e-6
"""Mean square of a quarter of a step of 8 bits: no line is to be seen below it."""


def line_strengths(x: Tensor) -> Tensor:
    """How far a pattern of each of PERIODS stands out of the texture: the spectral power at that
    period (along rows, columns and both diagonals) over that four bins away, a geometric mean over
    Hann windows of the mean channel, [B,3,H,W] -> [B,3]. About 1 for photographs."""
    n = LINE_WINDOW
    windows = x.float().mean(1).unfold(1, n, n // 2).unfold(2, n, n // 2).flatten(1, 2)
    hann = torch.hann_window(n, device=x.device)
    hann = hann[:, None] * hann
    spectra = torch.fft.fft2((windows - windows.mean((2, 3), keepdim=True)) * hann)
    floor = LINE_FLOOR * hann.square().sum()
    power = (torch.view_as_real(spectra).square().sum(-1) + floor).log().mean(1)

    def strength(period: int) -> Tensor:
        k = n // period
        lines = sorted({(0, k), (k, 0), (k, k), (k, -k % n)})
        beside = [
            power[:, (y + dy) % n, (x + dx) % n]
            for y, x in lines
            for dy, dx in ((4, 0), (-4, 0), (0, 4), (0, -4))
        ]
        at = torch.stack([power[:, y, x] for y, x in lines]).mean(0)
        return (at - torch.stack(beside).mean(0)).exp()

    return torch.stack([strength(p) for p in PERIODS], 1)


def line_noise(x: Tensor) -> Tensor:
    """How much rougher the roughest of eight columns (or rows) is than the middle one, by colour,
    [B,3,H,W] -> [B,3]: mean absolute second difference along the lines of each remainder of 8, the
    largest over the median. 1.03 for photographs. `line_strengths` and means of cells do not see
    noise: SDXL's decoder drew blue dots in every eighth column."""
    found = []
    for lines in (x, x.transpose(2, 3)):
        rough = (lines[:, :, 2:] - 2 * lines[:, :, 1:-1] + lines[:, :, :-2]).abs().mean(2)
        phases = torch.stack([rough[..., k :: PERIODS[0]].mean(-1) for k in range(PERIODS[0])])
        found.append(phases.amax(0) / phases.median(0).values)
    return torch.stack(found).amax(0)


def lattice(x: Tensor, period: int) -> Tensor:
    """How far the strongest harmonic of a lattice of `period` pixels stands out of the spectrum,
    along rows or columns, in any colour: its power over the mean of eight bins beside it,
    [B,3,H,W] -> [B]. `line_strengths` sees the period itself, and not 16/3 or 16/5 pixels, at which
    SDXL's LUA drew a lattice of 16."""
    found = []
    for lines in (x.float(), x.float().transpose(2, 3)):
        n = lines.shape[-1] // period * period
        lines = lines[..., :n]
        hann = torch.hann_window(n, device=x.device)
        spectra = torch.fft.rfft((lines - lines.mean(-1, keepdim=True)) * hann)
        power = torch.view_as_real(spectra).square().sum(-1).mean(2)
        at = torch.arange(1, period // 2, device=x.device) * (n // period)
        beside = torch.tensor([-6, -5, -4, -3, 3, 4, 5, 6], device=x.device)
        ratio = power[..., at] / power[..., at[:, None] + beside].mean(-1)
        found.append(ratio.amax((1, 2)))
    return torch.stack(found).amax(0)


def detail_spectrum(image: Tensor) -> Tensor:
    """Power of luminance's high-frequency residual by frequency, as `block_spectrum` has it."""
    return block_spectrum(gaussian_residual(luminance(image)))


def capped_energy(image: Tensor, reference: Tensor) -> Tensor:
    """The energy ratio of luminance that counts at each frequency no more than the reference has
    there, so that a weave does not pass for detail: [B,3,H,W] -> [B]."""
    found, wanted = detail_spectrum(image), detail_spectrum(reference)
    return torch.minimum(found, wanted).sum((1, 2, 3)) / wanted.sum((1, 2, 3))


def strongest_excess(image: Tensor, reference: Tensor) -> Tensor:
    """How many times the reference's power luminance has at the frequency where that is most:
    [B,3,H,W] -> [B]. A weave of any period and direction shows, as long as it is stronger than
    SPECTRUM_FLOOR."""
    found, wanted = (detail_spectrum(x) + SPECTRUM_FLOOR for x in (image, reference))
    return (found / wanted).amax((1, 2, 3))
