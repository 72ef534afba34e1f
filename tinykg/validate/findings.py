"""An sh:ValidationReport -> findings in a stable order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinykg.records.finding import Finding
from tinykg.validate.names import short

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rdflib import Graph
    from rdflib.term import Node

_SH = "http://www.w3.org/ns/shacl#"


def findings(report: Graph) -> list[Finding]:
    """All results of a validation report, most severe first, then by node, property and message."""
    return in_order(finding for _, finding in results(report))


def in_order(found: Iterable[Finding]) -> list[Finding]:
    """Findings without repetition, most severe first, then by node, property and message."""
    rank = {"violation": 0, "warning": 1, "info": 2}

    def order(f: Finding) -> tuple[int | str, ...]:
        return (rank.get(f.severity, 3), f.focus, f.path or "", f.message, f.value or "", f.shape or "")

    return sorted(set(found), key=order)


def results(report: Graph) -> Iterator[tuple[Node | None, Finding]]:
    """The focus node of each result of a validation report, and the result as a finding."""
    from rdflib import URIRef

    def one(result: Node, name: str) -> Node | None:
        return report.value(result, URIRef(_SH + name))

    for result in report.objects(None, URIRef(_SH + "result")):
        focus = one(result, "focusNode")
        yield (
            focus,
            Finding(
                severity=_text(one(result, "resultSeverity")).rsplit("#", 1)[-1].lower(),
                focus=_short(focus),
                path=_optional(one(result, "resultPath")),
                value=_optional(one(result, "value")),
                shape=_optional(one(result, "sourceShape")),
                message=" ".join(
                    sorted(_text(m) for m in report.objects(result, URIRef(_SH + "resultMessage")))
                ),
            ),
        )


def _text(node: Node | None) -> str:
    return "" if node is None else str(node)


def _short(node: Node | None) -> str:
    from rdflib import BNode

    return f"_:{node}" if isinstance(node, BNode) else short(_text(node))


def _optional(node: Node | None) -> str | None:
    from rdflib import BNode

    return None if node is None or isinstance(node, BNode) else short(str(node))
