"""Our decoder: works at 1/8, 1/4 and 1/2 resolution, pixel-shuffles out, no global statistics."""

from dataclasses import asdict, dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@dataclass(frozen=True)
class DecoderConfig:
    """Shape of a decoder; `channels` is the family's latent channels."""

    channels: int = 16
    widths: tuple[int, ...] = (96, 64, 48)
    blocks: tuple[int, ...] = (3, 3, 3)
    clamp: float = 3

    def to_json(self) -> dict:
        """Plain dict for metadata."""
        return {"kind": "decoder", **asdict(self)}


class ConvBlock(nn.Module):
    """x + conv2(ReLU(conv1(ReLU(conv0(x))))), 3x3 convolutions."""

    def __init__(self, width: int):
        super().__init__()
        self.conv0 = nn.Conv2d(width, width, 3, padding=1)
        self.conv1 = nn.Conv2d(width, width, 3, padding=1)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1)

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


class DecoderTrunk(nn.Module):
    """Everything after the family's conv_in: [B,w0,h,w] -> image [B,3,8h,8w]."""

    def __init__(self, config: DecoderConfig):
        super().__init__()
        w = config.widths
        self.stages = build_stages(w, config.blocks)
        self.up = nn.ModuleList(nn.Conv2d(a, 4 * b, 1) for a, b in zip(w[:-1], w[1:], strict=True))
        self.conv_out = nn.Conv2d(w[-1], 12, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        for s, stage in enumerate(self.stages):
            for block in stage.blocks:
                x = block(x)
            if s < len(self.up):
                x = F.pixel_shuffle(self.up[s](x), 2)
        return F.pixel_shuffle(self.conv_out(F.relu(x)), 2)


class FamilyDecoder(nn.Module):
    """One trunk, a first convolution per family; model-space latents to images about [0,1]."""

    def __init__(self, config: DecoderConfig, channels: dict[str, int]):
        super().__init__()
        self.config = config
        self.trunk = DecoderTrunk(config)
        self.conv_in = nn.ModuleDict(
            {f: nn.Conv2d(c, config.widths[0], 3, padding=1) for f, c in channels.items()}
        )

    def forward(self, latents: dict[str, Tensor]) -> dict[str, Tensor]:
        """Equal sizes, [B_f,C_f,h,w] -> [B_f,3,8h,8w], not clamped."""
        c = self.config.clamp
        x = torch.cat([self.conv_in[f](c * torch.tanh(z / c)) for f, z in latents.items()])
        images = self.trunk(x).split([len(z) for z in latents.values()])
        return dict(zip(latents, images, strict=True))

    def family_state(self, family: str) -> dict[str, Tensor]:
        """The family's tensors under their exported names."""
        return {f"conv_in.{k}": v for k, v in self.conv_in[family].state_dict().items()}
