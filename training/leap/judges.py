"""What decoders make of the validation latents, by two perceptual networks and plain measures."""

import torch
from torch import Tensor

from leap.lua_losses import Decode
from leap.metrics import energy_ratio, psnr
from leap.perceptual import FeatureDistance


class Judges:
    """val: `pixels` uint8 [N,3,H,W] and `<family>.hr` latents."""

    def __init__(self, val: dict[str, Tensor]):
        self.val = val
        self.known, self.unseen = FeatureDistance(0), FeatureDistance(1)

    @torch.inference_mode()
    def means(self, decode: Decode, family: str) -> tuple[float, float, float, float]:
        """PSNR in dB, distance by Lite0, energy ratio, and the distance by Lite1 (never a loss),
        over all pictures against the photographs."""
        rows = []
        latents = self.val[f"{family}.hr"].split(1)
        for z, pixels in zip(latents, self.val["pixels"].split(1), strict=True):
            photo = pixels.float() / 255
            image = decode(family, z.float()).float().clamp(0, 1)
            distances = [judge(image, photo) for judge in (self.known, self.unseen)]
            rows.append(
                [psnr(image, photo), distances[0], energy_ratio(image, photo), distances[1]]
            )
        return tuple(torch.tensor(rows).mean(0).tolist())
