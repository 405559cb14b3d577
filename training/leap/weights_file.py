"""Writes safetensors with every tensor on an 8-byte boundary, so a reader can view it in place.

The official format allows no gaps between tensors, so where a tensor's size is not a multiple of 8
bytes a `__pad__.N` tensor of one to three fp16 zeros follows it. Readers ignore those.
"""

import json
import struct
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor

ALIGNMENT = 8
PAD = "__pad__."


def save_weights(path: Path, tensors: dict[str, Tensor], record: dict) -> int:
    """fp16 file with `record` as JSON under the metadata key `latent_leap`; returns its bytes.

    Raises ValueError if a tensor does not survive fp16 (overflow, NaN).
    """
    header: dict = {"__metadata__": {"latent_leap": json.dumps(record, separators=(",", ":"))}}
    body = bytearray()
    for name in sorted(tensors):
        half = tensors[name].detach().cpu().half().contiguous()
        if not torch.isfinite(half).all():
            raise ValueError(f"{name} does not fit fp16")
        _append(header, body, name, list(half.shape), half.numpy().tobytes())
        gap = -len(body) % ALIGNMENT
        if gap:
            _append(header, body, f"{PAD}{len(header)}", [gap // 2], bytes(gap))
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % ALIGNMENT)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(struct.pack("<Q", len(text)) + text + body)
    return 8 + len(text) + len(body)


def load_weights(*paths: Path | str) -> dict[str, Tensor]:
    """The tensors of the files that together make a model, fp32, pads left out."""
    state: dict[str, Tensor] = {}
    for path in paths:
        for name, tensor in load_file(path).items():
            if not name.startswith(PAD):
                state[name] = tensor.float()
    return state


def read_record(path: Path | str) -> dict:
    """Our metadata record of a file."""
    with open(path, "rb") as file:
        size = struct.unpack("<Q", file.read(8))[0]
        return json.loads(json.loads(file.read(size))["__metadata__"]["latent_leap"])


def _append(header: dict, body: bytearray, name: str, shape: list[int], data: bytes) -> None:
    begin = len(body)
    body += data
    header[name] = {"dtype": "F16", "shape": shape, "data_offsets": [begin, len(body)]}
