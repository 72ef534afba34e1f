"""Runtime and Footprint records -> triples."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from tinykg.graph import iris
from tinykg.graph.encode_model import add_evidence, add_lookup_keys
from tinykg.graph.triples import Triples, json_literal
from tinykg.vocab.tinykg import TK
from tinykg.vocab.wot import RDFS, SCHEMA

if TYPE_CHECKING:
    from tinykg.records.footprint import Footprint
    from tinykg.records.runtime import Runtime


def encode_runtime(runtime: Runtime) -> list[ox.Triple]:
    """The triples of a runtime and the operators it supports."""
    out = Triples()
    subject = iris.runtime(runtime.name)
    out.add_type(subject, TK.Runtime)
    out.add_all(
        subject,
        [
            (SCHEMA.name, runtime.name),
            (RDFS.label, runtime.title),
            (TK.family, runtime.family),
            (TK.version, runtime.version),
            (TK.kernelSet, runtime.kernel_set),
            (TK.abi, iris.concept("abi", runtime.abi)),
            (TK.ramKind, iris.concept("memory-kind", runtime.ram_kind)),
            (TK.programKind, iris.concept("memory-kind", runtime.program_kind)),
            (TK.needsAccelerator, runtime.accelerator),
            (TK.supersededBy, iris.runtime(runtime.superseded_by) if runtime.superseded_by else None),
            (TK.coreCodeBytes, runtime.core_code_bytes),
            (TK.stackReserveBytes, runtime.stack_reserve_bytes),
        ],
    )
    add_evidence(out, subject, runtime.evidence)
    add_lookup_keys(out, subject, (runtime.name,))
    for core in runtime.cores:
        out.add(subject, TK.runsOnCore, iris.concept("core", core))
    for system in runtime.systems:
        out.add(subject, TK.runsOnSystem, iris.concept("system", system))
    for name, support in sorted(runtime.operators.items()):
        node = ox.NamedNode(f"{subject.value}/supports/{iris.slug(name)}")
        out.add(subject, TK.supports, node)
        out.add_type(node, TK.OperatorSupport)
        out.add(node, TK.operator, iris.concept("operator", name))
        if support.versions is not None:
            out.add(node, TK.lowestVersion, support.versions[0])
            out.add(node, TK.highestVersion, support.versions[1])
        for signature in support.types:
            out.add(node, TK.typeSignature, ",".join(signature))
    return out.done()


def encode_footprint(sha256: str, footprint: Footprint) -> list[ox.Triple]:
    """The triples of one file's footprint on one runtime."""
    out = Triples()
    subject = iris.footprint(sha256, footprint.runtime)
    out.add(iris.model_file(sha256), TK.hasFootprint, subject)
    out.add_type(subject, TK.Footprint)
    out.add_all(
        subject,
        [
            (TK.onRuntime, iris.runtime(footprint.runtime)),
            (TK.arenaUsedBytes, footprint.arena_used_bytes),
            (TK.arenaBytes, footprint.arena_bytes),
            (TK.headBytes, footprint.head_bytes),
            (TK.tailBytes, footprint.tail_bytes),
            (TK.staticRamBytes, footprint.static_ram_bytes),
            (TK.ramBytes, footprint.ram_bytes),
            (TK.lowRamBytes, footprint.ram_bytes_low),
            (TK.highRamBytes, footprint.ram_bytes_high),
            (TK.modelBytes, footprint.model_bytes),
            (TK.codeBytes, footprint.code_bytes),
            (TK.flashBytes, footprint.flash_bytes),
            (TK.lowFlashBytes, footprint.flash_bytes_low),
            (TK.highFlashBytes, footprint.flash_bytes_high),
        ],
    )
    add_evidence(out, subject, footprint.evidence)
    if footprint.tail:
        out.add(subject, TK.breakdown, json_literal([[s.name, s.size_bytes] for s in footprint.tail]))
    for fact in footprint.unknowns:
        out.add(subject, TK.missingFact, fact)
    for i, refusal in enumerate(footprint.refusals):
        node = ox.NamedNode(f"{subject.value}/refusal/{i}")
        out.add(subject, TK.hasRefusal, node)
        out.add_type(node, TK.Refusal)
        out.add(node, TK.index, i)
        out.add(node, TK.subgraphIndex, refusal.subgraph)
        out.add(node, TK.layerIndex, refusal.layer)
        out.add(node, TK.operatorName, refusal.operator)
        out.add(node, TK.reason, refusal.reason)
        for name in sorted(set(refusal.element_types)):
            out.add(node, TK.elementTypeName, name)
    return out.done()
