"""Tells what decoders are worth on small pictures: at 512, 256 and 128 pixels, beside TAESD's.

    python -m experiments.check_sizes --val CACHE/val.safetensors --decoder STATES --families flux2

Prints means over the pictures of each size: PSNR in dB / the distance of a network that was never a
loss / energy ratio. The small pictures are the validation photographs at half and a quarter of
their size, whose latents the cache has. They hold more detail to the pixel, and a tone sees
statistics of the whole latent, which differ with the size.
"""

from torch import Tensor

from leap.data.cache import LATENTS
from leap.data.crops import shrink
from leap.evaluation.decoder_check import each_decoder, parse_check, read_validation
from leap.evaluation.distance_means import Judges
from leap.loss.lua_losses import Decode


def at_scale(val: dict[str, Tensor], families: list[str], scale: int) -> dict[str, Tensor]:
    """The pictures at their size divided by `scale`, and their latents, as Judges takes them."""
    pixels = val["pixels"]
    if scale > 1:
        pixels = (shrink(pixels.float() / 255, scale) * 255).round()
    latents = {f"{f}.hr": val[f"{f}.{LATENTS[scale]}"] for f in families}
    return {"pixels": pixels} | latents


def describe(judges: Judges, decode: Decode, family: str) -> str:
    """A size's row."""
    found = judges.means(decode, family)
    side = judges.val["pixels"].shape[-1]
    return f"{side} pixels {found.psnr:.2f} / {found.unseen:.3f} / {found.energy:.2f}"


def main() -> None:
    args = parse_check(__doc__.splitlines()[0])
    val = read_validation(args)
    sizes = [Judges(at_scale(val, args.families, scale)) for scale in LATENTS]
    for family, name, decode in each_decoder(args):
        found = [describe(judges, decode, family) for judges in sizes]
        print(f"{family} {name}: {', '.join(found)}", flush=True)


if __name__ == "__main__":
    main()
