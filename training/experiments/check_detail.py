"""How much of LUA's detail is the photograph's, and what the finest of it is worth.

    python -m experiments.check_detail --val CACHE/val.safetensors --families sdxl \\
        --lua LUA_STATES --decoder DECODER_STATES --scale 2

Prints for each family, for LUA, for the small latent decoded and then enlarged by bicubic, and the
same with TAESD's decoder: the correlation of luminance with the photograph's by pixels a cycle, and
its energy over the photograph's. Then PSNR, distance (of the network that was never a loss) and
energy ratio of LUA's pictures as they are and with the finest wavelengths damped by --gains: where
both PSNR and distance get better, the finest detail is more than anything knows.
"""

import argparse
from collections.abc import Callable
from functools import partial

import torch
from safetensors.torch import load_file
from torch import Tensor

from leap.data.cache import LATENTS
from leap.evaluation.compare import decode_then_bicubic
from leap.evaluation.correlation import EDGES, FINEST, compare_detail, damp_finest
from leap.evaluation.decoder_check import parse_check
from leap.evaluation.distance_means import Judges, each_picture
from leap.frozen import leap_decode, lua_enlarge, taesd_decode
from leap.loss.lua_losses import Decode
from leap.networks.lua import LuaConfig


def ways_of(args: argparse.Namespace) -> dict[str, Decode]:
    """From small latents to pictures, by name."""
    ours = leap_decode(args.decoder, "cpu")
    taesd = taesd_decode(args.weights, "cpu", args.families)
    enlarge = lua_enlarge(args.lua, LuaConfig(), "cpu")
    scale = args.scale
    return {
        "LUA": lambda f, z: ours(f, enlarge(f, z, scale)),
        "decode, bicubic": partial(decode_then_bicubic(ours), scale=scale),
        "TAESD, bicubic": partial(decode_then_bicubic(taesd), scale=scale),
    }


def describe(val: dict[str, Tensor], decode: Decode, family: str, latent: str) -> str:
    """The mean correlations and energies of one way."""
    found = [compare_detail(*pair) for pair in each_picture(val, decode, family, latent)]
    correlations = torch.cat([one.correlation for one in found]).mean(0)
    energies = torch.cat([one.energy for one in found]).mean(0)
    written = (" ".join(f"{v:.2f}" for v in values) for values in (correlations, energies))
    return "correlation {}, energy {}".format(*written)


def damped(decode: Decode, gain: float) -> Callable[[str, Tensor], Tensor]:
    """What a way makes, its finest detail damped."""
    return lambda family, latent: damp_finest(decode(family, latent).float(), gain)


def add_gains(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--gains", type=float, nargs="*", default=[1, 0.85, 0.7, 0.5])


@torch.inference_mode()
def main() -> None:
    args = parse_check(__doc__.splitlines()[0], add_gains)
    if not args.lua:
        raise SystemExit("Give the states of LUA whose detail is asked for: --lua STATES.")
    val = {k: v[: args.pictures] for k, v in load_file(args.val).items()}
    judges = Judges(val)
    latent = LATENTS[args.scale]
    print("pixels a cycle, over", *EDGES, "and under")
    ways = ways_of(args)
    for family in args.families:
        for name, way in ways.items():
            print(f"{family} {name}: {describe(val, way, family, latent)}", flush=True)
        for gain in args.gains:
            found = judges.means(damped(ways["LUA"], gain), family, latent)
            measured = f"{found.psnr:.2f} dB, {found.unseen:.4f}, {found.energy:.2f}"
            print(f"{family} under {FINEST} pixels times {gain:g}: {measured}", flush=True)


if __name__ == "__main__":
    main()
