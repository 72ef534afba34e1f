"""Files to add: variants of shipped models, C arrays of them, and sheets."""

from __future__ import annotations

import hashlib
from pathlib import Path

SHIPPED = Path(__file__).resolve().parents[2] / "data" / "models" / "files"


def model_bytes(variant: int = 1, name: str = "waves_cnn1d_int8") -> bytes:
    """A real model that is not built in: what follows a FlatBuffer belongs to nothing, but to its sha256."""
    return (SHIPPED / f"{name}.tflite").read_bytes() + bytes(variant)


def digest(content: bytes) -> str:
    """The sha256 of a file."""
    return hashlib.sha256(content).hexdigest()


def write_model(path: Path, variant: int = 1, name: str = "waves_cnn1d_int8") -> Path:
    """A .tflite file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(model_bytes(variant, name))
    return path


def write_array(path: Path, content: bytes) -> Path:
    """A C source with the model as an array."""
    numbers = ", ".join(f"0x{byte:02x}" for byte in content)
    path.write_text(f"#include <stdint.h>\nalignas(8) const unsigned char g_model[] = {{{numbers}}};\n")
    return path


def write_model_sheet(path: Path, sha256: str, name: str = "my_waves", more: str = "") -> Path:
    """A model's sheet."""
    path.write_text(f'name = "{name}"\nsha256 = "{sha256}"\nsource = "a test"\n{more}\n')
    return path


BOARD = """
name = "My board"
source = "a test"
aliases = ["mb"]
system = "bare-metal"
sensors = []
[[processor]]
core = "cortex-m4f"
[[memory]]
kind = "sram"
total_bytes = 262_144
[[memory]]
kind = "flash"
total_bytes = 1_048_576
"""


def write_board(path: Path, text: str = BOARD) -> Path:
    """A board's sheet."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path
