"""Other people's upscalers for latents, written from facts about their files.

They are references for the graphs of the page: `NnLatentUpscale` (Ttl/ComfyUi_NNLatentUpscale),
`SdLatentUpscaler` (city96/SD-Latent-Upscaler), `Lsr` (the latent half of 3587jjh/LSRNA). Names of
tensors as in the published files; `compare_upscalers.py` compares them with the authors' modules.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from leap.networks.lua import pad_reflect
from leap.networks.swin import Rstb, shift_mask

NN_INPUT_SCALE = 0.13025
"""What NNLatentUpscale takes, per unit of decoder space, for every family."""


class Attention(nn.Module):
    """x + proj_out(softmax(q k / sqrt(C)) v) over all positions, one head."""

    def __init__(self, width: int):
        super().__init__()
        self.norm = nn.GroupNorm(32, width)
        for name in ("q", "k", "v", "proj_out"):
            setattr(self, name, nn.Conv2d(width, width, 1))

    def forward(self, x: Tensor, _: Tensor) -> Tensor:
        y = self.norm(x)
        q, k, v = (layer(y).flatten(2).transpose(1, 2) for layer in (self.q, self.k, self.v))
        mixed = torch.softmax(q @ k.transpose(1, 2) / x.shape[1] ** 0.5, -1) @ v
        return x + self.proj_out(mixed.transpose(1, 2).view_as(x))


class EmbeddedBlock(nn.Module):
    """x + out_layers(in_layers(x) + emb_layers(embedding))."""

    def __init__(self, width: int, embedding: int):
        super().__init__()
        self.in_layers = nn.Sequential(
            nn.GroupNorm(32, width), nn.SiLU(), nn.Conv2d(width, width, 3, padding=1)
        )
        self.emb_layers = nn.Sequential(nn.SiLU(), nn.Linear(embedding, width))
        self.out_layers = nn.Sequential(
            nn.GroupNorm(32, width), nn.SiLU(), nn.Dropout(0), nn.Conv2d(width, width, 3, padding=1)
        )

    def forward(self, x: Tensor, embedding: Tensor) -> Tensor:
        told = self.emb_layers(embedding)[..., None, None]
        return x + self.out_layers(self.in_layers(x) + told)


class NnLatentUpscale(nn.Module):
    """Blocks at the small size, bilinear enlargement, blocks at the large one."""

    def __init__(self, width: int = 128, blocks: int = 10, embedding: int = 32):
        super().__init__()

        def build() -> nn.ModuleList:
            out: list[nn.Module] = []
            for i in range(blocks):
                if i in (1, blocks - 1):
                    out.append(Attention(width))
                out.append(EmbeddedBlock(width, embedding))
            return nn.ModuleList(out)

        self.conv_in = nn.Conv2d(4, width, 3, padding=1)
        self.embed = nn.Sequential(
            nn.Linear(1, embedding), nn.SiLU(), nn.Linear(embedding, embedding)
        )
        self.in_blocks = build()
        self.out_blocks = build()
        self.norm_out = nn.GroupNorm(32, width)
        self.conv_out = nn.Conv2d(width, 4, 3, padding=1)

    def forward(self, latent: Tensor, scale: float) -> Tensor:
        """Decoder space [1,4,h,w] -> [1,4,round(scale h),round(scale w)]."""
        embedding = self.embed(torch.tensor([[float(scale) - 1]]))
        x = self.conv_in(latent * NN_INPUT_SCALE)
        for block in self.in_blocks:
            x = block(x, embedding)
        size = [int(side * scale + 0.5) for side in latent.shape[2:]]
        x = F.interpolate(x, size=size, mode="bilinear", align_corners=False)
        for block in self.out_blocks:
            x = block(x, embedding)
        return self.conv_out(F.silu(self.norm_out(x))) / NN_INPUT_SCALE


class SdLatentUpscaler(nn.Module):
    """A convolution, nearest enlargement, seventeen convolutions; one network a factor."""

    def __init__(self, scale: float, width: int = 64):
        super().__init__()
        layers: list[nn.Module] = [
            nn.Conv2d(4, width, 3, padding=1),
            nn.ReLU(),
            nn.Upsample(scale_factor=scale, mode="nearest"),
            nn.ReLU(),
        ]
        for _ in range(16):
            layers += [nn.Conv2d(width, width, 3, padding=1), nn.ReLU()]
        self.sequential = nn.Sequential(*layers, nn.Conv2d(width, 4, 3, padding=1))

    def forward(self, latent: Tensor) -> Tensor:
        """Decoder space [1,4,h,w] -> [1,4,floor(scale h),floor(scale w)]."""
        return self.sequential(latent)


class SwinEncoder(nn.Module):
    """SwinIR's trunk with the layer before an upsampler, BasicSR's names."""

    def __init__(self, width: int, depths: tuple[int, ...], heads: int, features: int):
        super().__init__()
        self.conv_first = nn.Conv2d(4, width, 3, padding=1)
        self.patch_embed = nn.Module()
        self.patch_embed.norm = nn.LayerNorm(width)
        self.layers = nn.ModuleList(Rstb(width, depth, heads, 8, 2) for depth in depths)
        self.norm = nn.LayerNorm(width)
        self.conv_after_body = nn.Conv2d(width, width, 3, padding=1)
        self.conv_before_upsample = nn.Sequential(
            nn.Conv2d(width, features, 3, padding=1), nn.LeakyReLU(0.01)
        )

    def forward(self, latent: Tensor) -> Tensor:
        h, w = latent.shape[2:]
        first = self.conv_first(pad_reflect(latent, 8))
        x = self.patch_embed.norm(first.permute(0, 2, 3, 1))
        mask = shift_mask(x.shape[1], x.shape[2], 8, 4)
        for layer in self.layers:
            x = layer(x, mask)
        x = self.conv_after_body(self.norm(x).permute(0, 3, 1, 2)) + first
        return self.conv_before_upsample(x)[..., :h, :w]


class Lsr(nn.Module):
    """A SwinIR trunk and a LIIF head with unfolded features and the local ensemble."""

    def __init__(
        self,
        width: int = 60,
        depths: tuple[int, ...] = (6, 6, 6, 6),
        heads: int = 6,
        features: int = 64,
        hidden: int = 256,
    ):
        super().__init__()
        self.encoder = SwinEncoder(width, depths, heads, features)
        sizes = [9 * features + 4, *[hidden] * 4]
        layers: list[nn.Module] = []
        for before, after in zip(sizes, sizes[1:], strict=False):
            layers += [nn.Linear(before, after), nn.ReLU()]
        self.imnet = nn.Module()
        self.imnet.layers = nn.Sequential(*layers, nn.Linear(hidden, 4))

    def forward(self, latent: Tensor, scale: float) -> Tensor:
        """Model space [1,4,h,w] -> [1,4,scale h,scale w]."""
        h, w = latent.shape[2:]
        size = (int(h * scale + 1e-6), int(w * scale + 1e-6))

        def centres(count: float, length: int) -> Tensor:
            # As the authors add it up: where a position lies on the last cell's centre, rounding
            # keeps the areas along that border from being zero.
            return -1 + 1 / count + 2 / count * torch.arange(length).float()

        # The middles of the output's positions at exactly this scale, from -1 to 1 over the input.
        y, x = centres(scale * h, size[0]), centres(scale * w, size[1])
        at = torch.stack(torch.meshgrid(y, x, indexing="ij"), -1)[None]
        extent = torch.tensor([h, w])
        cell = torch.full((1, *size, 2), 2 / scale)
        deep = F.unfold(self.encoder(latent), 3, padding=1).view(1, -1, h, w)
        grid = torch.stack(torch.meshgrid(centres(h, h), centres(w, w), indexing="ij"))[None]

        def sample(field: Tensor, where: Tensor, mode: str) -> Tensor:
            return F.grid_sample(
                field, where.flip(-1), mode=mode, padding_mode="border", align_corners=False
            )

        answers, areas = [], []
        for vy in (-1, 1):
            for vx in (-1, 1):
                shift = torch.tensor([vy / h, vx / w]) + 1e-6
                near = (at + shift).clamp(-1 + 1e-6, 1 - 1e-6)
                relative = (at - sample(grid, near, "nearest").permute(0, 2, 3, 1)) * extent
                told = torch.cat(
                    [sample(deep, near, "nearest").permute(0, 2, 3, 1), relative, cell], -1
                )
                answers.append(self.imnet.layers(told))
                areas.append(relative.prod(-1).abs() + 1e-9)
        total = sum(areas)
        mixed = sum(
            answer * (area / total)[..., None]
            for answer, area in zip(answers, reversed(areas), strict=True)
        )
        return mixed.permute(0, 3, 1, 2) + sample(latent, at, "bicubic")
