"""LUA: SwinIR on latents with one pixel-shuffle head per scale, state-dict names as published.

`Lua` is one model for one latent family, any of the layouts we run. `FamilyLua` trains one shared
trunk for several families: a first convolution and the heads' last ones for each.
"""

from dataclasses import asdict, dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from leap.networks.liif import LiifHead
from leap.networks.lua_heads import Head, build_upsample
from leap.networks.swin import Rstb, shift_mask


@dataclass(frozen=True)
class LuaConfig:
    """Shape of a LUA; the fields are the `config` of the exported metadata."""

    in_chans: int = 16
    embed_dim: int = 96
    depths: tuple[int, ...] = (4, 4, 4, 4)
    num_heads: tuple[int, ...] = (6, 6, 6, 6)
    window_size: int = 8
    mlp_ratio: float = 2
    head_width: int = 64
    scales: tuple[int, ...] = (2, 4)
    upsampler: str = (
        "multihead"  # or "pixelshuffle", "pixelshuffledirect": one scale, BasicSR names; "liif"
    )
    skip: str = "none"  # or "bicubic"
    refine: int = 0
    residual_bound: float | None = None

    def to_json(self) -> dict:
        """Plain dict for metadata."""
        return asdict(self)


def pad_reflect(x: Tensor, multiple: int) -> Tensor:
    """Pads right and bottom by reflection to a multiple; a short side reflects again and again,
    as numpy's 'reflect' does (a side of 1 repeats)."""

    def index(n: int) -> Tensor:
        padded = -(-n // multiple) * multiple
        if n == 1:
            return torch.zeros(padded, dtype=torch.long, device=x.device)
        i = torch.arange(padded, device=x.device) % (2 * n - 2)
        return torch.where(i < n, i, 2 * n - 2 - i)

    h, w = x.shape[2:]
    if h % multiple:
        x = x[:, :, index(h)]
    if w % multiple:
        x = x[:, :, :, index(w)]
    return x


class Lua(nn.Module):
    """The network of one family. `with_ends=False` leaves out the per-family convolutions."""

    def __init__(self, config: LuaConfig, with_ends: bool = True):
        super().__init__()
        self.config = c = config
        if with_ends:
            self.conv_first = nn.Conv2d(c.in_chans, c.embed_dim, 3, padding=1)
        self.patch_embed = nn.Module()
        self.patch_embed.norm = nn.LayerNorm(c.embed_dim)
        self.layers = nn.ModuleList(
            Rstb(c.embed_dim, depth, heads, c.window_size, c.mlp_ratio)
            for depth, heads in zip(c.depths, c.num_heads, strict=True)
        )
        self.norm = nn.LayerNorm(c.embed_dim)
        self.conv_after_body = nn.Conv2d(c.embed_dim, c.embed_dim, 3, padding=1)
        channels = c.in_chans if with_ends else None
        if c.upsampler == "multihead":
            self.heads = nn.ModuleDict(
                {f"x{s}": Head(c.embed_dim, c.head_width, s, c.refine, channels) for s in c.scales}
            )
        elif c.upsampler == "pixelshuffle":
            self.conv_before_upsample = nn.Sequential(
                nn.Conv2d(c.embed_dim, c.head_width, 3, padding=1), nn.LeakyReLU(0.01)
            )
            self.upsample = build_upsample(c.head_width, c.scales[0])
            self.conv_last = nn.Conv2d(c.head_width, c.in_chans, 3, padding=1)
        elif c.upsampler == "pixelshuffledirect":
            s = c.scales[0]
            self.upsample = nn.Sequential(
                nn.Conv2d(c.embed_dim, s * s * c.in_chans, 3, padding=1), nn.PixelShuffle(s)
            )
        elif c.upsampler == "liif":  # an ablation, trained with ends of its own (FamilyLua)
            self.liif = LiifHead(c.embed_dim, c.head_width)
        else:
            raise ValueError(f"unknown upsampler {c.upsampler}")

    def body(self, first: Tensor) -> Tensor:
        """Trunk from conv_first's output to the heads' input: [B,E,h,w] -> [B,E,h,w]."""
        window = self.config.window_size
        x = self.patch_embed.norm(first.permute(0, 2, 3, 1))
        mask = shift_mask(x.shape[1], x.shape[2], window, window // 2, x.device).to(x.dtype)
        for layer in self.layers:
            x = layer(x, mask)
        return self.conv_after_body(self.norm(x).permute(0, 3, 1, 2)) + first

    def head(self, features: Tensor, scale: int) -> Tensor:
        """[B,E,h,w] -> [B,C,s*h,s*w], before bound and skip."""
        if self.config.upsampler == "multihead":
            return self.heads[f"x{scale}"](features)
        if self.config.upsampler == "liif":
            return self.liif(features, scale)
        if self.config.upsampler == "pixelshuffle":
            return self.conv_last(self.upsample(self.conv_before_upsample(features)))
        return self.upsample(features)

    def forward(self, latent: Tensor, scale: int) -> Tensor:
        """Latent [B,C,h,w] -> [B,C,scale*h,scale*w] in the same space."""
        padded = pad_reflect(latent, self.config.window_size)
        residual = self.head(self.body(self.conv_first(padded)), scale)
        return finish(residual, latent, scale, self.config)


def finish(residual: Tensor, latent: Tensor, scale: int, config: LuaConfig) -> Tensor:
    """Crops the padding away, bounds the residual softly and adds the bicubic skip."""
    h, w = latent.shape[2:]
    residual = residual[:, :, : h * scale, : w * scale]
    if config.residual_bound is not None:
        residual = config.residual_bound * torch.tanh(residual / config.residual_bound)
    if config.skip == "bicubic":
        latent = latent.float()
        up = F.interpolate(latent, scale_factor=scale, mode="bicubic", align_corners=False)
        return up + residual
    return residual


class FamilyLua(nn.Module):
    """One trunk, heads ("multihead" or "liif") and per-family ends; a batch may mix families."""

    def __init__(self, config: LuaConfig, channels: dict[str, int]):
        super().__init__()
        self.config = config
        self.shared = Lua(config, with_ends=False)
        e, w = config.embed_dim, config.head_width
        k = 1 if config.upsampler == "liif" else 3
        self.conv_first = nn.ModuleDict(
            {f: nn.Conv2d(c, e, 3, padding=1) for f, c in channels.items()}
        )
        self.conv_last = nn.ModuleDict(
            {
                f: nn.ModuleDict(
                    {f"x{s}": nn.Conv2d(w, c, k, padding=k // 2) for s in config.scales}
                )
                for f, c in channels.items()
            }
        )
        for last in self.conv_last.values():
            for conv in last.values():  # starts close to the skip
                nn.init.normal_(conv.weight, std=1e-3)
                nn.init.zeros_(conv.bias)

    def forward(self, latents: dict[str, Tensor], scale: int) -> dict[str, Tensor]:
        """Latents of equal height and width per family, [B_f,C_f,h,w] -> [B_f,C_f,s*h,s*w]."""
        window = self.config.window_size
        padded = {f: pad_reflect(z, window) for f, z in latents.items()}
        first = torch.cat([self.conv_first[f](z) for f, z in padded.items()])
        features = self.shared.head(self.shared.body(first), scale)
        parts = features.split([len(z) for z in latents.values()])
        return {
            f: finish(self.conv_last[f][f"x{scale}"](part), latents[f], scale, self.config)
            for f, part in zip(latents, parts, strict=True)
        }

    def family_state(self, family: str) -> dict[str, Tensor]:
        """The per-family tensors under their `Lua` names."""
        out = {f"conv_first.{k}": v for k, v in self.conv_first[family].state_dict().items()}
        for scale, conv in self.conv_last[family].items():
            for k, v in conv.state_dict().items():
                out[f"heads.{scale}.conv_last.{k}"] = v
        return out
