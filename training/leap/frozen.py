"""Frozen encoders and decoders, TAESD's and ours, and frozen LUAs of finished trainings."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor, nn

from leap.data.fresh_crops import Encode
from leap.families import FAMILIES, TRUNKS
from leap.loss.lua_losses import Decode
from leap.networks.leap_decoder import FamilyDecoder
from leap.networks.leap_lua import FamilyLeapLua
from leap.networks.liif_leap_lua import LiifLeapLua
from leap.networks.lua import FamilyLua, LuaConfig
from leap.networks.taesd import load_taesd
from leap.precision import fast_dtype
from leap.training.trainer import read_ema


def taesd_decode(
    weights: Path,
    device: str,
    families: Iterable[str] = FAMILIES,
    dtype: torch.dtype | None = None,
) -> Decode:
    """Decoders of the families from the TAESD folder, in the fast precision unless another is asked
    for. FLUX.2's pools its features over the latents that it is given, so windows are decoded as if
    they were whole."""
    dtype = dtype or fast_dtype(device)
    nets = load_taesds("decoder", weights, device, families, dtype)

    def decode(family: str, latents: Tensor, whole: Tensor | None = None) -> Tensor:
        return nets[family](latents.to(dtype, memory_format=torch.channels_last))

    return decode


def taesd_encode(weights: Path, device: str, families: Iterable[str] = FAMILIES) -> Encode:
    """Encoders of the families from the TAESD folder, in the fast precision; latents are fp32."""
    nets = load_taesds("encoder", weights, device, families, fast_dtype(device))

    @torch.no_grad()
    def encode(family: str, images: Tensor) -> Tensor:
        images = images.to(device, fast_dtype(device), memory_format=torch.channels_last)
        return nets[family](images).float()

    return encode


def load_taesds(
    part: str, weights: Path, device: str, families: Iterable[str], dtype: torch.dtype
) -> dict[str, nn.Module]:
    """TAESD's encoders or decoders by family."""
    return {f: load_taesd(part, f, weights).to(device=device, dtype=dtype) for f in families}


DECODER_PHASES = ("decoder", "decoder-sharp", "decoder-taught", "decoder-pair")
"""Names of a decoder's states, in the order of its training."""


def find_decoder(folder: Path) -> Path | None:
    """The state of the last phase of a decoder's training in a folder."""
    return last_state(folder, DECODER_PHASES)


def last_state(folder: Path, phases: tuple[str, ...]) -> Path | None:
    """The state of the last of the phases that left one in a folder."""
    states = [folder / f"{phase}.state.pt" for phase in reversed(phases)]
    return next((s for s in states if s.exists()), None)


def find_decoders(runs: Path) -> list[Path]:
    """The last phase's states: one a trunk, from the trunks' folders, or everybody's."""
    for folders in ([runs / trunk for trunk in TRUNKS], [runs]):
        found = [find_decoder(folder) for folder in folders]
        if all(found):
            return found
    return []


def open_decoder(state: Path) -> FamilyDecoder:
    """Our decoder from a training state, for the families that it has."""
    return FamilyDecoder.from_state(read_ema(state)).eval().requires_grad_(False)


def leap_decode(states: list[Path], device: str, dtype: torch.dtype | None = None) -> Decode:
    """Our decoders from training states, in the fast precision unless another is asked for: a
    quarter of TAESD's cost."""
    nets: dict[str, FamilyDecoder] = {}
    dtype = dtype or fast_dtype(device)
    for state in states:
        net = open_decoder(state).to(device=device, dtype=dtype, memory_format=torch.channels_last)
        # Its own precision, also in bf16: see DecoderTrunk.
        net.trunk.conv_out.float()
        nets |= dict.fromkeys(net.conv_in, net)

    def decode(family: str, latents: Tensor, whole: Tensor | None = None) -> Tensor:
        latents = latents.to(dtype, memory_format=torch.channels_last)
        wholes = None if whole is None else {family: whole}
        return nets[family]({family: latents}, wholes)[family]

    return decode


EnlargeLatent = Callable[[str, Tensor, int], Tensor]
"""Frozen LUA: (family, latents [B,C,h,w], scale) -> [B,C,scale*h,scale*w]."""

LUA_PHASES = ("lua-accurate", "lua-sharp", "lua-pair")
"""Names of a LUA's states, in the order of its training."""


def build_lua(state: dict[str, Tensor], config: LuaConfig) -> FamilyLeapLua | FamilyLua:
    """The LUA of these weights: ours, or one of the paper's curriculum, which has `config`."""
    if any(name.startswith("shared.stem.") for name in state):
        implicit = "shared.heads.place.weight" in state
        return (LiifLeapLua if implicit else FamilyLeapLua).from_state(state)
    firsts = {k.split(".")[1]: v for k, v in state.items() if k.startswith("conv_first.")}
    channels = {f: state[f"conv_first.{f}.weight"].shape[1] for f in FAMILIES if f in firsts}
    net = FamilyLua(config, channels)
    net.load_state_dict(state)
    return net


def lua_enlarge(
    states: list[Path], config: LuaConfig, device: str, bounded: bool = True
) -> EnlargeLatent:
    """LUAs from training states, each for its families; `bounded=False` takes the bound of their
    residuals away."""
    nets: dict[str, FamilyLeapLua | FamilyLua] = {}
    for state in states:
        net = build_lua(read_ema(state), config).eval().requires_grad_(False)
        net = net.to(device, memory_format=torch.channels_last)
        if not bounded:
            net.config = replace(net.config, residual_bound=None)
        nets |= dict.fromkeys(net.conv_first, net)

    def enlarge(family: str, latents: Tensor, scale: int) -> Tensor:
        return nets[family]({family: latents}, scale)[family]

    return enlarge
