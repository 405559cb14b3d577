"""Frozen decoders for the decoded losses: TAESD's, or ours once it is trained."""

from pathlib import Path

import torch
from torch import Tensor

from leap.families import FAMILIES, channels_of
from leap.lua_losses import Decode
from leap.networks.leap_decoder import DecoderConfig, FamilyDecoder
from leap.networks.taesd import load_taesd
from leap.trainer import load_ema


def taesd_decode(weights: Path, device: str) -> Decode:
    """Decoders of all families from the TAESD folder, in bf16."""
    nets = {
        f: load_taesd("decoder", f, weights).to(device=device, dtype=torch.bfloat16)
        for f in FAMILIES
    }

    def decode(family: str, latents: Tensor) -> Tensor:
        return nets[family](latents.bfloat16().contiguous(memory_format=torch.channels_last))

    return decode


def leap_decode(state: Path, device: str) -> Decode:
    """Our decoder from a training state, in bf16: a third of TAESD's cost."""
    net = load_ema(FamilyDecoder(DecoderConfig(), channels_of()), state)
    net = net.eval().requires_grad_(False)
    net = net.to(device=device, dtype=torch.bfloat16, memory_format=torch.channels_last)

    def decode(family: str, latents: Tensor) -> Tensor:
        latents = latents.bfloat16().contiguous(memory_format=torch.channels_last)
        return net({family: latents})[family]

    return decode
