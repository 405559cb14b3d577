"""Trains the decoder's variants, tiny, at equal multiply-adds, and writes their table.

    python -m experiments.ablate_decoder --cache CACHE --out ABLATION --threads 1

Two families, windows of 128 pixels, the terms of phase `plain`. `--units` is the budget: steps of
four windows of the first variant; a cheaper network or a smaller batch gets more steps for it.
Judged on all validation pictures against the photograph. Run again it goes on.
"""

import argparse
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from safetensors.torch import load_file

from leap.data.windows import WindowRule
from leap.evaluation.multiply_adds import count_multiply_adds, count_parameters
from leap.families import STRIDE, channels_of
from leap.networks.leap_decoder import DecoderConfig, FamilyDecoder
from leap.training.decoder_phases import decoder_phase
from leap.training.train_decoder import DecoderRun, train_decoder, validate
from leap.training.trainer import load_ema

FAMILIES = ["flux1", "sdxl"]
WINDOW = 16
"""Latent positions."""


@dataclass(frozen=True)
class Variant:
    """A row: the network's shape, windows a family and step, the learning rate."""

    widths: tuple[int, ...] = (96, 64, 48)
    blocks: tuple[int, ...] = (3, 3, 3)
    batch: int = 2
    rate: float = 2e-3

    @property
    def name(self) -> str:
        """As in the table."""
        widths, blocks = ("/".join(map(str, values)) for values in (self.widths, self.blocks))
        return f"{widths}, {blocks}, batch {self.batch}, {self.rate:g}"


VARIANTS = (
    Variant(),
    Variant((96, 64, 32)),
    Variant((112, 64, 40), (3, 3, 2)),
    Variant((112, 80, 32), (2, 3, 2)),
    Variant((96, 88), (3, 4)),
    Variant((96, 80, 32), (3, 3, 2)),
    Variant(rate=5e-3),
    Variant(rate=1e-3),
    Variant(rate=1e-3, batch=1),
)


def cost(config: DecoderConfig) -> tuple[float, int]:
    """Multiply-adds per output pixel, and parameters, of the FLUX.1 decoder."""
    with torch.device("meta"):
        model, z = FamilyDecoder(config, channels_of(["flux1"])), torch.empty(1, 16, 8, 8)
        operations = count_multiply_adds(model, lambda: model({"flux1": z})["flux1"])
    return operations / (8 * STRIDE) ** 2, count_parameters(model)


def run_variant(variant: Variant, args: argparse.Namespace) -> str:
    """Trains (or resumes) a variant and measures it: a row of the table."""
    config = DecoderConfig(widths=variant.widths, blocks=variant.blocks)
    per_pixel, parameters = cost(config)
    first, _ = cost(DecoderConfig(widths=VARIANTS[0].widths, blocks=VARIANTS[0].blocks))
    steps = int(args.units * first / per_pixel * VARIANTS[0].batch / variant.batch)
    phase = decoder_phase("plain", "cpu", FAMILIES)
    phase.windows = WindowRule(variant.batch, WINDOW, families=FAMILIES)
    phase.schedule = replace(phase.schedule, steps=steps, warmup=30, lr=variant.rate, ema=0.98)
    folder = args.out / variant.name.replace("/", "-").replace(", ", "_").replace(" ", "")
    trainer = train_decoder(DecoderRun(args.cache, folder, phase, config, val_every=10**9))
    model = load_ema(FamilyDecoder(config, channels_of(FAMILIES)), trainer.state_path).eval()
    found = validate(model, load_file(args.cache / "val.safetensors"), "cpu")
    cells = [f"{found[f'val.psnr.{f}']:.2f} / {found[f'val.energy.{f}']:.2f}" for f in FAMILIES]
    numbers = f"{per_pixel / 1e3:.0f} k | {parameters / 1e6:.2f} M | {steps}"
    return f"| {variant.name} | {numbers} | {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cache", type=Path, required=True, help="a finished cache")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--units", type=int, default=600)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    args.out.mkdir(parents=True, exist_ok=True)
    lines = [
        f"| network, batch, rate | per pixel | parameters | steps | {' | '.join(FAMILIES)} |",
        "|---" * 6 + "|",
    ]
    for variant in VARIANTS:
        lines.append(run_variant(variant, args))
        (args.out / "decoder-ablation.md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
