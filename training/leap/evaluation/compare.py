"""The ways from a small latent to a larger picture that evaluate.py compares."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from leap.data.crops import enlarge
from leap.frozen import EnlargeLatent
from leap.loss.lua_losses import Decode

Enlarge = Callable[[str, Tensor, int], Tensor]
"""(family, low latent [1,C,h,w], scale) -> image [1,3,8sh,8sw] clamped to [0,1]."""

PEERS = {2: "2xNomosUni_span_multijpg_ldl.onnx", 4: "4x-ClearRealityV1-fp32-opset14.onnx"}
"""SPAN networks by scale, RGB [1,3,H,W] in [0,1]."""


def latent_interpolation(decode: Decode, mode: str) -> Enlarge:
    """Enlarges the latent by 'bicubic' or 'nearest', then decodes."""
    options = {"align_corners": False} if mode == "bicubic" else {}

    def run(family: str, z: Tensor, scale: int) -> Tensor:
        z = F.interpolate(z, scale_factor=scale, mode=mode, **options)
        return decode(family, z).float().clamp(0, 1)

    return run


def decode_then_bicubic(decode: Decode) -> Enlarge:
    """Decodes the small latent and enlarges the picture by bicubic."""

    def run(family: str, z: Tensor, scale: int) -> Tensor:
        return enlarge(decode(family, z).float().clamp(0, 1), scale).clamp(0, 1)

    return run


def decode_then_span(decode: Decode, folder: Path, threads: int = 1) -> Enlarge:
    """Decodes the small latent and enlarges the picture by a SPAN network in onnxruntime."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    sessions = {
        s: onnxruntime.InferenceSession(folder / name, options, ["CPUExecutionProvider"])
        for s, name in PEERS.items()
    }

    def run(family: str, z: Tensor, scale: int) -> Tensor:
        small = decode(family, z).float().clamp(0, 1).cpu().numpy().astype(np.float32)
        session = sessions[scale]
        (large,) = session.run(None, {session.get_inputs()[0].name: small})
        return torch.from_numpy(large).to(z.device).clamp(0, 1)

    return run


def decode_then_lanczos(decode: Decode) -> Enlarge:
    """Decodes the small latent and enlarges the picture by Pillow's Lanczos, in float."""

    def run(family: str, z: Tensor, scale: int) -> Tensor:
        small = decode(family, z).float().clamp(0, 1)[0]
        size = (small.shape[2] * scale, small.shape[1] * scale)
        channels = [
            np.asarray(Image.fromarray(c).resize(size, Image.Resampling.LANCZOS))
            for c in small.cpu().numpy()
        ]
        return torch.from_numpy(np.stack(channels))[None].to(z.device).clamp(0, 1)

    return run


def lua(enlarge_latent: EnlargeLatent, decode: Decode) -> Enlarge:
    """LUA on the latent, then the decoder once."""

    def run(family: str, z: Tensor, scale: int) -> Tensor:
        return decode(family, enlarge_latent(family, z.float(), scale)).float().clamp(0, 1)

    return run


def lua_twice(enlarge_latent: EnlargeLatent, decode: Decode) -> Enlarge:
    """LUA's head for x2 twice, for x4, then the decoder once."""

    def run(family: str, z: Tensor, scale: int) -> Tensor:
        z = z.float()
        for _ in range(scale // 2):
            z = enlarge_latent(family, z, 2)
        return decode(family, z).float().clamp(0, 1)

    return run
