"""The terms by which a picture of our decoder is compared with its target."""

from dataclasses import dataclass

from torch import Tensor, nn

from leap.loss.losses import (
    GRID_SIDES,
    coarse_l1,
    energy_gap,
    fft_l1,
    gradient_l1,
    grid_excess,
    inner_residual,
    l1,
    log_mse,
    luminance,
    phase_excess,
)
from leap.loss.spectrum import spectrum_excess
from leap.precision import autocast

SHIFT = 8
"""Pixels by which the perceptual network's windows are shifted at random, at most one less: it
reads every second, fourth, eighth pixel more closely, and the decoder learnt which they are."""

PICTURE_TERMS = {
    "l1": l1,
    "log_mse": log_mse,
    "gradient": gradient_l1,
    "fft": fft_l1,
    "coarse": coarse_l1,
}


@dataclass
class Look:
    """What of a batch which term looks at. distance: the perceptual one, if it has a weight;
    picked: images it sees, shifted by `corner`; asked [B]: weights of the energy term; sides:
    periods that the grid and phase terms look for, pixels.

    The energy asked for is of luminance only: colours that were made up for it were to be seen as
    magenta and green spots in what LUA made, and as blue dots in SDXL's own latents."""

    distance: nn.Module | None
    picked: Tensor
    corner: tuple[int, int]
    asked: Tensor
    sides: tuple[int, ...] = GRID_SIDES

    def lack(self, detail: Tensor, wanted: Tensor) -> Tensor:
        """What is missing of the energy, for each picture."""
        return energy_gap(luminance(detail), luminance(wanted))

    def perceive(self, image: Tensor, target: Tensor) -> Tensor:
        """Mean perceptual distance of the picked and shifted windows."""
        y, x = self.corner
        height, width = (side - SHIFT for side in image.shape[2:])
        seen = (i[self.picked, :, y : y + height, x : x + width] for i in (image, target))
        with autocast(image.device.type):
            return self.distance(*seen).mean()


def terms_of(
    image: Tensor,
    target: Tensor,
    weights: dict[str, float],
    look: Look,
    taught: Tensor | None = None,
) -> dict[str, Tensor]:
    """The loss terms with a weight above zero, unweighted. taught: what the perceptual one and
    `met` take for the target."""
    terms = {k: f(image, target) for k, f in PICTURE_TERMS.items() if weights.get(k, 0) > 0}
    of_detail = {
        "energy": lambda p, t: (look.lack(p, t) * look.asked).mean(),
        "grid": lambda p, t: grid_excess(p, t, look.sides),
        "phase": lambda p, t: phase_excess(p, t, max(look.sides)),
        "spectrum": spectrum_excess,
    }
    wanted = {k: f for k, f in of_detail.items() if weights.get(k, 0) > 0}
    if wanted:
        details = inner_residual(image), inner_residual(target)
        terms |= {k: f(*details) for k, f in wanted.items()}
    if taught is not None and weights.get("met"):
        terms["met"] = log_mse(image, taught)
    if look.distance is not None:
        terms["perceptual"] = look.perceive(image, target if taught is None else taught)
    return terms
