"""The five latent families, in model space (scaled, about unit variance, stride 8)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Family:
    """One latent space.

    id: the name in our file names; channels: latent channels at stride 8;
    taesd: stem of the tiny autoencoder's weight files (`<taesd>_encoder`, `<taesd>_decoder`).
    """

    id: str
    channels: int
    taesd: str


FAMILIES: dict[str, Family] = {
    f.id: f
    for f in (
        Family("sd15", 4, "taesd"),
        Family("sdxl", 4, "taesdxl"),
        Family("sd3", 16, "taesd3"),
        Family("flux1", 16, "taef1"),
        Family("flux2", 32, "taef2"),
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

STRIDE = 8
"""Pixels per latent position."""


def channels_of(families: list[str] | None = None) -> dict[str, int]:
    """Family id -> latent channels, for `families` or for all five."""
    return {f: FAMILIES[f].channels for f in (families or list(FAMILIES))}
