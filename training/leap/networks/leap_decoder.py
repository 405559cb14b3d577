"""Our decoder: works at 1/8, 1/4 and 1/2 resolution, pixel-shuffles out.

FLUX.2 alone has statistics of the whole latent put in before the first convolution (`Tone`): its
encoders normalise by the picture, so the same picture part has other latents in another picture.
They are taken once, from the whole, so tiles with a halo stay exact.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from leap.networks.conv3 import Conv3


@dataclass(frozen=True)
class DecoderConfig:
    """Shape of a decoder; `channels` is the family's latent channels."""

    channels: int = 16
    widths: tuple[int, ...] = (96, 80, 32)
    blocks: tuple[int, ...] = (3, 3, 2)
    clamp: float = 3

    def to_json(self) -> dict:
        """Plain dict for metadata."""
        return {"kind": "decoder", **asdict(self)}


TONED = ("flux2",)
"""Families whose decoder, encoder and LUA see the whole latent's statistics."""

TONE_WIDTH = 64

FIRST = ["conv0", "weight"]
"""Ends the key of a residual block's first tensor: one a block."""


def any_toned(families: Iterable[str]) -> bool:
    """Whether one of the families has a tone."""
    return any(family in TONED for family in families)


def soft_clamp(z: Tensor, bound: float) -> Tensor:
    """Values within +-bound; small ones are left nearly as they are."""
    return bound * torch.tanh(z / bound)


def statistics(z: Tensor) -> Tensor:
    """Mean and standard deviation of each channel: [B,C,h,w] -> [B,2C]."""
    mean = z.mean((2, 3))
    variance = (z - mean[:, :, None, None]).square().mean((2, 3))
    return torch.cat([mean, (variance + 1e-6).sqrt()], 1)


class Tone(nn.Module):
    """Scales and shifts latent channels by what the whole latent's statistics tell."""

    def __init__(self, channels: int):
        super().__init__()
        self.fc0 = nn.Linear(2 * channels, TONE_WIDTH)
        self.fc1 = nn.Linear(TONE_WIDTH, 2 * channels)
        nn.init.zeros_(self.fc1.weight)
        nn.init.zeros_(self.fc1.bias)

    def forward(self, z: Tensor, whole: Tensor) -> Tensor:
        """z [B,C,h,w], a window of the whole [B,C,H,W]."""
        told = statistics(whole.float()).to(z.dtype)
        gain, shift = self.fc1(F.relu(self.fc0(told)))[:, :, None, None].chunk(2, 1)
        return z * (1 + gain) + shift


class ConvBlock(nn.Module):
    """x + conv2(ReLU(conv1(ReLU(conv0(x))))), 3x3 convolutions."""

    def __init__(self, width: int):
        super().__init__()
        self.conv0 = Conv3(width, width)
        self.conv1 = Conv3(width, width)
        self.conv2 = Conv3(width, width)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.conv2(F.relu(self.conv1(F.relu(self.conv0(x)))))


def build_stages(widths: tuple[int, ...], blocks: tuple[int, ...]) -> nn.ModuleList:
    """A stage of residual blocks per resolution: keys stages.S.blocks.B.conv{0,1,2}."""
    stages = nn.ModuleList()
    for width, count in zip(widths, blocks, strict=True):
        stage = nn.Module()
        stage.blocks = nn.ModuleList(ConvBlock(width) for _ in range(count))
        stages.append(stage)
    return stages


def shape_of(state: dict[str, Tensor]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Widths of the trunk's stages and their numbers of blocks, from a state dict's keys."""
    names = [key.split(".") for key in state]
    blocks = Counter(int(n[2]) for n in names if n[1] == "stages" and n[-2:] == FIRST)
    stages = sorted(blocks)
    widths = tuple(len(state[f"trunk.stages.{s}.blocks.0.conv0.weight"]) for s in stages)
    return widths, tuple(blocks[s] for s in stages)


class DecoderTrunk(nn.Module):
    """Everything after the family's conv_in: [B,w0,h,w] -> image [B,3,8h,8w]."""

    def __init__(self, config: DecoderConfig):
        super().__init__()
        w = config.widths
        self.stages = build_stages(w, config.blocks)
        self.up = nn.ModuleList(nn.Conv2d(a, 4 * b, 1) for a, b in zip(w[:-1], w[1:], strict=True))
        self.shuffle = 2 ** (4 - len(w))
        self.conv_out = nn.Conv2d(w[-1], 3 * self.shuffle**2, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        for s, stage in enumerate(self.stages):
            for block in stage.blocks:
                x = block(x)
            if s < len(self.up):
                x = F.pixel_shuffle(self.up[s](x), 2)
        return F.pixel_shuffle(self._leave(F.relu(x)), self.shuffle)

    def _leave(self, x: Tensor) -> Tensor:
        """The last convolution, in its weights' precision also where autocast is on: bf16 has steps
        of 1/255 at bright colours, and what is smaller, training would not see."""
        with torch.autocast(x.device.type, enabled=False):
            return self.conv_out(x.to(self.conv_out.weight.dtype))


class FamilyDecoder(nn.Module):
    """One trunk, a first convolution per family; model-space latents to images about [0,1]."""

    def __init__(self, config: DecoderConfig, channels: dict[str, int]):
        super().__init__()
        self.config = config
        self.trunk = DecoderTrunk(config)
        self.conv_in = nn.ModuleDict(
            {f: nn.Conv2d(c, config.widths[0], 3, padding=1) for f, c in channels.items()}
        )
        self.tone = nn.ModuleDict({f: Tone(c) for f, c in channels.items() if f in TONED})

    def clamp(self, z: Tensor) -> Tensor:
        """Soft clamp of a latent to +-config.clamp."""
        return soft_clamp(z, self.config.clamp)

    def forward(
        self, latents: dict[str, Tensor], wholes: dict[str, Tensor] | None = None
    ) -> dict[str, Tensor]:
        """Equal sizes, [B_f,C_f,h,w] -> [B_f,3,8h,8w], not clamped.

        wholes: where latents are windows, what they were cut from (needed for toned families).
        """
        features = [self._enter(f, z, (wholes or latents).get(f)) for f, z in latents.items()]
        images = self.trunk(torch.cat(features)).split([len(z) for z in latents.values()])
        return dict(zip(latents, images, strict=True))

    def _enter(self, family: str, z: Tensor, whole: Tensor | None) -> Tensor:
        z = self.clamp(z)
        if family in self.tone:
            z = self.tone[family](z, self.clamp(whole))
        return self.conv_in[family](z)

    @classmethod
    def from_state(cls, state: dict[str, Tensor]) -> "FamilyDecoder":
        """The decoder that a state dict describes: its shape and its families."""
        names = [key.split(".") for key in state]
        channels = {
            n[1]: state[".".join(n)].shape[1]
            for n in names
            if n[0] == "conv_in" and n[2] == "weight"
        }
        widths, blocks = shape_of(state)
        net = cls(DecoderConfig(widths=widths, blocks=blocks), channels)
        net.load_state_dict(state)
        return net

    def family_state(self, family: str) -> dict[str, Tensor]:
        """The family's tensors under their exported names."""
        state = {f"conv_in.{k}": v for k, v in self.conv_in[family].state_dict().items()}
        if family in self.tone:
            state |= {f"tone.{k}": v for k, v in self.tone[family].state_dict().items()}
        return state
