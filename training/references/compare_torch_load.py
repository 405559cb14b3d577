"""What torch.load(weights_only=True) accepts, the reader must accept: a generated set of files.

    python -m references.compare_torch_load [--count 400] [--seed 1]

Random nested objects of everything that `weights_only` allows (dicts, lists, tuples, sets, sizes,
dtypes, devices, numbers of any size, texts, bytes, parameters, views, every storage type, state
dicts) are saved by each protocol and in both formats of torch.save. Where torch reads a file, the
reader (run by `npx tsx scripts/reports/list-tensors.ts`) must read it, too, and find the same
tensors: name, dtype, shape and a checksum of the elements. Exits with 1 otherwise.
"""

import argparse
import hashlib
import json
import random
import subprocess
import sys
import tempfile
from collections import Counter, OrderedDict
from pathlib import Path

import torch
from torch import Tensor

from fixtures.known import DTYPES

ROOT = Path(__file__).resolve().parents[2]


def make_tensor(rng: random.Random) -> Tensor:
    shape = [rng.randint(0, 4) for _ in range(rng.randint(0, 5))]
    dtype = rng.choice(list(DTYPES))
    base = torch.randint(0, 2, shape) if dtype == torch.bool else torch.randint(0, 100, shape)
    tensor = base.to(dtype)
    kind = rng.randint(0, 5)
    if kind == 1 and tensor.dim() > 1:
        return tensor.transpose(0, -1)
    if kind == 2 and tensor.dim() > 0 and tensor.shape[0] > 1:
        return tensor[1:]
    if kind == 3 and tensor.dim() > 0 and tensor.shape[0] == 1:
        return tensor.expand(3, *tensor.shape[1:])
    if kind == 4 and dtype.is_floating_point and tensor.element_size() > 1:
        return torch.nn.Parameter(tensor)
    return tensor


def make_leaf(rng: random.Random) -> object:
    return rng.choice(
        [
            None,
            True,
            False,
            rng.randint(-5, 300),
            -(2**40),
            2**63 + 12345,
            2**200,
            1.5,
            float("nan"),
            "a text",
            "\u00fcber \U0001f600",
            b"bytes",
            bytearray(b"array"),
            complex(1, 2),
            {1, 2, 3},
            torch.Size([1, 2]),
            torch.float16,
            torch.device("cpu"),
            torch.strided,
            Counter("abca"),
            list(range(3000)),
            (),
        ]
    )


def make_object(rng: random.Random, shared: list[Tensor], depth: int = 0) -> object:
    kind = rng.randint(0, 9)
    if depth > 3 or kind < 3:
        if kind == 0 and shared:
            return rng.choice(shared)
        shared.append(make_tensor(rng))
        return shared[-1]
    if kind == 3:
        return make_leaf(rng)
    children = [make_object(rng, shared, depth + 1) for _ in range(rng.randint(0, 4))]
    if kind == 4:
        return children
    if kind == 5:
        return tuple(children)
    keys = [rng.choice(["latents", "x", 3, 2.5, None, ("a", 1), True]) for _ in children]
    items = [
        (f"{key}{i}" if isinstance(key, str) else key, c)
        for i, (key, c) in enumerate(zip(keys, children, strict=True))
    ]
    if kind == 6:
        return OrderedDict(items)
    if kind == 7:
        module = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3))
        return module.state_dict()
    return dict(items)


def name_key(key: object) -> str:
    """As JavaScript writes it."""
    if isinstance(key, tuple):
        return "?"
    if key is None or isinstance(key, bool):
        return {None: "null", True: "true", False: "false"}[key]
    return str(key)


def list_tensors(root: object) -> list[dict]:
    """Each tensor once, in order, by the keys that lead to it."""
    found: list[dict] = []
    seen: set[int] = set()

    def visit(value: object, path: str) -> None:
        if not isinstance(value, (Tensor, dict, list, tuple)) or id(value) in seen:
            return
        if not (isinstance(value, tuple) and not value):
            seen.add(id(value))
        if isinstance(value, Tensor):
            plain = value.detach().contiguous().reshape(-1)
            data = plain.view(torch.uint8).numpy().tobytes()
            digest = hashlib.sha256(data).hexdigest()
            found.append(
                {
                    "name": path,
                    "dtype": DTYPES[value.dtype],
                    "shape": list(value.shape),
                    "sha256": digest,
                }
            )
            return
        if isinstance(value, torch.Size):
            return
        children = value.items() if isinstance(value, dict) else enumerate(value)
        for key, child in children:
            visit(child, f"{path}.{name_key(key)}" if path else name_key(key))

    visit(root, "")
    return found


def compare(count: int, seed: int, folder: Path) -> tuple[int, int, list[str]]:
    """Saves the files in the folder and reads them back.

    Returns how many files torch reads, their tensors, and a line for each that is read otherwise.
    """
    rng = random.Random(seed)
    torch.manual_seed(seed)
    expected = {}
    for number in range(count):
        path = folder / f"{number}.pt"
        legacy = {"_use_new_zipfile_serialization": False} if rng.random() < 0.3 else {}
        try:
            torch.save(
                make_object(rng, []), path, pickle_protocol=rng.choice([2, 2, 3, 4, 5]), **legacy
            )
            expected[path.name] = list_tensors(torch.load(path, weights_only=True))
        except Exception as error:  # what torch itself does not take is not asked of the reader
            print("left out:", str(error).splitlines()[0][:100])
            path.unlink(missing_ok=True)
    command = ["npx", "tsx", "scripts/reports/list-tensors.ts", str(folder)]
    output = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    read = {line["file"]: line for line in map(json.loads, output.splitlines())}
    otherwise = []
    for name, tensors in expected.items():
        line = read[name]
        if line.get("error") or line["tensors"] != tensors:
            found = line.get("error") or {"reader": line["tensors"], "torch": tensors}
            otherwise.append(f"{name} {found}")
    return len(expected), sum(map(len, expected.values())), otherwise


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        files, tensors, otherwise = compare(args.count, args.seed, Path(folder))
    for line in otherwise:
        print(line)
    print(f"{files} files with {tensors} tensors that torch reads; {len(otherwise)} read otherwise")
    sys.exit(len(otherwise) > 0)


if __name__ == "__main__":
    main()
