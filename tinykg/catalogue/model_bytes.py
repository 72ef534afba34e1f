"""The bytes of a model's file, where the registry or the package has them."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import TYPE_CHECKING

from tinykg.catalogue.unregistered import read_model_file
from tinykg.errors import ModelNotKept, StoreError
from tinykg.extract.installed import model_bytes
from tinykg.files import data_folder

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tinykg.records.model import Model


def path_of(model: Model, kept: Path | None) -> Path:
    """Where the bytes of a model's file lie: in the registry, or among the models that the package ships.

    `kept` is the registry's folder of files. Raises ModelNotKept where only facts of the file are known.
    """
    path = None if kept is None else kept / model.file_sha256
    if path is None or not path.is_file():
        path = _shipped(data_folder() / "models" / "files").get(model.file_sha256)
    if path is None:
        raise ModelNotKept(model.name, model.file_sha256, model.file_address or model.source_address)
    return path


def bytes_of(model: Model, kept: Path | None) -> bytes:
    """The bytes of a model's file, compared with its sha256; raises ModelNotKept, StoreError."""
    path = path_of(model, kept)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise StoreError(f"{path} cannot be read: {error.strerror}") from error
    if hashlib.sha256(content).hexdigest() != model.file_sha256:
        raise StoreError(
            f"{path} is damaged: its content has not the sha256 that is its name. "
            f"Remove it, then add the file again."
        )
    return content


def bytes_at(path: Path) -> bytes:
    """The bytes of the model in a file that nobody registered; raises InputError where there is none."""
    read_model_file(path)
    return model_bytes(path)


@cache
def _shipped(folder: Path) -> Mapping[str, Path]:
    """The few small model files of a folder by sha256."""
    return {hashlib.sha256(path.read_bytes()).hexdigest(): path for path in sorted(folder.glob("*.tflite"))}
