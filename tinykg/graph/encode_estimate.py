"""Latency models, power figures, and the work of a model file -> triples."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from tinykg.graph import iris
from tinykg.graph.encode_model import add_evidence
from tinykg.graph.triples import Triples
from tinykg.vocab.tinykg import TK
from tinykg.vocab.wot import RDFS

if TYPE_CHECKING:
    from tinykg.records.estimate import LatencyModel, PowerFigure, Workload
    from tinykg.records.evidence import Evidence


def encode_workload(sha256: str, workload: Workload) -> list[ox.Triple]:
    """What a model file's graph says of its work, besides its layers; opaque operators are in the layers."""
    out = Triples()
    subject = iris.model_file(sha256)
    out.add(subject, TK.layerCount, workload.operators)
    out.add(subject, TK.otherElements, workload.other_elements)
    for count in workload.counts:
        types = count.types.replace(",", "-")
        node = ox.NamedNode(f"{subject.value}/macs/{count.mac_class}-{types}")
        out.add(subject, TK.hasMacCount, node)
        out.add_type(node, TK.MacCount)
        out.add(node, TK.macClass, count.mac_class)
        out.add(node, TK.arithmetic, count.types)
        out.add(node, TK.macs, count.macs)
    return out.done()


def encode_latency_model(model: LatencyModel, evidence: Evidence) -> list[ox.Triple]:
    """The triples of a latency model and its rates; `evidence` says what it rests on."""
    out = Triples()
    place = model.cores[0] if model.part is None else f"{model.cores[0]}-{iris.slug(model.part)}"
    subject = iris.node(f"latency-model/{iris.slug(model.stack)}/{place}")
    out.add_type(subject, TK.LatencyModel)
    out.add_all(
        subject,
        [
            (RDFS.label, f"{model.title} on {place}"),
            (TK.kernelStack, model.stack),
            (TK.partPrefix, model.part),
            (TK.cyclesPerOperator, float(model.cycles_per_operator)),
            (TK.errorFactor, float(model.error_factor)),
            (TK.rowCount, model.rows),
            (TK.smallestMacs, model.macs_low),
            (TK.largestMacs, model.macs_high),
            (TK.otherElementsPerMac, float(model.other_elements_per_mac)),
        ],
    )
    add_evidence(out, subject, evidence)
    for runtime in model.runtimes:
        out.add(subject, TK.onRuntime, iris.runtime(runtime))
    for core in model.cores:
        out.add(subject, TK.onCore, iris.concept("core", core))
    for mac_class, cycles in sorted(model.cycles_per_mac.items()):
        node = ox.NamedNode(f"{subject.value}/rate/{mac_class}")
        out.add(subject, TK.hasRate, node)
        out.add_type(node, TK.ClassRate)
        out.add(node, TK.macClass, mac_class)
        out.add(node, TK.arithmetic, model.types)
        out.add(node, TK.cyclesPerMac, float(cycles))
        out.add(node, TK.largestShare, float(model.largest_shares[mac_class]))
    return out.done()


def encode_power_figure(power: PowerFigure, evidence: Evidence) -> list[ox.Triple]:
    """The triples of a device type's power; `evidence` says what it rests on."""
    out = Triples()
    name = power.device if power.stack is None else f"{power.device}/{iris.slug(power.stack)}"
    subject = iris.node(f"power-figure/{name}")
    out.add_type(subject, TK.PowerFigure)
    out.add_all(
        subject,
        [
            (TK.ofDeviceType, iris.device_type(power.device)),
            (TK.kernelStack, power.stack),
            (TK.meanMilliwatt, float(power.milliwatt)),
            (TK.lowestMilliwatt, float(power.low)),
            (TK.highestMilliwatt, float(power.high)),
            (TK.rowCount, power.rows),
        ],
    )
    add_evidence(out, subject, evidence)
    return out.done()
