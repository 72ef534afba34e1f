"""Triples -> Model and ModelFile records: the inverse of encode_model."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from tinykg.graph import iris
from tinykg.graph.encode_model import SPDX
from tinykg.graph.triples import Facts
from tinykg.records.evidence import Evidence, EvidenceKind
from tinykg.records.model import Dataset, Evaluation, Model, SensorRequirement
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
from tinykg.vocab.tinykg import TK
from tinykg.vocab.wot import DCAT, DCTERMS, FAIR4ML, RDFS, SCHEMA, SKOS, SOSA

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pyoxigraph as ox


def decode_models(triples: Iterable[ox.Triple]) -> list[Model]:
    """All models that the triples describe, by name."""
    facts = Facts(triples)
    return [_model(facts, subject) for subject in facts.subjects(TK.Model)]


def decode_model_files(triples: Iterable[ox.Triple]) -> list[ModelFile]:
    """All model files that the triples describe, by sha256."""
    facts = Facts(triples)
    return [_file(facts, subject) for subject in facts.subjects(TK.ModelFile)]


def decode_evidence(facts: Facts, subject: str) -> Evidence:
    """Kind, source and confidence of what a subject states."""
    kind = facts.link(subject, TK.evidence) or ""
    return Evidence(
        kind=EvidenceKind(iris.concept_name(kind)),
        source=facts.require_text(subject, TK.evidenceSource),
        confidence=facts.text(subject, TK.confidence),
    )


def concept(facts: Facts, subject: str, predicate: str) -> str | None:
    """The slug of the concept that a property leads to."""
    iri = facts.link(subject, predicate)
    return None if iri is None else iris.concept_name(iri)


def in_order(facts: Facts, subject: str, predicate: str) -> list[str]:
    """The nodes a property leads to, by their tk:index."""
    return sorted(facts.links(subject, predicate), key=lambda node: facts.require_integer(node, TK.index))


def _model(facts: Facts, subject: str) -> Model:
    file = facts.link(subject, TK.hasFile) or ""
    name = facts.require_text(subject, SCHEMA.name)
    label = facts.text(subject, RDFS.label)
    licence = facts.link(subject, DCTERMS.license)
    needs = tuple(_requirement(facts, node) for node in in_order(facts, subject, TK.needsSensor))
    return Model(
        name=name,
        evidence=decode_evidence(facts, subject),
        file_sha256=iris.concept_name(file),
        title=None if label == name else label,
        description=facts.text(subject, SCHEMA.description),
        task=concept(facts, subject, TK.task),
        creator=facts.text(subject, DCTERMS.creator),
        created=facts.text(subject, DCTERMS.created),
        licence=licence.removeprefix(SPDX) if licence else facts.text(subject, DCTERMS.license),
        source_address=facts.link(subject, DCTERMS.source),
        file_address=facts.link(file, DCAT.downloadURL),
        dataset=_dataset(facts, subject),
        evaluations=tuple(_evaluation(facts, node) for node in in_order(facts, subject, TK.hasEvaluation)),
        sensors=needs or (() if facts.truth(subject, TK.needsNoSensor) else None),
        aliases=tuple(facts.texts(subject, SKOS.altLabel)),
        note=facts.text(subject, SKOS.note),
    )


def _dataset(facts: Facts, subject: str) -> Dataset | None:
    node = facts.link(subject, FAIR4ML.trainedOn)
    if node is None:
        return None
    return Dataset(name=facts.require_text(node, SCHEMA.name), address=facts.link(node, SCHEMA.url))


def _evaluation(facts: Facts, node: str) -> Evaluation:
    return Evaluation(
        metric=concept(facts, node, TK.metric) or "",
        value=float(facts.require_text(node, TK.value)),
        evidence=decode_evidence(facts, node),
        dataset=facts.text(node, TK.onDataset),
    )


def _requirement(facts: Facts, node: str) -> SensorRequirement:
    return SensorRequirement(
        observes=concept(facts, node, SOSA.observes) or "",
        rate_hz=facts.number(node, TK.rateHz),
        window_s=facts.number(node, TK.windowSeconds),
        minimum=facts.number(node, TK.minimum),
        maximum=facts.number(node, TK.maximum),
        unit=facts.text(node, TK.unitText),
        source=facts.text(node, DCTERMS.source),
    )


def _file(facts: Facts, subject: str) -> ModelFile:
    plan = cast("list[int] | None", facts.json(subject, TK.offlinePlan))
    return ModelFile(
        sha256=facts.require_text(subject, TK.sha256),
        file_bytes=facts.require_integer(subject, DCAT.byteSize),
        format=facts.require_text(subject, TK.format),
        schema_version=facts.require_integer(subject, TK.schemaVersion),
        description=facts.text(subject, DCTERMS.description),
        subgraphs=tuple(_subgraph(facts, node) for node in in_order(facts, subject, TK.hasSubgraph)),
        signatures=tuple(_signature(facts, node) for node in in_order(facts, subject, TK.hasSignature)),
        metadata=tuple(_metadata(facts, node) for node in in_order(facts, subject, TK.hasMetadata)),
        buffer_count=facts.require_integer(subject, TK.bufferCount),
        buffer_bytes=facts.require_integer(subject, TK.bufferBytes),
        offline_plan=None if plan is None else tuple(plan),
    )


def _signature(facts: Facts, node: str) -> Signature:
    arguments = cast("dict[str, list[list[object]]]", facts.json(node, TK.arguments))

    def pairs(key: str) -> tuple[tuple[str, int], ...]:
        return tuple((str(name), cast("int", index)) for name, index in arguments[key])

    return Signature(
        key=facts.require_text(node, TK.key),
        subgraph=facts.require_integer(node, TK.subgraphIndex),
        inputs=pairs("inputs"),
        outputs=pairs("outputs"),
    )


def _metadata(facts: Facts, node: str) -> Metadata:
    return Metadata(
        name=facts.require_text(node, TK.key),
        buffer=facts.require_integer(node, TK.bufferIndex),
        data_bytes=facts.require_integer(node, TK.byteLength),
        text=facts.text(node, TK.text),
    )


def _subgraph(facts: Facts, node: str) -> Subgraph:
    return Subgraph(
        index=facts.require_integer(node, TK.index),
        name=facts.text(node, TK.name) or "",
        tensors=tuple(_tensor(facts, child) for child in in_order(facts, node, TK.hasTensor)),
        inputs=_indices(facts, node, TK.inputs),
        outputs=_indices(facts, node, TK.outputs),
        layers=tuple(_layer(facts, child) for child in in_order(facts, node, TK.hasLayer)),
    )


def _indices(facts: Facts, node: str, predicate: str) -> tuple[int, ...]:
    return tuple(cast("list[int]", facts.json(node, predicate) or []))


def _tensor(facts: Facts, node: str) -> Tensor:
    signature = facts.text(node, TK.shapeSignature)
    return Tensor(
        index=facts.require_integer(node, TK.index),
        name=facts.text(node, TK.name) or "",
        element_type=concept(facts, node, TK.elementType) or "",
        shape=facts.integers(node, TK.shape),
        shape_signature=None if signature is None else _dimensions(signature),
        has_rank=facts.truth(node, TK.hasRank) or False,
        buffer=facts.require_integer(node, TK.bufferIndex),
        data_bytes=facts.require_integer(node, TK.dataBytes),
        is_variable=facts.truth(node, TK.isVariable) or False,
        is_sparse=facts.truth(node, TK.isSparse) or False,
        quantization=_quantization(facts, node),
    )


def _dimensions(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.strip("[]").split(",") if part)


def _quantization(facts: Facts, node: str) -> Quantization | None:
    value = cast("dict[str, list[float] | int] | None", facts.json(node, TK.quantization))
    if value is None:
        return None

    def floats(key: str) -> tuple[float, ...]:
        return tuple(float(number) for number in cast("list[float]", value[key]))

    return Quantization(
        scales=floats("scales"),
        zero_points=tuple(int(number) for number in cast("list[int]", value["zero_points"])),
        quantized_dimension=cast("int", value["quantized_dimension"]),
        minimums=floats("minimums"),
        maximums=floats("maximums"),
    )


def _layer(facts: Facts, node: str) -> Layer:
    custom = facts.json(node, TK.customOptions)
    return Layer(
        index=facts.require_integer(node, TK.index),
        operator=concept(facts, node, TK.operator) or "",
        version=facts.require_integer(node, TK.operatorVersion),
        inputs=_indices(facts, node, TK.inputs),
        outputs=_indices(facts, node, TK.outputs),
        intermediates=_indices(facts, node, TK.intermediates),
        custom_name=facts.text(node, TK.customName),
        options_type=facts.text(node, TK.optionsType),
        options=_options(facts.json(node, TK.options) or {}),
        custom_options=None if custom is None else _options(custom),
        custom_options_bytes=facts.integer(node, TK.customOptionsBytes) or 0,
        macs=facts.require_integer(node, TK.macs),
        mac_class=facts.text(node, TK.macClass),
        parameters=facts.require_integer(node, TK.parameters),
    )


def _options(value: object) -> Mapping[str, OptionValue]:
    return {key: _frozen(item) for key, item in cast("dict[str, object]", value).items()}


def _frozen(value: object) -> OptionValue:
    if isinstance(value, list):
        return tuple(_frozen(item) for item in value)
    if isinstance(value, dict):
        return {key: _frozen(item) for key, item in value.items()}
    return cast("OptionValue", value)
