"""performance(store, ...): runs the latency query; measured beats estimated there, and a gap is named."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from tinykg.queries.load import iri, sparql
from tinykg.records.estimate import Estimate, Performance, Unknown
from tinykg.records.evidence import Evidence, EvidenceKind
from tinykg.store.protocol import text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tinykg.queries.load import Parameter
    from tinykg.store.protocol import Store, Term

Row: TypeAlias = "Mapping[str, Term | None]"


def performance(
    store: Store,
    *,
    device: str | Iterable[str] | None = None,
    model: str | Iterable[str] | None = None,
    runtime: str | Iterable[str] | None = None,
) -> list[Performance]:
    """Time and energy of each pair on each runtime that runs there, by the IRIs given, or of all.

    A runtime that has no core in common with the device has no row.
    """
    query = sparql("latency", device=_nodes(device), model=_nodes(model), runtime=_nodes(runtime))
    return [
        Performance(
            device=_require(row, "deviceSlug"),
            model=_require(row, "modelName"),
            runtime=_require(row, "runtimeName"),
            latency=_figure(row, "latency", "Us", "us"),
            energy=_figure(row, "energy", "Uj", "uJ"),
        )
        for row in store.select(query)
    ]


def _nodes(names: str | Iterable[str] | None) -> Parameter:
    if names is None:
        return None
    return iri(names) if isinstance(names, str) else [iri(name) for name in names]


def _figure(row: Row, name: str, suffix: str, unit: str) -> Estimate | Unknown:
    """One figure of a row, or what is missing for it."""
    missing = text_of(row.get(f"{name}Missing"))
    if missing is not None:
        return Unknown(reason=missing)
    basis = _require(row, f"{name}Basis")
    return Estimate(
        value=float(_require(row, f"{name}{suffix}")),
        low=float(_require(row, f"{name}Low{suffix}")),
        high=float(_require(row, f"{name}High{suffix}")),
        unit=unit,
        evidence=Evidence(kind=EvidenceKind(_require(row, f"{name}Evidence")), source=basis),
        rows=int(_require(row, f"{name}Rows")),
        basis=basis,
    )


def _require(row: Row, name: str) -> str:
    found = text_of(row.get(name))
    if found is None:
        raise ValueError(f"the latency query left ?{name} unbound")
    return found
