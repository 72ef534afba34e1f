"""W3C's update evaluation tests, through the gate and on workers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from w3c_test_cases import State, Test, update_tests

from tinykg.endpoint.update import Updates
from tinykg.store.quads import graph_node

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tinykg.catalogue.held import HeldRegistry
    from tinykg.endpoint.pool import Pool

COLLECTED = 94


@pytest.fixture(scope="module")
def tests(test_data: Path) -> list[Test]:
    return list(update_tests(test_data / "rdf-tests" / "sparql" / "sparql11"))


def quads(state: State) -> Iterable[ox.Quad]:
    for name, path in (*(("", path) for path in state.default), *state.named):
        for quad in ox.parse(path=path, base_iri=Path(path).as_uri(), rename_blank_nodes=True):
            yield ox.Quad(quad.subject, quad.predicate, quad.object, graph_node(name))


def canonical(found: Iterable[ox.Quad]) -> ox.Dataset:
    dataset = ox.Dataset(found)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return dataset


def test_the_suite_is_whole(tests: list[Test]) -> None:
    assert len(tests) == COLLECTED


@pytest.mark.parametrize("number", range(COLLECTED))
def test_w3c(tests: list[Test], empty: HeldRegistry, pool: Pool, number: int) -> None:
    test = tests[number]
    assert isinstance(test.after, State)
    with empty.writing("loading") as store:
        store.change(removed=(), added=quads(test.before))
    path = Path(test.request)
    text = path.read_text(encoding="utf-8")
    Updates(empty, pool).update(text, base=path.as_uri())
    with empty.reading() as store:
        assert canonical(store.quads()) == canonical(quads(test.after)), test.name
        assert {name for name in store.graph_names() if not store.graph(name)} == set()
