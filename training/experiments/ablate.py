"""Trains the variants of leap/evaluation/ablation.py on one family and writes their table.

    python -m experiments.ablate --cache CACHE --out ABLATION --threads 1

Run again it goes on: finished variants are rows of ablation.csv, a broken-off one resumes from its
saved step. Judged on the middle 256 pixels of every validation picture, against the TAESD decode
of the high-resolution latent; the distance is perceptual.py's (EfficientNet-Lite0, not LPIPS).
"""

import argparse
import csv
from collections.abc import Callable
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor

from leap.evaluation.ablation import VARIANTS, Variant, plan
from leap.evaluation.metrics import energy_ratio, psnr
from leap.families import channels_of
from leap.frozen import taesd_decode
from leap.loss.lua_losses import Decode
from leap.loss.perceptual import FeatureDistance
from leap.networks.lua import FamilyLua
from leap.training.train_lua import LuaRun, train_lua
from leap.training.trainer import load_ema

SIDE = 32
"""Side of the judged middle of the enlarged latent."""

SCALES = (2, 4)
METRICS = ("psnr", "distance", "energy")
COLUMNS = ("variant", "steps", "seconds", *(f"{m}.x{s}" for s in SCALES for m in METRICS))


def middle(z: Tensor) -> Tensor:
    """The middle SIDE x SIDE positions of [B,C,h,w]."""
    top, left = ((n - SIDE) // 2 for n in z.shape[2:])
    return z[:, :, top : top + SIDE, left : left + SIDE]


class Jury:
    """Means of the metrics over the validation pictures of one family."""

    def __init__(self, val: dict[str, Tensor], family: str, decode: Decode):
        self.val, self.family, self.decode = val, family, decode
        self.distance = FeatureDistance()
        self.truth = [self._picture(z) for z in val[f"{family}.hr"].float().split(1)]

    def _picture(self, z: Tensor) -> Tensor:
        return self.decode(self.family, middle(z)).float().clamp(0, 1)

    def measure(self, enlarge: Callable[[Tensor, int], Tensor], scale: int) -> dict[str, float]:
        """`enlarge`: (low latent [1,C,h,w], scale) -> [1,C,scale*h,scale*w]."""
        values = []
        lows = self.val[f"{self.family}.x{scale}"].split(1)
        for truth, low in zip(self.truth, lows, strict=True):
            image = self._picture(enlarge(low.float(), scale))
            values.append([f(image, truth).item() for f in (psnr, self.distance, energy_ratio)])
        means = torch.tensor(values).mean(0).tolist()
        return {f"{m}.x{scale}": v for m, v in zip(METRICS, means, strict=True)}


def bicubic(z: Tensor, scale: int) -> Tensor:
    """The reference row: no network."""
    return F.interpolate(z, scale_factor=scale, mode="bicubic", align_corners=False)


def run_variant(variant: Variant, args: argparse.Namespace, decode: Decode, jury: Jury) -> dict:
    """Trains (or resumes) a variant and measures it: a row of the table."""
    stages = plan(variant, args.units)
    folder = args.out / variant.name.replace(" ", "_").replace(",", "")
    run = LuaRun(
        args.cache,
        folder,
        stages,
        decode,
        decode,
        variant.config,
        seed=variant.seed,
        families=[args.family],
        log_every=25,
        val_every=0,
    )
    state = train_lua(run)
    model = load_ema(FamilyLua(variant.config, channels_of([args.family])), state).eval()
    seconds = sum(
        torch.load(folder / f"lua-{s.name}.state.pt", weights_only=True)["seconds"] for s in stages
    )
    row = {
        "variant": variant.name,
        "steps": " + ".join(str(s.schedule.steps) for s in stages),
        "seconds": f"{seconds:.0f}",
    }
    with torch.inference_mode():
        for scale in variant.config.scales:
            row |= jury.measure(lambda z, s: model({args.family: z}, s)[args.family], scale)
    return row


def read_rows(path: Path) -> list[dict]:
    """Rows of an earlier run."""
    if not path.exists():
        return []
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def write_rows(path: Path, rows: list[dict]) -> None:
    """All rows, numbers to five digits."""
    with open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="")
        writer.writeheader()
        for row in rows:
            cells = {k: f"{v:.5g}" if isinstance(v, float) else v for k, v in row.items()}
            writer.writerow(cells)


def table(rows: list[dict]) -> str:
    """Markdown: a row per variant, dB / distance / energy ratio at each scale."""
    lines = ["| variant | steps | x2 | x4 |", "|---|---|---|---|"]
    for row in rows:
        cells = []
        for s in SCALES:
            values = [row.get(f"{m}.x{s}") for m in METRICS]
            p, d, e = (float(v) if v else None for v in values)
            cells.append("-" if p is None else f"{p:.2f} / {d:.3f} / {e:.2f}")
        lines.append(f"| {row['variant']} | {row['steps']} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cache", type=Path, required=True, help="a finished cache")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--weights", type=Path, default=Path("../shared/weights"))
    parser.add_argument("--family", default="flux1")
    parser.add_argument("--units", type=float, default=150, help="budget, decoded steps a variant")
    parser.add_argument("--only", nargs="*", help="names of variants (all)")
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    args.out.mkdir(parents=True, exist_ok=True)
    path = args.out / "ablation.csv"
    rows = read_rows(path)
    done = {row["variant"] for row in rows}
    decode = taesd_decode(args.weights, "cpu")
    with torch.inference_mode():
        jury = Jury(load_file(args.cache / "val.safetensors"), args.family, decode)
    if "bicubic latent" not in done:
        with torch.inference_mode():
            reference = {k: v for s in SCALES for k, v in jury.measure(bicubic, s).items()}
        rows.append({"variant": "bicubic latent", "steps": "-", "seconds": "0", **reference})
    for variant in VARIANTS:
        if variant.name in done or (args.only and variant.name not in args.only):
            continue
        rows.append(run_variant(variant, args, decode, jury))
        write_rows(path, rows)
        (args.out / "ablation.md").write_text(table(rows))
    print(table(rows))


if __name__ == "__main__":
    main()
