r"""What LUA does with latents it has never seen: with its bound, with it taken off, and no LUA.

    python -m experiments.check_bounds --val CACHE/val.safetensors \
        --lua RUNS/trunk-*/lua-sharp.state.pt

Inputs: real validation latents as they are, halved, doubled and saturated (every value at +-4, and
at +-10, where no real one is), and Gaussian noise (sigma 1 and 5). "no LUA" is the latent enlarged
by bicubic: what the input itself and the decoder do. Per input, the largest over pictures, families
and scales: |residual|, |latent|, and the range of the TAESD decoder's picture; and broken pixels:
those that are not finite or leave [-0.5, 1.5] in a channel.
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor

from leap.families import FAMILIES
from leap.frozen import EnlargeLatent, lua_enlarge, taesd_decode
from leap.loss.lua_losses import Decode
from leap.training.train_lua import CONFIGS

SIDE = 32
"""Positions of the outputs; inputs have half or a quarter."""

RANGE = (-0.5, 1.5)

KINDS: dict[str, Callable[[Tensor], Tensor]] = {
    "real": lambda z: z,
    "real x 0.5": lambda z: z / 2,
    "real x 2": lambda z: z * 2,
    "saturated at 4": lambda z: torch.sign(z) * 4,
    "saturated at 10": lambda z: torch.sign(z) * 10,
    "noise": lambda z: seeded_noise(z),
    "noise x 5": lambda z: 5 * seeded_noise(z),
}


@dataclass
class Extremes:
    """What was seen of one kind of input."""

    residual: float = 0.0
    latent: float = 0.0
    low: float = torch.inf
    high: float = -torch.inf
    broken: int = 0
    pixels: int = 0

    def add(self, latent: Tensor, skip: Tensor, image: Tensor) -> None:
        """`latent` is LUA's output, `skip` its input enlarged, `image` the decode [1,3,H,W]."""
        self.residual = max(self.residual, (latent - skip).abs().max().item())
        self.latent = max(self.latent, latent.abs().max().item())
        self.low = min(self.low, image.min().item())
        self.high = max(self.high, image.max().item())
        sound = torch.isfinite(image) & (image >= RANGE[0]) & (image <= RANGE[1])
        self.broken += int((~sound).any(1).sum())
        self.pixels += image[:, 0].numel()


def seeded_noise(like: Tensor) -> Tensor:
    """The same Gaussian noise for both networks."""
    return torch.randn(like.shape, generator=torch.Generator().manual_seed(0))


def enlarge(z: Tensor, scale: int) -> Tensor:
    """LUA's skip: bicubic."""
    return F.interpolate(z, scale_factor=scale, mode="bicubic", align_corners=False)


def look(model: EnlargeLatent, args: argparse.Namespace, val: dict, decode: Decode) -> dict:
    """{kind: Extremes} over families, scales and pictures."""
    seen = {kind: Extremes() for kind in KINDS}
    for family in args.families:
        for scale in (2, 4):
            for real in val[f"{family}.x{scale}"][: args.pictures].float().split(1):
                for kind, change in KINDS.items():
                    z = change(real[:, :, : SIDE // scale, : SIDE // scale])
                    out = model(family, z, scale)
                    seen[kind].add(out, enlarge(z, scale), decode(family, out).float())
    return seen


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--val", type=Path, required=True)
    parser.add_argument("--lua", type=Path, nargs="+", required=True, help="states of its trunks")
    parser.add_argument("--config", choices=list(CONFIGS), default="small")
    parser.add_argument("--weights", type=Path, default=Path("../shared/weights"))
    parser.add_argument("--families", nargs="+", default=list(FAMILIES))
    parser.add_argument("--pictures", type=int, default=2)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    val, decode = load_file(args.val), taesd_decode(args.weights, "cpu")
    config = CONFIGS[args.config]
    models: dict[str, EnlargeLatent] = {
        "bound": lua_enlarge(args.lua, config, "cpu"),
        "no bound": lua_enlarge(args.lua, config, "cpu", bounded=False),
        "no LUA": lambda _, z, scale: enlarge(z, scale),
    }
    print("| input | network | max abs residual | max abs latent | decoded range | broken pixels |")
    print("|---|---|---|---|---|---|")
    for name, model in models.items():
        with torch.inference_mode():
            seen = look(model, args, val, decode)
        for kind, e in seen.items():
            cells = f"{e.residual:.2f} | {e.latent:.1f} | {e.low:.2f} to {e.high:.2f}"
            share = 100 * e.broken / e.pixels
            print(f"| {kind} | {name} | {cells} | {share:.2f} % |", flush=True)


if __name__ == "__main__":
    main()
