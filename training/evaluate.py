"""Measures LUA and our decoders on validation latents: a table, a CSV and contact sheets.

LUA rows: against TAESD's decode of the high-resolution latent. Decoder rows, encoder rows (our
latent of a photograph, decoded; with --lua also of a smaller one, enlarged) and pair rows (a small
latent, LUA and a decoder, or a decoder and then a larger picture; --pairs): against the
photograph. The pictures: --val, a val.safetensors of build_cache.py, or --photos, any folder (its
pictures' middle 512 pixels are encoded first). Give --lua a state after each stage to compare
stages; --unbounded adds each LUA without its residual's bound. The feature distance is that of
perceptual.py (EfficientNet-Lite0, not LPIPS). Results are kept per picture in results.csv; rows of
baselines found there are not computed again, those of our own networks always are. A folder holds
results of the same pictures only. --costs adds multiply-adds and milliseconds to the decoders'
rows.
"""

import argparse
from pathlib import Path

import torch
from safetensors.torch import load_file

from leap.data.crops import CROP, centre_crop, list_pictures
from leap.evaluation.costs import Costs
from leap.evaluation.evaluations import (
    DECODERS,
    Pictures,
    evaluate_decoder,
    evaluate_encoder,
    evaluate_lua,
    evaluate_pairs,
)
from leap.evaluation.results import Judge, Results, digest_of
from leap.families import FAMILIES
from leap.training.train_lua import CONFIGS
from prepare.build_cache import Codec, encode_core


def named_state(text: str) -> tuple[str, Path]:
    """'LUA I+II=path' -> (name, path)."""
    name, _, path = text.rpartition("=")
    return name or "LUA", Path(path)


def read_pictures(args: argparse.Namespace) -> Pictures:
    """Those of the command line."""
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
    parser.add_argument(
        "--lua",
        type=named_state,
        nargs="*",
        default=[],
        help="[NAME=]STATE; one name may have a state for each trunk",
    )
    parser.add_argument("--unbounded", action="store_true", help="LUA without its bound, too")
    parser.add_argument("--decoder", type=Path, nargs="+", help="states of our decoders")
    parser.add_argument(
        "--encoder",
        type=Path,
        nargs="+",
        help="states of our encoders: their rows, not decoders'",
    )
    parser.add_argument("--pairs", action="store_true", help="LUA and decoder, nothing else")
    parser.add_argument(
        "--through",
        nargs="+",
        choices=DECODERS,
        default=DECODERS,
        help="the decoders of pairs, of encoders and of what resizes after decoding",
    )
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
    if (args.pairs or args.encoder) and "leap decoder" in args.through and not args.decoder:
        parser.error("--pairs and --encoder need --decoder, or --through TAESD")
    torch.set_num_threads(args.threads)
    args.out.mkdir(parents=True, exist_ok=True)
    with torch.inference_mode():
        val = read_pictures(args)
        results = Results(args.out / "results.csv", digest_of(val["pixels"]), Costs(args.costs))
        judge = Judge(results, args.device)
        args.pictures = min(args.pictures, len(val["pixels"]))
        if args.pairs:
            evaluate_pairs(args, val, judge)
        elif (args.lua and not args.encoder) or args.only is not None:
            evaluate_lua(args, val, judge)
        if args.decoder and not args.pairs and not args.encoder:
            evaluate_decoder(args, val, judge)
        if args.encoder:
            evaluate_encoder(args, val, judge)
    judge.results.save()
    print(judge.results.table())


if __name__ == "__main__":
    main()
