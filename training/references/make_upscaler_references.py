"""Writes reference outputs of other people's latent upscalers.

    python -m references.make_upscaler_references [--only lsr]

Weights and inputs are made as in make_references.py.
"""

import argparse
from collections.abc import Callable

import torch
from torch import Tensor

from leap.networks.latent_upscalers import Lsr, NnLatentUpscale, SdLatentUpscaler
from references.make_references import fill, random_tensor, write

SIZES = [(8, 8), (17, 33)]
SMALL = [(8, 8), (9, 13)]


def outputs(
    run: Callable[[Tensor, float], Tensor], factors: tuple[float, ...], sizes: list[tuple[int, int]]
) -> dict[str, Tensor]:
    """Outputs named x<scale>_<h>x<w>."""
    return {
        f"x{scale}_{h}x{w}": run(random_tensor("input", (1, 4, h, w)), scale)
        for scale in factors
        for h, w in sizes
    }


def nn_latent_upscale() -> dict[str, Tensor]:
    return outputs(fill(NnLatentUpscale()), (1.25, 1.5, 2), SMALL)


def sd_latent_upscaler() -> dict[str, Tensor]:
    return outputs(lambda z, scale: fill(SdLatentUpscaler(scale))(z), (1.25, 1.5, 2), SIZES)


def lsr() -> dict[str, Tensor]:
    return outputs(fill(Lsr()), (1.25, 1.5, 2, 3, 4), SMALL)


NETWORKS = {
    "nn-latent-upscale": nn_latent_upscale,
    "sd-latent-upscaler": sd_latent_upscaler,
    "lsr": lsr,
}


def main() -> None:
    """Writes all references, or the one named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=NETWORKS)
    only = parser.parse_args().only
    with torch.no_grad():
        for name, make in NETWORKS.items():
            if only in (None, name):
                write(name, make())


if __name__ == "__main__":
    main()
