"""Records -> the named graph that holds all that is known from one source document."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from tinykg.estimate.workload import workload
from tinykg.footprint import footprint
from tinykg.graph import iris
from tinykg.graph.datatypes import as_encoded
from tinykg.graph.encode_device import encode_device_type
from tinykg.graph.encode_estimate import encode_workload
from tinykg.graph.encode_model import encode_model, encode_model_file
from tinykg.graph.encode_runtime import encode_footprint, encode_runtime
from tinykg.graph.triples import Triples
from tinykg.records.device import DeviceType
from tinykg.records.model import Model
from tinykg.records.model_file import ModelFile
from tinykg.vocab.tinykg import TK
from tinykg.vocab.wot import DCTERMS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tinykg.records.runtime import Runtime
    from tinykg.store.protocol import Store


def model_graph(model: Model) -> list[ox.Triple]:
    """What is said of a model that its file cannot say."""
    return encode_model(model)


def file_graph(file: ModelFile, runtimes: Sequence[Runtime]) -> list[ox.Triple]:
    """What a model file says, the work of one inference, and its footprint on each runtime."""
    triples = encode_model_file(file) + encode_workload(file.sha256, workload(file))
    for runtime in runtimes:
        triples += encode_footprint(file.sha256, footprint(file, runtime))
    return triples


def device_graph(device: DeviceType) -> list[ox.Triple]:
    """A device type."""
    return encode_device_type(device)


def runtime_graph(runtime: Runtime) -> list[ox.Triple]:
    """A runtime."""
    return encode_runtime(runtime)


def graph_name(record: Model | ModelFile | DeviceType | Runtime) -> str:
    """The IRI of the named graph that a record lives in.

    A model file has a graph of its own, because several models may have the same file
    and no fact may stand in two graphs: engines differ on whether it then counts twice.
    """
    if isinstance(record, ModelFile):
        return iris.source_graph("file", record.sha256)
    if isinstance(record, Model):
        return iris.source_graph("model", record.name)
    if isinstance(record, DeviceType):
        return iris.source_graph("device-type", record.slug)
    return iris.source_graph("runtime", record.name)


def differs(store: Store, graph: str, triples: Iterable[ox.Triple]) -> bool:
    """Whether a store's graph holds something else than triples, leaving aside what it says of itself."""
    node = ox.NamedNode(graph)
    return {triple for triple in as_encoded(store.graph(graph)) if triple.subject != node} != set(triples)


def provenance(graph: str, *, source: str, extractor: str, built_in: bool) -> list[ox.Triple]:
    """What a source graph says of itself: where it comes from and what read it."""
    out = Triples()
    node = ox.NamedNode(graph)
    out.add_type(node, TK.SourceGraph)
    out.add(node, DCTERMS.source, source)
    out.add(node, TK.extractor, extractor)
    out.add(node, TK.builtIn, built_in)
    return out.done()
