"""Runtimes and footprints in the graph: every figure that is known, none that is not."""

from __future__ import annotations

import pyoxigraph as ox

from tinykg.catalogue.builtin import runtimes
from tinykg.catalogue.facts import read_facts
from tinykg.files import data_folder
from tinykg.footprint import footprint
from tinykg.graph import iris
from tinykg.graph.encode_runtime import encode_footprint, encode_runtime
from tinykg.graph.triples import Facts
from tinykg.records.evidence import Evidence, EvidenceKind
from tinykg.records.footprint import Footprint, Refusal
from tinykg.vocab.tinykg import TK
from tinykg.vocab.wot import SCHEMA

SHA = "0" * 64
NODE = iris.footprint(SHA, "r").value
COMPUTED = Evidence(kind=EvidenceKind.COMPUTED, source="a test")


def test_every_runtime_says_what_it_supports_and_where_it_runs() -> None:
    assert len(runtimes()) >= 2
    for runtime in runtimes():
        facts = Facts(encode_runtime(runtime))
        node = iris.runtime(runtime.name).value
        assert facts.subjects(TK.Runtime) == [node]
        assert facts.text(node, SCHEMA.name) == runtime.name
        assert _slugs(facts, node, TK.runsOnCore) == set(runtime.cores)
        assert _slugs(facts, node, TK.runsOnSystem) == set(runtime.systems)
        assert facts.integer(node, TK.stackReserveBytes) == runtime.stack_reserve_bytes
        supports = facts.links(node, TK.supports)
        assert len(supports) == len(runtime.operators) > 0
        for support in supports:
            name = iris.concept_name(facts.link(support, TK.operator) or "")
            stated = {",".join(signature) for signature in runtime.operators[name].types}
            assert set(facts.texts(support, TK.typeSignature)) == stated


def _slugs(facts: Facts, node: str, predicate: str) -> set[str]:
    return {iris.concept_name(link) for link in facts.links(node, predicate)}


def test_a_footprint_states_its_figures() -> None:
    file = read_facts(data_folder() / "models" / "facts" / "hello-world-int8.json")
    found = footprint(file, next(r for r in runtimes() if r.name == "tflm-ref-arm32"))
    facts = Facts(encode_footprint(file.sha256, found))
    (node,) = facts.subjects(TK.Footprint)
    assert facts.link(iris.model_file(file.sha256).value, TK.hasFootprint) == node
    assert facts.link(node, TK.onRuntime) == iris.runtime("tflm-ref-arm32").value
    assert facts.integer(node, TK.arenaBytes) == found.arena_bytes is not None
    assert facts.integer(node, TK.ramBytes) == found.ram_bytes is not None
    assert facts.integer(node, TK.flashBytes) == found.flash_bytes is not None
    shares = facts.json(node, TK.breakdown)
    assert shares == [[share.name, share.size_bytes] for share in found.tail] != []


def test_what_is_not_known_is_not_in_the_graph() -> None:
    bare = Footprint(runtime="r", evidence=COMPUTED, unknowns=("a fact", "another"))
    facts = Facts(encode_footprint(SHA, bare))
    assert facts.texts(NODE, TK.missingFact) == ["a fact", "another"]
    for predicate in (TK.arenaBytes, TK.ramBytes, TK.flashBytes, TK.breakdown, TK.hasRefusal):
        assert facts.text(NODE, predicate) is None
        assert facts.link(NODE, predicate) is None


def test_refusals_keep_their_order_and_their_reasons() -> None:
    refusals = tuple(
        Refusal(
            subgraph=0,
            layer=n,
            operator="CONV_2D",
            element_types=("uint8", "int8", "uint8"),
            reason=f"no {n}",
        )
        for n in (3, 1)
    )
    triples = encode_footprint(SHA, Footprint(runtime="r", evidence=COMPUTED, refusals=refusals))
    facts = Facts(triples)
    nodes = sorted(facts.links(NODE, TK.hasRefusal), key=lambda node: facts.require_integer(node, TK.index))
    assert [facts.integer(node, TK.layerIndex) for node in nodes] == [3, 1]
    assert [facts.text(node, TK.reason) for node in nodes] == ["no 3", "no 1"]
    assert facts.texts(nodes[0], TK.elementTypeName) == ["int8", "uint8"]
    assert not any(isinstance(triple.subject, ox.BlankNode) for triple in triples)
