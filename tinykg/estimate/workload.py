"""The work of one inference, counted in a model file."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tinykg.records.estimate import MacCount, Workload

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tinykg.records.model_file import Layer, ModelFile, Subgraph

CONTROL_FLOW = frozenset({"CALL", "IF", "STABLEHLO_CASE", "STABLEHLO_WHILE", "WHILE"})
"""Operators that run other subgraphs as often as the data say."""


def workload(file: ModelFile) -> Workload:
    """The work of one inference of a file, over all its subgraphs."""
    layers = list(_layers(file))
    return Workload(
        counts=macs_by_class(file),
        operators=len(layers),
        other_elements=sum(_elements(graph, layer) for graph, layer in layers if layer.mac_class is None),
        opaque=tuple(sorted({name for _, layer in layers if (name := _opaque(layer)) is not None})),
    )


def macs_by_class(file: ModelFile) -> tuple[MacCount, ...]:
    """Multiply-accumulates by class and element types of data and weights; classes without any are absent."""
    totals: Counter[tuple[str, str]] = Counter()
    for graph, layer in _layers(file):
        if layer.mac_class is not None and layer.macs:
            types = ",".join(graph.tensors[i].element_type if i >= 0 else "none" for i in layer.inputs[:2])
            totals[layer.mac_class, types] += layer.macs
    return tuple(
        MacCount(mac_class=mac_class, types=types, macs=macs)
        for (mac_class, types), macs in sorted(totals.items())
    )


def _layers(file: ModelFile) -> Iterator[tuple[Subgraph, Layer]]:
    return ((graph, layer) for graph in file.subgraphs for layer in graph.layers)


def _elements(graph: Subgraph, layer: Layer) -> int:
    """Elements of a layer's largest tensor; RESHAPE moves none."""
    if layer.operator == "RESHAPE":
        return 0
    touched = (i for i in (*layer.inputs, *layer.outputs) if i >= 0)
    return max((graph.tensors[i].elements for i in touched), default=0)


def _opaque(layer: Layer) -> str | None:
    if layer.custom_name is not None:
        return layer.custom_name
    return layer.operator if layer.operator in CONTROL_FLOW else None
