"""check_each(records): thousands of records validated in few calls, with the findings of each."""

from __future__ import annotations

import os
import signal
import sys
import threading
import warnings
from functools import cache
from typing import TYPE_CHECKING, NoReturn, TypeAlias

import msgspec
import pyoxigraph as ox

from tinykg.errors import ShapeViolation
from tinykg.records.finding import Finding
from tinykg.validate.findings import in_order, results
from tinykg.validate.gate import report_on, validate
from tinykg.validate.shapes import shapes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Record: TypeAlias = "tuple[str, list[ox.Triple]]"
Found: TypeAlias = "dict[str, list[Finding]]"

CHUNK_TRIPLES = 10_000
"""So many triples are one call: each call reads the shapes anew, 15 ms; larger ones are no faster."""
FORK_TRIPLES = 30_000
"""From so many triples on, about a second, another process is worth its start."""


def check_each(records: Mapping[str, list[ox.Triple]], *, processes: int | None = None) -> Found:
    """The findings on each of many records, by name: those of `validate` on the record alone.

    Records that share a node of which one says something are taken apart. Without `processes` a second
    process helps where it is worth its start and the system can fork; with threads about it does not.
    """
    chunks = _chunks(records)
    if processes is None:
        large = sum(map(len, records.values())) >= FORK_TRIPLES
        processes = 2 if large and _may_fork() else 1
    found = _validated(chunks) if processes < 2 or len(chunks) < 2 else _validated_by_two(chunks)
    return {name: found[name] for name in records}


def check_all(records: Mapping[str, list[ox.Triple]], subject: str) -> None:
    """Raise ShapeViolation with all violations of many records; `subject` names them in the error."""
    found = [f for findings in check_each(records).values() for f in findings if f.severity == "violation"]
    if found:
        raise ShapeViolation(subject, found)


class _Nodes:
    """Which nodes a record describes and which it only names."""

    __slots__ = ("alone", "described", "named")

    def __init__(self, triples: Iterable[ox.Triple] = ()) -> None:
        self.described: set[object] = set()
        """Subjects, and objects that a shape takes up by the property that leads to them."""
        self.named: set[object] = set()
        self.alone = False
        """Whether names do not tell nodes apart: blank nodes, or texts where described nodes should be."""
        aims = _aims()
        for subject, predicate, value in triples:
            self.described.add(subject)
            if predicate in aims:
                self.described.add(value)
                self.alone = self.alone or not isinstance(value, ox.NamedNode)
            elif not isinstance(value, ox.Literal):
                self.named.add(value)
            if isinstance(subject, ox.BlankNode) or isinstance(value, ox.BlankNode):
                self.alone = True

    def meets(self, other: _Nodes) -> bool:
        """Whether one describes a node that the other describes or names."""
        return not (
            self.described.isdisjoint(other.described)
            and self.described.isdisjoint(other.named)
            and self.named.isdisjoint(other.described)
        )

    def take(self, other: _Nodes) -> None:
        """Both together from now on."""
        self.described |= other.described
        self.named |= other.named


@cache
def _aims() -> frozenset[ox.NamedNode]:
    """The properties whose objects a shape takes up, whatever else is said of these."""
    from rdflib import SH

    return frozenset(ox.NamedNode(str(aim)) for aim in shapes().objects(None, SH.targetObjectsOf))


def _chunks(records: Mapping[str, list[ox.Triple]]) -> list[list[Record]]:
    """Groups of records that do not meet, so that each can be validated as one graph."""
    chunks: list[list[Record]] = []
    waiting: list[tuple[Record, _Nodes]] = []
    for record in records.items():
        nodes = _Nodes(record[1])
        if nodes.alone:
            chunks.append([record])
        else:
            waiting.append((record, nodes))
    while waiting:
        waiting = _fill(chunks, waiting)
    return chunks


def _fill(
    chunks: list[list[Record]], waiting: Iterable[tuple[Record, _Nodes]]
) -> list[tuple[Record, _Nodes]]:
    """Put records into new chunks; those that meet one of their chunk have to wait for another round."""
    later: list[tuple[Record, _Nodes]] = []
    chunk: list[Record] = []
    together, size = _Nodes(), 0
    for record, nodes in waiting:
        if together.meets(nodes):
            later.append((record, nodes))
            continue
        chunk.append(record)
        together.take(nodes)
        size += len(record[1])
        if size >= CHUNK_TRIPLES:
            chunks.append(chunk)
            chunk, together, size = [], _Nodes(), 0
    if chunk:
        chunks.append(chunk)
    return later


def _validated(chunks: Iterable[Sequence[Record]]) -> Found:
    found: Found = {}
    for chunk in chunks:
        found.update(_validated_together(chunk) or _validated_alone(chunk))
    return found


def _validated_alone(chunk: Iterable[Record]) -> Found:
    return {name: validate(triples) for name, triples in chunk}


def _validated_together(chunk: Sequence[Record]) -> Found | None:
    """The findings of one call, told apart by their focus nodes; None where that does not do."""
    from pyshacl.errors import ReportableRuntimeError

    if len(chunk) == 1:
        return None
    try:
        report = report_on([triple for _, triples in chunk for triple in triples], shapes())
    except ReportableRuntimeError:  # which record it is about, validation of each says
        return None
    found: dict[str, list[Finding]] = {name: [] for name, _ in chunk}
    if report is not None:
        owners = {str(node): name for name, triples in chunk for node in _Nodes(triples).described}
        for focus, finding in results(report):
            owner = owners.get(f"<{focus}>")
            if owner is None:
                return None
            found[owner].append(finding)
    return {name: in_order(of_one) for name, of_one in found.items()}


def _may_fork() -> bool:
    """Whether a fork of this process is safe and has a core to run on.

    Another thread of Python might hold a lock, which nobody would ever release in the fork.
    """
    return sys.platform == "linux" and threading.active_count() == 1 and len(os.sched_getaffinity(0)) > 1


def _validated_by_two(chunks: Sequence[Sequence[Record]]) -> Found:
    """The same by this process and a fork of it, each with every other chunk."""
    validate([])  # reads shapes and vocabularies, for both
    reader, writer = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12, on the store's own threads
        process = os.fork()
    if process == 0:
        _answer_and_end(writer, chunks[1::2])
    os.close(writer)
    answer = None
    try:
        with os.fdopen(reader, "rb") as pipe:
            found = _validated(chunks[::2])
            answer = pipe.read()
    finally:
        if answer is None:  # this process failed or is to end
            os.kill(process, signal.SIGKILL)
        _, status = os.waitpid(process, 0)
    if status == 0:
        found.update(msgspec.json.decode(answer, type=dict[str, list[Finding]]))
    else:  # it failed, as this process will and say how, or it was killed
        found.update(_validated(chunks[1::2]))
    return found


def _answer_and_end(writer: int, chunks: Sequence[Sequence[Record]]) -> NoReturn:
    """In the fork: write the findings on these chunks, and end without tidying up what is the parent's."""
    status = 1
    try:
        with os.fdopen(writer, "wb") as pipe:
            pipe.write(msgspec.json.encode(_validated(chunks)))
        status = 0
    finally:
        os._exit(status)
