"""Counts what PyTorch's own ONNX export of a LUA would run, for `npm run bench:graphs -- --pytorch PYTHON`.

Counted as src/graph counts its own graphs: operations that remain after constant folding, a reshape
being free, and the bytes that they read and write. Prints {"dispatches", "bytes"} as JSON.
"""

import argparse
import contextlib
import io
import json
import sys
import warnings
from pathlib import Path

import onnx
import torch
from onnx import shape_inference
from torch import Tensor, nn

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "training"))

from leap.networks.leap_lua import FamilyLeapLua, LeapLuaConfig  # noqa: E402
from leap.networks.lua import Lua, LuaConfig  # noqa: E402

FREE = {"Constant", "Flatten", "Identity", "Reshape", "Shape", "Squeeze", "Unsqueeze"}


class OneScale(nn.Module):
    """A LUA of any layout whose scale is not an input."""

    def __init__(self, config: LuaConfig | LeapLuaConfig, scale: int):
        super().__init__()
        self.scale = scale
        self.leap = isinstance(config, LeapLuaConfig)
        self.lua = FamilyLeapLua(config, {"x": config.in_chans}) if self.leap else Lua(config)

    def forward(self, latent: Tensor) -> Tensor:
        if self.leap:
            return self.lua({"x": latent}, self.scale)["x"]
        return self.lua(latent, self.scale)


def read_config(text: str) -> LuaConfig | LeapLuaConfig:
    """The `config` of exported metadata; ours names its layout."""
    fields = {k: tuple(v) if isinstance(v, list) else v for k, v in json.loads(text).items()}
    return LeapLuaConfig(**fields) if fields.get("layout") == "leap" else LuaConfig(**fields)


def export(config: LuaConfig | LeapLuaConfig, scale: int, size: int) -> onnx.ModelProto:
    """The export of a LUA with random weights for a square latent, shapes inferred."""
    model = OneScale(config, scale).eval()
    file = io.BytesIO()
    latent = torch.zeros(1, config.in_chans, size, size)
    with warnings.catch_warnings(), contextlib.redirect_stdout(sys.stderr):
        warnings.simplefilter("ignore")
        torch.onnx.export(model, (latent,), file, opset_version=20, dynamo=False)
    return shape_inference.infer_shapes(onnx.load_from_string(file.getvalue()), data_prop=True)


def count(model: onnx.ModelProto) -> dict[str, int]:
    """Operations that depend on the input and cost something, and the bytes of their operands."""
    sizes: dict[str, int] = {}
    for info in [*model.graph.input, *model.graph.value_info, *model.graph.output]:
        tensor = info.type.tensor_type
        elements = 1
        for dim in tensor.shape.dim:
            elements *= dim.dim_value
        kind = onnx.helper.tensor_dtype_to_np_dtype(tensor.elem_type)
        sizes[info.name] = elements * kind.itemsize
    for weight in model.graph.initializer:
        sizes[weight.name] = onnx.numpy_helper.to_array(weight).nbytes
    for node in model.graph.node:
        if node.op_type == "Constant":
            sizes[node.output[0]] = onnx.numpy_helper.to_array(node.attribute[0].t).nbytes
    live = {info.name for info in model.graph.input}
    dispatches = moved = 0
    for node in model.graph.node:
        if node.op_type == "Shape" or not live.intersection(node.input):
            continue
        live.update(node.output)
        if node.op_type in FREE:
            continue
        dispatches += 1
        moved += sum(sizes[name] for name in [*node.input, *node.output] if name)
    return {"dispatches": dispatches, "bytes": moved}


def main() -> None:
    """Reads the options, prints the JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", required=True, help="the config of the metadata, as JSON")
    parser.add_argument("--scale", type=int, default=2)
    parser.add_argument("--size", type=int, default=64)
    args = parser.parse_args()
    print(json.dumps(count(export(read_config(args.config), args.scale, args.size))))


if __name__ == "__main__":
    main()
