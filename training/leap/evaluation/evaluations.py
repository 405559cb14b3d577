"""The parts of evaluate.py: LUA, decoders, encoders, and LUA with a decoder as a pair.

Each takes the options of the command line, the pictures with their latents, and the judge.
"""

import argparse
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from leap.data.cache import LATENTS
from leap.data.crops import shrink
from leap.evaluation import compare
from leap.evaluation.contact_sheet import write_sheet
from leap.evaluation.results import DECODE, Judge
from leap.frozen import EnlargeLatent, leap_decode, lua_enlarge, taesd_decode
from leap.loss.lua_losses import Decode
from leap.networks.leap_encoder import FamilyEncoder
from leap.training.train_lua import CONFIGS
from leap.training.trainer import read_ema

DECODERS = ["TAESD", "leap decoder"]
"""Names of the decoders in the table."""

Pictures = dict[str, Tensor]
"""`pixels` uint8 [N,3,H,W] and `<family>.hr|x2|x4` latents, as in val.safetensors."""

Row = list[tuple[str, Tensor]]
"""Labelled pictures [3,H,W], beside each other on a sheet."""


def evaluate_lua(args: argparse.Namespace, val: Pictures, judge: Judge) -> None:
    """All methods at both scales; a sheet per scale with the first pictures of each family."""
    decode = taesd_decode(args.weights, args.device, dtype=torch.float32)
    methods = {
        "bicubic latent": compare.latent_interpolation(decode, "bicubic"),
        "nearest latent": compare.latent_interpolation(decode, "nearest"),
        "decode, bicubic": compare.decode_then_bicubic(decode),
    }
    if args.peers.exists():
        methods["decode, SPAN"] = compare.decode_then_span(decode, args.peers, args.threads)
    ours = {name: compare.lua(model, decode) for name, model in open_luas(args).items()}
    fresh = set(ours)
    judge.results.forget(fresh, args.families)
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


def open_luas(args: argparse.Namespace) -> dict[str, EnlargeLatent]:
    """The LUAs of the command line by name; with --unbounded each without its bound, too."""
    states: dict[str, list[Path]] = {}
    for name, state in args.lua:
        states.setdefault(name, []).append(state)
    config = CONFIGS[args.config]
    models = {name: lua_enlarge(found, config, args.device) for name, found in states.items()}
    if args.unbounded:
        models |= {
            f"{name}, no bound": lua_enlarge(found, config, args.device, bounded=False)
            for name, found in states.items()
        }
    return models


def rivals(
    args: argparse.Namespace, decoders: dict[str, Decode]
) -> Iterator[tuple[str, compare.Enlarge]]:
    """What a user could do instead of LUA, by name: decode, then enlarge the picture."""
    for name, decode in decoders.items():
        yield f"{name}, bicubic", compare.decode_then_bicubic(decode)
        yield f"{name}, Lanczos", compare.decode_then_lanczos(decode)
        if args.peers.exists():
            yield f"{name}, SPAN", compare.decode_then_span(decode, args.peers, args.threads)
        yield f"bicubic latent, {name}", compare.latent_interpolation(decode, "bicubic")


def latent_of(val: Pictures, name: str, i: int, device: str) -> Tensor:
    """The i-th picture's latent [1,C,h,w]."""
    return val[name][i : i + 1].to(device).float()


def evaluate_decoder(args: argparse.Namespace, val: Pictures, judge: Judge) -> None:
    """Ours and TAESD's against the photographs, and a sheet."""
    decoders = open_decoders(args)
    judge.results.forget(find_own(args, decoders), args.families)
    rows = []
    for family in args.families:
        rows += judge_ways(args, val, judge, decoders, (family, "hr", DECODE))
        print(f"decoder {family} done", flush=True)
    if rows:
        write_sheet(rows, args.out / "decoder.png", args.sheet_side)


def evaluate_pairs(args: argparse.Namespace, val: Pictures, judge: Judge) -> None:
    """Small latent -> LUA -> ours and TAESD's decoder, and what resizes after decoding, against the
    photograph, and a sheet."""
    decoders, luas = open_decoders(args), open_luas(args)
    ways = dict(rivals(args, decoders))
    for name, decode in decoders.items():
        for lua, model in luas.items():
            ways[f"{lua}, {name}"] = compare.lua(model, decode)
    twice = {
        f"{lua} x2 twice, {name}": compare.lua_twice(model, decode)
        for name, decode in decoders.items()
        for lua, model in luas.items()
    }
    judge.results.forget(find_own(args, [*ways, *twice]), args.families)
    rows = []
    for family in args.families:
        for scale in (2, 4):
            at_scale = {name: partial(way, scale=scale) for name, way in ways.items()}
            if scale == 4:
                at_scale |= {name: partial(way, scale=4) for name, way in twice.items()}
            rows += judge_ways(args, val, judge, at_scale, (family, f"x{scale}", f"pair x{scale}"))
        print(f"pairs {family} done", flush=True)
    if rows:
        write_sheet(rows, args.out / "pairs.png", args.sheet_side)


def find_own(args: argparse.Namespace, names: Iterable[str]) -> set[str]:
    """Of the ways of making a picture those with a network of ours, whose rows are never kept."""
    luas = [lua for lua, _ in args.lua]
    starts = tuple(f"{lua}{rest}" for lua in luas for rest in (",", " x2 twice,"))
    return {n for n in names if n.startswith(starts) or "leap decoder" in n or "leap encoder" in n}


def judge_ways(
    args: argparse.Namespace,
    val: Pictures,
    judge: Judge,
    ways: dict[str, Decode],
    what: tuple[str, str, str],
) -> list[Row]:
    """Judges what each way makes of every picture's latent against the photograph; returns the
    rows of the sheet. what: the family, the latent's name (hr, x2, x4), the scale in the table."""
    family, latent, scale = what
    ours = find_own(args, ways)
    rows = []
    for i in range(args.pictures):
        photo = photograph(val, i, args.device)
        row = []
        for name, way in ways.items():
            key = (name, family, scale, str(i))
            if name not in ours and key in judge.results.rows and i >= args.sheet:
                continue
            image = way(family, latent_of(val, f"{family}.{latent}", i, args.device)).float()
            judge.add(key, image, photo)
            row.append((f"{family} {scale} {name}", image[0]))
        if i < args.sheet:
            rows.append([*row, ("photograph", photo[0])])
    judge.results.save()
    return rows


def evaluate_encoder(args: argparse.Namespace, val: Pictures, judge: Judge) -> None:
    """Photograph -> our encoder -> TAESD's decoder or ours, against the photograph, and the same of
    the photograph made smaller, enlarged by LUA; and a sheet. With TAESD's encoder in place of ours
    these are the rows of decoders and of pairs."""
    decoders = open_decoders(args)
    luas = open_luas(args)
    encoders = [FamilyEncoder.from_state(read_ema(state)).eval() for state in args.encoder]
    own = {f: model.to(args.device) for model in encoders for f in model.conv_out}
    if missing := set(args.families) - set(own):
        raise SystemExit(
            f"--encoder has no state for {', '.join(sorted(missing))}: see --families."
        )
    rows = []
    for family in args.families:
        latents = encode_anew(own[family], family, val, args)
        plain = {f"leap encoder, {name}": decode for name, decode in decoders.items()}
        larger = {
            f"leap encoder, {lua}, {name}": compare.lua(model, decode)
            for name, decode in decoders.items()
            for lua, model in luas.items()
        }
        judge.results.forget({*plain, *larger}, [family])
        rows += judge_ways(args, latents, judge, plain, (family, "hr", "encode"))
        for scale in (2, 4) if larger else ():
            ways = {name: partial(way, scale=scale) for name, way in larger.items()}
            what = (family, f"x{scale}", f"pair x{scale}")
            rows += judge_ways(args, latents, judge, ways, what)
        print(f"encoder {family} done", flush=True)
    if rows:
        write_sheet(rows, args.out / "encoder.png", args.sheet_side)


def encode_anew(
    encoder: FamilyEncoder, family: str, val: Pictures, args: argparse.Namespace
) -> Pictures:
    """The pictures with our encoder's latents of them in the place of TAESD's: hr, x2, x4."""
    anew = {"pixels": val["pixels"][: args.pictures]}
    photos = [photograph(anew, i, args.device) for i in range(args.pictures)]
    for scale, name in LATENTS.items() if args.lua else [(1, "hr")]:
        parts = [encoder(shrink(photo, scale), [family])[family].cpu() for photo in photos]
        anew[f"{family}.{name}"] = torch.cat(parts)
    return anew


def open_decoders(args: argparse.Namespace) -> dict[str, Decode]:
    """TAESD's and ours, by name, as far as they are asked for. In fp32, as differences of a few
    hundredths of a decibel are looked at."""
    decoders = {
        "TAESD": lambda: taesd_decode(args.weights, args.device, dtype=torch.float32),
        "leap decoder": lambda: leap_decode(args.decoder, args.device, torch.float32),
    }
    return {name: decoders[name]() for name in args.through}


def photograph(val: Pictures, i: int, device: str) -> Tensor:
    """The i-th picture [1,3,H,W] in [0,1]."""
    return val["pixels"][i : i + 1].to(device).float() / 255
