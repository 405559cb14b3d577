"""Compiles winograd.cpp for this machine, once, and opens it."""

import ctypes
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

SOURCE = Path(__file__).with_name("winograd.cpp")
FLAGS = ("-std=c++17", "-O3", "-march=native", "-ffp-contract=fast", "-shared", "-fPIC")

POINTER, COUNT = ctypes.c_void_p, ctypes.c_int64
SIGNATURES = {
    "leap_spread_weights": [POINTER, *[COUNT] * 5, POINTER],
    "leap_convolve": [POINTER, *[COUNT] * 4, POINTER, COUNT, POINTER, POINTER],
    "leap_correlate": [POINTER, *[COUNT] * 4, POINTER, COUNT, POINTER],
}


def find_compiler() -> str | None:
    """The command of $CXX, else of the system's C++ compiler."""
    return shutil.which(os.environ.get("CXX", "c++"))


def cache_folder() -> Path:
    """Where compiled files are kept."""
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "latent-leap"


def compile_library(compiler: str) -> Path:
    """The compiled file of this source for this machine; made where it is missing.

    Raises subprocess.CalledProcessError with the compiler's words.
    """
    told = [SOURCE.read_text(), compiler, *FLAGS, platform.node()]
    name = hashlib.sha256("\0".join(told).encode()).hexdigest()[:16]
    library = cache_folder() / f"winograd-{name}.so"
    if not library.exists():
        library.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=library.parent) as folder:
            made = Path(folder) / library.name  # two processes may compile at once
            command = [compiler, *FLAGS, str(SOURCE), "-o", str(made)]
            subprocess.run(command, check=True, capture_output=True, text=True)
            made.replace(library)
    return library


@cache
def open_library() -> ctypes.CDLL | None:
    """The functions of winograd.cpp; None where there is no C++ compiler, or one that refuses it,
    whose words go to stderr."""
    compiler = find_compiler()
    if compiler is None:
        return None
    try:
        library = ctypes.CDLL(str(compile_library(compiler)))
    except subprocess.CalledProcessError as error:
        print(f"{compiler} refuses {SOURCE}, so PyTorch convolves:", error.stderr, file=sys.stderr)
        return None
    for name, arguments in SIGNATURES.items():
        function = getattr(library, name)
        function.argtypes, function.restype = arguments, None
    return library
