"""Writes tinykg/vocab/tinykg.py from tinykg.ttl, so that code can name a term only if the ontology has it.

Usage: python ontology/generate_terms.py [--check]
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rdflib import OWL, SKOS, Graph, URIRef

ONTOLOGY = Path(__file__).resolve().parent / "tinykg.ttl"
PRODUCT = ONTOLOGY.parent.parent / "tinykg" / "vocab" / "tinykg.py"
ONTOLOGY_IRI = URIRef("https://w3id.org/tinykg")
NAMESPACE = f"{ONTOLOGY_IRI}#"
LINE_WIDTH = 110

HEAD = '''"""The terms of the TinyKG ontology, as plain IRIs.

Generated from ontology/tinykg.ttl by ontology/generate_terms.py; do not edit.
"""

from __future__ import annotations

from typing import Final

NS: Final = "{namespace}"
"""The namespace of every term."""

VERSION: Final = "{version}"
"""The ontology's version."""


class TinykgTerms:
    """`TK.arenaBytes` is the IRI of tk:arenaBytes; a term that the ontology lacks is an AttributeError."""

    __slots__ = ()

'''
TAIL = '''

TK: Final = TinykgTerms()
"""Every term by its name in the ontology: classes first, then properties."""
'''


def terms(graph: Graph) -> list[tuple[str, str]]:
    """(name, definition) of each term of the namespace, in code point order."""
    return sorted(
        (str(term).removeprefix(NAMESPACE), str(graph.value(term, SKOS.definition)))
        for term in set(graph.subjects())
        if str(term).startswith(NAMESPACE)
    )


def wrapped(definition: str) -> str:
    """A definition as an attribute docstring that keeps the line width, without escapes."""
    lines = [""]
    for word in definition.replace('"', "'").split():
        if lines[-1] and len(lines[-1]) + len(word) > LINE_WIDTH - 16:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    closing = '"""' if len(lines) == 1 else '\n    """'
    return '    """' + "\n    ".join(lines) + closing


def module(graph: Graph) -> str:
    """The text of the generated module."""
    version = str(graph.value(ONTOLOGY_IRI, OWL.versionInfo))
    body = "\n".join(
        f'    {name}: Final = "{NAMESPACE}{name}"\n{wrapped(definition)}' for name, definition in terms(graph)
    )
    return HEAD.format(namespace=NAMESPACE, version=version) + body + "\n" + TAIL


def main(arguments: list[str] | None = None) -> int:
    """0 where the module is written or, with --check, equals the ontology."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    options = parser.parse_args(arguments)
    text = module(Graph().parse(ONTOLOGY, format="turtle"))
    if not options.check:
        PRODUCT.write_text(text, encoding="utf-8")
        return 0
    if PRODUCT.is_file() and PRODUCT.read_text(encoding="utf-8") == text:
        return 0
    sys.stderr.write(f"{PRODUCT.name} differs from {ONTOLOGY.name}. Run: python ontology/generate_terms.py\n")
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
