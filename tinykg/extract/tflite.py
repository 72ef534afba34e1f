"""TFLite files: `read_model(data, origin)` gives all that a file says about itself, or an `ExtractError`."""

from __future__ import annotations

import hashlib
import struct
from typing import TYPE_CHECKING, Final

from tinykg.errors import ExtractError
from tinykg.extract import flatbuffer as fb
from tinykg.extract import tflite_schema as schema
from tinykg.extract.flatbuffer import FlatBuffer, Table, within
from tinykg.extract.macs import Constants
from tinykg.extract.tflite_layers import Context, read_codes, read_layers, tensor_indices
from tinykg.extract.tflite_tensors import read_buffers, read_tensors
from tinykg.records.model_file import Metadata, ModelFile, Signature, Subgraph

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

IDENTIFIER: Final = b"TFL3"
SCHEMA_VERSION: Final = 3
OFFLINE_PLAN: Final = "OfflineMemoryAllocation"
"""Name of the metadata entry that holds a memory plan made at build time (int32 values)."""

MAX_FILE_BYTES: Final = 2**31
"""Larger files are refused unread; a FlatBuffer cannot be larger."""


def read_model(data: bytes, origin: str) -> ModelFile:
    """Everything the TFLite file `data` says about itself; `origin` names it in errors."""
    model = FlatBuffer(data, origin).root(IDENTIFIER, schema.MODEL)
    version = model.integer(schema.MODEL_VERSION, fb.UINT32)
    if version != SCHEMA_VERSION:
        raise model.fault(schema.MODEL_VERSION, f"schema version {version}", f"version {SCHEMA_VERSION}")
    buffers = read_buffers(model)
    subgraphs = _read_subgraphs(model, buffers)
    _check_totals(model, subgraphs)
    metadata = [_read_metadata(table, buffers, i) for i, table in _entries(model, schema.MODEL_METADATA)]
    return ModelFile(
        sha256=hashlib.sha256(data).hexdigest(),
        file_bytes=len(data),
        format="tflite",
        schema_version=version,
        description=model.text(schema.MODEL_DESCRIPTION),
        subgraphs=subgraphs,
        signatures=_read_signatures(model, subgraphs),
        metadata=tuple(metadata),
        buffer_count=len(buffers),
        buffer_bytes=sum(length for _, length in buffers),
        offline_plan=_read_offline_plan(model, metadata, buffers),
    )


def _entries(model: Table, slot: int) -> list[tuple[int, Table]]:
    """Index and table of each element of one of the model's vectors."""
    names = {
        schema.MODEL_SUBGRAPHS: schema.SUBGRAPH,
        schema.MODEL_METADATA: schema.METADATA,
        schema.MODEL_SIGNATURE_DEFS: schema.SIGNATURE_DEF,
    }[slot]
    return list(enumerate(model.tables(slot, names)))


def _read_subgraphs(model: Table, buffers: Sequence[tuple[int, int]]) -> tuple[Subgraph, ...]:
    entries = _entries(model, schema.MODEL_SUBGRAPHS)
    if not entries:
        raise model.fault(schema.MODEL_SUBGRAPHS, "a model without subgraphs", "at least one")
    context = Context(read_codes(model), len(entries), Constants())
    subgraphs = []
    for index, table in entries:
        try:
            subgraphs.append(_read_subgraph(index, table, buffers, context))
        except ExtractError as fault:
            raise within(fault, f"subgraphs[{index}]") from None
    return tuple(subgraphs)


def _read_subgraph(
    index: int, table: Table, buffers: Sequence[tuple[int, int]], context: Context
) -> Subgraph:
    tensors = read_tensors(table, buffers)
    return Subgraph(
        index=index,
        name=table.text(schema.SUBGRAPH_NAME) or "",
        tensors=tensors,
        inputs=tensor_indices(table, schema.SUBGRAPH_INPUTS, len(tensors), lowest=0),
        outputs=tensor_indices(table, schema.SUBGRAPH_OUTPUTS, len(tensors), lowest=0),
        layers=read_layers(table, index, tensors, context),
    )


def _check_totals(model: Table, subgraphs: Sequence[Subgraph]) -> None:
    """Raise where the declared shapes amount to more work than a 64-bit count can hold."""
    layers = [layer for subgraph in subgraphs for layer in subgraph.layers]
    if max(sum(layer.macs for layer in layers), sum(layer.parameters for layer in layers)) >= 2**63:
        raise model.fault(
            schema.MODEL_SUBGRAPHS, "2^63 or more MACs or parameters", "shapes a machine can run"
        )


def _read_metadata(table: Table, buffers: Sequence[tuple[int, int]], index: int) -> Metadata:
    try:
        buffer = table.integer(schema.METADATA_BUFFER, fb.UINT32)
        if buffer >= len(buffers):
            raise table.fault(
                schema.METADATA_BUFFER, f"buffer {buffer}", f"one of the {len(buffers)} buffers"
            )
        start, length = buffers[buffer]
        table.file.spend(length, "buffer", start)
        return Metadata(
            name=table.text(schema.METADATA_NAME) or "",
            buffer=buffer,
            data_bytes=length,
            text=_printable(table.file.data[start : start + length]),
        )
    except ExtractError as fault:
        raise within(fault, f"metadata[{index}]") from None


def _printable(data: bytes) -> str | None:
    """The bytes as text without closing NULs; None where they are empty or no printable UTF-8."""
    try:
        text = data.rstrip(b"\0").decode("utf-8")
    except UnicodeDecodeError:
        return None
    return text if text and text.replace("\n", "").replace("\t", "").isprintable() else None


def _read_offline_plan(
    model: Table, metadata: Sequence[Metadata], buffers: Sequence[tuple[int, int]]
) -> tuple[int, ...] | None:
    """The int32 values of the build-time memory plan, None where the file has none."""
    entry = next((entry for entry in metadata if entry.name == OFFLINE_PLAN), None)
    if entry is None:
        return None
    start, length = buffers[entry.buffer]
    if length % 4:
        place = f"metadata[{metadata.index(entry)}].buffer"
        raise model.file.fault(place, start, f"a memory plan of {length} bytes", "a multiple of 4")
    return struct.unpack_from(f"<{length // 4}i", model.file.data, start)


def _read_signatures(model: Table, subgraphs: Sequence[Subgraph]) -> tuple[Signature, ...]:
    signatures = []
    for index, table in _entries(model, schema.MODEL_SIGNATURE_DEFS):
        try:
            signatures.append(_read_signature(table, subgraphs))
        except ExtractError as fault:
            raise within(fault, f"signature_defs[{index}]") from None
    return tuple(signatures)


def _read_signature(table: Table, subgraphs: Sequence[Subgraph]) -> Signature:
    number = table.integer(schema.SIGNATURE_DEF_SUBGRAPH_INDEX, fb.UINT32)
    if number >= len(subgraphs):
        expected = f"one of the {len(subgraphs)} subgraphs"
        raise table.fault(schema.SIGNATURE_DEF_SUBGRAPH_INDEX, f"subgraph {number}", expected)
    count = len(subgraphs[number].tensors)
    return Signature(
        key=table.text(schema.SIGNATURE_DEF_SIGNATURE_KEY) or "",
        subgraph=number,
        inputs=_read_arguments(table, schema.SIGNATURE_DEF_INPUTS, count),
        outputs=_read_arguments(table, schema.SIGNATURE_DEF_OUTPUTS, count),
    )


def _read_arguments(table: Table, slot: int, count: int) -> tuple[tuple[str, int], ...]:
    """Name and tensor index of each argument of a signature."""
    arguments = []
    for index, entry in enumerate(table.tables(slot, schema.TENSOR_MAP)):
        try:
            tensor = entry.integer(schema.TENSOR_MAP_TENSOR_INDEX, fb.UINT32)
            if tensor >= count:
                raise entry.fault(schema.TENSOR_MAP_TENSOR_INDEX, f"tensor {tensor}", f"0 to {count - 1}")
            arguments.append((entry.text(schema.TENSOR_MAP_NAME) or "", tensor))
        except ExtractError as fault:
            raise within(fault, f"{table.names[slot]}[{index}]") from None
    return tuple(arguments)


class TfliteExtractor:
    """Reads `.tflite` files, which it knows by their identifier or, where that is damaged, their suffix."""

    name = "tflite"

    def accepts(self, path: Path) -> bool:
        """Whether the file is called `*.tflite`, or begins as a TFLite file.

        That is an offset to inside the file, then the identifier; a text that only
        has the identifier's letters there does not pass.
        """
        if path.suffix.lower() == ".tflite":
            return not path.is_dir()
        try:
            if not path.is_file():
                return False
            with path.open("rb") as file:
                start = file.read(8)
            root = int.from_bytes(start[:4], "little")
            return start[4:] == IDENTIFIER and root < path.stat().st_size
        except OSError:
            return False

    def extract(self, path: Path) -> tuple[ModelFile, ...]:
        """The record of the model file at `path`."""
        return (read_model(read_bytes(path), str(path)),)

    def model_bytes(self, path: Path) -> bytes:
        """The file's bytes."""
        return read_bytes(path)


def read_bytes(path: Path, limit: int = MAX_FILE_BYTES) -> bytes:
    """The content of a regular file of at most `limit` bytes; an `ExtractError` where that cannot be had."""
    try:
        if not path.is_file():
            found = "no regular file" if path.exists() else "no such file"
            raise ExtractError(path, "the file itself", found, "a model file")
        size = path.stat().st_size
        if size > limit:
            raise ExtractError(path, "the file itself", f"{size} bytes", f"at most {limit}")
        return path.read_bytes()
    except OSError as error:
        raise ExtractError(
            path, "the file itself", error.strerror or str(error), "a readable file"
        ) from error


EXTRACTOR: Final = TfliteExtractor()
