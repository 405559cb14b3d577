"""Trains variants of our LUA's recipe on one family and writes their table.

    python -m experiments.ablate_leap_lua --cache CACHE --runs RUNS --out ABLATION --threads 1

RUNS has a decoder in the folder of each trunk, and FLUX.2's LUA. `--units` is the budget: steps of
the first variant, 1,600 of which take about 20 minutes of one idle core. A variant whose step costs
more multiply-adds gets fewer steps. Judged on all validation pictures, through our own decoder,
against the photograph: PSNR, the distance of a network that was never a loss, energy ratio. Run
again it goes on: a finished variant is a file of its own, a broken-off one resumes from its saved
step.
"""

import argparse
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import torch
from safetensors.torch import load_file

from leap.data.lua_windows import DECODED, LOW
from leap.evaluation import compare
from leap.evaluation.distance_means import Judges
from leap.evaluation.multiply_adds import count_multiply_adds
from leap.families import channels_of
from leap.frozen import (
    LUA_PHASES,
    find_decoder,
    last_state,
    leap_decode,
    lua_enlarge,
    open_decoder,
    taesd_decode,
)
from leap.networks.leap_decoder import FamilyDecoder
from leap.networks.leap_lua import FamilyLeapLua, LeapLuaConfig
from leap.networks.liif_leap_lua import LiifLeapLua
from leap.networks.lua import LuaConfig
from leap.training.lua_phases import lua_phase
from leap.training.train_leap_lua import LeapLuaRun, train_leap_lua
from leap.training.trainer import read_ema

FAMILY = "flux1"
OWN, FOREIGN = "trunk-sd3-flux1", "trunk-sdxl"
"""Trunks whose decoder begins a LUA of FAMILY: that of its own family, and another's."""

FINISHED = "trunk-flux2"
"""Trunk that was trained to the end without FAMILY."""

QUARTER = {(2,): 0.0, (4,): 1.0, (2, 4): 0.5}
"""Share of steps that enlarge by 4, by the heads that there are."""


@dataclass(frozen=True)
class Variant:
    """A row. begun: trunk whose decoder it begins with; adapted: one whose finished LUA it begins
    with; shares: of the budget, by phase; budget: of the common one (a network with one head gets
    half: as many updates of its head)."""

    name: str
    config: LeapLuaConfig = LeapLuaConfig()
    network: type[FamilyLeapLua] = FamilyLeapLua
    begun: str | None = OWN
    adapted: str | None = None
    seed: int = 0
    budget: float = 1.0
    shares: dict[str, float] = field(default_factory=lambda: {"accurate": 0.7, "sharp": 0.3})


VARIANTS = (
    Variant("as shipped"),
    Variant("not begun from a decoder", begun=None),
    Variant("as shipped, second seed", seed=1),
    Variant("begun from SDXL's decoder", begun=FOREIGN),
    Variant("no Swin groups", LeapLuaConfig(groups=0)),
    Variant("as shipped, third seed", seed=2),
    Variant("x2 only", LeapLuaConfig(scales=(2,)), budget=0.5),
    Variant("x4 only", LeapLuaConfig(scales=(4,)), budget=0.5),
    Variant("LIIF head", LeapLuaConfig(widths=(96, 80, 80)), LiifLeapLua),
    Variant("begun from FLUX.2's finished LUA", adapted=FINISHED),
    Variant("accurate only", shares={"accurate": 1.0}),
    Variant("sharp only", shares={"sharp": 1.0}),
)


def cost_of_step(variant: Variant, decoder: FamilyDecoder) -> float:
    """Multiply-adds of a window: LUA forward and twice that backward, the frozen decoder forward
    and once that backward; the mean over the heads."""
    config = variant.config
    lua = variant.network(config, channels_of([FAMILY]))
    channels = config.in_chans
    small, large = (torch.zeros(1, channels, side, side) for side in (LOW, DECODED))
    ours = [
        count_multiply_adds(lua, lambda s=s: lua({FAMILY: small}, s)[FAMILY]) for s in config.scales
    ]
    theirs = count_multiply_adds(decoder, lambda: decoder({FAMILY: large})[FAMILY])
    return 3 * sum(ours) / len(ours) + 2 * theirs


class Jury:
    """What every variant is trained through and judged by."""

    def __init__(self, args: argparse.Namespace):
        self.own = find_decoder(args.runs / OWN)
        self.decode = leap_decode([self.own], "cpu")
        self.foreign = taesd_decode(args.weights, "cpu", [FAMILY])
        self.judges = Judges(load_file(args.cache / "val.safetensors"))

    def measure(self, way: compare.Enlarge, scale: int) -> str:
        """A cell of the table: means over the pictures."""
        found = self.judges.means(partial(way, scale=scale), FAMILY, f"x{scale}")
        return f"{found.psnr:.2f} / {found.unseen:.3f} / {found.energy:.2f}"

    def steps_for(self, variant: Variant, units: float) -> float:
        """Steps that take as many multiply-adds as the variant's part of `units` of the first's."""
        decoder = open_decoder(self.own)
        costs = [cost_of_step(v, decoder) for v in (VARIANTS[0], variant)]
        return units * variant.budget * costs[0] / costs[1]


def adapt(finished: Path, start: Path) -> Path:
    """The state of a LUA of FAMILY with the trunk of another family's; the rest is random."""
    theirs = FamilyLeapLua.from_state(read_ema(finished))
    channels = channels_of([FAMILY])
    ours = FamilyLeapLua(replace(theirs.config, in_chans=channels[FAMILY]), channels)
    ours.shared.load_state_dict(theirs.shared.state_dict())
    start.parent.mkdir(parents=True, exist_ok=True)
    torch.save({"ema": ours.state_dict()}, start)
    return start


def train(
    variant: Variant, folder: Path, args: argparse.Namespace, jury: Jury
) -> tuple[Path, list[int]]:
    """Trains (or resumes) a variant: its last state, and the steps of its phases."""
    budget = jury.steps_for(variant, args.units)
    state, steps = None, []
    if variant.adapted:
        torch.manual_seed(variant.seed)
        finished = last_state(args.runs / variant.adapted, LUA_PHASES)
        state = adapt(finished, folder / "start.pt")
    for name, part in variant.shares.items():
        phase = lua_phase(name, "cpu")
        steps.append(max(1, round(budget * part)))
        schedule = replace(phase.schedule, steps=steps[-1], minutes=None, ema=0.995)
        phase = replace(phase, schedule=schedule, quarter=QUARTER[variant.config.scales])
        run = LeapLuaRun(
            args.cache,
            folder,
            phase,
            [FAMILY],
            jury.foreign,
            decode=jury.decode,
            config=variant.config,
            network=variant.network,
            start=state,
            decoder=variant.begun and find_decoder(args.runs / variant.begun),
            seed=variant.seed,
        )
        state = train_leap_lua(run).state_path
    return state, steps


def run_variant(variant: Variant, args: argparse.Namespace, jury: Jury) -> str:
    """A row of the table, which is kept beside the variant's states."""
    folder = args.out / variant.name.replace(", ", "_").replace(" ", "-")
    kept = folder / "row.md"
    if not kept.exists():
        state, steps = train(variant, folder, args, jury)
        way = compare.lua(lua_enlarge([state], LuaConfig(), "cpu"), jury.decode)
        cells = [jury.measure(way, s) if s in variant.config.scales else "-" for s in (2, 4)]
        kept.write_text(f"| {variant.name} | {' + '.join(map(str, steps))} | {' | '.join(cells)} |")
    return kept.read_text()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cache", type=Path, required=True, help="a finished cache")
    parser.add_argument("--runs", type=Path, required=True, help="folder of the trunks' folders")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--weights", type=Path, default=Path("../shared/weights"))
    parser.add_argument("--units", type=int, default=1600)
    parser.add_argument("--only", nargs="*", help="names of variants (all)")
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    args.out.mkdir(parents=True, exist_ok=True)
    jury = Jury(args)
    bicubic = compare.decode_then_bicubic(jury.decode)
    cells = [jury.measure(bicubic, s) for s in (2, 4)]
    lines = ["| variant | steps | x2 | x4 |", "|---" * 4 + "|"]
    lines.append(f"| decode, then bicubic | - | {' | '.join(cells)} |")
    for variant in VARIANTS:
        if args.only and variant.name not in args.only:
            continue
        lines.append(run_variant(variant, args, jury))
        (args.out / "leap-lua-ablation.md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
