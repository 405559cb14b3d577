r"""Judges decoders by two perceptual networks: one they were trained with, and one they were not.

    python -m experiments.check_judges --val CACHE/val.safetensors --decoder STATES \
        [--families sd3 flux1]

Prints, for TAESD and each state, means over the validation pictures: PSNR, energy ratio, and the
distances of EfficientNet-Lite0 (a loss of phase `sharp`) and -Lite1 (never a loss). What falls in
the first but not in the second has only learnt its judge.
"""

from leap.evaluation.decoder_check import each_decoder, parse_check, read_validation
from leap.evaluation.distance_means import Judges


def main() -> None:
    args = parse_check(__doc__.splitlines()[0])
    judges = Judges(read_validation(args))
    for family, name, decode in each_decoder(args):
        found = judges.means(decode, family)
        print(
            f"{family} {name}: {found.psnr:.2f} dB, energy {found.energy:.2f}, "
            f"distance {found.known:.3f} (Lite1, unseen: {found.unseen:.3f})",
            flush=True,
        )


if __name__ == "__main__":
    main()
