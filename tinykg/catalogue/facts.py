"""A ModelFile as JSON text and back: how the package ships what files say without the files."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any, TypeVar

from tinykg.errors import ExtractError
from tinykg.records.model_file import (
    Layer,
    Metadata,
    ModelFile,
    OptionValue,
    Quantization,
    Signature,
    Subgraph,
    Tensor,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

T = TypeVar("T")
Raw = dict[str, Any]
"""A JSON object before its fields are known."""


def facts_text(file: ModelFile) -> bytes:
    """Extracted facts as JSON, one tensor or layer a line, so that a change is seen in a diff."""
    value = asdict(file)
    graphs = value.pop("subgraphs")
    head = json.dumps(_kept(value), ensure_ascii=False, indent=1)
    body = ",\n".join(_graph_text(graph) for graph in graphs)
    return f'{head[:-2]},\n "subgraphs": [\n{body}\n ]\n}}\n'.encode()


def _graph_text(graph: Raw) -> str:
    tensors, layers = graph.pop("tensors"), graph.pop("layers")
    head = json.dumps(graph, ensure_ascii=False)[:-1]
    return f'{head},\n "tensors": [\n{_lines(tensors)}\n ],\n "layers": [\n{_lines(layers)}\n ]}}'


def _lines(values: Iterable[Raw]) -> str:
    return ",\n".join("  " + json.dumps(_kept(v), ensure_ascii=False, separators=(",", ":")) for v in values)


def _kept(value: Raw) -> Raw:
    """The fields that decoding would not give the same value by default."""
    return {
        k: v
        for k, v in value.items()
        if v is not None and v is not False and (v != {} or k == "custom_options")
    }


def read_facts(path: Path) -> ModelFile:
    """The facts that a file of `facts_text` holds; raises ExtractError."""
    try:
        return _file(json.loads(path.read_bytes()))
    except OSError as error:
        raise ExtractError(path, "the file", error.strerror or str(error)) from error
    except (ValueError, KeyError, TypeError) as error:
        raise ExtractError(
            path, "`$`", f"no extracted facts ({error!r})", "the form of facts_text"
        ) from error


def _file(raw: Raw) -> ModelFile:
    return _made(
        ModelFile,
        raw,
        subgraphs=_each(_subgraph),
        signatures=_each(_signature),
        metadata=_each(lambda one: _made(Metadata, one)),
        offline_plan=tuple,
    )


def _subgraph(raw: Raw) -> Subgraph:
    return _made(Subgraph, raw, tensors=_each(_tensor), layers=_each(_layer), inputs=tuple, outputs=tuple)


def _signature(raw: Raw) -> Signature:
    pairs = _each(lambda pair: (str(pair[0]), int(pair[1])))
    return _made(Signature, raw, inputs=pairs, outputs=pairs)


def _tensor(raw: Raw) -> Tensor:
    return _made(Tensor, raw, shape=tuple, shape_signature=tuple, quantization=_quantization)


def _quantization(raw: Raw) -> Quantization:
    return _made(Quantization, raw, scales=tuple, zero_points=tuple, minimums=tuple, maximums=tuple)


def _layer(raw: Raw) -> Layer:
    full = {"inputs": (), "outputs": (), **raw}
    indices = dict.fromkeys(("inputs", "outputs", "intermediates"), tuple)
    return _made(Layer, full, options=_options, custom_options=_options, **indices)


def _options(raw: Raw) -> Mapping[str, OptionValue]:
    return {key: _frozen(value) for key, value in raw.items()}


def _frozen(value: Any) -> OptionValue:
    if isinstance(value, list):
        return tuple(_frozen(item) for item in value)
    if isinstance(value, dict):
        return _options(value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(f"{type(value).__name__} is no option's value")


def _each(convert: Callable[[Any], T]) -> Callable[[Iterable[Any]], tuple[T, ...]]:
    return lambda values: tuple(convert(value) for value in values)


def _made(kind: type[T], raw: Raw, **converters: Callable[[Any], object]) -> T:
    """A record from its fields; a stray one is a TypeError."""
    known = {field.name for field in fields(kind)}  # type: ignore[arg-type]  # every kind here is a dataclass
    stray = raw.keys() - known
    if stray:
        raise TypeError(f"{kind.__name__} has no {', '.join(sorted(stray))}")
    return kind(**{k: converters[k](v) if k in converters else v for k, v in raw.items()})
