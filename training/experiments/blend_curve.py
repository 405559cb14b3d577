"""What blends of two pairs are worth: a line for each choice of shares.

    python -m experiments.blend_curve --val CACHE/val.safetensors --families flux1 \\
        --lua A/lua-pair.state.pt B/lua-pair.state.pt \\
        --decoder A/decoder-pair.state.pt B/decoder-pair.state.pt --shares 0,0 0.8,0.5 1,1

Shares are the second decoder's and the second LUA's. Prints, for each family and scale, the means
over the validation pictures against the photograph: PSNR (dB), distance of the network that was
never a loss, energy ratio, and the strongest excess at any frequency: much above one, a weave
passes for detail. Scale 1 is the decoder on the pictures' own latents.
"""

import argparse
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor

from experiments.blend import blend, read_stage
from leap.data.cache import LATENTS
from leap.evaluation.compare import Enlarge
from leap.evaluation.distance_means import Judges
from leap.networks.leap_decoder import FamilyDecoder
from leap.networks.leap_lua import FamilyLeapLua

State = dict[str, Tensor]


def read_shares(text: str) -> tuple[float, float]:
    """`0.8,0.5` as the shares of the second decoder and of the second LUA."""
    decoder, lua = text.split(",")
    return float(decoder), float(lua)


def blended_way(decoder: State, lua: State) -> Enlarge:
    """(family, small latent, scale) -> picture, by networks of these weights."""
    to_picture = FamilyDecoder.from_state(decoder).eval().to(memory_format=torch.channels_last)
    enlarge = FamilyLeapLua.from_state(lua).eval().to(memory_format=torch.channels_last)

    def way(family: str, latent: Tensor, scale: int) -> Tensor:
        large = latent if scale == 1 else enlarge({family: latent}, scale)[family]
        return to_picture({family: large})[family]

    return way


def each_blend(args: argparse.Namespace) -> Iterator[tuple[tuple[float, float], Enlarge]]:
    """The shares that were asked for, and what their networks make."""
    decoders, luas = ([read_stage(p)[0] for p in two] for two in (args.decoder, args.lua))
    for shares in args.shares:
        yield shares, blended_way(blend(*decoders, shares[0]), blend(*luas, shares[1]))


@torch.inference_mode()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--val", type=Path, required=True)
    parser.add_argument("--lua", type=Path, nargs=2, required=True)
    parser.add_argument("--decoder", type=Path, nargs=2, required=True)
    parser.add_argument("--shares", type=read_shares, nargs="+", required=True)
    parser.add_argument("--families", nargs="+", required=True)
    parser.add_argument("--scales", type=int, nargs="+", default=[1, 2, 4], choices=LATENTS)
    parser.add_argument("--pictures", type=int, default=18)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    val = {k: v[: args.pictures] for k, v in load_file(args.val).items()}
    judges = Judges(val)
    for (decoder, lua), way in each_blend(args):
        for family in args.families:
            for scale in args.scales:
                found = judges.means(partial(way, scale=scale), family, LATENTS[scale])
                measured = f"{found.psnr:.2f} dB, distance {found.unseen:.3f}"
                measured += f", energy {found.energy:.2f}, excess {found.excess:.1f}"
                print(f"{decoder:g},{lua:g} {family} x{scale}: {measured}", flush=True)


if __name__ == "__main__":
    main()
