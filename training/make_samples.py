"""Sample latents for the page: free photographs through TAESD encoders.

    python training/make_samples.py --weights WEIGHTS --face face.dat

`WEIGHTS` is the folder with the TAESD files (`taef1_encoder.safetensors`, ...). The photographs
come with scikit-image's wheel; the raccoon is `scipy.datasets.face()`, whose file pooch keeps in
`~/.cache/scipy-data`. Latents, thumbnails and `samples.json` are written, and for the tests of the
preview each photograph at one pixel per latent position. Each sample is saved the way a program
that people use would save it, so the samples also exercise the readers. Sizes are those that
generators make: 512 pixels and more. Two photographs are smaller, 600x400 (coffee) and 640x427
(rocket); they are not enlarged, so their latents have 50 and 53 rows.
"""

import argparse
import bz2
import json
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save
from torch import Tensor

from leap.families import STRIDE
from leap.networks.taesd import load_taesd

# decoder space = model space / scale + shift (diffusers' AutoencoderKL configurations)
AFFINE = {"sd15": (0.18215, 0.0), "sdxl": (0.13025, 0.0), "flux1": (0.3611, 0.1159)}


@dataclass(frozen=True)
class Photo:
    """A photograph in scikit-image's `skimage/data`, or scipy's `face.dat`, its licence as the
    package states it, its alt text."""

    file: str
    label: str
    alt: str
    source: str
    licence: str


PHOTOS = {
    "raccoon": Photo(
        "face.dat",
        "Raccoon",
        "Face of a raccoon among leaves",
        "Unknown photographer, public-domain-image.com",
        "Public domain",
    ),
    "astronaut": Photo(
        "astronaut.png",
        "Astronaut",
        "Portrait of astronaut Eileen Collins",
        "NASA",
        "Public domain",
    ),
    "coffee": Photo(
        "coffee.png", "Coffee", "Cup of coffee on a wooden table", "Rachel Michetti", "CC0"
    ),
    "rocket": Photo(
        "rocket.jpg", "Rocket", "Falcon 9 lifting off with DSCOVR", "SpaceX", "Public domain"
    ),
    "hubble": Photo(
        "hubble_deep_field.jpg",
        "Deep field",
        "Galaxies of the Hubble deep field",
        "NASA, ESA",
        "Public domain",
    ),
    "camera": Photo(
        "camera.png", "Cameraman", "Grey picture of a man with a camera", "Lav Varshney", "CC0"
    ),
}


def comfyui(latent: Tensor, family: str, photo: Photo) -> bytes:
    """SaveLatent's file: decoder space, version marker, the workflow that could have made it."""
    checkpoint = {
        "sd15": "v1-5-pruned-emaonly-fp16.safetensors",
        "sdxl": "sd_xl_base_1.0.safetensors",
        "flux1": "flux1-dev-fp8.safetensors",
    }[family]
    scale, shift = AFFINE[family]
    prompt = {
        "1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": checkpoint}},
        "2": {"class_type": "LoadImage", "inputs": {"image": photo.file}},
        "3": {"class_type": "VAEEncode", "inputs": {"pixels": ["2", 0], "vae": ["1", 2]}},
        "4": {
            "class_type": "SaveLatent",
            "inputs": {"samples": ["3", 0], "filename_prefix": photo.file.split(".")[0]},
        },
    }
    tensors = {
        "latent_tensor": (latent / scale + shift).half().contiguous(),
        "latent_format_version_0": torch.tensor([]),
    }
    return save(tensors, metadata={"prompt": json.dumps(prompt)})


def plain(latent: Tensor, family: str, photo: Photo) -> bytes:
    """`output_type="latent"` of a diffusers pipeline, saved with safetensors: model space."""
    return save({"latents": latent.half().contiguous()}, metadata={"family": family})


def packed(latent: Tensor, family: str, photo: Photo) -> bytes:
    """diffusers' FLUX pipelines pack 2x2 positions: [1,C,h,w] -> [1, h/2*w/2, 4C]."""
    _, c, h, w = latent.shape
    tokens = (
        latent.view(1, c, h // 2, 2, w // 2, 2)
        .permute(0, 2, 4, 1, 3, 5)
        .reshape(1, h * w // 4, c * 4)
    )
    return plain(tokens, family, photo)


def npy(latent: Tensor, family: str, photo: Photo) -> bytes:
    """`numpy.save` of the half-precision model-space latent."""
    buffer = BytesIO()
    np.save(buffer, latent.half().numpy())
    return buffer.getvalue()


@dataclass(frozen=True)
class Sample:
    """`size` is (height, width) in pixels of the picture that is encoded."""

    photo: str
    family: str
    file: str
    format: str
    write: Callable[[Tensor, str, Photo], bytes]
    size: tuple[int, int]


# The strongest first.
SAMPLES = (
    Sample("raccoon", "flux1", "raccoon_flux1.latent", "ComfyUI .latent", comfyui, (768, 1024)),
    Sample("astronaut", "flux1", "astronaut_flux1.latent", "ComfyUI .latent", comfyui, (512, 512)),
    Sample("coffee", "sd3", "coffee_sd3.npy", "diffusers, npy", npy, (400, 600)),
    Sample(
        "raccoon",
        "sdxl",
        "raccoon_sdxl.safetensors",
        "diffusers, safetensors",
        plain,
        (768, 768),
    ),
    Sample("camera", "flux2", "camera_flux2.safetensors", "diffusers, packed", packed, (512, 512)),
    Sample("rocket", "sd15", "rocket_sd15.latent", "ComfyUI .latent", comfyui, (424, 640)),
    Sample("hubble", "sdxl", "hubble_sdxl.latent", "ComfyUI .latent", comfyui, (512, 512)),
    Sample("coffee", "flux1", "coffee_flux1.safetensors", "diffusers, packed", packed, (400, 592)),
)

# scipy's photograph: height, width, channels
FACE_SHAPE = (768, 1024, 3)

# Longest side of a thumbnail, in pixels.
THUMBNAIL = 288


def open_photo(photo: Photo, face: Path) -> Image.Image:
    """The photograph as it was published."""
    if photo.file == face.name:
        pixels = np.frombuffer(bz2.decompress(face.read_bytes()), np.uint8)
        return Image.fromarray(pixels.reshape(FACE_SHAPE))
    # Found without importing the package: only its picture files are needed.
    package = find_spec("skimage")
    if package is None or not package.submodule_search_locations:
        raise FileNotFoundError("the photographs come with scikit-image: pip install scikit-image")
    folder = Path(package.submodule_search_locations[0]) / "data"
    return Image.open(folder / photo.file).convert("RGB")


def fit_photo(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Centre-cropped to the aspect of `size` (height, width), box-filtered down to it."""
    height, width = size
    scale = min(image.height / height, image.width / width)
    crop_w, crop_h = width * scale, height * scale
    left, top = (image.width - crop_w) / 2, (image.height - crop_h) / 2
    return image.resize(
        (width, height), Image.Resampling.BOX, box=(left, top, left + crop_w, top + crop_h)
    )


def to_tensor(image: Image.Image) -> Tensor:
    """[1,3,H,W] in [0,1]."""
    return torch.from_numpy(np.asarray(image).copy()).permute(2, 0, 1)[None].float() / 255


def save_thumbnail(image: Image.Image, path: Path) -> str:
    """For the page; returns the file's name."""
    small = image.copy()
    small.thumbnail((THUMBNAIL, THUMBNAIL), Image.Resampling.LANCZOS)
    small.save(path, quality=82, method=6)
    return path.name


def save_for_tests(picture: Tensor, path: Path) -> None:
    """One pixel per latent position, as PNG: what a preview of the latent should look like."""
    small = torch.nn.functional.avg_pool2d(picture, STRIDE)[0].permute(1, 2, 0)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray((small * 255).round().byte().numpy()).save(path, optimize=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--face", type=Path, default=Path.home() / ".cache/scipy-data/face.dat")
    parser.add_argument("--out", type=Path, default=Path("public/samples"))
    parser.add_argument("--tests", type=Path, default=Path("src/latent/__fixtures__/samples"))
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    listing = []
    for sample in SAMPLES:
        photo = PHOTOS[sample.photo]
        image = fit_photo(open_photo(photo, args.face), sample.size)
        picture = to_tensor(image)
        with torch.inference_mode():
            latent = load_taesd("encoder", sample.family, args.weights)(picture).contiguous()
        data = sample.write(latent, sample.family, photo)
        thumbnail = save_thumbnail(image, args.out / f"{sample.file}.webp")
        save_for_tests(picture, args.tests / f"{sample.file}.png")
        (args.out / sample.file).write_bytes(data)
        package = "scipy" if photo.file == args.face.name else "scikit-image"
        listing.append(
            {
                "file": sample.file,
                "thumbnail": thumbnail,
                "name": photo.label,
                "alt": photo.alt,
                "family": sample.family,
                "format": sample.format,
                "bytes": len(data),
                "latent": [latent.shape[1], sample.size[0] // STRIDE, sample.size[1] // STRIDE],
                "source": f"{photo.source}; {package} {photo.file}",
                "licence": photo.licence,
            }
        )
    (args.out / "samples.json").write_text(json.dumps(listing, indent=2) + "\n")


if __name__ == "__main__":
    main()
