"""What a SPARQL update says of graphs, read from its tokens: which it may change, and its USING clauses."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

import pyoxigraph as ox

from tinykg.errors import InputError
from tinykg.store.protocol import DEFAULT_GRAPH
from tinykg.store.tokens import Token, tokens

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tinykg.store.protocol import Dataset

_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")
_DOUBTFUL = re.compile(r"['\\]|#[^<>]*['\"]")
"""In what looks like an IRI: it may be two comparisons with a string between, or has escapes."""

_ESCAPED = re.compile(r"\\(.)")
_WHOLE = ("ALL", "NAMED")
_DIRECT = ("GRAPH", "WITH", "TO", "INTO", "CLEAR", "DROP", "CREATE", "ADD", "COPY", "MOVE", "SILENT")
"""Words after which a graph may be named."""


def graphs_written(update: str) -> frozenset[str] | None:
    """The graphs that an update may change, and perhaps others; None where its text does not say.

    The default graph, DEFAULT_GRAPH, is always among them.
    """
    found = {DEFAULT_GRAPH}
    prefixes: dict[str, str] = {}
    last: Token | None = None
    in_template = False
    previous: list[str] = []
    for token in tokens(update):
        if token.kind == "iri" and _DOUBTFUL.search(token.text):
            return None
        if token.kind == "open" and token.depth == 1:
            in_template = _begins_a_template(previous)
        if token.depth == 0:
            if token.keyword in _WHOLE:
                return None
            previous.append("}" if token.kind == "close" else token.keyword)
        after = last.keyword if last is not None else ""
        if token.kind == "iri" and last is not None and last.kind == "name" and previous[-3:-2] == ["PREFIX"]:
            prefixes[last.text[:-1]] = token.text[1:-1]
        elif after in _DIRECT and token.kind in ("iri", "name"):
            name = _resolved(token, prefixes)
            if name is None:
                return None
            found.add(name)
        elif after == "GRAPH" and token.kind == "variable" and in_template:
            return None
        last = token
    return frozenset(found)


def _begins_a_template(words: Sequence[str]) -> bool:
    """Whether a block after these words holds what is inserted or deleted, not only what is looked for."""
    return words[-1:] in (["INSERT"], ["DELETE"], ["DATA"]) or words[-2:] == ["DELETE", "WHERE"]


def _resolved(token: Token, prefixes: dict[str, str]) -> str | None:
    """The IRI of a token; None where it depends on more than prefixes that are absolute IRIs."""
    if token.kind == "iri":
        iri = token.text[1:-1]
    else:
        prefix, _, local = token.text.partition(":")
        if prefix not in prefixes:
            return None
        iri = prefixes[prefix] + _ESCAPED.sub(r"\1", local)
    return iri if _ABSOLUTE.match(iri) else None


def clears_all(update: str) -> bool:
    """Whether an update has an operation that empties all graphs, or all with names."""
    words = [token.keyword for token in tokens(update) if token.depth == 0 and token.keyword != "SILENT"]
    return any(verb in ("CLEAR", "DROP") and whole in _WHOLE for verb, whole in pairwise(words))


def without_silent_loads(update: str) -> str:
    """The update with an operation that does nothing in place of each LOAD SILENT.

    That one succeeds whether it can load or not (SPARQL 1.1 Update, 3.1.4), and here it never can. Its IRIs
    stay in the text, so that wrong ones are still told.
    """
    parts: list[str] = []
    done = 0
    found = [token for token in tokens(update) if token.depth == 0]
    for place, token in enumerate(found):
        words = [one.keyword for one in found[place : place + 5]]
        if words[:2] != ["LOAD", "SILENT"] or not _is_iri(found[place + 2 : place + 3]):
            continue
        has_target = words[3:5] == ["INTO", "GRAPH"] and _is_iri(found[place + 5 : place + 6])
        iris = [found[place + 2], *found[place + 5 : place + 6 * has_target]]
        graphs = " ".join(f"GRAPH {iri.text} {{}}" for iri in iris)
        parts += [update[done : token.start], f"INSERT DATA {{ {graphs} }}"]
        done = iris[-1].end
    return "".join((*parts, update[done:]))


def _is_iri(found: Sequence[Token]) -> bool:
    return bool(found) and found[0].kind in ("iri", "name")


def with_using(update: str, dataset: Dataset) -> str:
    """The update with USING clauses for a dataset (SPARQL 1.1 Protocol, 2.2.3).

    Raises InputError where the update names a dataset by itself.
    """
    using = _using(dataset)
    parts: list[str] = []
    done = 0
    found = list(tokens(update))
    for place, token in enumerate(found):
        if token.depth != 0 or token.kind == "close":
            continue
        if token.keyword in ("USING", "WITH"):
            raise InputError(
                f"The update has {token.keyword}, and the request names its dataset by using-graph-uri or "
                "using-named-graph-uri: give one of the two."
            )
        if token.keyword == "WHERE":
            template = ""
            if found[place - 1].keyword == "DELETE":
                template = _block(update, found[place + 1 :])
            parts += [update[done : token.start], template, using]
            done = token.start
    return "".join((*parts, update[done:]))


def _using(dataset: Dataset) -> str:
    clauses = [f"USING {ox.NamedNode(name)}" for name in dataset.default_graphs]
    clauses += [f"USING NAMED {ox.NamedNode(name)}" for name in dataset.named_graphs]
    return f" {' '.join(clauses)} "


def _block(update: str, rest: Sequence[Token]) -> str:
    """The braces that come next and what is in them: DELETE WHERE's pattern, which is its template too."""
    end = next((token.end for token in rest if token.kind == "close" and token.depth == 0), None)
    return update[rest[0].start : end] if rest and end is not None else ""
