"""Files as the real writers make them, for the tests of src/formats and src/latent.

    python training/make_fixtures.py --out src

Containers come from numpy, PyTorch and safetensors themselves (`src/formats/__fixtures__`); layouts and spaces follow
the published code of ComfyUI, diffusers, sd-scripts, musubi-tuner, InvokeAI and LUA (`src/latent/__fixtures__`), each
named beside its fixture. Every tensor holds the same known values, whole multiples of 1/64 in [-2, 2) that all four
float types represent exactly. The manifests say what a reader must find: shapes and dtypes, and for latents the
SHA-256 of the model-space values, float32, [C,H,W].
"""

import argparse
import hashlib
import io
import json
import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import numpy as np
import safetensors.torch
import torch
from torch import Tensor

DTYPES = {
    torch.float32: "F32",
    torch.float16: "F16",
    torch.bfloat16: "BF16",
    torch.float64: "F64",
    torch.int64: "I64",
    torch.uint8: "U8",
}


def known(*shape: int) -> Tensor:
    """The known values, float32: element i is (hash(i) - 128) / 64, hash(i) a byte of a mixed multiplicative hash."""
    h = np.arange(int(np.prod(shape)), dtype=np.uint64) * 2654435761 % 2**32
    h ^= h >> 15
    h = h * 0x2C1B3C6D % 2**32
    h ^= h >> 12
    return torch.from_numpy((h % 256).astype(np.float32) / 64 - 2).reshape(shape)


class Folder:
    """Fixture files of one room and their manifest."""

    def __init__(self, path: Path):
        self.path = path
        self.manifest: list[dict] = []
        path.mkdir(parents=True, exist_ok=True)
        for old in path.iterdir():
            old.unlink()

    def add(self, name: str, data: bytes, **expected: object) -> None:
        (self.path / name).write_bytes(data)
        self.manifest.append({"file": name, **expected})

    def close(self) -> None:
        (self.path / "manifest.json").write_text(json.dumps(self.manifest, indent=2) + "\n")


def describe(tensors: dict[str, Tensor]) -> list[dict]:
    return [{"name": name, "dtype": DTYPES[t.dtype], "shape": list(t.shape)} for name, t in tensors.items()]


def torch_bytes(value: object, **options: object) -> bytes:
    buffer = io.BytesIO()
    torch.save(value, buffer, **options)
    return buffer.getvalue()


def npy_bytes(array: np.ndarray, version: tuple[int, int] | None = None) -> bytes:
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, array, version=version, allow_pickle=True)
    return buffer.getvalue()


def npz_bytes(save: Callable = np.savez, **arrays: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    save(buffer, **arrays)
    return buffer.getvalue()


# --- containers ---------------------------------------------------------------------------------------------------


def add_safetensors(out: Folder) -> None:
    tensors = {
        "f32": known(2, 3, 5),
        "f16": known(3, 5).half(),
        "bf16": known(7).bfloat16(),
        "f64": known(2, 2).double(),
        "empty": torch.zeros(0),
    }
    data = safetensors.torch.save(tensors, metadata={"prompt": '{"a": 1}', "note": "ü"})
    out.add("all.safetensors", data, container="safetensors", tensors=describe(tensors), metadata={"prompt": '{"a": 1}', "note": "ü"})
    out.add("scalar.safetensors", safetensors.torch.save({"x": known(1)[0]}), container="safetensors", tensors=[{"name": "x", "dtype": "F32", "shape": []}])
    eight = {"x": torch.zeros(4).to(torch.float8_e4m3fn)}
    out.add("float8.safetensors", safetensors.torch.save(eight), error="unsupported")


def add_npy(out: Folder) -> None:
    x = known(2, 3, 4).numpy()
    plain = [{"name": "", "dtype": "F32", "shape": [2, 3, 4]}]
    for version in ((1, 0), (2, 0), (3, 0)):
        out.add(f"v{version[0]}.npy", npy_bytes(x, version), container="npy", tensors=plain)
    out.add("fortran.npy", npy_bytes(np.asfortranarray(x)), container="npy", tensors=plain)
    out.add("big-endian.npy", npy_bytes(x.astype(">f4")), container="npy", tensors=plain)
    for kind, dtype in (("f2", "F16"), ("f8", "F64")):
        out.add(f"{kind}.npy", npy_bytes(x.astype(kind)), container="npy", tensors=[{"name": "", "dtype": dtype, "shape": [2, 3, 4]}])
    out.add("scalar.npy", npy_bytes(known(1).numpy()[0]), container="npy", tensors=[{"name": "", "dtype": "F32", "shape": []}])
    out.add("object.npy", npy_bytes(np.array([{"a": 1}], dtype=object)), error="unsupported")
    out.add("fields.npy", npy_bytes(np.zeros(2, dtype=[("a", "<f4"), ("b", "<i4")])), error="unsupported")


def add_npz(out: Folder) -> None:
    a, b = known(2, 3, 4).numpy(), known(5, 2).half().numpy()
    tensors = [{"name": "a", "dtype": "F32", "shape": [2, 3, 4]}, {"name": "b", "dtype": "F16", "shape": [5, 2]}]
    out.add("stored.npz", npz_bytes(a=a, b=b), container="npz", tensors=tensors)
    out.add("deflated.npz", npz_bytes(np.savez_compressed, a=a, b=b), container="npz", tensors=tensors)
    captions = np.array(["a cat", None], dtype=object)
    out.add("captions.npz", npz_bytes(a=a, b=b, captions=captions), container="npz", tensors=tensors)
    bomb = npz_bytes(np.savez_compressed, a=np.zeros(100 * 2**20, dtype=np.uint8))
    out.add("bomb.npz", bomb, error="too-large")
    lie = bytearray(npz_bytes(np.savez_compressed, a=a))
    central = lie.rindex(b"PK\x01\x02")
    lie[central + 24 : central + 28] = (20).to_bytes(4, "little")
    out.add("lying-size.npz", bytes(lie), error="damaged-file")


class RunsCode:
    """What an attacker would put into a pickle."""

    def __reduce__(self) -> tuple:
        return (eval, ("1 + 1",))


def add_torch(out: Folder) -> None:
    base = known(4, 6, 8)
    bare = [{"name": "", "dtype": "F32", "shape": [4, 6, 8]}]
    out.add("bare.pt", torch_bytes(base), container="torch-zip", tensors=bare)
    out.add("protocol5.pt", torch_bytes(base, pickle_protocol=5), container="torch-zip", tensors=bare)
    out.add("parameter.pt", torch_bytes(torch.nn.Parameter(base)), container="torch-zip", tensors=bare)
    nested = {
        "latent": base.half(),
        "steps": 20,
        "prompt": "a cat",
        "deep": {"b": base.bfloat16(), "list": [base.double(), (torch.arange(3),)], 7: None},
        "size": base.shape,
        "device": base.device,
        "dtype": base.dtype,
    }
    found = [("latent", "F16", [4, 6, 8]), ("deep.b", "BF16", [4, 6, 8]), ("deep.list.0", "F64", [4, 6, 8])]
    tensors = [{"name": n, "dtype": d, "shape": s} for n, d, s in found]
    out.add(
        "nested.pt",
        torch_bytes(nested),
        container="torch-zip",
        tensors=[*tensors, {"name": "deep.list.1.0", "dtype": "I64", "shape": [3], "values": [0, 1, 2]}],
    )
    module = torch.nn.Linear(3, 2)
    module.weight.data, module.bias.data = known(2, 3), known(2)
    state = module.state_dict()
    out.add("state-dict.pt", torch_bytes(state), container="torch-zip", tensors=describe(dict(state)))
    views = OrderedDict(
        transposed=base.permute(2, 0, 1), sliced=base[1:3, ::2, 3:], expanded=base[:1].expand(3, 6, 8)
    )
    values = {name: view.flatten().tolist() for name, view in views.items()}
    listed = [{**t, "values": values[t["name"]]} for t in describe(views)]
    out.add("views.pt", torch_bytes(views), container="torch-zip", tensors=listed)

    out.add("legacy.pt", torch_bytes(base, _use_new_zipfile_serialization=False), error="unsupported", says="1.6")
    with mock.patch("torch.serialization.sys.byteorder", "big"):
        out.add("big-endian.pt", torch_bytes(base), error="unsupported", says="big-endian")
    out.add("code.pt", torch_bytes({"latent": base, "x": RunsCode()}), error="unsupported", says="eval")
    out.add("code.pkl", pickle.dumps(RunsCode()), error="unsupported", says="pickle")
    out.add("other.zip", zip_bytes({"readme.txt": b"hello"}), error="unknown-format")


def zip_bytes(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


# --- writers ------------------------------------------------------------------------------------------------------

AFFINE = {"sd15": (0.18215, 0.0), "sdxl": (0.13025, 0.0), "sd3": (1.5305, 0.0609), "flux1": (0.3611, 0.1159)}
CHANNELS = {"sd15": 4, "sdxl": 4, "sd3": 16, "flux1": 16, "flux2": 32}


def to_model(raw: Tensor, family: str) -> np.ndarray:
    """Decoder space -> model space: float64 arithmetic, rounded to float32 once."""
    scale, shift = AFFINE[family]
    return ((raw.double().numpy() - shift) * scale).astype(np.float32)


def digest(*items: Tensor | np.ndarray) -> list[str]:
    """SHA-256 of each batch item [C,H,W] as float32."""
    return [hashlib.sha256(np.ascontiguousarray(x, dtype="<f4").tobytes()).hexdigest() for x in items]


def pack_flux1(x: Tensor) -> Tensor:
    """diffusers FluxPipeline._pack_latents: [B,C,h,w] -> [B,(h/2)(w/2),4C]."""
    b, c, h, w = x.shape
    return x.view(b, c, h // 2, 2, w // 2, 2).permute(0, 2, 4, 1, 3, 5).reshape(b, h // 2 * (w // 2), c * 4)


def patchify_flux2(x: Tensor) -> Tensor:
    """diffusers Flux2Pipeline._patchify_latents: [B,C,h,w] -> [B,4C,h/2,w/2]."""
    b, c, h, w = x.shape
    return x.view(b, c, h // 2, 2, w // 2, 2).permute(0, 1, 3, 5, 2, 4).reshape(b, c * 4, h // 2, w // 2)


def pack_flux2(x: Tensor) -> Tensor:
    """diffusers Flux2Pipeline._pack_latents of the patchified latent: [B,4C,h,w] -> [B,hw,4C]."""
    return patchify_flux2(x).flatten(2).permute(0, 2, 1).contiguous()


def add_comfyui(out: Folder) -> None:
    """nodes.py SaveLatent: `latent_tensor`, an empty `latent_format_version_0`, the graph as metadata."""
    models = {
        "sd15": "v1-5-pruned-emaonly.safetensors",
        "sdxl": "sd_xl_base_1.0.safetensors",
        "sd3": "sd3.5_medium.safetensors",
        "flux1": "flux1-dev.safetensors",
        "flux2": "flux2-dev.safetensors",
    }
    for family, model in models.items():
        x = known(1, CHANNELS[family], 6, 8)
        raw = patchify_flux2(x) if family == "flux2" else x
        sampler = {"class_type": "KSampler", "inputs": {"model": ["1", 0], "latent_image": ["5", 0], "seed": 7}}
        prompt = {
            "1": {"class_type": "UNETLoader", "inputs": {"unet_name": model, "weight_dtype": "default"}},
            "2": {"class_type": "CLIPLoader", "inputs": {"clip_name": "t5xxl_fp16.safetensors"}},
            "3": sampler,
            "4": {"class_type": "SaveLatent", "inputs": {"samples": ["3", 0], "filename_prefix": "latents/ComfyUI"}},
            "5": {"class_type": "EmptyLatentImage", "inputs": {"width": 64, "height": 48}},
        }
        tensors = {"latent_tensor": raw, "latent_format_version_0": torch.tensor([])}
        data = safetensors.torch.save(tensors, metadata={"prompt": json.dumps(prompt)})
        model_space = x[0] if family == "flux2" else to_model(x[0], family)
        space = "model" if family == "flux2" else "decoder"
        out.add(f"ComfyUI_{family}.latent", data, writer="ComfyUI", family=family, space=space, sha256=digest(model_space))
    old = safetensors.torch.save({"latent_tensor": known(1, 4, 6, 8)})
    # LoadLatent: without the marker, times 1/0.18215; so the file itself is in model space.
    out.add("ComfyUI_old.latent", old, writer="ComfyUI", family="sd15", space="decoder", sha256=digest(known(4, 6, 8)))
    qwen = {"1": {"class_type": "UNETLoader", "inputs": {"unet_name": "qwen_image_fp8.safetensors"}}, "2": {"class_type": "SaveLatent", "inputs": {"samples": ["1", 0]}}}
    data = safetensors.torch.save({"latent_tensor": known(1, 16, 6, 8), "latent_format_version_0": torch.tensor([])}, metadata={"prompt": json.dumps(qwen)})
    out.add("ComfyUI_qwen.latent", data, error="unsupported", says="Qwen")


def add_diffusers(out: Folder) -> None:
    """`output_type="latent"` of the pipelines, saved by torch.save, safetensors and numpy."""
    for family in ("sd15", "sdxl", "sd3", "flux1"):
        x = known(1, CHANNELS[family], 6, 8)
        expected = {"writer": "", "family": family, "space": "model", "sha256": digest(x[0])}
        hints = {"family": family, "space": "model"}
        out.add(f"diffusers_{family}.safetensors", safetensors.torch.save({"latents": x.half()}), hints=hints, **expected)
        out.add(f"diffusers_{family}.pt", torch_bytes(x.bfloat16()), hints=hints, **expected)
        out.add(f"diffusers_{family}.npy", npy_bytes(x.numpy()), hints=hints, **expected)
    for family, pack in (("flux1", pack_flux1), ("flux2", pack_flux2)):
        x = known(1, CHANNELS[family], 6, 8)
        expected = {"writer": "", "family": family, "space": "model", "sha256": digest(x[0])}
        hints = {"width": 8, "height": 6, "space": "model"}
        data = torch_bytes(pack(x).bfloat16())
        out.add(f"diffusers_packed_{family}.pt", data, hints=hints, **expected)
        out.add(f"diffusers_packed_{family}_unknown.pt", data, error="ambiguous")
    klein = known(1, 32, 6, 8)
    mean, variance = known(128), known(128).abs() + 0.5
    deviation = np.sqrt(variance.double().numpy() + 1e-4)
    normal = (patchify_flux2(klein)[0].double().numpy() - mean.double().numpy()[:, None, None]) / deviation[:, None, None]
    normal = normal.reshape(32, 2, 2, 3, 4).transpose(0, 3, 1, 4, 2).reshape(32, 6, 8)
    hints = {"space": "decoder", "batchNorm": {"mean": mean.tolist(), "variance": variance.tolist()}}
    data = torch_bytes(klein)
    out.add("diffusers_klein.pt", data, writer="", family="flux2", space="decoder", hints=hints, sha256=digest(normal.astype(np.float32)))
    out.add("diffusers_klein_alone.pt", data, hints={"space": "decoder"}, error="unsupported", says="bn.running_mean")


def add_caches(out: Folder) -> None:
    """sd-scripts strategy_base.save_latents_to_disk; musubi-tuner image_video_dataset.save_latent_cache_*."""
    for family, suffix in (("sd15", "sd"), ("sdxl", "sdxl"), ("sd3", "sd3"), ("flux1", "flux")):
        x = known(CHANNELS[family], 6, 8)
        reso = "_6x8" if family in ("sd3", "flux1") else ""
        arrays = {
            f"latents{reso}": x.numpy(),
            f"original_size{reso}": np.array([64, 48]),
            f"crop_ltrb{reso}": np.array([0, 0, 64, 48]),
            f"latents_flipped{reso}": x.flip(2).numpy(),
            f"alpha_mask{reso}": np.ones((48, 64), dtype=np.float32),
        }
        model_space = x if family == "flux1" else to_model(x, family)
        space = "model" if family == "flux1" else "decoder"
        out.add(f"cat_0064x0048_{suffix}.npz", npz_bytes(**arrays), writer="sd-scripts", family=family, space=space, sha256=digest(model_space))

    def musubi(key: str, tensor: Tensor, architecture: str) -> bytes:
        metadata = {"architecture": architecture, "width": "64", "height": "48", "format_version": "1.0.1"}
        return safetensors.torch.save({key: tensor.contiguous()}, metadata=metadata)

    x = known(16, 6, 8)
    flux2 = known(1, 32, 6, 8)
    out.add("cat_0064x0048_fk.safetensors", musubi("latents_1x6x8_bfloat16", x.bfloat16(), "flux_kontext"), writer="musubi-tuner", family="flux1", space="model", sha256=digest(x))
    out.add("cat_0064x0048_zi.safetensors", musubi("latents_1x6x8_float32", x, "z_image"), writer="musubi-tuner", family="flux1", space="decoder", sha256=digest(to_model(x, "flux1")))
    out.add("cat_0064x0048_f2d.safetensors", musubi("latents_3x4_float32", patchify_flux2(flux2)[0], "flux_2_dev"), writer="musubi-tuner", family="flux2", space="model", sha256=digest(flux2[0]))
    out.add("cat_0064x0048_qi.safetensors", musubi("latents_1x6x8_float32", x[:, None], "qwen_image"), error="unsupported", says="qwen_image")
    out.add("cat_0064x0048_w.safetensors", musubi("latents_5x6x8_float32", x[:, None].expand(16, 5, 6, 8), "wan"), error="unsupported", says="5 frames")


def add_others(out: Folder) -> None:
    x = known(1, 16, 6, 8)
    # InvokeAI ObjectSerializerDisk: torch.save of the bare tensor into a file without an extension.
    out.add("Tensor_2-f1d0", torch_bytes(known(1, 32, 6, 8)), error="unsupported", says="bn.running_mean")
    out.add("Tensor_1-3f2c", torch_bytes(x), writer="InvokeAI", family="flux1", space="model", hints={"family": "flux1"}, sha256=digest(x[0]))
    # The LUA release's benchmark: a dict with `latent`, float32, decoder space.
    lua = torch_bytes({"latent": x[0], "prompt": "a cat", "seed": 1})
    out.add("lua_000.pt", lua, writer="", family="flux1", space="decoder", hints={"space": "decoder"}, sha256=digest(to_model(x[0], "flux1")))
    batch = known(3, 4, 6, 8)
    hints = {"family": "sdxl", "space": "model"}
    out.add("batch.npy", npy_bytes(batch.numpy()), writer="", family="sdxl", space="model", hints=hints, sha256=digest(*batch))
    out.add("one-frame.npy", npy_bytes(x[:, :, None].numpy()), writer="", family="flux1", space="model", hints={"family": "flux1", "space": "model"}, sha256=digest(x[0]))
    out.add("video.npy", npy_bytes(known(1, 16, 3, 6, 8).numpy()), error="unsupported", says="3 frames")
    nan = known(1, 4, 6, 8)
    nan[0, 1, 2, 3] = float("nan")
    out.add("nan.npy", npy_bytes(nan.numpy()), error="not-a-latent", says="NaN")
    out.add("channels.npy", npy_bytes(known(1, 3, 6, 8).numpy()), error="not-a-latent")
    out.add("empty.npy", npy_bytes(np.zeros((1, 4, 0, 8), dtype=np.float32)), error="not-a-latent")
    out.add("one-pixel.npy", npy_bytes(known(1, 4, 1, 1).numpy()), error="not-a-latent")
    out.add("wide.npz", npz_bytes(np.savez_compressed, latents=np.zeros((1, 4, 2, 16384), dtype=np.float16)), error="too-large")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("src"))
    args = parser.parse_args()
    formats = Folder(args.out / "formats" / "__fixtures__")
    for add in (add_safetensors, add_npy, add_npz, add_torch):
        add(formats)
    formats.close()
    latents = Folder(args.out / "latent" / "__fixtures__")
    for add in (add_comfyui, add_diffusers, add_caches, add_others):
        add(latents)
    latents.close()


if __name__ == "__main__":
    main()
