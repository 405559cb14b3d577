"""What decoders make of the validation latents, by two perceptual networks and plain measures."""

from collections.abc import Iterator

import torch
from torch import Tensor

from leap.evaluation.metrics import energy_ratio, psnr
from leap.loss.lua_losses import Decode
from leap.loss.perceptual import FeatureDistance


def each_picture(
    val: dict[str, Tensor], decode: Decode, family: str, latent: str = "hr"
) -> Iterator[tuple[Tensor, Tensor]]:
    """What the decoder makes of each latent of `val` (see Judges) with this name, and its
    photograph: [1,3,H,W] in [0,1]."""
    for z, pixels in zip(val[f"{family}.{latent}"].split(1), val["pixels"].split(1), strict=True):
        yield decode(family, z.float()).float().clamp(0, 1), pixels.float() / 255


class Judges:
    """val: `pixels` uint8 [N,3,H,W] and `<family>.hr` latents (or others that are asked for)."""

    def __init__(self, val: dict[str, Tensor]):
        self.val = val
        self.known, self.unseen = FeatureDistance(0), FeatureDistance(1)

    @torch.inference_mode()
    def means(
        self, decode: Decode, family: str, latent: str = "hr"
    ) -> tuple[float, float, float, float]:
        """PSNR in dB, distance by Lite0, energy ratio, and the distance by Lite1 (never a loss),
        over all pictures against the photographs."""
        rows = []
        for image, photo in each_picture(self.val, decode, family, latent):
            distances = [judge(image, photo) for judge in (self.known, self.unseen)]
            rows.append(
                [psnr(image, photo), distances[0], energy_ratio(image, photo), distances[1]]
            )
        return tuple(torch.tensor(rows).mean(0).tolist())
