"""Frozen decoders for the decoded losses: TAESD's, or ours once it is trained."""

from collections.abc import Iterable
from pathlib import Path

import torch
from torch import Tensor

from leap.families import FAMILIES, TRUNKS
from leap.lua_losses import Decode
from leap.networks.leap_decoder import FamilyDecoder
from leap.networks.taesd import load_taesd
from leap.trainer import read_ema


def taesd_decode(weights: Path, device: str, families: Iterable[str] = FAMILIES) -> Decode:
    """Decoders of the families from the TAESD folder, in bf16."""
    nets = {
        f: load_taesd("decoder", f, weights).to(device=device, dtype=torch.bfloat16)
        for f in families
    }

    def decode(family: str, latents: Tensor) -> Tensor:
        return nets[family](latents.bfloat16().contiguous(memory_format=torch.channels_last))

    return decode


DECODER_PHASES = ("decoder", "decoder-sharp")
"""Names of a decoder's states, in the order of its training."""


def find_decoder(folder: Path) -> Path | None:
    """The state of the last phase of a decoder's training in a folder."""
    states = [folder / f"{phase}.state.pt" for phase in reversed(DECODER_PHASES)]
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


def leap_decode(states: list[Path], device: str) -> Decode:
    """Our decoders from training states, in bf16: a quarter of TAESD's cost."""
    nets: dict[str, FamilyDecoder] = {}
    for state in states:
        net = open_decoder(state).to(
            device=device, dtype=torch.bfloat16, memory_format=torch.channels_last
        )
        nets |= dict.fromkeys(net.conv_in, net)

    def decode(family: str, latents: Tensor) -> Tensor:
        latents = latents.bfloat16().contiguous(memory_format=torch.channels_last)
        return nets[family]({family: latents})[family]

    return decode
