"""Checkpoints of a full VAE in the ways in which old ones were saved, for the tests of src/weights.

    python training/make_vae_checkpoints.py

`lightning.ckpt` is what PyTorch Lightning saves: a state dict below `state_dict`, beside callbacks
whose class is not known to anybody who lacks Lightning. `vae-legacy.pt` is in the format of torch
before 1.6. The VAE is as narrow as its 32 groups allow. All its tensors are views of one storage of
known values, so that the files stay small.
"""

import sys
import types
from pathlib import Path

import torch
from torch import Tensor

DESTINATION = Path(__file__).parent.parent / "src" / "weights" / "checkpoint" / "__fixtures__"
WIDTH = 32
CHANNELS = 4
LEVELS = 4
POOL = (torch.arange(WIDTH * WIDTH * 9) % 61 - 30).float().div(64).half()


def state_dict(prefix: str) -> dict[str, Tensor]:
    """Names as CompVis' `AutoencoderKL` has them."""
    state: dict[str, Tensor] = {}

    def add(name: str, *shape: int) -> None:
        count = int(torch.tensor(shape).prod())
        state[prefix + name] = POOL[:count].view(shape)

    def layer(name: str, outputs: int, *rest: int) -> None:
        add(f"{name}.weight", outputs, *rest)
        add(f"{name}.bias", outputs)

    def block(name: str) -> None:
        for i in (1, 2):
            layer(f"{name}.norm{i}", WIDTH)
            layer(f"{name}.conv{i}", WIDTH, WIDTH, 3, 3)

    def middle(side: str) -> None:
        for i in (1, 2):
            block(f"{side}.mid.block_{i}")
        layer(f"{side}.mid.attn_1.norm", WIDTH)
        for part in ("q", "k", "v", "proj_out"):
            layer(f"{side}.mid.attn_1.{part}", WIDTH, WIDTH, 1, 1)

    def ends(side: str, inputs: int, outputs: int) -> None:
        layer(f"{side}.conv_in", WIDTH, inputs, 3, 3)
        middle(side)
        layer(f"{side}.norm_out", WIDTH)
        layer(f"{side}.conv_out", outputs, WIDTH, 3, 3)

    ends("encoder", 3, 2 * CHANNELS)
    ends("decoder", CHANNELS, 3)
    for level in range(LEVELS):
        for i in range(2):
            block(f"encoder.down.{level}.block.{i}")
        for i in range(3):
            block(f"decoder.up.{level}.block.{i}")
        if level < LEVELS - 1:
            layer(f"encoder.down.{level}.downsample.conv", WIDTH, WIDTH, 3, 3)
        if level > 0:
            layer(f"decoder.up.{level}.upsample.conv", WIDTH, WIDTH, 3, 3)
    layer("quant_conv", 2 * CHANNELS, 2 * CHANNELS, 1, 1)
    layer("post_quant_conv", CHANNELS, CHANNELS, 1, 1)
    return state


def lightning_class() -> type:
    """`ModelCheckpoint` under the name that a pickle of Lightning has for it."""
    name = "pytorch_lightning.callbacks.model_checkpoint"
    module = types.ModuleType(name)
    made = type("ModelCheckpoint", (), {"__module__": name})
    module.ModelCheckpoint = made
    for part in ("pytorch_lightning", "pytorch_lightning.callbacks"):
        sys.modules.setdefault(part, types.ModuleType(part))
    sys.modules[name] = module
    return made


def main() -> None:
    DESTINATION.mkdir(exist_ok=True)
    whole = {
        **state_dict("first_stage_model."),
        "model.diffusion_model.input_blocks.0.0.weight": POOL[: 8 * 4 * 9].view(8, 4, 3, 3),
    }
    lightning = {
        "epoch": 1,
        "global_step": 470000,
        "pytorch-lightning_version": "1.4.2",
        "state_dict": whole,
        "callbacks": {lightning_class(): {"monitor": "val/loss", "best": torch.tensor(0.125)}},
        "lr_schedulers": [{"base_lrs": [1e-4], "last_epoch": 1, "_step_count": 2}],
    }
    torch.save(lightning, DESTINATION / "lightning.ckpt")
    torch.save(state_dict(""), DESTINATION / "vae-legacy.pt", _use_new_zipfile_serialization=False)
    for path in sorted(DESTINATION.iterdir()):
        print(path.name, path.stat().st_size)


if __name__ == "__main__":
    main()
