r"""Goes on with a decoder under different loss terms, some minutes each, and tables the results.

    python -m experiments.ablate_terms --cache CACHE --out ABLATION \
        --start RUNS/TRUNK/decoder.state.pt

One family, six windows of 128 pixels a step, a full cosine from 7e-4. Judged on all validation
pictures against the photograph; the last column is a perceptual network that is never a loss. Run
again it goes on.
"""

import argparse
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch
from safetensors.torch import load_file

from leap.evaluation.distance_means import Judges
from leap.families import FAMILIES
from leap.frozen import leap_decode
from leap.training.decoder_phases import ACCURATE, SHARP, decoder_phase
from leap.training.train_decoder import DecoderRun, train_decoder

BY_L1 = {"l1": 1.0, "gradient": 0.5, "fft": 0.3, "log_mse": 0.0}
"""What the log of the mean square error took the place of."""


@dataclass(frozen=True)
class Variant:
    """A row: weights that differ from phase `plain`'s, and the critic's share of the gradient."""

    name: str
    weights: dict[str, float] = field(default_factory=dict)
    critic: float = 0.0


VARIANTS = (
    Variant("plain"),
    Variant("L1, gradient, FFT 0.3", BY_L1),
    Variant("L1, gradient, FFT 2", BY_L1 | {"fft": 2.0}),
    Variant("perceptual 1", {"perceptual": 1.0}),
    Variant("perceptual 0.5, critic 0.2", {"perceptual": 0.5}, critic=0.2),
    Variant("sharp", SHARP),
    Variant("sharp, no grid term", SHARP | {"grid": 0.0}),
    Variant("sharp, L1, gradient, FFT 0.3", SHARP | BY_L1),
)


def run_variant(variant: Variant, args: argparse.Namespace, judges: Judges) -> str:
    """Trains (or resumes) a variant and measures it: a row of the table."""
    phase = decoder_phase("plain", "cpu", [args.family])
    phase.schedule = replace(
        phase.schedule, steps=1_000_000, minutes=args.minutes, warmup=50, lr=7e-4
    )
    phase.weights = ACCURATE | variant.weights
    phase.adversarial, phase.perceptual_images = variant.critic, 3
    folder = args.out / variant.name.replace(", ", "_").replace(" ", "-")
    run = DecoderRun(args.cache, folder, phase, start=args.start, val_every=10**9)
    trainer = train_decoder(run)
    decode = leap_decode([trainer.state_path], "cpu")
    values = judges.means(decode, args.family)[:4]
    cells = [f"{v:.{digits}f}" for v, digits in zip(values, (2, 3, 2, 3), strict=True)]
    return f"| {variant.name} | {trainer.step} | {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cache", type=Path, required=True, help="a finished cache")
    parser.add_argument("--start", type=Path, required=True, help="state to go on from")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--family", choices=list(FAMILIES), default="sdxl")
    parser.add_argument("--minutes", type=float, default=4)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    args.out.mkdir(parents=True, exist_ok=True)
    judges = Judges(load_file(args.cache / "val.safetensors"))
    lines = ["| terms | steps | PSNR | distance | energy | unseen distance |", "|---" * 6 + "|"]
    for variant in VARIANTS:
        lines.append(run_variant(variant, args, judges))
        (args.out / "terms-ablation.md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
