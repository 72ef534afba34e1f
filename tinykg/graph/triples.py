"""Collecting triples for encoding, and looking them up again for decoding."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import TypeAlias

import pyoxigraph as ox

from tinykg.vocab.wot import RDF

Value: TypeAlias = "ox.NamedNode | ox.Literal | str | int | float | bool | None"

_JSON = ox.NamedNode(RDF.JSON)
_FIRST, _REST, _NIL = ox.NamedNode(RDF.first), ox.NamedNode(RDF.rest), ox.NamedNode(RDF.nil)
_TYPE = ox.NamedNode(RDF.type)


@cache
def named(iri: str) -> ox.NamedNode:
    """A term of a vocabulary, made once."""
    return ox.NamedNode(iri)


def typed(text: str, datatype: str) -> ox.Literal:
    """A literal of a datatype that Python's own types do not choose."""
    return ox.Literal(text, datatype=named(datatype))


def json_literal(value: object) -> ox.Literal:
    """A value as an rdf:JSON literal, in one canonical spelling."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True, default=_plain)
    return ox.Literal(text, datatype=_JSON)


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


class Triples:
    """Triples about to be written; None is not written."""

    def __init__(self) -> None:
        self._triples: list[ox.Triple] = []

    def add(self, subject: ox.NamedNode, predicate: str, value: Value) -> None:
        """One statement; Python values become plain literals, None is left out."""
        if value is None:
            return
        term = value if isinstance(value, ox.NamedNode | ox.Literal) else ox.Literal(value)
        self._triples.append(ox.Triple(subject, named(predicate), term))

    def add_all(self, subject: ox.NamedNode, values: Iterable[tuple[str, Value]]) -> None:
        """Several statements about one subject."""
        for predicate, value in values:
            self.add(subject, predicate, value)

    def add_type(self, subject: ox.NamedNode, *classes: str) -> None:
        """rdf:type, once a class."""
        for name in classes:
            self._triples.append(ox.Triple(subject, _TYPE, named(name)))

    def add_list(self, subject: ox.NamedNode, predicate: str, values: Sequence[int]) -> None:
        """An rdf:List of integers; its cells have IRIs below the subject's: no blank nodes."""
        cells = [ox.NamedNode(f"{subject.value}/shape/{i}") for i in range(len(values))]
        heads: list[ox.NamedNode] = [*cells, _NIL]
        self._triples.append(ox.Triple(subject, named(predicate), heads[0]))
        for i, value in enumerate(values):
            self._triples.append(ox.Triple(cells[i], _FIRST, ox.Literal(value)))
            self._triples.append(ox.Triple(cells[i], _REST, heads[i + 1]))

    def done(self) -> list[ox.Triple]:
        """All triples, in the order they were added."""
        return self._triples


class Facts:
    """Triples indexed by subject and predicate, read back as Python values."""

    def __init__(self, triples: Iterable[ox.Triple]) -> None:
        self._index: dict[str, dict[str, list[object]]] = defaultdict(lambda: defaultdict(list))
        for triple in triples:
            subject = triple.subject
            if isinstance(subject, ox.NamedNode):
                self._index[subject.value][triple.predicate.value].append(triple.object)

    def subjects(self, class_iri: str) -> list[str]:
        """The IRIs of a class's members, sorted."""
        wanted = named(class_iri)
        return sorted(s for s, p in self._index.items() if wanted in p.get(RDF.type, ()))

    def links(self, subject: str, predicate: str) -> list[str]:
        """The IRIs a property leads to, sorted."""
        found = self._index[subject].get(predicate, ())
        return sorted(o.value for o in found if isinstance(o, ox.NamedNode))

    def link(self, subject: str, predicate: str) -> str | None:
        """The IRI a property leads to."""
        return next(iter(self.links(subject, predicate)), None)

    def texts(self, subject: str, predicate: str) -> list[str]:
        """The literals' texts, sorted."""
        found = self._index[subject].get(predicate, ())
        return sorted(o.value for o in found if isinstance(o, ox.Literal))

    def text(self, subject: str, predicate: str) -> str | None:
        """A literal's text."""
        return next(iter(self.texts(subject, predicate)), None)

    def require_text(self, subject: str, predicate: str) -> str:
        """A literal's text that the shapes demand."""
        return self.texts(subject, predicate)[0]

    def integer(self, subject: str, predicate: str) -> int | None:
        """A literal as an integer."""
        text = self.text(subject, predicate)
        return None if text is None else int(text)

    def require_integer(self, subject: str, predicate: str) -> int:
        """An integer that the shapes demand."""
        return int(self.require_text(subject, predicate))

    def number(self, subject: str, predicate: str) -> float | None:
        """A literal as a float."""
        text = self.text(subject, predicate)
        return None if text is None else float(text)

    def truth(self, subject: str, predicate: str) -> bool | None:
        """A literal as a truth value."""
        text = self.text(subject, predicate)
        return None if text is None else text in ("true", "1")

    def json(self, subject: str, predicate: str) -> object:
        """An rdf:JSON literal's value."""
        text = self.text(subject, predicate)
        return None if text is None else json.loads(text)

    def integers(self, subject: str, predicate: str) -> tuple[int, ...] | None:
        """The integers of an rdf:List; None where the property is absent."""
        cell = self.link(subject, predicate)
        if cell is None:
            return None
        values: list[int] = []
        while cell is not None and cell != _NIL.value:
            values.append(self.require_integer(cell, RDF.first))
            cell = self.link(cell, RDF.rest)
        return tuple(values)
