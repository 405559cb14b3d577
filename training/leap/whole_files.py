"""Files that are written whole or not at all: whoever ends the process leaves those of before."""

from pathlib import Path

import torch


def write_text_whole(path: Path, text: str) -> None:
    """Writes beside the file, then takes its place."""
    part = path.with_name(f"{path.name}.part")
    part.write_text(text)
    part.replace(path)


def save_state_whole(state: dict, path: Path) -> None:
    """The same for a training state."""
    part = path.with_name(f"{path.name}.part")
    torch.save(state, part)
    part.replace(path)
