"""`tinykg inspect --verify`: the footprint beside what the real interpreter takes."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import click

from tinykg.errors import InputError
from tinykg.files import data_folder

if TYPE_CHECKING:
    from pathlib import Path

    from tinykg.bench.tflite_micro_wheel import Verification
    from tinykg.records.model_file import ModelFile

WHEEL_BUILD = "verify/tflite-micro-wheel.toml"
"""The wheel's build, under `data/runtimes/`; no runtime that models are matched with."""


def verified(path: Path, file: ModelFile) -> Verification:
    """What the interpreter of the tflite-micro wheel says to the file; raises MissingExtra."""
    from tinykg.bench.tflite_micro_wheel import require_wheel, verify
    from tinykg.footprint import footprint, load_runtime

    require_wheel()
    runtime = load_runtime(data_folder() / "runtimes" / WHEEL_BUILD)
    return verify(model_bytes(path, file), footprint(file, runtime), runtime)


def model_bytes(path: Path, file: ModelFile) -> bytes:
    """The model's own bytes, out of a C array source too."""
    from tinykg.extract.c_array import read_source

    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() == file.sha256:
        return data
    for array in read_source(data.decode("utf-8", "replace"), str(path)):
        if hashlib.sha256(array.data).hexdigest() == file.sha256:
            return array.data
    raise InputError(f"{path}: changed while it was read")


def print_verification(found: Verification) -> None:
    """The sentence, and both breakdowns where there was something to compare."""
    click.echo(f"verified: {found.sentence}" if found.agrees else f"not verified: {found.sentence}")
    if not found.rows:
        return
    if found.agrees:
        used = found.rows[-1]
        click.echo(f"  arena used on that build: computed {used[1]} B, reported {used[2]} B")
        return
    click.echo(f"  {'computed B':>11}  {'reported B':>11}  part")
    for name, computed, reported in found.rows:
        mark = "" if computed == reported else f"   differs by {(computed or 0) - (reported or 0):+d}"
        click.echo(f"  {computed!s:>11}  {reported!s:>11}  {name}{mark}")


def verification_value(found: Verification) -> dict[str, object]:
    """The comparison as a JSON value."""
    return {
        "agrees": found.agrees,
        "sentence": found.sentence,
        "parts": [{"name": n, "computed_bytes": c, "reported_bytes": r} for n, c, r in found.rows],
    }
