"""Measures LUA and our decoders on validation latents: a table, a CSV and contact sheets.

LUA rows: against TAESD's decode of the high-resolution latent. Decoder rows and pair rows (a small
latent, LUA, a decoder; --pairs): against the photograph. The pictures: --val, a val.safetensors of
build_cache.py, or --photos, any folder (its pictures' middle 512 pixels are encoded first). Give
--lua a state after each stage to compare stages; --unbounded adds each LUA without its residual's
bound. The feature distance is that of perceptual.py (EfficientNet-Lite0, not LPIPS). Results are
kept per picture in results.csv; rows of baselines found there are not computed again, those of our
own networks always are. --costs adds multiply-adds and milliseconds to the decoders' rows.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor

from build_cache import Codec, encode_core
from leap import compare
from leap.costs import Costs
from leap.data.crops import CROP, centre_crop, list_pictures
from leap.families import FAMILIES, channels_of
from leap.frozen import leap_decode, taesd_decode
from leap.lua_losses import Decode
from leap.networks.lua import FamilyLua
from leap.results import DECODE, Judge, Results
from leap.sheet import write_sheet
from leap.train_lua import CONFIGS
from leap.trainer import load_ema


def evaluate_lua(args: argparse.Namespace, val: dict[str, Tensor], judge: Judge) -> None:
    """All methods at both scales; a sheet per scale with the first pictures of each family."""
    decode = taesd_decode(args.weights, args.device)
    methods = {
        "bicubic latent": compare.latent_interpolation(decode, "bicubic"),
        "nearest latent": compare.latent_interpolation(decode, "nearest"),
        "decode, bicubic": compare.decode_then_bicubic(decode),
    }
    if args.peers.exists():
        methods["decode, SPAN"] = compare.decode_then_span(decode, args.peers, args.threads)
    ours = {name: compare.lua(model, decode) for name, model in open_luas(args).items()}
    fresh = set(ours)
    methods |= ours
    if args.only is not None:
        methods = {k: v for k, v in methods.items() if k in args.only or k in fresh}
    sheets: dict[int, list] = {2: [], 4: []}
    for family in args.families:
        for i in range(args.pictures):
            truth = decode(family, latent_of(val, f"{family}.hr", i, args.device)).float()
            on_sheet = i < args.sheet
            for scale in (2, 4):
                low = latent_of(val, f"{family}.x{scale}", i, args.device)
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


def open_luas(args: argparse.Namespace) -> dict[str, FamilyLua]:
    """The LUAs of the command line by name; with --unbounded each without its bound, too."""
    models = {}
    for name, state in args.lua:
        configs = {name: CONFIGS[args.config]}
        if args.unbounded:
            configs[f"{name}, no bound"] = replace(configs[name], residual_bound=None)
        for label, config in configs.items():
            model = load_ema(FamilyLua(config, channels_of()), state)
            models[label] = model.eval().to(args.device)
    return models


def latent_of(val: dict[str, Tensor], name: str, i: int, device: str) -> Tensor:
    """The i-th picture's latent [1,C,h,w]."""
    return val[name][i : i + 1].to(device).float()


def evaluate_decoder(args: argparse.Namespace, val: dict[str, Tensor], judge: Judge) -> None:
    """Ours and TAESD's against the photographs, and a sheet."""
    decoders = open_decoders(args)
    rows = []
    for family in args.families:
        for i in range(args.pictures):
            photo = photograph(val, i, args.device)
            row = []
            for name, decode in decoders.items():
                key = (name, family, DECODE, str(i))
                if name == "TAESD" and key in judge.results.rows and i >= args.sheet:
                    continue
                image = decode(family, latent_of(val, f"{family}.hr", i, args.device)).float()
                judge.add(key, image, photo)
                row.append((f"{family} {name}", image[0]))
            if i < args.sheet:
                rows.append([*row, ("photograph", photo[0])])
        judge.results.save()
        print(f"decoder {family} done", flush=True)
    if rows:
        write_sheet(rows, args.out / "decoder.png", args.sheet_side)


def evaluate_pairs(args: argparse.Namespace, val: dict[str, Tensor], judge: Judge) -> None:
    """Small latent -> LUA -> ours and TAESD's decoder, against the photograph, and a sheet."""
    ways = {
        f"{lua}, {name}": compare.lua(model, decode)
        for name, decode in open_decoders(args).items()
        for lua, model in open_luas(args).items()
    }
    rows = []
    for family in args.families:
        for scale in (2, 4):
            for i in range(args.pictures):
                photo = photograph(val, i, args.device)
                low = latent_of(val, f"{family}.x{scale}", i, args.device)
                row = []
                for name, way in ways.items():
                    image = way(family, low, scale)
                    judge.add((name, family, f"pair x{scale}", str(i)), image, photo)
                    row.append((f"{family} x{scale} {name}", image[0]))
                if i < args.sheet:
                    rows.append([*row, ("photograph", photo[0])])
        judge.results.save()
        print(f"pairs {family} done", flush=True)
    if rows:
        write_sheet(rows, args.out / "pairs.png", args.sheet_side)


def open_decoders(args: argparse.Namespace) -> dict[str, Decode]:
    """TAESD's and ours, by name."""
    taesd = taesd_decode(args.weights, args.device)
    return {"TAESD": taesd, "leap decoder": leap_decode(args.decoder, args.device)}


def photograph(val: dict[str, Tensor], i: int, device: str) -> Tensor:
    """The i-th picture [1,3,H,W] in [0,1]."""
    return val["pixels"][i : i + 1].to(device).float() / 255


def named_state(text: str) -> tuple[str, Path]:
    """'LUA I+II=path' -> (name, path)."""
    name, _, path = text.rpartition("=")
    return name or "LUA", Path(path)


def read_pictures(args: argparse.Namespace) -> dict[str, Tensor]:
    """The pictures and their latents, as build_cache.py's val.safetensors."""
    if args.val:
        return load_file(args.val)
    photos = list_pictures(args.photos)[: args.pictures]
    pixels = torch.stack([centre_crop(p, args.side) for p in photos])
    core = encode_core(Codec(args.weights, args.device, args.families), pixels)
    return {k: v.cpu() for k, v in core.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--val", type=Path, help="val.safetensors of build_cache.py")
    source.add_argument("--photos", type=Path, help="any folder of pictures")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--lua", type=named_state, nargs="*", default=[], help="[NAME=]STATE")
    parser.add_argument("--unbounded", action="store_true", help="LUA without its bound, too")
    parser.add_argument("--decoder", type=Path, help="state of our decoder")
    parser.add_argument("--pairs", action="store_true", help="LUA and decoder, nothing else")
    parser.add_argument("--costs", type=Path, nargs="*", default=[], help="JSON of npm run bench")
    parser.add_argument("--config", choices=list(CONFIGS), default="small")
    parser.add_argument("--weights", type=Path, default=Path("../shared/weights"))
    parser.add_argument("--peers", type=Path, default=Path("../shared/peers"))
    parser.add_argument("--families", nargs="+", default=list(FAMILIES))
    parser.add_argument(
        "--only",
        nargs="*",
        help="baselines to compute: all without this option, none without names",
    )
    parser.add_argument("--pictures", type=int, default=18)
    parser.add_argument("--side", type=int, default=CROP, help="middle pixels taken of --photos")
    parser.add_argument("--sheet", type=int, default=1, help="pictures per family on the sheets")
    parser.add_argument("--sheet-side", type=int, default=256)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--device", default="cpu")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    args.out.mkdir(parents=True, exist_ok=True)
    judge = Judge(Results(args.out / "results.csv", Costs(args.costs)), args.device)
    with torch.inference_mode():
        val = read_pictures(args)
        args.pictures = min(args.pictures, len(val["pixels"]))
        if args.pairs:
            evaluate_pairs(args, val, judge)
        elif args.lua or args.only is not None:
            evaluate_lua(args, val, judge)
        if args.decoder and not args.pairs:
            evaluate_decoder(args, val, judge)
    judge.results.save()
    print(judge.results.table())


if __name__ == "__main__":
    main()
