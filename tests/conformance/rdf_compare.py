"""Whether two RDF graphs, or two tables of solutions, are the same but for the names of blank nodes."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pyoxigraph as ox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import rdflib

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Row = tuple[Term | None, ...]
"""One solution: a term, or None, for each variable."""

MOST_STEPS = 200_000
"""How long a pairing of blank nodes is sought before the search gives up with an error."""


def isomorphic(one: rdflib.Graph, other: rdflib.Graph) -> bool:
    """Whether two graphs of rdflib are isomorphic (RDF 1.1 Concepts, 3.6)."""
    return same_rows(_rows(one), _rows(other))


def _rows(graph: rdflib.Graph) -> list[Row]:
    text = graph.serialize(format="nt", encoding="utf-8")
    return triple_rows(ox.parse(text, format=ox.RdfFormat.N_TRIPLES))


def triple_rows(quads: Iterable[ox.Quad | ox.Triple]) -> list[Row]:
    """Triples as rows, each once."""
    return list({(quad.subject, quad.predicate, quad.object) for quad in quads})


def same_rows(
    found: Sequence[Row],
    expected: Sequence[Row],
    *,
    ordered: bool = False,
    same_term: Callable[[Term | None], object] = lambda term: term,
) -> bool:
    """Whether rows are the same as a bag (or a sequence) under one pairing of blank nodes.

    `same_term` gives what two terms, which are not blank nodes, are compared by.
    """
    if len(found) != len(expected):
        return False
    ours = [_Line(row, same_term) for row in found]
    theirs = [_Line(row, same_term) for row in expected]
    if Counter(line.ground for line in ours) != Counter(line.ground for line in theirs):
        return False
    if ordered and [line.ground for line in ours] != [line.ground for line in theirs]:
        return False
    colours_ours, colours_theirs = _colours(ours), _colours(theirs)
    if Counter(colours_ours.values()) != Counter(colours_theirs.values()):
        return False
    search = _Pairing(theirs, colours_ours, colours_theirs, ordered=ordered)
    return search.pairs(sorted(ours, key=lambda line: len(line.blanks)) if not ordered else ours)


class _Line:
    """A row: what is not blank in it, and the blank nodes in their places."""

    def __init__(self, row: Row, same_term: Callable[[Term | None], object]) -> None:
        blanks: list[str] = []
        self.ground = tuple(_ground(term, blanks, same_term) for term in row)
        self.blanks = tuple(blanks)


def _ground(term: Term | None, blanks: list[str], same_term: Callable[[Term | None], object]) -> object:
    """A term without the names of its blank nodes, which are put into a list."""
    if isinstance(term, ox.BlankNode):
        blanks.append(term.value)
        return "_:"
    if isinstance(term, ox.Triple):
        return tuple(_ground(part, blanks, same_term) for part in (term.subject, term.predicate, term.object))
    return same_term(term)


def _colours(lines: list[_Line]) -> dict[str, int]:
    """A number for each blank node, the same for nodes that stand in the same places."""
    colours = {name: 0 for line in lines for name in line.blanks}
    while True:
        seen: dict[str, list[object]] = {name: [] for name in colours}
        for line in lines:
            shape = tuple(colours[name] for name in line.blanks)
            for place, name in enumerate(line.blanks):
                same = tuple(other == name for other in line.blanks)
                seen[name].append(hash((line.ground, place, shape, same)))
        new = {name: hash((colours[name], tuple(sorted(found)))) for name, found in seen.items()}  # type: ignore[type-var]
        if len(set(new.values())) == len(set(colours.values())):
            return new
        colours = new


class _Pairing:
    """The search for a pairing of blank nodes that makes all rows the same."""

    def __init__(
        self, theirs: list[_Line], ours: dict[str, int], others: dict[str, int], *, ordered: bool
    ) -> None:
        self._theirs, self._ours, self._others, self._ordered = theirs, ours, others, ordered
        self._by_ground: dict[object, list[int]] = {}
        for place, line in enumerate(theirs):
            self._by_ground.setdefault(line.ground, []).append(place)
        self._used = [False] * len(theirs)
        self._there: dict[str, str] = {}
        self._back: dict[str, str] = {}
        self._steps = 0

    def pairs(self, ours: list[_Line]) -> bool:
        """Whether all of our rows find a row of theirs; without recursion, as graphs can be large."""
        stack: list[tuple[list[int], int, list[tuple[str, str]]]] = []
        options = self._options(0, ours[0]) if ours else []
        depth, chosen = 0, 0
        while depth < len(ours):
            self._steps += 1
            if self._steps > MOST_STEPS:
                raise ValueError("the blank nodes of two results are too much alike to be compared")
            if chosen >= len(options):
                if not stack:
                    return False
                options, chosen, bound = stack.pop()
                depth -= 1
                self._undo(options[chosen], bound)
                chosen += 1
                continue
            bound_now = self._bind(ours[depth], self._theirs[options[chosen]])
            if bound_now is None:
                chosen += 1
                continue
            self._used[options[chosen]] = True
            stack.append((options, chosen, bound_now))
            depth, chosen = depth + 1, 0
            options = self._options(depth, ours[depth]) if depth < len(ours) else []
        return True

    def _options(self, depth: int, line: _Line) -> list[int]:
        if self._ordered:
            return [depth]
        free = [place for place in self._by_ground.get(line.ground, []) if not self._used[place]]
        return free if line.blanks else free[:1]

    def _bind(self, line: _Line, other: _Line) -> list[tuple[str, str]] | None:
        """Pair the blank nodes of two rows; None, and nothing is paired, where that cannot be."""
        bound: list[tuple[str, str]] = []
        for name, partner in zip(line.blanks, other.blanks, strict=True):
            if self._there.get(name) == partner:
                continue
            if name in self._there or partner in self._back or self._ours[name] != self._others[partner]:
                for pair in bound:
                    self._forget(pair)
                return None
            self._there[name], self._back[partner] = partner, name
            bound.append((name, partner))
        return bound

    def _undo(self, place: int, bound: list[tuple[str, str]]) -> None:
        self._used[place] = False
        for pair in bound:
            self._forget(pair)

    def _forget(self, pair: tuple[str, str]) -> None:
        del self._there[pair[0]], self._back[pair[1]]
