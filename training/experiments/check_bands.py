"""Tells at which wavelengths a decoder errs: its squared error by band, beside TAESD's; and whether
it weaves: patterns of its pixel-shuffles in the texture.

    python -m experiments.check_bands --val CACHE/val.safetensors --decoder STATES [--families sdxl]

Prints for TAESD and each state, means over the validation pictures: PSNR, the squared error in
1e-4 (of each picture's mean colours; by pixels a cycle, the mean included), the energy over the
photograph's, the energy ratio of luminance, how many times stronger than in the photograph lines of
8, 4 and 2 pixels stand out of the spectrum, how much rougher than the others the roughest of eight
columns or rows is (red, green, blue; 1.03 in photographs), how far the strongest harmonic of a
lattice of 16 pixels stands out, how many times the photograph's power luminance has at the
frequency where that is most (a weave of any kind), and the energy that counts no more than the
photograph's at each frequency. Tones and colours that a decoder gets wrong are in the first bands,
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
    capped_energy,
    energy_ratio,
    lattice,
    line_noise,
    line_strengths,
    psnr,
    strongest_excess,
)
from leap.loss.losses import luminance
from leap.loss.lua_losses import Decode

LATTICE = 16
"""Pixels: two positions of a latent, the period of LUA's first pixel-shuffle."""


@torch.inference_mode()
def measure(decode: Decode, family: str, val: dict[str, Tensor], latent: str = "hr") -> str:
    """The line of one decoder and family."""
    each = [
        {
            "decibels": psnr(image, photo),
            "mean": 1e4 * (image - photo).mean((2, 3)).square().mean(1),
            "error": 1e4 * band_powers(image - photo),
            "ratio": band_powers(image) / band_powers(photo),
            "grey": energy_ratio(luminance(image), luminance(photo)),
            "line": (line_strengths(image) / line_strengths(photo)).log(),
            "noise": line_noise(image),
            "lattice": lattice(image, LATTICE),
            "excess": strongest_excess(image, photo),
            "capped": capped_energy(image, photo),
        }
        for image, photo in each_picture(val, decode, family, latent)
    ]
    of = {name: torch.cat([one[name] for one in each]).mean(0) for name in each[0]}
    error, ratio, line, noise = (
        " ".join(f"{value:.2f}" for value in values)
        for values in (of["error"], of["ratio"], of["line"].exp(), of["noise"])
    )
    found = f"{of['decibels']:.2f} dB, error {of['mean']:.2f} | {error}"
    patterns = f"lines {line}, noise {noise}, lattice {of['lattice']:.1f}"
    patterns += f", excess {of['excess']:.1f}, capped energy {of['capped']:.2f}"
    return f"{found}, energy {ratio}, of luminance {of['grey']:.2f}, {patterns}"


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
