"""Small model records for tests: tensors and layers in a few words, and records as JSON and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tinykg.records.model_file import Layer, ModelFile, Quantization, Subgraph, Tensor

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tinykg.records.model_file import OptionValue


def tensor(element_type: str = "float32", *shape: int, **more: Any) -> Tensor:
    """A tensor; `scale` (one or several) and `zero` make it quantized, `data` bytes make it constant."""
    scale, zero = more.pop("scale", None), more.pop("zero", 0)
    quantization = None
    if scale is not None:
        scales = tuple(scale) if isinstance(scale, list | tuple) else (scale,)
        quantization = Quantization(
            scales=scales, zero_points=(zero,) * len(scales), quantized_dimension=more.pop("axis", 0)
        )
    data = more.pop("data", 0)
    return Tensor(
        index=0, name=more.pop("name", ""), element_type=element_type, shape=more.pop("dims", shape),
        data_bytes=data, quantization=quantization, **more,
    )  # fmt: skip


def layer(operator: str, inputs: Sequence[int], outputs: Sequence[int], **options: OptionValue) -> Layer:
    """A built-in layer with its options."""
    return Layer(
        index=0, operator=operator, version=1, inputs=tuple(inputs), outputs=tuple(outputs), options=options
    )


def custom(name: str, inputs: Sequence[int], outputs: Sequence[int], **options: OptionValue) -> Layer:
    """A custom layer with its options."""
    return Layer(
        index=0, operator="CUSTOM", custom_name=name, version=1, inputs=tuple(inputs), outputs=tuple(outputs),
        custom_options=options,
    )  # fmt: skip


def graph(
    tensors: Sequence[Tensor],
    layers: Sequence[Layer],
    inputs: Sequence[int] = (),
    outputs: Sequence[int] = (),
) -> Subgraph:
    """A subgraph; tensors and layers are numbered by their place."""
    return Subgraph(
        index=0,
        name="",
        tensors=tuple(_numbered(t, i) for i, t in enumerate(tensors)),
        inputs=tuple(inputs),
        outputs=tuple(outputs),
        layers=tuple(_numbered(entry, i) for i, entry in enumerate(layers)),
    )


def model(*graphs: Subgraph, plan: Sequence[int] | None = None, file_bytes: int = 1000) -> ModelFile:
    """A model file of these subgraphs; `plan` is a memory plan made at build time."""
    return ModelFile(
        sha256="0" * 64,
        file_bytes=file_bytes,
        format="tflite",
        schema_version=3,
        description=None,
        subgraphs=tuple(_numbered(entry, i) for i, entry in enumerate(graphs)),
        offline_plan=tuple(plan) if plan is not None else None,
    )


def single(layer_: Layer, *tensors: Tensor) -> ModelFile:
    """A model of one layer; its inputs without data are the graph's inputs."""
    inputs = [i for i in dict.fromkeys(layer_.inputs) if i >= 0 and not tensors[i].data_bytes]
    inputs = [i for i in inputs if not tensors[i].is_variable]
    return model(graph(tensors, [layer_], inputs, layer_.outputs))


def _numbered(record: Any, index: int) -> Any:
    """The record with another index."""
    from dataclasses import replace

    return replace(record, index=index)


def to_sketch(record: ModelFile) -> dict[str, Any]:
    """The parts of a model file that decide its footprint, as short JSON."""
    sketch: dict[str, Any] = {
        "graphs": [_graph_sketch(g) for g in record.subgraphs],
        "bytes": record.file_bytes,
    }
    if record.offline_plan is not None:
        sketch["plan"] = list(record.offline_plan)
    return sketch


def _graph_sketch(record: Subgraph) -> dict[str, Any]:
    return {
        "in": list(record.inputs),
        "out": list(record.outputs),
        "tensors": [_tensor_sketch(t) for t in record.tensors],
        "layers": [_layer_sketch(entry) for entry in record.layers],
    }


def _tensor_sketch(record: Tensor) -> list[Any]:
    more: dict[str, Any] = {}
    if record.data_bytes:
        more["data"] = record.data_bytes
    if record.is_variable:
        more["variable"] = True
    if record.is_sparse:
        more["sparse"] = True
    quantization = record.quantization
    if quantization is not None and (quantization.scales or quantization.zero_points):
        more["scales"], more["zeros"] = list(quantization.scales), list(quantization.zero_points)
        more["axis"] = quantization.quantized_dimension
    shape = None if record.shape is None else list(record.shape)
    return [record.element_type, shape, more] if more else [record.element_type, shape]


def _layer_sketch(record: Layer) -> list[Any]:
    more: dict[str, Any] = {}
    if record.custom_name is not None:
        more["custom"] = dict(record.custom_options or {})
    elif record.options:
        more["options"] = dict(record.options)
    if record.intermediates:
        more["intermediates"] = list(record.intermediates)
    if record.custom_options_bytes and record.custom_name is None:
        more["stray"] = record.custom_options_bytes
    return [record.name, list(record.inputs), list(record.outputs), more]


def from_sketch(sketch: Mapping[str, Any]) -> ModelFile:
    """The model file that `to_sketch` was given, without names and weights."""
    graphs = [
        graph([_tensor(t) for t in g["tensors"]], [_layer(entry) for entry in g["layers"]], g["in"], g["out"])
        for g in sketch["graphs"]
    ]
    return model(*graphs, plan=sketch.get("plan"), file_bytes=sketch["bytes"])


def _tensor(parts: Sequence[Any]) -> Tensor:
    element_type, shape = parts[:2]
    more = parts[2] if len(parts) > 2 else {}
    quantization = None
    if "scales" in more:
        quantization = Quantization(
            scales=tuple(more["scales"]), zero_points=tuple(more["zeros"]), quantized_dimension=more["axis"]
        )
    return Tensor(
        index=0, name="", element_type=element_type, shape=None if shape is None else tuple(shape),
        data_bytes=more.get("data", 0), is_variable=more.get("variable", False),
        is_sparse=more.get("sparse", False), quantization=quantization,
    )  # fmt: skip


def _layer(parts: Sequence[Any]) -> Layer:
    name, inputs, outputs, more = parts
    is_custom = "custom" in more
    return Layer(
        index=0, operator="CUSTOM" if is_custom else name, custom_name=name if is_custom else None, version=1,
        inputs=tuple(inputs), outputs=tuple(outputs), intermediates=tuple(more.get("intermediates", ())),
        options=more.get("options", {}), custom_options=more.get("custom"),
        custom_options_bytes=more.get("stray", 0),
    )  # fmt: skip
