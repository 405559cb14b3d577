"""The five latent families, in model space (scaled, about unit variance, stride 8)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Family:
    """One latent space.

    id: the name in our file names; channels: latent channels at stride 8;
    taesd: stem of the tiny autoencoder's weight files (`<taesd>_encoder`, `<taesd>_decoder`);
    affine: (scale, shift), decoder space = model space / scale + shift, as the VAE configurations
    that diffusers publishes say it; None where the VAE has a batch norm of its own.
    """

    id: str
    channels: int
    taesd: str
    affine: tuple[float, float] | None


FAMILIES: dict[str, Family] = {
    f.id: f
    for f in (
        Family("sd15", 4, "taesd", (0.18215, 0.0)),
        Family("sdxl", 4, "taesdxl", (0.13025, 0.0)),
        Family("sd3", 16, "taesd3", (1.5305, 0.0609)),
        Family("flux1", 16, "taef1", (0.3611, 0.1159)),
        Family("flux2", 32, "taef2", None),
    )
}

TRUNKS: dict[str, tuple[str, ...]] = {
    "trunk-sd15": ("sd15",),
    "trunk-sdxl": ("sdxl",),
    "trunk-sd3-flux1": ("sd3", "flux1"),
    "trunk-flux2": ("flux2",),
}
"""The families that share a trunk of a decoder: those of sixteen latent channels. FLUX.2, whose
latents tell most, and those of four channels, from which much has to be made up, need one each."""

AFFINE: dict[str, tuple[float, float]] = {f.id: f.affine for f in FAMILIES.values() if f.affine}
"""Family id -> (scale, shift), for those whose VAE has no batch norm."""

STRIDE = 8
"""Pixels per latent position."""


def channels_of(families: list[str] | None = None) -> dict[str, int]:
    """Family id -> latent channels, for `families` or for all five."""
    return {f: FAMILIES[f].channels for f in (families or list(FAMILIES))}
