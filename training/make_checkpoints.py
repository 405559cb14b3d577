"""Writes LUA checkpoints as their training code saves them, with the weights of make_references.py.

    python training/make_checkpoints.py [--released lua_flux.pth]

The two small ones are committed with their outputs (src/engine/__fixtures__): the authors' layout
(`params_ema`, with the buffers that PyTorch saves) and BasicSR's plain one (`params`). `--released`
also writes one of the released model's names, shapes and size (220 MB), to try the page by hand.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

from leap.networks.lua import Lua, LuaConfig
from leap.networks.swin import shift_mask
from make_references import LUAS, SMALL, fill, lua_outputs

DESTINATION = Path(__file__).parent.parent / "src" / "engine" / "__fixtures__"
TINY = replace(SMALL, embed_dim=12, depths=(2,), num_heads=(2,), head_width=8)
PLAIN = replace(TINY, upsampler="pixelshuffle", scales=(4,))
SIZE = (9, 11)


def relative_position_index(window: int) -> Tensor:
    """[w*w, w*w] int64: the row of the bias table for each pair of positions, as in SwinIR."""
    rows, columns = torch.meshgrid(torch.arange(window), torch.arange(window), indexing="ij")
    position = torch.stack([rows.flatten(), columns.flatten()])
    difference = position[:, :, None] - position[:, None, :] + window - 1
    return difference[0] * (2 * window - 1) + difference[1]


def state_dict(config: LuaConfig) -> dict[str, Tensor]:
    """Random weights and, beside them, the buffers of the published SwinIR code."""
    state = dict(fill(Lua(config)).state_dict())
    window = config.window_size
    for i, depth in enumerate(config.depths):
        for j in range(depth):
            block = f"layers.{i}.residual_group.blocks.{j}"
            state[f"{block}.attn.relative_position_index"] = relative_position_index(window)
            if j % 2 == 1:
                side = 2 * window
                device = torch.device("cpu")
                state[f"{block}.attn_mask"] = shift_mask(side, side, window, window // 2, device)
    return state


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--released", type=Path)
    args = parser.parse_args()
    DESTINATION.mkdir(exist_ok=True)
    with torch.no_grad():
        files = {
            DESTINATION / "lua-authors.pth": {"params_ema": state_dict(TINY)},
            DESTINATION / "swinir-plain.pth": {"params": state_dict(PLAIN)},
        }
        for name, config in (("lua-authors", TINY), ("swinir-plain", PLAIN)):
            outputs = lua_outputs(config, [SIZE])
            tensors = {key: value.contiguous() for key, value in outputs.items()}
            save_file(tensors, DESTINATION / f"{name}.safetensors")
        if args.released:
            files[args.released] = {"params_ema": state_dict(LUAS["lua-full"][0])}
        for path, content in files.items():
            torch.save(content, path)
            print(f"{path.name}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
