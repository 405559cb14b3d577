"""Writes the reference tensors that the graph tests compare with: PyTorch's outputs.

    python -m references.make_references [--only lua-full]

Weights and inputs come from a counter-based hash that `src/testing/graph/random-weights.ts`
computes bit for bit the same, so only outputs are committed
(src/graph/__references__/*.safetensors, float32).
"""

import argparse
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from safetensors.torch import save_file
from torch import Tensor, nn

from leap.networks.leap_decoder import DecoderConfig, FamilyDecoder
from leap.networks.leap_encoder import EncoderConfig, FamilyEncoder
from leap.networks.leap_lua import FamilyLeapLua, LeapLuaConfig
from leap.networks.lua import Lua, LuaConfig
from leap.networks.taesd import build_decoder, build_encoder

DESTINATION = Path(__file__).parents[2] / "src" / "graph" / "__references__"
SIZES = [(8, 8), (16, 16), (24, 40), (17, 33)]

SMALL = LuaConfig(
    in_chans=4,
    embed_dim=24,
    depths=(2, 3),
    num_heads=(2, 3),
    window_size=8,
    head_width=16,
    scales=(2, 4),
)
LUAS: dict[str, tuple[LuaConfig, list[tuple[int, int]]]] = {
    "lua-small": (SMALL, SIZES),
    "lua-small-skip": (
        replace(SMALL, skip="bicubic", refine=1, residual_bound=1.5),
        [*SIZES, (1, 3)],
    ),
    "lua-plain": (replace(SMALL, upsampler="pixelshuffle", scales=(4,)), [(8, 8), (17, 33)]),
    "lua-direct": (
        replace(SMALL, upsampler="pixelshuffledirect", head_width=24, scales=(2,)),
        [(8, 8), (17, 33)],
    ),
    "lua-full": (
        LuaConfig(16, 360, (6,) * 6, (12,) * 6, window_size=16, head_width=256),
        [(8, 8), (17, 33)],
    ),
}
LEAP_LUAS: dict[str, tuple[LeapLuaConfig, list[tuple[int, int]]]] = {
    "leap-lua": (
        LeapLuaConfig(4, (24, 20, 16), stem=2, groups=2, heads=2, middle=1, tail=3, clamp=2.5),
        [*SIZES, (1, 3)],
    ),
    "leap-lua-toned": (
        LeapLuaConfig(32, (12, 10, 8), stem=1, groups=1, heads=2, middle=1, tail=1),
        [(8, 8), (5, 11)],
    ),
    "leap-lua-full": (LeapLuaConfig(), [(8, 8), (9, 13)]),
}
DECODER = DecoderConfig(channels=16, widths=(24, 16, 12), blocks=(2, 1, 3))
ENCODER = EncoderConfig(channels=16, widths=(12, 16, 24), blocks=(1, 2, 2))


def hash_uniform(name: str, count: int) -> np.ndarray:
    """`count` float64 in [-1, 1): murmur3's finaliser on a counter seeded by FNV-1a of `name`."""
    seed = np.uint32(2166136261)
    with np.errstate(over="ignore"):
        for byte in name.encode():
            seed = (seed ^ np.uint32(byte)) * np.uint32(16777619)
        h = np.arange(count, dtype=np.uint32) * np.uint32(0x9E3779B1) + seed
        h = (h ^ (h >> np.uint32(16))) * np.uint32(0x85EBCA6B)
        h = (h ^ (h >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    h = h ^ (h >> np.uint32(16))
    return (h >> np.uint32(8)) / 2.0**23 - 1


def random_tensor(name: str, shape: tuple[int, ...]) -> Tensor:
    """Uniform values of a size that keeps activations near one: see `spread`."""
    mean, bound = spread(name, shape)
    values = mean + bound * hash_uniform(name, int(np.prod(shape)))
    return torch.from_numpy(values.astype(np.float32)).reshape(shape)


def spread(name: str, shape: tuple[int, ...]) -> tuple[float, float]:
    """Mean and bound by role: norm scales about 1, biases small, matrices by their fan-in."""
    if name == "input":
        return 0.0, 1.75
    if name.endswith("relative_position_bias_table"):
        return 0.0, 1.0
    if name.endswith("running_var"):
        return 1.0, 0.25
    if len(shape) == 1:
        return (1.0, 0.25) if name.endswith(".weight") else (0.0, 0.125)
    return 0.0, float(np.sqrt(3 / np.prod(shape[1:])))


def fill(net: nn.Module, rename: Callable[[str], str] = lambda name: name) -> nn.Module:
    """Fills every float tensor from the hash of its exported name."""
    with torch.no_grad():
        for name, tensor in net.state_dict().items():
            if tensor.is_floating_point():
                tensor.copy_(random_tensor(rename(name), tuple(tensor.shape)))
    return net.eval()


def lua_outputs(config: LuaConfig, sizes: list[tuple[int, int]]) -> dict[str, Tensor]:
    """Outputs named x<scale>_<h>x<w>."""
    net = fill(Lua(config))
    return {
        f"x{scale}_{h}x{w}": net(random_tensor("input", (1, config.in_chans, h, w)), scale)
        for scale in config.scales
        for h, w in sizes
    }


def leap_lua_outputs(config: LeapLuaConfig, sizes: list[tuple[int, int]]) -> dict[str, Tensor]:
    """Outputs of our own LUA, named x<scale>_<h>x<w>; with 32 channels it has a tone."""
    family = "flux2" if config.in_chans == 32 else "x"

    def exported(name: str) -> str:
        if name.startswith("conv_last."):
            _, _, scale, rest = name.split(".")
            return f"heads.{scale}.conv_last.{rest}"
        return name.removeprefix("shared.").replace(f".{family}.", ".")

    net = fill(FamilyLeapLua(config, {family: config.in_chans}), exported)
    return {
        f"x{scale}_{h}x{w}": net(
            {family: random_tensor("input", (1, config.in_chans, h, w))}, scale
        )[family]
        for scale in config.scales
        for h, w in sizes
    }


def autoencoder_outputs() -> dict[str, dict[str, Tensor]]:
    """TAESD's layout and ours; decoders at latents of 8x8 and 5x7, encoders at those times 8."""

    def strip(name: str) -> str:
        return name.removeprefix("trunk.").replace(".x.", ".").replace(".flux2.", ".")

    nets = {
        "taesd-decoder": (fill(build_decoder(4)), 4, 1),
        "taesd-decoder-pooled": (fill(build_decoder(32, pooled=True)), 32, 1),
        "taesd-encoder": (fill(build_encoder(4)), 3, 8),
        "taesd-encoder-pooled": (fill(build_encoder(32, pooled=True)), 3, 8),
        "leap-decoder": (fill(FamilyDecoder(DECODER, {"x": 16}), strip), 16, 1),
        "leap-decoder-toned": (fill(FamilyDecoder(DECODER, {"flux2": 32}), strip), 32, 1),
        "leap-encoder": (fill(FamilyEncoder(ENCODER, {"x": 16}), strip), 3, 8),
        "leap-encoder-toned": (fill(FamilyEncoder(ENCODER, {"flux2": 32}), strip), 3, 8),
    }
    out: dict[str, dict[str, Tensor]] = {}
    for name, (net, channels, unit) in nets.items():
        out[name] = {}
        for h, w in [(8, 8), (5, 7)]:
            picture = random_tensor("input", (1, channels, h * unit, w * unit))
            if isinstance(net, FamilyDecoder):
                family = next(iter(net.conv_in))
                result = net({family: picture})[family]
            elif isinstance(net, FamilyEncoder):
                result = next(iter(net(picture).values()))
            else:
                result = net(picture.clone())
            out[name][f"{h}x{w}"] = result
    return out


FILTER_SIZES = [(1, 1), (5, 7), (8, 8), (17, 33)]
FACTORS = (1.25, 1.5, 2, 3, 4)


def bicubic_outputs() -> dict[str, Tensor]:
    """torch's interpolate on 3 channels."""
    return {
        f"x{scale}_{h}x{w}": F.interpolate(
            random_tensor("input", (1, 3, h, w)),
            scale_factor=scale,
            mode="bicubic",
            align_corners=False,
        )
        for scale in FACTORS
        for h, w in FILTER_SIZES
    }


def lanczos_outputs() -> dict[str, Tensor]:
    """Pillow's LANCZOS on 3 channels, each a picture of floats; sizes that stay whole."""

    def enlarge(picture: Tensor, scale: float) -> Tensor:
        h, w = picture.shape[2:]
        size = (round(w * scale), round(h * scale))
        planes = [
            np.asarray(Image.fromarray(plane.numpy(), "F").resize(size, Image.Resampling.LANCZOS))
            for plane in picture[0]
        ]
        return torch.from_numpy(np.stack(planes))[None]

    return {
        f"x{scale}_{h}x{w}": enlarge(random_tensor("input", (1, 3, h, w)), scale)
        for scale in FACTORS
        for h, w in FILTER_SIZES
        if h * scale % 1 == 0 and w * scale % 1 == 0
    }


def write(name: str, outputs: dict[str, Tensor], config: dict | None = None) -> None:
    """One file per network; the LUA configuration in the metadata."""
    DESTINATION.mkdir(exist_ok=True)
    path = DESTINATION / f"{name}.safetensors"
    tensors = {key: value.detach().contiguous() for key, value in outputs.items()}
    save_file(tensors, path, {"config": json.dumps(config)} if config else None)
    top = max(float(value.abs().max()) for value in tensors.values())
    print(f"{path.name}: {path.stat().st_size} bytes, max |value| {top:.3g}")


def main() -> None:
    """Writes all references, or the one named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only")
    only = parser.parse_args().only
    with torch.no_grad():
        for name, (config, sizes) in LUAS.items():
            if only in (None, name):
                write(name, lua_outputs(config, sizes), config.to_json())
        for name, (config, sizes) in LEAP_LUAS.items():
            if only in (None, name):
                write(name, leap_lua_outputs(config, sizes), config.to_json())
        if only in (None, "bicubic"):
            write("bicubic", bicubic_outputs())
        if only in (None, "lanczos"):
            write("lanczos", lanczos_outputs())
        for name, outputs in autoencoder_outputs().items():
            if only in (None, name):
                write(name, outputs)


if __name__ == "__main__":
    main()
