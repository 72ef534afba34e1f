"""What `inspect` says, as JSON values."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tinykg.records.model_file import ELEMENT_BITS, Layer, ModelFile, Subgraph, Tensor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tinykg.records.footprint import Footprint, Refusal, Share


def inspect_value(
    file: ModelFile, footprints: Sequence[Footprint], *, full: bool, arena: bool = False
) -> dict[str, object]:
    """A model file with its footprints; `full` adds every layer and tensor, `arena` where the bytes go."""
    main = file.main
    value: dict[str, object] = {
        "sha256": file.sha256,
        "file_bytes": file.file_bytes,
        "format": file.format,
        "schema_version": file.schema_version,
        "description": file.description,
        "macs": file.macs,
        "macs_by_class": macs_by_class(file),
        "parameters": file.parameters,
        "subgraph_count": len(file.subgraphs),
        "operators": operators(file),
        "inputs": [tensor_value(main.tensors[i]) for i in main.inputs],
        "outputs": [tensor_value(main.tensors[i]) for i in main.outputs],
        "signatures": [
            {"key": s.key, "subgraph": s.subgraph, "inputs": dict(s.inputs), "outputs": dict(s.outputs)}
            for s in file.signatures
        ],
        "metadata": [{"name": m.name, "bytes": m.data_bytes, "text": m.text} for m in file.metadata],
        "buffer_count": file.buffer_count,
        "buffer_bytes": file.buffer_bytes,
        "footprints": [footprint_value(f, arena=arena) for f in footprints],
    }
    if full:
        value["subgraphs"] = [_subgraph(graph) for graph in file.subgraphs]
    return value


def macs_by_class(file: ModelFile) -> dict[str, int]:
    """Multiply-accumulates by class of operator, the largest first."""
    totals: Counter[str] = Counter()
    for graph in file.subgraphs:
        for layer in graph.layers:
            if layer.mac_class is not None:
                totals[layer.mac_class] += layer.macs
    return dict(totals.most_common())


def operators(file: ModelFile) -> list[dict[str, object]]:
    """Each operator with its version and how often it occurs, in order of first use."""
    uses = Counter((layer.name, layer.version) for graph in file.subgraphs for layer in graph.layers)
    return [{"operator": name, "version": version, "count": n} for (name, version), n in uses.items()]


def tensor_value(tensor: Tensor) -> dict[str, object]:
    """A tensor with its quantization."""
    bits = ELEMENT_BITS.get(tensor.element_type, 0)
    quantization = tensor.quantization
    return {
        "index": tensor.index,
        "name": tensor.name,
        "element_type": tensor.element_type,
        "shape": None if tensor.shape is None else list(tensor.shape),
        "bytes": (tensor.elements * bits + 7) // 8 if bits and tensor.elements >= 0 else None,
        "quantization": None
        if quantization is None
        else {
            "scales": list(quantization.scales),
            "zero_points": list(quantization.zero_points),
            "quantized_dimension": quantization.quantized_dimension,
        },
    }


def footprint_value(footprint: Footprint, *, arena: bool = False) -> dict[str, object]:
    """A footprint's figures, or `refused` with the reason; `arena` adds the parts of the arena."""
    value: dict[str, object] = {
        "runtime": footprint.runtime,
        "evidence": footprint.evidence.kind.value,
        "evidence_source": footprint.evidence.source,
    }
    if footprint.refusals:
        value["refused"] = footprint.refusals[0].reason
        value["refusals"] = [_refusal(refusal) for refusal in footprint.refusals]
        return value
    value.update(
        arena_used_bytes=footprint.arena_used_bytes,
        arena_bytes=footprint.arena_bytes,
        head_bytes=footprint.head_bytes,
        tail_bytes=footprint.tail_bytes,
        static_ram_bytes=footprint.static_ram_bytes,
        **_intervals(footprint),
        ram_bytes=footprint.ram_bytes,
        model_bytes=footprint.model_bytes,
        code_bytes=footprint.code_bytes,
        flash_bytes=footprint.flash_bytes,
    )
    if footprint.unknowns:
        value["unknown"] = list(footprint.unknowns)
    if arena:
        value.update(arena_value(footprint))
    return value


def arena_value(footprint: Footprint) -> dict[str, object]:
    """The parts of the arena: `tail` makes tail_bytes, `plan` the head, `peak` arena_bytes."""
    return {
        "tail": [_share(share) for share in footprint.tail],
        "plan": [
            {
                "name": buffer.name,
                "subgraph": buffer.subgraph,
                "tensor": buffer.tensor,
                "first_step": buffer.first,
                "last_step": buffer.last,
                "offset_bytes": buffer.offset_bytes,
                "size_bytes": buffer.size_bytes,
            }
            for buffer in footprint.plan
        ],
        "peak": [_share(share) for share in footprint.peak],
        "peak_moment": footprint.peak_moment,
    }


def _share(share: Share) -> dict[str, object]:
    return {"name": share.name, "bytes": share.size_bytes}


def _intervals(footprint: Footprint) -> dict[str, list[int]]:
    """Where an estimate says that the figure lies: [lowest, highest] in bytes."""
    ends = {
        "ram_bytes_interval": (footprint.ram_bytes_low, footprint.ram_bytes_high),
        "flash_bytes_interval": (footprint.flash_bytes_low, footprint.flash_bytes_high),
    }
    return {name: [low, high] for name, (low, high) in ends.items() if low is not None and high is not None}


def _refusal(refusal: Refusal) -> dict[str, object]:
    return {
        "subgraph": refusal.subgraph,
        "layer": refusal.layer,
        "operator": refusal.operator,
        "element_types": list(refusal.element_types),
        "reason": refusal.reason,
    }


def _subgraph(graph: Subgraph) -> dict[str, object]:
    return {
        "index": graph.index,
        "name": graph.name,
        "inputs": list(graph.inputs),
        "outputs": list(graph.outputs),
        "layers": [_layer(layer) for layer in graph.layers],
        "tensors": [
            {
                **tensor_value(tensor),
                "buffer": tensor.buffer,
                "data_bytes": tensor.data_bytes,
                "is_variable": tensor.is_variable,
            }
            for tensor in graph.tensors
        ],
    }


def _layer(layer: Layer) -> dict[str, object]:
    return {
        "index": layer.index,
        "operator": layer.name,
        "version": layer.version,
        "inputs": list(layer.inputs),
        "outputs": list(layer.outputs),
        "options": dict(layer.options),
        "custom_options": None if layer.custom_options is None else dict(layer.custom_options),
        "macs": layer.macs,
        "mac_class": layer.mac_class,
        "parameters": layer.parameters,
    }
