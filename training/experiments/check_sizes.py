"""Tells what decoders are worth on small pictures: PSNR at 512, 256 and 128 pixels, beside TAESD's.

    python -m experiments.check_sizes --val CACHE/val.safetensors --decoder STATES --families flux2

The small pictures are the validation photographs at half and a quarter of their size, whose latents
the cache has. A tone sees statistics of the whole latent, which differ with the size.
"""

import torch
from torch import Tensor

from leap.data.cache import LATENTS
from leap.data.crops import shrink
from leap.evaluation.decoder_check import each_decoder, parse_check, read_validation
from leap.evaluation.distance_means import each_picture
from leap.evaluation.metrics import psnr
from leap.loss.lua_losses import Decode


def measure(decode: Decode, family: str, val: dict[str, Tensor], scale: int) -> str:
    """Mean PSNR in dB over the pictures, at their size divided by `scale`."""
    pixels = val["pixels"].float() / 255
    small = pixels if scale == 1 else shrink(pixels, scale)
    pictures = {"pixels": (small * 255).round(), f"{family}.hr": val[f"{family}.{LATENTS[scale]}"]}
    found = [psnr(image, photo) for image, photo in each_picture(pictures, decode, family)]
    return f"{torch.cat(found).mean().item():.2f}"


@torch.inference_mode()
def main() -> None:
    args = parse_check(__doc__.splitlines()[0])
    val = read_validation(args)
    side = val["pixels"].shape[-1]
    for family, name, decode in each_decoder(args):
        found = [f"{side // s} pixels {measure(decode, family, val, s)} dB" for s in LATENTS]
        print(f"{family} {name}: {', '.join(found)}", flush=True)


if __name__ == "__main__":
    main()
