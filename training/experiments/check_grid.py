"""Measures the grid that a decoder leaves on a smooth gradient: its pattern of period 8, in 1/255.

    python -m experiments.check_grid --decoder RUNS/decoder-sharp.state.pt [MORE.state.pt]

The gradient is encoded by TAESD and decoded in fp32; what remains after a 9x9 mean is averaged over
all cells of 8x8 pixels, so that only what repeats in each of them is left.
"""

import argparse
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from leap.families import FAMILIES, STRIDE
from leap.frozen import open_decoder
from leap.networks.taesd import load_taesd
from prepare.build_cache import Codec, encode_core

SIDE = 256
EDGE = 72
"""Pixels left out on each side: there the networks see the picture's border."""


def smooth_picture() -> Tensor:
    """Light colours that change evenly: uint8 [1,3,SIDE,SIDE]."""
    line = torch.linspace(0, 1, SIDE)
    y, x = torch.meshgrid(line, line, indexing="ij")
    return (torch.stack([0.55 + 0.3 * y, 0.6 + 0.25 * x, 0.9 - 0.2 * y]) * 255).round().byte()[None]


def grid_of(image: Tensor) -> Tensor:
    """The mean 8x8 cell of what a 9x9 mean does not explain: [3,8,8], in 1/255."""
    rest = (image - F.avg_pool2d(image, 9, 1, 4))[0, :, EDGE:-EDGE, EDGE:-EDGE]
    cells = rest.unfold(1, STRIDE, STRIDE).unfold(2, STRIDE, STRIDE)
    return 255 * cells.mean((1, 2))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--decoder", type=Path, nargs="+", required=True, help="states")
    parser.add_argument("--weights", type=Path, default=Path("../shared/weights"))
    args = parser.parse_args()
    ours = {path: open_decoder(path) for path in args.decoder}
    with torch.inference_mode():
        core = encode_core(Codec(args.weights, "cpu", list(FAMILIES)), smooth_picture())
        for family in FAMILIES:
            z = core[f"{family}.hr"].float()
            images = {"TAESD": load_taesd("decoder", family, args.weights).eval()(z.clone())}
            for path, model in ours.items():
                if family in model.conv_in:
                    images[str(path)] = model({family: z})[family]
            for name, image in images.items():
                grid = grid_of(image.float().clamp(0, 1))
                print(f"{family} {name}: rms {grid.std():.2f}, at most {grid.abs().max():.2f}")


if __name__ == "__main__":
    main()
