"""A full VAE of diffusers in the place of a family's TAESD, in model space."""

from pathlib import Path

from torch import Tensor, nn


class VaeEncoder(nn.Module):
    """Pictures [B,3,8h,8w] in [0,1] -> the mode of their latents, [B,C,h,w] in model space."""

    def __init__(self, vae: nn.Module):
        super().__init__()
        self.vae = vae

    def forward(self, images: Tensor) -> Tensor:
        latents = self.vae.encode(images * 2 - 1).latent_dist.mode()
        return (latents - shift_of(self.vae)) * self.vae.config.scaling_factor


class VaeDecoder(nn.Module):
    """Latents [B,C,h,w] in model space -> pictures [B,3,8h,8w], nominally in [0,1]."""

    def __init__(self, vae: nn.Module):
        super().__init__()
        self.vae = vae

    def forward(self, latents: Tensor) -> Tensor:
        latents = latents / self.vae.config.scaling_factor + shift_of(self.vae)
        return self.vae.decode(latents).sample / 2 + 0.5


def shift_of(vae: nn.Module) -> float:
    """model space = (decoder space - shift) * scaling_factor; SD 1.5 and SDXL have no shift."""
    return getattr(vae.config, "shift_factor", None) or 0.0


def load_vae(part: str, folder: Path) -> nn.Module:
    """'encoder' or 'decoder' of an AutoencoderKL folder (config.json and weights)."""
    try:
        from diffusers import AutoencoderKL
    except ImportError as missing:
        raise SystemExit("--vae needs diffusers: pip install diffusers") from missing
    vae = AutoencoderKL.from_pretrained(folder).eval().requires_grad_(False)
    return VaeEncoder(vae) if part == "encoder" else VaeDecoder(vae)
