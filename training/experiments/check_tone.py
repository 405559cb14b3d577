"""Tells what FLUX.2's decoder loses on windows that are decoded with their own statistics.

    python -m experiments.check_tone --val CACHE/val.safetensors --decoder STATE

Prints the means over the validation pictures: PSNR of the quarter on top and on the left, decoded
with the statistics of the whole latent, and with those of the quarter.
"""

import torch

from leap.evaluation.decoder_check import parse_check, read_validation
from leap.evaluation.metrics import psnr
from leap.frozen import leap_decode

FAMILY = "flux2"


@torch.inference_mode()
def main() -> None:
    args = parse_check(__doc__.splitlines()[0])
    val, decode = read_validation(args), leap_decode(args.decoder, "cpu")
    wholes, photos = val[f"{FAMILY}.hr"].float().split(1), val["pixels"].split(1)
    found = []
    for z, photo in zip(wholes, photos, strict=True):
        side = z.shape[-1] // 2
        quarter, target = z[:, :, :side, :side], photo[:, :, : 8 * side, : 8 * side].float() / 255
        images = [decode(FAMILY, quarter, whole).float().clamp(0, 1) for whole in (z, quarter)]
        found.append(torch.cat([psnr(image, target) for image in images]))
    known, alone = torch.stack(found).mean(0).tolist()
    print(f"{known:.2f} dB with the whole's statistics, {alone:.2f} dB with the window's own")


if __name__ == "__main__":
    main()
