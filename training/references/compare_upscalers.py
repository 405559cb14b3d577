"""Compares our references of other people's latent upscalers with the authors' own modules.

Nothing of theirs is in this repository. Check their repositories out side by side, at the commits
that are named below, and run

    python -m references.compare_upscalers FOLDER

The weights are random: what is compared is the names and shapes of the tensors, and the results.
What their code imports beside PyTorch is replaced by what it uses of it, so that nothing else has
to be installed.
"""

import argparse
import sys
from pathlib import Path
from types import ModuleType

import torch
from torch import Tensor, nn

from leap.networks.latent_upscalers import NN_INPUT_SCALE, Lsr, NnLatentUpscale, SdLatentUpscaler

COMMITS = {
    "ComfyUi_NNLatentUpscale": "08105da31dbd7a54569661e135835e73bd8064b0",
    "SD-Latent-Upscaler": "89543b0",
    "LSRNA": "eebd4b400675872a68f05a91d5b0655769208f5e",
}
BUFFERS = ("attn_mask", "relative_position_index")
"""What SwinIR saves beside its parameters, and what follows from the sizes."""


def replace_imports() -> None:
    def module(name: str, **names: object) -> None:
        sys.modules[name] = ModuleType(name)
        vars(sys.modules[name]).update(names)

    def rearrange(x: Tensor, pattern: str, **sizes: int) -> Tensor:
        if pattern == "b c h w -> b 1 (h w) c":
            return x.flatten(2).transpose(1, 2).unsqueeze(1)
        return x.squeeze(1).transpose(1, 2).reshape([sizes[side] for side in "bchw"])

    class DropPath(nn.Identity):
        pass

    module("einops", rearrange=rearrange)
    module("huggingface_hub", hf_hub_download=None)
    for name in ("timm", "timm.models"):
        module(name)
    layers = {"DropPath": DropPath, "trunc_normal_": nn.init.trunc_normal_}
    module("timm.models.layers", to_2tuple=lambda side: (side, side), **layers)
    # Their head asks for a GPU.
    Tensor.cuda = lambda self: self  # type: ignore[method-assign]


def give_same_weights(ours: nn.Module, theirs: nn.Module) -> None:
    """Random weights for both. Fails where names or shapes differ."""
    with torch.no_grad():
        for name, values in ours.named_parameters():
            if values.ndim == 1:
                values.normal_(float(name.endswith("weight")), 0.1)
            else:
                values.normal_(0, 1 if "bias_table" in name else values[0].numel() ** -0.5)
    found = theirs.load_state_dict(ours.state_dict(), strict=False)
    missing = [key for key in found.missing_keys if not key.endswith(BUFFERS)]
    if missing or found.unexpected_keys:
        raise SystemExit(f"Other tensors: {missing}, {found.unexpected_keys}")
    ours.eval()
    theirs.eval()


def compare(name: str, ours: Tensor, theirs: Tensor) -> None:
    difference = (ours - theirs).abs().max() / theirs.abs().max()
    print(f"{name}: {difference.item():.1e}")


def compare_nn(folder: Path) -> None:
    sys.path.insert(0, str(folder / "ComfyUi_NNLatentUpscale"))
    from latent_resizer import LatentResizer

    ours, theirs = NnLatentUpscale(), LatentResizer()
    give_same_weights(ours, theirs)
    for h, w, scale in ((8, 12, 1.5), (9, 13, 2.0), (10, 20, 1.1), (8, 4, 1.25)):
        latent = torch.randn(1, 4, h, w)
        scaled = theirs(latent * NN_INPUT_SCALE, scale=scale) / NN_INPUT_SCALE
        compare(f"NNLatentUpscale {h}x{w} x{scale}", ours(latent, scale), scaled)


def compare_sd(folder: Path) -> None:
    sys.path.insert(0, str(folder / "SD-Latent-Upscaler"))
    from comfy_latent_upscaler import Upscaler

    for scale in (1.25, 1.5, 2.0):
        ours, theirs = SdLatentUpscaler(scale), Upscaler(scale)
        give_same_weights(ours, theirs)
        latent = torch.randn(1, 4, 8, 13)
        compare(f"SD-Latent-Upscaler x{scale}", ours(latent), theirs(latent))


def compare_lsr(folder: Path) -> None:
    sys.path.insert(0, str(folder / "LSRNA"))
    import lsr
    from lsr.liif import make_coord

    swinir = {"img_size": 32, "in_chans": 4, "embed_dim": 60, "window_size": 8, "upsampler": "none"}
    encoder = {"name": "swinir", "args": {**swinir, "depths": [6] * 4, "num_heads": [6] * 4}}
    head = {"name": "mlp", "args": {"out_dim": 4, "hidden_list": [256] * 4}}
    spec = {"encoder_spec": encoder, "imnet_spec": head}
    ours, theirs = Lsr(), lsr.models.make({"name": "liif", "args": spec})
    give_same_weights(ours, theirs)
    for h, w, scale in ((16, 24, 2), (17, 12, 2), (12, 20, 1.5), (9, 11, 4), (10, 10, 3)):
        latent = torch.randn(1, 4, h, w)
        size = (int(h * scale), int(w * scale))
        coord = make_coord(size, flatten=False)[None]
        cell = torch.ones_like(coord) * torch.tensor([2 / side for side in size])
        compare(f"LSR {h}x{w} x{scale}", ours(latent, scale), theirs(latent, coord, cell))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    replace_imports()
    torch.manual_seed(0)
    with torch.no_grad():
        compare_nn(arguments.folder)
        compare_sd(arguments.folder)
        compare_lsr(arguments.folder)
