"""Writes the references of the full autoencoders: diffusers' outputs for random weights.

    pip install diffusers
    python -m references.make_kl_references

Weights and inputs are those of make_references.py. One case has the original (CompVis) tensor names
and goes through diffusers' own conversion, so that the order of the levels is not only ours.
"""

import re

import torch
from diffusers import AutoencoderKL, AutoencoderKLFlux2
from diffusers.loaders.single_file_utils import convert_ldm_vae_checkpoint
from torch import Tensor

from references.make_references import fill, random_tensor, write

WIDTHS = (128, 256, 512, 512)
BLOCKS = {
    "block_out_channels": WIDTHS,
    "down_block_types": ("DownEncoderBlock2D",) * 4,
    "up_block_types": ("UpDecoderBlock2D",) * 4,
    "layers_per_block": 2,
}
NO_QUANT = {"use_quant_conv": False, "use_post_quant_conv": False}
SIZES = [(6, 4), (2, 10)]
"""Latent positions; FLUX.2's are even."""


def build(channels: int, **options: object) -> AutoencoderKL:
    """SD 1.5 and SDXL: 4 channels; SD3 and FLUX.1: 16, no quant convolutions."""
    return AutoencoderKL(latent_channels=channels, **BLOCKS, **options)


def outputs(vae: AutoencoderKL | AutoencoderKLFlux2, channels: int) -> dict[str, Tensor]:
    """decode_<h>x<w>: pictures in [0, 1]; encode_<h>x<w>: mean latents."""
    out = {}
    for h, w in SIZES:
        latent = random_tensor("input", (1, channels, h, w))
        picture = random_tensor("input", (1, 3, 8 * h, 8 * w))
        out[f"decode_{h}x{w}"] = vae.decode(undo_norm(vae, latent)).sample * 0.5 + 0.5
        mean = vae.encode(picture * 2 - 1).latent_dist.mean
        out[f"encode_{h}x{w}"] = apply_norm(vae, mean)
    return out


def deviation(vae: AutoencoderKLFlux2) -> Tensor:
    """[1,128,1,1], as FLUX.2's pipeline computes it."""
    return torch.sqrt(vae.bn.running_var + vae.config.batch_norm_eps).view(1, -1, 1, 1)


def undo_norm(vae: AutoencoderKL | AutoencoderKLFlux2, latent: Tensor) -> Tensor:
    """Model space to decoder space: FLUX.2's batch norm is on 2x2 patches."""
    if not hasattr(vae, "bn"):
        return latent
    packed = torch.nn.functional.pixel_unshuffle(latent, 2)
    mean = vae.bn.running_mean.view(1, -1, 1, 1)
    return torch.nn.functional.pixel_shuffle(packed * deviation(vae) + mean, 2)


def apply_norm(vae: AutoencoderKL | AutoencoderKLFlux2, latent: Tensor) -> Tensor:
    """The inverse of `undo_norm`."""
    if not hasattr(vae, "bn"):
        return latent
    packed = torch.nn.functional.pixel_unshuffle(latent, 2)
    mean = vae.bn.running_mean.view(1, -1, 1, 1)
    return torch.nn.functional.pixel_shuffle((packed - mean) / deviation(vae), 2)


def to_original(name: str) -> str:
    """diffusers' tensor name to CompVis'."""
    name = re.sub(r"up_blocks\.(\d)", lambda m: f"up.{3 - int(m[1])}", name)
    name = re.sub(r"down_blocks\.(\d)", r"down.\1", name)
    name = re.sub(r"mid_block\.resnets\.(\d)", lambda m: f"mid.block_{int(m[1]) + 1}", name)
    for ours, theirs in [
        ("resnets.", "block."),
        ("samplers.0.conv", "sample.conv"),
        ("conv_shortcut", "nin_shortcut"),
        ("conv_norm_out", "norm_out"),
        ("mid_block.attentions.0", "mid.attn_1"),
        ("group_norm", "norm"),
        ("to_out.0", "proj_out"),
        ("to_", ""),
    ]:
        name = name.replace(ours, theirs)
    return name


def build_original(channels: int) -> AutoencoderKL:
    """Random weights under CompVis' names, converted and loaded by diffusers."""
    vae = build(channels)
    checkpoint = {}
    for name, tensor in vae.state_dict().items():
        shape = tuple(tensor.shape)
        if "attentions" in name and len(shape) == 2:
            shape = (*shape, 1, 1)
        checkpoint[to_original(name)] = random_tensor(to_original(name), shape)
    converted = convert_ldm_vae_checkpoint(checkpoint, dict(vae.config))
    vae.load_state_dict(converted)
    return vae.eval()


def main() -> None:
    """Four architectures and one key layout."""
    small = {"decoder_block_out_channels": (96, 192, 384, 384)}
    with torch.no_grad():
        write("kl-sd", outputs(fill(build(4)), 4))
        write("kl-original", outputs(build_original(4), 4))
        write("kl-flux1", outputs(fill(build(16, **NO_QUANT)), 16))
        write("kl-flux2", outputs(fill(AutoencoderKLFlux2(**BLOCKS)), 32))
        write("kl-flux2-small", outputs(fill(AutoencoderKLFlux2(**BLOCKS, **small)), 32))


if __name__ == "__main__":
    main()
