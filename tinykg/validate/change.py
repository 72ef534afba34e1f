"""new_violations(store, removed, added): what a change of some quads would break that is sound now."""

from __future__ import annotations

import re
from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING

import pyoxigraph as ox

from tinykg.graph.datatypes import as_encoded
from tinykg.records.finding import Finding
from tinykg.validate.findings import in_order, results
from tinykg.validate.gate import report_on
from tinykg.validate.shapes import shapes
from tinykg.validate.targets import concerns, targets

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tinykg.store.embedded import EmbeddedStore
    from tinykg.store.protocol import Node

_TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
_BLANK = re.compile(r"^_:b\d+$")


def new_violations(
    store: EmbeddedStore, removed: Iterable[ox.Quad], added: Iterable[ox.Quad]
) -> list[Finding]:
    """The violations that a store would have after a change and has not now.

    Looked at is the union of all graphs, since queries see that: the nodes that the change describes, those
    that a shape comes from to them, and what the shapes of all these look at further. What was wrong before
    is no fault of the change.
    """
    around = _Surroundings(store, frozenset(removed), frozenset(added))
    if not concerns(around.hints()):
        return []
    focus = around.focus()
    described = around.described(focus)
    names = {node.value for node in focus if isinstance(node, ox.NamedNode)}
    after = _violations(around.after(described), names)
    if not after:
        return []
    before = Counter(map(_signature, _violations(around.before(described), names)))
    found = []
    for finding in after:
        signature = _signature(finding)
        if before[signature]:
            before[signature] -= 1
        else:
            found.append(finding)
    return found


class _Surroundings:
    """A change and the store that it is to be made to."""

    def __init__(self, store: EmbeddedStore, removed: frozenset[ox.Quad], added: frozenset[ox.Quad]) -> None:
        self._store = store
        self._removed = removed
        self._added_to: dict[object, list[ox.Quad]] = {}
        """What is added, by subject."""
        self._leading_to: dict[object, list[ox.Quad]] = {}
        """What is added, by object."""
        for quad in added:
            self._added_to.setdefault(quad.subject, []).append(quad)
            self._leading_to.setdefault(quad.object, []).append(quad)
        self._changed = removed | added

    def _touched(self) -> set[Node]:
        """The nodes that the change says something of, or makes a target of."""
        known = targets()
        nodes: set[object] = {quad.subject for quad in self._changed}
        nodes |= {quad.object for quad in self._changed if quad.predicate in known.properties}
        return {node for node in nodes if isinstance(node, ox.NamedNode | ox.BlankNode)}

    def hints(self) -> Iterator[ox.Triple]:
        """What `concerns` wants to see: the change, the types of its nodes, and what leads to them."""
        nodes = self._touched()
        types = (quad for node in nodes for quad in self._store.quads(subject=node, predicate=_TYPE))
        incoming = (quad for node in nodes for quad in self._store.quads(value=node))
        return (quad.triple for quad in chain(self._changed, types, incoming))

    def focus(self) -> set[Node]:
        """The touched nodes, and all from which a shape comes to them."""
        links = targets().links
        found = self._touched()
        waiting = list(found)
        while waiting:
            node = waiting.pop()
            for quad in chain(self._store.quads(value=node), self._leading_to.get(node, ())):
                subject = quad.subject
                if quad.predicate in links and subject not in found and not isinstance(subject, ox.Triple):
                    found.add(subject)
                    waiting.append(subject)
        return found

    def described(self, focus: set[Node]) -> set[Node]:
        """The focus nodes, and all that their shapes look at from them."""
        links = targets().links
        found = set(focus)
        waiting = list(found)
        while waiting:
            node = waiting.pop()
            for quad in chain(self._store.quads(subject=node), self._added_to.get(node, ())):
                value = quad.object
                if quad.predicate not in links or value in found:
                    continue
                if isinstance(value, ox.NamedNode | ox.BlankNode):
                    found.add(value)
                    waiting.append(value)
        return found

    def before(self, nodes: Iterable[Node]) -> set[ox.Triple]:
        """What the store says of some nodes."""
        return {quad.triple for node in nodes for quad in self._store.quads(subject=node)}

    def after(self, nodes: Iterable[Node]) -> set[ox.Triple]:
        """What the store would say of some nodes."""
        kept = (q for node in nodes for q in self._store.quads(subject=node) if q not in self._removed)
        new = (quad for node in nodes for quad in self._added_to.get(node, ()))
        return {quad.triple for quad in chain(kept, new)}


def _violations(triples: set[ox.Triple], names: set[str]) -> list[Finding]:
    """The violations at blank nodes and at the named ones that are asked for."""
    from pyshacl.errors import ReportableRuntimeError

    ordered = sorted(triples, key=str)  # so that blank nodes are numbered alike each time
    try:
        report = report_on(list(as_encoded(ordered)), shapes())
    except ReportableRuntimeError as error:  # a blank node where a figure is compared with another
        return [
            Finding(
                severity="violation", focus="the graph", path=None, value=None, shape=None, message=str(error)
            )
        ]
    if report is None:
        return []
    from rdflib import BNode

    return in_order(
        finding
        for focus, finding in results(report)
        if finding.severity == "violation" and (isinstance(focus, BNode) or str(focus) in names)
    )


def _signature(finding: Finding) -> tuple[str | None, ...]:
    """A finding without the numbers of blank nodes, which say nothing."""
    focus, value = (_BLANK.sub("_:", text) if text else text for text in (finding.focus, finding.value))
    return focus, finding.path, value, finding.shape, finding.message
