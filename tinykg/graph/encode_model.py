"""Model and ModelFile records -> triples."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from tinykg.graph import iris
from tinykg.graph.triples import Triples, json_literal, typed
from tinykg.vocab.tinykg import TK
from tinykg.vocab.wot import DCAT, DCTERMS, FAIR4ML, RDFS, SCHEMA, SKOS, SOSA, XSD

if TYPE_CHECKING:
    from tinykg.records.evidence import Evidence
    from tinykg.records.model import Evaluation, Model, SensorRequirement
    from tinykg.records.model_file import Layer, ModelFile, Subgraph, Tensor

SPDX = "http://spdx.org/licenses/"


def encode_model(model: Model) -> list[ox.Triple]:
    """The triples of a model without those of its file."""
    out = Triples()
    subject = iris.model(model.name)
    out.add_type(subject, TK.Model)
    out.add_all(
        subject,
        [
            (SCHEMA.name, model.name),
            (DCTERMS.identifier, model.name),
            (RDFS.label, model.title or model.name),
            (SCHEMA.description, model.description),
            (TK.task, iris.concept("task", model.task) if model.task else None),
            (DCTERMS.creator, model.creator),
            (DCTERMS.created, _created(model.created)),
            (DCTERMS.license, _licence(model.licence)),
            (DCTERMS.source, address_node(model.source_address)),
            (SKOS.note, model.note),
            (TK.hasFile, iris.model_file(model.file_sha256)),
            (TK.needsNoSensor, True if model.sensors == () else None),
        ],
    )
    out.add(iris.model_file(model.file_sha256), DCAT.downloadURL, address_node(model.file_address))
    for alias in model.aliases:
        out.add(subject, SKOS.altLabel, alias)
    add_lookup_keys(out, subject, (model.name, *model.aliases))
    add_evidence(out, subject, model.evidence)
    if model.dataset:
        dataset = ox.NamedNode(f"{subject.value}/dataset")
        out.add(subject, FAIR4ML.trainedOn, dataset)
        out.add_type(dataset, TK.Dataset)
        out.add(dataset, SCHEMA.name, model.dataset.name)
        out.add(dataset, SCHEMA.url, address_node(model.dataset.address))
    for i, evaluation in enumerate(model.evaluations):
        _evaluation(out, subject, i, evaluation)
    for i, need in enumerate(model.sensors or ()):
        _sensor_requirement(out, subject, i, need)
    return out.done()


def _created(date: str | None) -> ox.Literal | None:
    if date is None:
        return None
    return typed(date, XSD.gYear if len(date) == len("2022") else XSD.date)


def _licence(licence: str | None) -> ox.NamedNode | ox.Literal | None:
    if licence is None:
        return None
    return _iri_or_text(SPDX + licence, licence)


def address_node(address: str | None) -> ox.NamedNode | ox.Literal | None:
    """A web address as an IRI, or as text where it is none, for the shapes to refuse."""
    return None if address is None else _iri_or_text(address, address)


def _iri_or_text(iri: str, text: str) -> ox.NamedNode | ox.Literal:
    """The node of an IRI, or the text where it is none: whether text will do there, the shapes say."""
    try:
        return ox.NamedNode(iri)
    except ValueError:
        return ox.Literal(text)


def add_lookup_keys(out: Triples, subject: ox.NamedNode, names: tuple[str, ...]) -> None:
    """The folded names under which an entity is found."""
    for key in sorted({iris.lookup_key(name) for name in names}):
        out.add(subject, TK.lookupKey, key)


def add_evidence(out: Triples, subject: ox.NamedNode, evidence: Evidence) -> None:
    """Kind, source and confidence of what a subject states."""
    out.add(subject, TK.evidence, iris.concept("evidence", evidence.kind.value))
    out.add(subject, TK.evidenceSource, evidence.source)
    out.add(subject, TK.confidence, evidence.confidence)


def _evaluation(out: Triples, model: ox.NamedNode, index: int, evaluation: Evaluation) -> None:
    subject = ox.NamedNode(f"{model.value}/evaluation/{index}")
    out.add(model, TK.hasEvaluation, subject)
    out.add_type(subject, TK.Evaluation)
    out.add(subject, TK.index, index)
    out.add(subject, TK.metric, iris.concept("metric", evaluation.metric))
    out.add(subject, TK.value, float(evaluation.value))
    out.add(subject, TK.onDataset, evaluation.dataset)
    add_evidence(out, subject, evaluation.evidence)


def _sensor_requirement(out: Triples, model: ox.NamedNode, index: int, need: SensorRequirement) -> None:
    subject = ox.NamedNode(f"{model.value}/sensor-requirement/{index}")
    out.add(model, TK.needsSensor, subject)
    out.add_type(subject, TK.SensorRequirement)
    out.add_all(
        subject,
        [
            (TK.index, index),
            (SOSA.observes, iris.concept("property", need.observes)),
            (TK.rateHz, _double(need.rate_hz)),
            (TK.windowSeconds, _double(need.window_s)),
            (TK.minimum, _double(need.minimum)),
            (TK.maximum, _double(need.maximum)),
            (TK.unitText, need.unit),
            (DCTERMS.source, need.source),
        ],
    )


def _double(value: float | None) -> float | None:
    return None if value is None else float(value)


def encode_model_file(file: ModelFile) -> list[ox.Triple]:
    """The triples of a model file: subgraphs, layers, tensors, signatures, metadata."""
    out = Triples()
    subject = iris.model_file(file.sha256)
    out.add_type(subject, TK.ModelFile)
    out.add_all(
        subject,
        [
            (TK.sha256, file.sha256),
            (DCAT.byteSize, typed(str(file.file_bytes), XSD.nonNegativeInteger)),
            (TK.format, file.format),
            (TK.schemaVersion, file.schema_version),
            (DCTERMS.description, file.description),
            (TK.macs, file.macs),
            (TK.parameters, file.parameters),
            (TK.bufferCount, file.buffer_count),
            (TK.bufferBytes, file.buffer_bytes),
            (TK.offlinePlan, json_literal(file.offline_plan) if file.offline_plan is not None else None),
        ],
    )
    for graph in file.subgraphs:
        _subgraph(out, subject, graph)
    _operators_used(out, subject, file)
    _signatures_and_metadata(out, subject, file)
    return out.done()


def _operators_used(out: Triples, subject: ox.NamedNode, file: ModelFile) -> None:
    layers = [layer for graph in file.subgraphs for layer in graph.layers]
    for name in sorted({layer.operator for layer in layers}):
        out.add(subject, TK.usesOperator, iris.concept("operator", name))
    for name in sorted({layer.custom_name for layer in layers if layer.custom_name is not None}):
        out.add(subject, TK.customOperator, name)


def _signatures_and_metadata(out: Triples, file_node: ox.NamedNode, file: ModelFile) -> None:
    for i, signature in enumerate(file.signatures):
        node = ox.NamedNode(f"{file_node.value}/signature/{i}")
        out.add(file_node, TK.hasSignature, node)
        out.add_type(node, TK.Signature)
        out.add(node, TK.index, i)
        out.add(node, TK.key, signature.key)
        out.add(node, TK.subgraphIndex, signature.subgraph)
        arguments = {"inputs": signature.inputs, "outputs": signature.outputs}
        out.add(node, TK.arguments, json_literal(arguments))
    for i, entry in enumerate(file.metadata):
        node = ox.NamedNode(f"{file_node.value}/metadata/{i}")
        out.add(file_node, TK.hasMetadata, node)
        out.add_type(node, TK.Metadata)
        out.add(node, TK.index, i)
        out.add(node, TK.key, entry.name)
        out.add(node, TK.bufferIndex, entry.buffer)
        out.add(node, TK.byteLength, entry.data_bytes)
        out.add(node, TK.text, entry.text)


def _subgraph(out: Triples, file_node: ox.NamedNode, graph: Subgraph) -> None:
    subject = ox.NamedNode(f"{file_node.value}/subgraph/{graph.index}")
    out.add(file_node, TK.hasSubgraph, subject)
    out.add_type(subject, TK.Subgraph)
    out.add(subject, TK.index, graph.index)
    out.add(subject, TK.name, graph.name)
    out.add(subject, TK.inputs, json_literal(graph.inputs))
    out.add(subject, TK.outputs, json_literal(graph.outputs))
    for tensor in graph.tensors:
        _tensor(out, subject, tensor)
    if graph.index == 0:
        for role, indices in (("input", graph.inputs), ("output", graph.outputs)):
            for index in indices:
                out.add(ox.NamedNode(f"{subject.value}/tensor/{index}"), TK.role, role)
    for layer in graph.layers:
        _layer(out, subject, layer)


def _tensor(out: Triples, graph: ox.NamedNode, tensor: Tensor) -> None:
    subject = ox.NamedNode(f"{graph.value}/tensor/{tensor.index}")
    quantization = tensor.quantization
    out.add(graph, TK.hasTensor, subject)
    out.add_type(subject, TK.TensorSpec)
    out.add_all(
        subject,
        [
            (TK.index, tensor.index),
            (TK.name, tensor.name),
            (TK.elementType, iris.concept("element-type", tensor.element_type)),
            (TK.bufferIndex, tensor.buffer),
            (TK.dataBytes, tensor.data_bytes),
            (TK.isVariable, tensor.is_variable or None),
            (TK.isSparse, tensor.is_sparse or None),
            (TK.hasRank, tensor.has_rank or None),
            (TK.shapeSignature, _shape_text(tensor.shape_signature)),
            (TK.shapeText, _shape_text(tensor.shape)),
        ],
    )
    if tensor.shape is not None:
        out.add_list(subject, TK.shape, tensor.shape)
    if quantization is not None:
        out.add(
            subject,
            TK.quantization,
            json_literal(
                {
                    "scales": quantization.scales,
                    "zero_points": quantization.zero_points,
                    "quantized_dimension": quantization.quantized_dimension,
                    "minimums": quantization.minimums,
                    "maximums": quantization.maximums,
                }
            ),
        )
        if len(quantization.scales) == 1:
            out.add(subject, TK.scale, quantization.scales[0])
        if len(quantization.zero_points) == 1:
            out.add(subject, TK.zeroPoint, quantization.zero_points[0])


def _shape_text(shape: tuple[int, ...] | None) -> str | None:
    return None if shape is None else "[" + ",".join(map(str, shape)) + "]"


def _layer(out: Triples, graph: ox.NamedNode, layer: Layer) -> None:
    subject = ox.NamedNode(f"{graph.value}/layer/{layer.index}")
    activation = layer.options.get("fused_activation_function")
    out.add(graph, TK.hasLayer, subject)
    out.add_type(subject, TK.Layer)
    out.add_all(
        subject,
        [
            (TK.index, layer.index),
            (TK.operator, iris.concept("operator", layer.operator)),
            (TK.operatorVersion, layer.version),
            (TK.customName, layer.custom_name),
            (TK.macs, layer.macs),
            (TK.macClass, layer.mac_class),
            (TK.parameters, layer.parameters),
            (
                TK.fusedActivation,
                activation if isinstance(activation, str) and activation != "NONE" else None,
            ),
            (TK.optionsType, layer.options_type),
            (TK.options, json_literal(layer.options) if layer.options else None),
            (
                TK.customOptions,
                json_literal(layer.custom_options) if layer.custom_options is not None else None,
            ),
            (TK.customOptionsBytes, layer.custom_options_bytes or None),
            (TK.inputs, json_literal(layer.inputs)),
            (TK.outputs, json_literal(layer.outputs)),
            (TK.intermediates, json_literal(layer.intermediates) if layer.intermediates else None),
        ],
    )
