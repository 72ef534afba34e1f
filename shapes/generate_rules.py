"""Writes RULES.md: every rule of the shapes, by kind of record, with the words that a person reads.

Usage: python shapes/generate_rules.py [--check]
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rdflib import DCTERMS, OWL, RDF, RDFS, SH, Graph, Literal, URIRef

FOLDER = Path(__file__).resolve().parent
PRODUCT = FOLDER / "RULES.md"
SHAPES = "https://w3id.org/tinykg/shapes#"

HEAD = """# Rules

Generated from the shapes by `python shapes/generate_rules.py`; do not edit. A rule is named as reports
name it, `shapes#<rule>`. Warnings are marked; everything else keeps a record out of the registry.
"""


def title(graph: Graph) -> str:
    """What a file of shapes is about: its title after the colon."""
    ontology = graph.value(None, RDF.type, OWL.Ontology)
    text = str(graph.value(ontology, DCTERMS.title)).split(": ", 1)[-1]
    return text[0].upper() + text[1:]


def rules(graph: Graph) -> list[tuple[str, str, str]]:
    """(rule, property, message) of each shape that has a message, in code point order."""
    found = []
    for shape, message in graph.subject_objects(SH.message):
        if not isinstance(shape, URIRef):
            continue
        about = graph.value(shape, SH.path)
        about = about if isinstance(about, URIRef) else graph.value(shape, RDFS.seeAlso)
        closed = (shape, SH.closed, Literal(True)) in graph  # noqa: FBT003 - a literal's value, not a flag
        name = "any other property" if closed else f"`{graph.qname(str(about))}`"
        warning = "Warning: " if graph.value(shape, SH.severity) == SH.Warning else ""
        found.append((shape.removeprefix(SHAPES), name, warning + str(message)))
    return sorted(found)


def in_markdown(message: str) -> str:
    """A message as a cell of a table."""
    return message.replace("|", " or ").replace("<", "&lt;")


def document() -> str:
    """The text of RULES.md."""
    parts = [HEAD]
    for path in sorted(FOLDER.glob("*.ttl")):
        graph = Graph(bind_namespaces="none").parse(path)
        table = [f"| {rule} | {about} | {in_markdown(message)} |\n" for rule, about, message in rules(graph)]
        if table:
            parts += [
                f"\n## {title(graph)}\n\n",
                "| rule | about | what is expected |\n",
                "|---|---|---|\n",
                *table,
            ]
    return "".join(parts)


def main(arguments: list[str] | None = None) -> int:
    """0 where the list is written or, with --check, is that of the shapes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    options = parser.parse_args(arguments)
    text = document()
    if not options.check:
        PRODUCT.write_text(text, encoding="utf-8")
        return 0
    if PRODUCT.is_file() and PRODUCT.read_text(encoding="utf-8") == text:
        return 0
    sys.stderr.write(f"{PRODUCT.name} is out of date. Run: python shapes/generate_rules.py\n")
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
