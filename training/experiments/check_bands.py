"""Tells at which wavelengths a decoder errs: its squared error by band, beside TAESD's; and whether
it weaves: patterns of its pixel-shuffles in the texture.

    python -m experiments.check_bands --val CACHE/val.safetensors --decoder STATES [--families sdxl]

Prints for TAESD and each state, means over the validation pictures: PSNR, the squared error in
1e-4 (of each picture's mean colours; by pixels a cycle, the mean included), the energy over the
photograph's, the energy ratio of luminance, how many times stronger than in the photograph lines of
8, 4 and 2 pixels stand out of the spectrum, how much rougher than the others the roughest of eight
columns or rows is (red, green, blue; 1.03 in photographs), and how far the strongest harmonic of a
lattice of 16 pixels stands out. Tones and colours that a decoder gets wrong are in the first bands,
detail that it lacks or makes up in the last. With --lua STATES (and --scale) the latents are LUA's
enlargements of the small ones, and a second line is of the small ones decoded and then enlarged by
bicubic. --val takes a shard of the cache, too: what a decoder has learnt from and what it has not
tell how far it generalises.
"""

from functools import partial

import torch
from torch import Tensor

from leap.evaluation.compare import decode_then_bicubic
from leap.evaluation.decoder_check import each_decoder, parse_check, read_validation
from leap.evaluation.distance_means import each_picture
from leap.evaluation.metrics import (
    WAVELENGTHS,
    band_powers,
    energy_ratio,
    lattice,
    line_noise,
    line_strengths,
    psnr,
)
from leap.loss.losses import luminance
from leap.loss.lua_losses import Decode

LATTICE = 16
"""Pixels: two positions of a latent, the period of LUA's first pixel-shuffle."""


@torch.inference_mode()
def measure(decode: Decode, family: str, val: dict[str, Tensor], latent: str = "hr") -> str:
    """The line of one decoder and family."""
    decibels, means, errors, ratios, grey, lines, noises, lattices = ([] for _ in range(8))
    for image, photo in each_picture(val, decode, family, latent):
        decibels.append(psnr(image, photo))
        means.append((image - photo).mean((2, 3)).square().mean(1))
        errors.append(band_powers(image - photo))
        ratios.append(band_powers(image) / band_powers(photo))
        grey.append(energy_ratio(luminance(image), luminance(photo)))
        lines.append((line_strengths(image) / line_strengths(photo)).log())
        noises.append(line_noise(image))
        lattices.append(lattice(image, LATTICE))
    error = " ".join(f"{1e4 * e:.2f}" for e in torch.cat(errors).mean(0))
    ratio = " ".join(f"{r:.2f}" for r in torch.cat(ratios).mean(0))
    mean = 1e4 * torch.cat(means).mean()
    line = " ".join(f"{s:.2f}" for s in torch.cat(lines).mean(0).exp())
    found = f"{torch.cat(decibels).mean():.2f} dB, error {mean:.2f} | {error}"
    noise = " ".join(f"{n:.2f}" for n in torch.cat(noises).mean(0))
    beat = torch.cat(lattices).mean()
    detail = torch.cat(grey).mean()
    patterns = f"lines {line}, noise {noise}, lattice {beat:.1f}"
    return f"{found}, energy {ratio}, of luminance {detail:.2f}, {patterns}"


def main() -> None:
    args = parse_check(__doc__.splitlines()[0])
    val = read_validation(args)
    bands = ", ".join(f"{p}" for p in WAVELENGTHS)
    print(f"mean colours | pixels a cycle: over {bands}, under")
    for family, name, decode in each_decoder(args):
        print(f"{family} {name}: {measure(decode, family, val)}", flush=True)
        if args.lua:
            way = partial(decode_then_bicubic(decode), scale=args.scale)
            found = measure(way, family, val, f"x{args.scale}")
            print(f"{family} {name}, then bicubic: {found}", flush=True)


if __name__ == "__main__":
    main()
