"""Our encoder, the decoder's mirror: a photograph to a latent, so that a picture can be tried."""

from dataclasses import asdict, dataclass

from torch import Tensor, nn

from leap.networks.leap_decoder import TONED, Tone, build_stages, shape_of


@dataclass(frozen=True)
class EncoderConfig:
    """Shape of an encoder; widths at 1/2, 1/4 and 1/8."""

    channels: int = 16
    widths: tuple[int, ...] = (48, 64, 96)
    blocks: tuple[int, ...] = (2, 3, 3)

    def to_json(self) -> dict:
        """Plain dict for metadata."""
        return {"kind": "encoder", **asdict(self)}


class EncoderTrunk(nn.Module):
    """Image [B,3,8h,8w] in [0,1] -> features [B,w2,h,w]."""

    def __init__(self, config: EncoderConfig):
        super().__init__()
        w = config.widths
        self.conv_in = nn.Conv2d(3, w[0], 6, stride=2, padding=2)
        self.stages = build_stages(w, config.blocks)
        self.down = nn.ModuleList(
            nn.Conv2d(a, b, 2, stride=2) for a, b in zip(w[:-1], w[1:], strict=True)
        )

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv_in(x)
        for s, stage in enumerate(self.stages):
            for block in stage.blocks:
                x = block(x)
            if s < len(self.down):
                x = self.down[s](x)
        return x


class FamilyEncoder(nn.Module):
    """One trunk, a last convolution per family: the same images give every family's latent."""

    def __init__(self, config: EncoderConfig, channels: dict[str, int]):
        super().__init__()
        self.config = config
        self.trunk = EncoderTrunk(config)
        self.conv_out = nn.ModuleDict(
            {f: nn.Conv2d(config.widths[-1], c, 3, padding=1) for f, c in channels.items()}
        )
        self.tone = nn.ModuleDict({f: Tone(c) for f, c in channels.items() if f in TONED})

    def forward(self, images: Tensor, families: list[str] | None = None) -> dict[str, Tensor]:
        """[B,3,8h,8w] in [0,1] -> {family: [B,C,h,w]}."""
        features = self.trunk(images)
        return {f: self._leave(f, features) for f in families or list(self.conv_out)}

    def _leave(self, family: str, features: Tensor) -> Tensor:
        """FLUX.2's latent depends on the whole picture, as its VAE's encoder normalises by it."""
        z = self.conv_out[family](features)
        return self.tone[family](z, z) if family in self.tone else z

    @classmethod
    def from_state(cls, state: dict[str, Tensor]) -> "FamilyEncoder":
        """The encoder that a state dict describes: its shape and its families."""
        widths, blocks = shape_of(state)
        lasts = [key.split(".") for key in state if key.startswith("conv_out.")]
        channels = {n[1]: len(state[".".join(n)]) for n in lasts if n[2] == "weight"}
        net = cls(EncoderConfig(widths=widths, blocks=blocks), channels)
        net.load_state_dict(state)
        return net

    def family_state(self, family: str) -> dict[str, Tensor]:
        """The family's tensors under their exported names."""
        state = {f"conv_out.{k}": v for k, v in self.conv_out[family].state_dict().items()}
        if family in self.tone:
            state |= {f"tone.{k}": v for k, v in self.tone[family].state_dict().items()}
        return state
