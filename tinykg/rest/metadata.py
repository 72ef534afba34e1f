"""A model's metadata, as a client sends them beside its file -> a sheet that names that file."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING

import yaml
from fastapi import HTTPException

from tinykg.errors import ExtractError
from tinykg.extract.document import read_toml, read_yaml
from tinykg.extract.json_document import read_object

if TYPE_CHECKING:
    from pathlib import Path

_JSON_OBJECT = re.compile(r'\s*\{\s*["}]')
"""The beginning of one. YAML's mappings in braces begin so, too, where they are written as JSON is."""

_TOML_LINE = re.compile(r"^\s*(?:\[\[?[\w.]+\]\]?\s*$|[\w-]+\s*=)", re.MULTILINE)


def sheet_beside(folder: Path, metadata: str, model: bytes) -> Path:
    """A new file in the folder with a sheet in TOML or YAML, which has the model's `sha256` if it had none.

    Raises ExtractError where the metadata cannot be parsed: it names the line, as the client wrote it.
    """
    metadata = metadata.removeprefix("\ufeff")
    is_json = _JSON_OBJECT.match(metadata) is not None
    is_toml = not is_json and _TOML_LINE.search(metadata) is not None
    path = folder / f"metadata.{'json' if is_json else 'toml' if is_toml else 'yaml'}"
    try:
        path.write_text(metadata, encoding="utf-8", newline="")
    except UnicodeEncodeError as error:
        raise HTTPException(422, f"The metadata is no text: {error.reason}") from error
    if is_toml:
        return _toml(path, metadata, model)
    said = read_object(path, is_ambiguous=False) if is_json else read_yaml(path, object)
    if not isinstance(said, dict):
        raise ExtractError(path, "`$`", "no names with values", "a model's facts, such as 'name: my_kws'")
    whole = path.with_suffix(".yaml")
    whole.write_text(yaml.safe_dump({"sha256": _digest(model), **said}, allow_unicode=True), encoding="utf-8")
    return whole


def _toml(path: Path, metadata: str, model: bytes) -> Path:
    """A sheet in TOML, into which a line goes: its values have types that only TOML has."""
    if "sha256" not in read_toml(path, dict):
        path.write_text(f'sha256 = "{_digest(model)}"\n{metadata}', encoding="utf-8", newline="")
    return path


def _digest(model: bytes) -> str:
    return sha256(model).hexdigest()
