"""What decoders make of the validation latents, by two perceptual networks and plain measures."""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from leap.evaluation.metrics import energy_ratio, psnr, strongest_excess
from leap.loss.lua_losses import Decode
from leap.loss.perceptual import FeatureDistance


def each_picture(
    val: dict[str, Tensor], decode: Decode, family: str, latent: str = "hr"
) -> Iterator[tuple[Tensor, Tensor]]:
    """What the decoder makes of each latent of `val` (see Judges) with this name, and its
    photograph: [1,3,H,W] in [0,1]."""
    for z, pixels in zip(val[f"{family}.{latent}"].split(1), val["pixels"].split(1), strict=True):
        yield decode(family, z.float()).float().clamp(0, 1), pixels.float() / 255


class Means(NamedTuple):
    """Over all pictures against the photographs. psnr: dB; known, unseen: distances by Lite0, which
    trainings use, and by Lite1, which was never a loss; excess: `strongest_excess`."""

    psnr: float
    known: float
    energy: float
    unseen: float
    excess: float


class Judges:
    """val: `pixels` uint8 [N,3,H,W] and `<family>.hr` latents (or others that are asked for)."""

    def __init__(self, val: dict[str, Tensor]):
        self.val = val
        self.known, self.unseen = FeatureDistance(0), FeatureDistance(1)

    @torch.inference_mode()
    def means(self, decode: Decode, family: str, latent: str = "hr") -> Means:
        """Of what the decoder makes of the latents of this name."""
        rows = []
        for image, photo in each_picture(self.val, decode, family, latent):
            judges = (psnr, self.known, energy_ratio, self.unseen, strongest_excess)
            rows.append([judge(image, photo) for judge in judges])
        return Means(*torch.tensor(rows).mean(0).tolist())
