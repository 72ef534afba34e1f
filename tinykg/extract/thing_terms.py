"""The terms and concepts of TinyKG's ontology, as Thing Descriptions may use them."""

from __future__ import annotations

import re
from difflib import get_close_matches
from functools import cache
from typing import Final

from tinykg.files import share

TK: Final = "https://w3id.org/tinykg#"
"""The namespace of TinyKG's classes and properties."""

BASE: Final = "https://w3id.org/tinykg/"
"""What the IRIs of TinyKG's concepts begin with, such as `core/cortex-m4f`."""

_VOCABULARIES: Final = {
    "core": "cores",
    "figure-kind": "figure-kinds",
    "memory-kind": "memory-kinds",
    "sensor-kind": "sensor-kinds",
    "system": "systems",
}

_TERM: Final = re.compile(r"^tk:(\w+) a ", re.MULTILINE)


@cache
def terms() -> frozenset[str]:
    """The local names of the ontology's classes and properties."""
    text = (share() / "ontology" / "tinykg.ttl").read_text(encoding="utf-8")
    return frozenset(_TERM.findall(text))


@cache
def concepts(scheme: str) -> frozenset[str]:
    """The slugs of a vocabulary's concepts, such as those of `core`.

    The vocabularies are Turtle with one concept a paragraph, which begins with its name.
    """
    file = share() / "ontology" / "vocabularies" / f"{_VOCABULARIES[scheme]}.ttl"
    text = file.read_text(encoding="utf-8")
    return frozenset(re.findall(rf"^{re.escape(scheme)}:(\S+) a skos:Concept ", text, re.MULTILINE))


def nearest(word: str, known: frozenset[str]) -> str:
    """What was meant by a word that is not known: the nearest ones, or all where they are few."""
    near = get_close_matches(word[:64], sorted(known), n=3, cutoff=0.6)
    return " or ".join(near or sorted(known)[:8]) + ("" if near or len(known) <= 8 else ", ...")
