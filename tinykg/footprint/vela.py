"""What Vela, the compiler for Ethos-U, makes of a file; its package runs in a child process.

The package `ethos-u-vela` comes with the extra `bench`. Reading the compiled file and
computing its footprint is the caller's part: `footprint` takes it like any other file.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tinykg.errors import ExtractError
from tinykg.footprint.ethos_u import CUSTOM_OPERATOR
from tinykg.records.evidence import Evidence, EvidenceKind

if TYPE_CHECKING:
    from tinykg.records.footprint import Footprint
    from tinykg.records.model_file import ModelFile

MODULE: Final = "ethosu.vela"
TIME_LIMIT_SECONDS: Final = 120
ACCELERATOR: Final = "ethos-u55-128"


def is_installed() -> bool:
    """Whether the compiler's package is there; nothing of it is loaded."""
    return importlib.util.find_spec("ethosu") is not None


def compiled(data: bytes, name: str, accelerator: str = ACCELERATOR) -> bytes:
    """The file as Vela compiles it for an accelerator; `name` is for messages.

    Raises ExtractError where the compiler fails, with the last line it said.
    """
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "model.tflite"
        source.write_bytes(data)
        command = [sys.executable, "-m", MODULE, str(source)]
        command += ["--accelerator-config", accelerator, "--output-dir", folder]
        try:
            run = subprocess.run(  # noqa: S603 - our own interpreter, a fixed module, a path of our own
                command, capture_output=True, text=True, timeout=TIME_LIMIT_SECONDS, check=False
            )
        except subprocess.TimeoutExpired as error:
            expected = f"an answer within {TIME_LIMIT_SECONDS} s"
            raise ExtractError(name, "compilation by Vela", "no answer", expected) from error
        product = Path(folder) / "model_vela.tflite"
        if run.returncode or not product.is_file():
            said = (run.stderr or run.stdout).strip().splitlines()[-1:] or ["it said nothing"]
            raise ExtractError(name, "compilation by Vela", said[0], "a compiled file")
        return product.read_bytes()


def estimated(compiled_file: ModelFile, footprint: Footprint, accelerator: str = ACCELERATOR) -> Footprint:
    """The footprint of a compiled file as an estimate for the file it was made of.

    Says so where the compiler left everything to the CPU.
    """
    layers = (layer.name for graph in compiled_file.subgraphs for layer in graph.layers)
    share = "" if CUSTOM_OPERATOR in layers else "; nothing runs on the NPU"
    source = f"the file as Vela compiles it for {accelerator}{share}; {footprint.evidence.source}"
    return replace(footprint, evidence=Evidence(kind=EvidenceKind.ESTIMATED, source=source))
