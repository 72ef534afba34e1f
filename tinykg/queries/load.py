"""A named query with its parameters filled in, as RDF terms."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import TypeAlias

import pyoxigraph as ox

from tinykg.errors import InputError, UnknownName
from tinykg.files import query_file, query_names

Parameter: TypeAlias = "ox.NamedNode | ox.Literal | Iterable[ox.NamedNode | ox.Literal] | None"

_PARAMETER = re.compile(r"VALUES \?(\w+) \{ UNDEF \}")


def iri(text: str) -> ox.NamedNode:
    """An IRI as a parameter."""
    return ox.NamedNode(text)


def literal(value: str | float) -> ox.Literal:
    """A text or a number as a parameter."""
    return ox.Literal(value)


@cache
def query_text(name: str) -> str:
    """The text of a named query as it stands in its file."""
    path = query_file(name)
    if not path.is_file():
        from difflib import get_close_matches

        raise UnknownName("query", name, get_close_matches(name, query_names(), n=3))
    return path.read_text(encoding="utf-8")


def question(name: str) -> str:
    """The question in English that a named query answers: its first line."""
    return query_text(name).splitlines()[0].lstrip("# ").strip()


def parameters(name: str) -> list[str]:
    """The parameters of a named query, in order of appearance."""
    return list(dict.fromkeys(_PARAMETER.findall(query_text(name))))


def sparql(name: str, /, **values: Parameter) -> str:
    """The named query with terms in place of `VALUES ?x { UNDEF }`.

    A parameter that is None is left out: an engine joins freely with a variable that nothing
    binds, but slowly with one that a row leaves open.
    """
    known = parameters(name)
    stray = sorted(set(values) - set(known))
    if stray:
        there = ", ".join(known) or "none"
        raise InputError(f"The query '{name}' has no parameter {', '.join(stray)}; it has {there}")
    lines = {
        key: f"VALUES ?{key} {{ {_terms(value)} }}" for key, value in values.items() if value is not None
    }
    return _PARAMETER.sub(lambda match: lines.get(match.group(1), ""), query_text(name))


def _terms(value: object) -> str:
    """One term or several in SPARQL; anything else, a text above all, is a mistake of the caller."""
    terms = [value] if isinstance(value, str) or not isinstance(value, Iterable) else list(value)
    for term in terms:
        if not isinstance(term, ox.NamedNode | ox.Literal):
            raise TypeError(f"a parameter is an RDF term, made by iri() or literal(); found {term!r}")
    return " ".join(map(str, terms))
