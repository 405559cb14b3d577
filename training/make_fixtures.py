"""Files as the real writers make them, for the tests of src/formats and src/latent.

    python training/make_fixtures.py --out src

Containers come from numpy, PyTorch and safetensors themselves (`src/formats/__fixtures__`);
layouts and spaces follow the published code of ComfyUI, diffusers, sd-scripts, musubi-tuner,
InvokeAI and LUA (`src/latent/__fixtures__`), each named beside its fixture. Every tensor holds
the same known values, whole multiples of 1/64 in [-2, 2) that all four float types represent
exactly. The manifests say what a reader must find: shapes and dtypes, and for latents the SHA-256
of the model-space values, float32, [C,H,W].

A second run changes a few files in bytes that mean nothing: the legacy format of torch.save holds
memory addresses, and safetensors keeps metadata in no order.
"""

import argparse
from pathlib import Path

from fixtures.caches import add_caches, add_others
from fixtures.containers import add_npy, add_npz, add_safetensors, add_torch
from fixtures.known import Folder
from fixtures.pipelines import add_comfyui, add_diffusers


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=Path("src"))
    args = parser.parse_args()
    formats = Folder(args.out / "formats" / "__fixtures__")
    for add in (add_safetensors, add_npy, add_npz, add_torch):
        add(formats)
    formats.close()
    latents = Folder(args.out / "latent" / "__fixtures__")
    for add in (add_comfyui, add_diffusers, add_caches, add_others):
        add(latents)
    latents.close()


if __name__ == "__main__":
    main()
