"""Our LUA: the first two stages of our decoder, with attention between them and heads after them.

The features of our decoder at 1/4 of the small picture lie on the grid of the latent of twice the
size, so a LUA that begins with the decoder's own weights already sees all of the picture there.
Where the decoder sees statistics of the whole latent (FLUX.2's `Tone`), so does LUA.
"""

import math
from dataclasses import asdict, dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from leap.networks.leap_decoder import TONED, ConvBlock, FamilyDecoder, Tone, soft_clamp
from leap.networks.lua import LuaConfig, finish, pad_reflect
from leap.networks.swin import Rstb, shift_mask

SMALL_STD = 1e-3
"""Deviation of the first weights that end a branch, which begins close to adding nothing."""


@dataclass(frozen=True)
class LeapLuaConfig:
    """Shape of our LUA; the fields are the `config` of the exported metadata.

    widths: channels at the latent's size, at twice and at four times its size; stem, middle, tail:
    residual blocks before the Swin groups, after the first pixel-shuffle for both heads, and in
    each head; groups: Swin groups of two blocks.
    """

    in_chans: int = 16
    widths: tuple[int, int, int] = (96, 80, 64)
    stem: int = 3
    groups: int = 3
    heads: int = 3
    window_size: int = 8
    mlp_ratio: float = 2
    middle: int = 3
    tail: int = 2
    scales: tuple[int, ...] = (2, 4)
    clamp: float = 3.0
    skip: str = "bicubic"
    residual_bound: float | None = 4.0
    layout: str = "leap"

    def to_json(self) -> dict:
        """Plain dict for metadata."""
        return asdict(self)


def end_small(conv: nn.Conv2d) -> None:
    """Lets a branch begin close to adding nothing."""
    nn.init.normal_(conv.weight, std=SMALL_STD)
    nn.init.zeros_(conv.bias)


def small_blocks(width: int, count: int) -> nn.ModuleList:
    """Residual blocks that begin close to the identity."""
    blocks = nn.ModuleList(ConvBlock(width) for _ in range(count))
    for block in blocks:
        end_small(block.conv2)
    return blocks


class LeapLuaTrunk(nn.Module):
    """What the families share: features of the first convolution [B,w0,h,w] to those that the
    family's last convolution takes, [B,w1,2h,2w] for x2 and [B,w2,4h,4w] for x4."""

    def __init__(self, config: LeapLuaConfig):
        super().__init__()
        self.config = c = config
        low, double, fourfold = c.widths
        self.stem = nn.ModuleList(ConvBlock(low) for _ in range(c.stem))
        self.layers = nn.ModuleList(
            Rstb(low, 2, c.heads, c.window_size, c.mlp_ratio) for _ in range(c.groups)
        )
        for layer in self.layers:
            end_small(layer.conv)
        self.up = nn.Conv2d(low, 4 * double, 1)
        self.middle = nn.ModuleList(ConvBlock(double) for _ in range(c.middle))
        self.heads = nn.ModuleDict()
        if 2 in c.scales:
            self.heads["x2"] = nn.ModuleDict({"blocks": small_blocks(double, c.tail)})
        if 4 in c.scales:
            up = nn.Conv2d(double, 4 * fourfold, 1)
            self.heads["x4"] = nn.ModuleDict({"up": up, "blocks": small_blocks(fourfold, c.tail)})

    def forward(self, x: Tensor, scale: int) -> Tensor:
        for block in self.stem:
            x = block(x)
        if self.layers:
            window = self.config.window_size
            y = x.permute(0, 2, 3, 1)
            mask = shift_mask(y.shape[1], y.shape[2], window, window // 2, y.device).to(y.dtype)
            for layer in self.layers:
                y = layer(y, mask)
            x = y.permute(0, 3, 1, 2)
        x = F.pixel_shuffle(self.up(x), 2)
        for block in self.middle:
            x = block(x)
        return F.relu(self.enlarge(x, scale))

    def enlarge(self, x: Tensor, scale: int) -> Tensor:
        """A factor's head: features at twice the latent's size to those of the result."""
        head = self.heads[f"x{scale}"]
        if scale == 4:
            x = F.pixel_shuffle(head["up"](x), 2)
        for block in head["blocks"]:
            x = block(x)
        return x


def attention_of(state: dict[str, Tensor]) -> dict[str, float]:
    """Heads, window and hidden width of a state's Swin groups; nothing where it has none."""
    block = "shared.layers.0.residual_group.blocks.0."
    table = state.get(f"{block}attn.relative_position_bias_table")
    if table is None:
        return {}
    positions, heads = table.shape
    hidden, low = state[f"{block}mlp.fc1.weight"].shape
    window = (math.isqrt(positions) + 1) // 2
    return {"heads": heads, "window_size": window, "mlp_ratio": hidden / low}


class FamilyLeapLua(nn.Module):
    """A trunk with a first convolution and last convolutions for each of its families; latents of
    model space to latents of model space."""

    trunk: type[LeapLuaTrunk] = LeapLuaTrunk

    def __init__(self, config: LeapLuaConfig, channels: dict[str, int]):
        super().__init__()
        self.config = config
        self.shared = self.trunk(config)
        widths = {f"x{s}": config.widths[1 if s == 2 else 2] for s in config.scales}
        self.conv_first = nn.ModuleDict(
            {f: nn.Conv2d(c, config.widths[0], 3, padding=1) for f, c in channels.items()}
        )
        self.conv_last = nn.ModuleDict(
            {
                f: nn.ModuleDict({s: nn.Conv2d(w, c, 3, padding=1) for s, w in widths.items()})
                for f, c in channels.items()
            }
        )
        for last in self.conv_last.values():
            for conv in last.values():
                end_small(conv)
        self.tone = nn.ModuleDict({f: Tone(c) for f, c in channels.items() if f in TONED})

    def forward(
        self, latents: dict[str, Tensor], scale: int, wholes: dict[str, Tensor] | None = None
    ) -> dict[str, Tensor]:
        """Latents of equal height and width per family, [B_f,C_f,h,w] -> [B_f,C_f,s*h,s*w].

        wholes: where latents are windows, what they were cut from (needed for toned families).
        """
        firsts = [self._enter(f, z, (wholes or latents).get(f)) for f, z in latents.items()]
        features = self.shared(torch.cat(firsts), scale).split([len(z) for z in latents.values()])
        ends = LuaConfig(skip=self.config.skip, residual_bound=self.config.residual_bound)
        return {
            f: finish(self.conv_last[f][f"x{scale}"](part), latents[f], scale, ends)
            for f, part in zip(latents, features, strict=True)
        }

    def _enter(self, family: str, z: Tensor, whole: Tensor | None) -> Tensor:
        clamp = self.config.clamp
        x = soft_clamp(pad_reflect(z, self.config.window_size), clamp)
        if family in self.tone:
            x = self.tone[family](x, soft_clamp(whole, clamp))
        return self.conv_first[family](x)

    def begin_from(self, decoder: FamilyDecoder) -> None:
        """Takes the decoder's first convolutions, its tones and its first two stages. A family that
        the decoder lacks keeps its own first convolution."""
        for family, conv in self.conv_first.items():
            if family in decoder.conv_in:
                conv.load_state_dict(decoder.conv_in[family].state_dict())
            if family in decoder.tone:
                self.tone[family].load_state_dict(decoder.tone[family].state_dict())
        first, second = decoder.trunk.stages[:2]
        for ours, theirs in zip(self.shared.stem, first.blocks, strict=True):
            ours.load_state_dict(theirs.state_dict())
        for ours, theirs in zip(self.shared.middle, second.blocks, strict=True):
            ours.load_state_dict(theirs.state_dict())
        self.shared.up.load_state_dict(decoder.trunk.up[0].state_dict())

    def family_state(self, family: str) -> dict[str, Tensor]:
        """The family's tensors under their exported names."""
        out = {f"conv_first.{k}": v for k, v in self.conv_first[family].state_dict().items()}
        for scale, conv in self.conv_last[family].items():
            for k, v in conv.state_dict().items():
                out[f"heads.{scale}.conv_last.{k}"] = v
        if family in self.tone:
            out |= {f"tone.{k}": v for k, v in self.tone[family].state_dict().items()}
        return out

    @classmethod
    def from_state(cls, state: dict[str, Tensor]) -> "FamilyLeapLua":
        """The LUA that a state dict describes: its shape and its families."""

        def count(prefix: str) -> int:
            rest = [k.removeprefix(prefix) for k in state if k.startswith(prefix)]
            return len({k.split(".")[0] for k in rest})

        channels = {
            k.split(".")[1]: v.shape[1]
            for k, v in state.items()
            if k.startswith("conv_first.") and k.endswith(".weight")
        }
        lasts = {
            s: v.shape[1] for s in (2, 4) for k, v in state.items() if k.endswith(f".x{s}.weight")
        }
        config = LeapLuaConfig(
            stem=count("shared.stem."),
            groups=count("shared.layers."),
            middle=count("shared.middle."),
            tail=count(f"shared.heads.x{min(lasts)}.blocks."),
            scales=tuple(lasts),
            widths=(
                len(state["shared.stem.0.conv0.weight"]),
                len(state["shared.middle.0.conv0.weight"]),
                lasts.get(4, 0),
            ),
            in_chans=next(iter(channels.values())),
            **attention_of(state),
        )
        net = cls(config, channels)
        net.load_state_dict(state)
        return net
