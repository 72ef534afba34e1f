"""A named query with its parameters filled in, as RDF terms."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

import pyoxigraph as ox

from tinykg.errors import InputError, UnknownName
from tinykg.files import query_file, query_names

if TYPE_CHECKING:
    from collections.abc import Iterable

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
    text = query_text(name)
    known = parameters(name)
    stray = sorted(set(values) - set(known))
    if stray:
        raise InputError(f"The query '{name}' has no parameter {', '.join(stray)}; it has {', '.join(known)}")

    def fill(match: re.Match[str]) -> str:
        value = values.get(match.group(1))
        if value is None:
            return ""
        terms = [value] if isinstance(value, ox.NamedNode | ox.Literal) else list(value)
        return f"VALUES ?{match.group(1)} {{ {' '.join(str(term) for term in terms)} }}"

    return _PARAMETER.sub(fill, text)
