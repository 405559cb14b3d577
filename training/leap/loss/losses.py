"""The losses of LUA's three stages, and the gradient L1 of our decoder. All take [B,C,H,W].

Source of terms and weights: arXiv 2511.10629v2 (see the README for what the paper leaves open:
the FFT of the plain FFT terms is orthonormal here, that of EAGLE is not).
"""

from functools import lru_cache

import torch
import torch.nn.functional as F
from torch import Tensor

SCHARR = ((-3.0, 0.0, 3.0), (-10.0, 0.0, 10.0), (-3.0, 0.0, 3.0))
LUMA = (0.299, 0.587, 0.114)
MSE_FLOOR = 1e-4
"""40 dB: below it a window need not become better."""

ENERGY_FLOOR = 2e-5
"""Mean square of about one step of 8 bits: noise below it need not be made."""

ENERGY_SHARE = 0.72
"""Share of the target's energy that is asked for: the rest costs more accuracy than it shows."""

ENERGY_BLOCK = 16
"""Pixels along a side of the blocks whose energies are compared."""

COARSE = (4, 8, 16, 32)
"""Pixels along a side of the cells whose means are compared."""

EAGLE_PATCH = 3
EAGLE_CUTOFF = 0.5


def l1(prediction: Tensor, target: Tensor) -> Tensor:
    """Mean absolute difference."""
    return (prediction - target).abs().mean()


def log_mse(prediction: Tensor, target: Tensor) -> Tensor:
    """Mean over pictures of the log of their mean square error, as PSNR is averaged: so the faint
    errors of smooth pictures count as much as those of dense texture."""
    errors = (prediction - target).square().mean((1, 2, 3))
    return (errors + MSE_FLOOR).log().mean()


def magnitudes(x: Tensor, norm: str = "ortho") -> Tensor:
    """Magnitude of the 2-D real FFT of each channel; the epsilon keeps the gradient finite at 0."""
    spectrum = torch.view_as_real(torch.fft.rfft2(x.float(), norm=norm))
    return (spectrum.square().sum(-1) + 1e-12).sqrt()


def fft_l1(prediction: Tensor, target: Tensor) -> Tensor:
    """L1 between FFT magnitudes, over the half plane that a real FFT keeps."""
    return l1(magnitudes(prediction), magnitudes(target))


def downsample_l1(prediction: Tensor, target: Tensor, factor: int) -> Tensor:
    """L1 between both pictures after an antialiased bicubic shrink by `factor`."""
    size = (prediction.shape[2] // factor, prediction.shape[3] // factor)

    def shrink(x: Tensor) -> Tensor:
        return F.interpolate(x, size, mode="bicubic", antialias=True, align_corners=False)

    return l1(shrink(prediction), shrink(target))


def coarse_l1(prediction: Tensor, target: Tensor) -> Tensor:
    """L1 of the difference averaged over cells of each side of COARSE, summed: tones and colours,
    which count more for PSNR than their share of the pixel L1."""
    difference = prediction - target
    return sum(F.avg_pool2d(difference, side).abs().mean() for side in COARSE)


def gaussian_residual(x: Tensor, kernel: int = 5, sigma: float = 1.0) -> Tensor:
    """x - G(x), G a separable Gaussian with reflected borders."""
    taps = torch.arange(kernel, device=x.device, dtype=x.dtype) - kernel // 2
    g = torch.exp(-taps.square() / (2 * sigma**2))
    g = (g / g.sum()).expand(x.shape[1], 1, kernel)
    r = kernel // 2
    low = F.pad(x, (r, r, r, r), mode="reflect")
    low = F.conv2d(low, g[:, :, None, :], groups=x.shape[1])
    low = F.conv2d(low, g[:, :, :, None], groups=x.shape[1])
    return x - low


def inner_residual(x: Tensor) -> Tensor:
    """The high-frequency residual without an eighth of the side along the border, where a decoder
    can tell that it is trained on a window."""
    edge = x.shape[-1] // 8
    return gaussian_residual(x)[..., edge:-edge, edge:-edge]


def luminance(x: Tensor) -> Tensor:
    """[B,3,H,W] -> [B,1,H,W], by the weights of LUMA."""
    return sum(w * x[:, i : i + 1] for i, w in enumerate(LUMA))


def energy_gap(prediction: Tensor, target: Tensor) -> Tensor:
    """How much energy each picture's inner residual lacks: log(ENERGY_SHARE target / prediction),
    zero where there is enough: [B]. To amplify what is known of the detail costs less PSNR than
    what a critic makes up (experiments/journal.md).

    Blocks count up to the target's energy in them: energy is quadratic, so over a whole window it
    came cheapest as a bright frame along the border. Not block by block, as that asks for it where
    it is not known, too: one gain everywhere costs the least.
    """

    def energy(x: Tensor) -> Tensor:
        return F.avg_pool2d(x.square().mean(1, keepdim=True), ENERGY_BLOCK)

    wanted = energy(target)
    given = torch.minimum(energy(prediction), wanted)
    lack = [(e.mean((1, 2, 3)) + ENERGY_FLOOR).log() for e in (ENERGY_SHARE * wanted, given)]
    return (lack[0] - lack[1]).relu()


GRID_SIDES = (8, 4)
"""Pixels: the periods of a decoder's first and second pixel-shuffle. Patterns of the last one's, 2,
were not to be seen."""

LUA_GRID_SIDES = {2: (16, *GRID_SIDES), 4: (32, 16, *GRID_SIDES)}
"""The same by LUA's factor: its pixel-shuffles make patterns of two and four positions."""

GRID_FLOOR = ENERGY_FLOOR / 16
"""Mean square of somewhat more than a quarter of a step of 8 bits: a fainter grid is none."""

GRID_GROUP = 32
"""Pixels along a side over which cells are averaged, if those are four cells at least."""


def grid_excess(prediction: Tensor, target: Tensor, sides: tuple[int, ...] = GRID_SIDES) -> Tensor:
    """How much of inner residuals repeats every so many pixels, as only pixel-shuffles draw it: the
    mean cell of a group keeps a grid and averages texture away. Mean of log(prediction / target)
    of its energy, zero where there is no more than in the target; summed over the periods.
    """

    def log_energy(x: Tensor, side: int) -> Tensor:
        height, width = (n - n % side for n in x.shape[2:])
        cells = F.pixel_unshuffle(x[..., :height, :width], side)
        group = min(max(GRID_GROUP // side, 4), *cells.shape[2:])
        energy = F.avg_pool2d(cells, group).square().mean(1)
        return (energy + GRID_FLOOR).log()

    excess = [log_energy(prediction, n) - log_energy(target, n) for n in sides]
    return sum(e.relu().mean() for e in excess)


def phase_excess(prediction: Tensor, target: Tensor, side: int) -> Tensor:
    """How much more of the inner residuals' energy lies in some columns or rows of cells of `side`
    pixels: noise that a pixel-shuffle draws always there, and that no mean cell shows.

    For each colour, log of a column's mean energy over that of all columns; of the same columns of
    the prediction less the target, where that is above zero; mean over columns and rows. Colours
    count by themselves: SDXL's decoder drew its noise in blue, every eighth column.
    """

    def log_shares(x: Tensor) -> Tensor:
        height, width = (n - n % side for n in x.shape[2:])
        squares = x[..., :height, :width].square()
        lines = [squares.mean(axis).unflatten(-1, (-1, side)).mean(-2) for axis in (2, 3)]
        energy = torch.stack(lines) + GRID_FLOOR
        return (energy / energy.mean(-1, keepdim=True)).log()

    return (log_shares(prediction) - log_shares(target)).relu().mean()


def high_frequency_l1(prediction: Tensor, target: Tensor) -> Tensor:
    """L1 between Gaussian high-frequency residuals (kernel 5, sigma 1)."""
    return l1(gaussian_residual(prediction), gaussian_residual(target))


def eagle(prediction: Tensor, target: Tensor) -> Tensor:
    """EAGLE: spectra of local gradient variances, high-passed, compared by L1.

    Images [B,3,H,W]: Scharr gradients of luminance, their unbiased variance over non-overlapping
    3x3 patches per direction, FFT magnitude times 1 - exp(-(u^2+v^2)/(2 fc^2)), u and v in cycles
    per patch, L1 over all frequencies. Kernel, variance and FFT are those of the code published
    with EAGLE (sypsyp97/Eagle_Loss); the high-pass is LUA's formula (that code has
    1 - exp(-(f-fc)^2/2)). The FFT is not normalised, so the value grows with the picture's side,
    and with the square of its range: see `eagle_weight`.
    """
    return sum(l1(p, t) for p, t in zip(_eagle_maps(prediction), _eagle_maps(target), strict=True))


def eagle_weight(published: float, pixels: int) -> float:
    """The weight that gives EAGLE on windows of `pixels` a side, in [0,1], the share of the loss it
    has as published: on 512 pixels and (assumed, as decoders give it) [-1,1], where the pixel L1
    is twice ours and EAGLE four times; the spectrum of a texture grows with the side."""
    return published * 2 * 512 / pixels


@lru_cache
def scharr_kernels(device: torch.device) -> Tensor:
    """Both directions, [2,1,3,3]. Kept: making it anew would copy from the host in every step."""
    with torch.inference_mode(False):
        scharr = torch.tensor(SCHARR, device=device)
        return torch.stack([scharr, scharr.T])[:, None]


def _eagle_maps(image: Tensor) -> list[Tensor]:
    image = image.float()
    luma = luminance(image)
    kernels = scharr_kernels(image.device)
    gradients = F.conv2d(luma, kernels, padding=1)
    patches = F.unfold(gradients.flatten(0, 1)[:, None], EAGLE_PATCH, stride=EAGLE_PATCH)
    h, w = image.shape[2] // EAGLE_PATCH, image.shape[3] // EAGLE_PATCH
    variance = patches.var(1).view(-1, 2, h, w)
    u = torch.fft.fftfreq(h, device=image.device)[:, None]
    v = torch.fft.fftfreq(w, device=image.device)[None, :]
    high_pass = 1 - torch.exp(-(u**2 + v**2) / (2 * EAGLE_CUTOFF**2))
    spectrum = torch.view_as_real(torch.fft.fft2(variance))
    maps = (spectrum.square().sum(-1) + 1e-12).sqrt() * high_pass
    return [maps[:, 0], maps[:, 1]]


def gradient_l1(prediction: Tensor, target: Tensor) -> Tensor:
    """L1 between horizontal and vertical differences of neighbouring pixels, summed."""

    def differences(x: Tensor) -> tuple[Tensor, Tensor]:
        return x[:, :, :, 1:] - x[:, :, :, :-1], x[:, :, 1:] - x[:, :, :-1]

    pairs = zip(differences(prediction), differences(target), strict=True)
    return sum(l1(p, t) for p, t in pairs)
