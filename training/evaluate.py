"""Measures LUA and our decoders on validation latents: a table, a CSV and contact sheets.

LUA rows: against the same decoder's decode of the high-resolution latent. Decoder rows: against the
photograph. Results are kept per picture in results.csv; rows of baselines found there are not
computed again, those of our own networks always are.
"""

import argparse
import csv
from collections import defaultdict
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor

from leap import compare
from leap.families import FAMILIES, channels_of
from leap.frozen import leap_decode, taesd_decode
from leap.metrics import energy_ratio, psnr, ssim
from leap.networks.lua import FamilyLua
from leap.perceptual import FeatureDistance
from leap.sheet import write_sheet
from leap.train_lua import CONFIGS
from leap.trainer import load_ema

METRICS = ("psnr", "ssim", "distance", "energy")
HEADER = ("method", "family", "scale", "picture", *METRICS)
Key = tuple[str, str, str, str]


class Results:
    """Metrics by (method, family, scale, picture), kept in a CSV."""

    def __init__(self, path: Path):
        self.path = path
        self.rows: dict[Key, list[float]] = {}
        if path.exists():
            with open(path, newline="") as file:
                for row in csv.DictReader(file):
                    key = tuple(row[k] for k in HEADER[:4])
                    self.rows[key] = [float(row[m]) for m in METRICS]

    def save(self) -> None:
        """Writes all rows."""
        with open(self.path, "w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(HEADER)
            writer.writerows([*k, *(f"{x:.5g}" for x in v)] for k, v in sorted(self.rows.items()))

    def table(self) -> str:
        """Means over pictures as Markdown."""
        groups: dict[tuple[str, str, str], list[list[float]]] = defaultdict(list)
        for (method, family, scale, _), values in self.rows.items():
            groups[scale, family, method].append(values)
        lines = [
            "| | family | method | PSNR dB | SSIM | feature distance | HF energy | pictures |",
            "|---|---|---|---|---|---|---|---|",
        ]
        for (scale, family, method), values in sorted(groups.items()):
            p, s, d, e = torch.tensor(values).mean(0).tolist()
            cells = f"{p:.2f} | {s:.3f} | {d:.4f} | {e:.2f} | {len(values)}"
            lines.append(f"| {scale} | {family} | {method} | {cells} |")
        return "\n".join(lines) + "\n"


class Judge:
    """Computes and stores the metrics of one image."""

    def __init__(self, results: Results):
        self.results, self.distance = results, FeatureDistance()

    def add(self, key: Key, image: Tensor, reference: Tensor) -> None:
        image, reference = image.float().clamp(0, 1), reference.float().clamp(0, 1)
        values = (psnr, ssim, self.distance, energy_ratio)
        self.results.rows[key] = [f(image, reference).item() for f in values]


def evaluate_lua(args: argparse.Namespace, val: dict[str, Tensor], judge: Judge) -> None:
    """All methods at both scales; a sheet per scale with the first pictures of each family."""
    decode = taesd_decode(args.weights, "cpu")
    methods = {
        "bicubic latent": compare.latent_interpolation(decode, "bicubic"),
        "nearest latent": compare.latent_interpolation(decode, "nearest"),
        "decode, bicubic": compare.decode_then_bicubic(decode),
    }
    if args.peers.exists():
        methods["decode, SPAN"] = compare.decode_then_span(decode, args.peers)
    for name, state in args.lua:
        model = load_ema(FamilyLua(CONFIGS[args.config], channels_of()), state).eval()
        methods[name] = compare.lua(model, decode)
    fresh = {name for name, _ in args.lua}
    if args.only:
        methods = {k: v for k, v in methods.items() if k in args.only or k in fresh}
    sheets: dict[int, list] = {2: [], 4: []}
    for family in args.families:
        for i in range(args.pictures):
            truth = decode(family, val[f"{family}.hr"][i : i + 1].float()).float()
            on_sheet = i < args.sheet
            for scale in (2, 4):
                low = val[f"{family}.x{scale}"][i : i + 1].float()
                row = []
                for name, method in methods.items():
                    key = (name, family, f"x{scale}", str(i))
                    if key in judge.results.rows and name not in fresh and not on_sheet:
                        continue
                    image = method(family, low, scale)
                    judge.add(key, image, truth)
                    row.append((f"{family} x{scale} {name}", image[0]))
                if on_sheet:
                    sheets[scale].append([*row, (f"{family} HR", truth[0])])
        judge.results.save()
        print(f"lua {family} done", flush=True)
    for scale, rows in sheets.items():
        if rows:
            write_sheet(rows, args.out / f"lua-x{scale}.png", args.sheet_side)


def evaluate_decoder(args: argparse.Namespace, val: dict[str, Tensor], judge: Judge) -> None:
    """Ours and TAESD's against the photographs, and a sheet."""
    decoders = {"TAESD": taesd_decode(args.weights, "cpu")}
    decoders["leap decoder"] = leap_decode(args.decoder, "cpu")
    rows = []
    for family in args.families:
        for i in range(args.pictures):
            photo = val["pixels"][i : i + 1].float() / 255
            row = []
            for name, decode in decoders.items():
                key = (name, family, "decode", str(i))
                if name == "TAESD" and key in judge.results.rows and i >= args.sheet:
                    continue
                image = decode(family, val[f"{family}.hr"][i : i + 1].float()).float()
                judge.add(key, image, photo)
                row.append((f"{family} {name}", image[0]))
            if i < args.sheet:
                rows.append([*row, ("photograph", photo[0])])
        judge.results.save()
        print(f"decoder {family} done", flush=True)
    if rows:
        write_sheet(rows, args.out / "decoder.png", args.sheet_side)


def named_state(text: str) -> tuple[str, Path]:
    """'LUA I+II=path' -> (name, path)."""
    name, _, path = text.rpartition("=")
    return name or "LUA", Path(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--val", type=Path, required=True, help="val.safetensors of build_cache.py")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--lua", type=named_state, nargs="*", default=[], help="[NAME=]STATE")
    parser.add_argument("--decoder", type=Path, help="state of our decoder")
    parser.add_argument("--config", choices=list(CONFIGS), default="small")
    parser.add_argument("--weights", type=Path, default=Path("../shared/weights"))
    parser.add_argument("--peers", type=Path, default=Path("../shared/peers"))
    parser.add_argument("--families", nargs="+", default=list(FAMILIES))
    parser.add_argument("--only", nargs="*", help="baselines to compute (all)")
    parser.add_argument("--pictures", type=int, default=18)
    parser.add_argument("--sheet", type=int, default=1, help="pictures per family on the sheets")
    parser.add_argument("--sheet-side", type=int, default=256)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    args.out.mkdir(parents=True, exist_ok=True)
    val = load_file(args.val)
    judge = Judge(Results(args.out / "results.csv"))
    with torch.inference_mode():
        if args.lua or args.only:
            evaluate_lua(args, val, judge)
        if args.decoder:
            evaluate_decoder(args, val, judge)
    (args.out / "table.md").write_text(judge.results.table())
    print(judge.results.table())


if __name__ == "__main__":
    main()
