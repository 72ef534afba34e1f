"""Finding entities by the names people type, and listing them."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, cast

import pyoxigraph as ox

from tinykg.errors import AmbiguousName, UnknownName
from tinykg.graph.iris import concept, concept_name, graph_of, lookup_key, source_graph
from tinykg.queries.load import sparql
from tinykg.records.listing import DeviceSummary, ModelSummary, RuntimeSummary
from tinykg.vocab.tinykg import TK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tinykg.records.model import Model
    from tinykg.records.model_file import ModelFile
    from tinykg.store.protocol import Store, Term

_LONGEST_NAME = 64
"""Longer ones are like none that is here, and comparing takes time by their length."""

KINDS = {
    "model": (TK.Model,),
    "device": (TK.DeviceType, TK.Device),
    "device-type": (TK.DeviceType,),
    "runtime": (TK.Runtime,),
}
"""The classes of what goes by a name; a device is a type of board or a registered one."""


def find(store: Store, kind: str, name: str) -> str:
    """The IRI of the model, device or runtime that goes by a name; raises UnknownName with near ones."""
    rows = _named(store, [kind], name)
    if len({row[0] for row in rows}) == 1:
        return _text(rows[0][0]) or ""
    exact = [row for row in rows if _text(row[2]) == name] or [row for row in rows if _is_true(row[3])]
    if exact and len({row[0] for row in exact}) == 1:
        return _text(exact[0][0]) or ""
    if rows:
        raise AmbiguousName(kind, name, list(dict.fromkeys(_text(row[2]) or "" for row in rows)))
    raise UnknownName(kind, name, _near(store, [kind], name))


def model_named(store: Store, name: str) -> Model:
    """The record of the model of a name; raises UnknownName, also where it has just been removed."""
    return model_of(store, find(store, "model", name))


def model_of(store: Store, model: str) -> Model:
    """The record of the model of an IRI; raises UnknownName."""
    from tinykg.graph.decode_model import decode_models  # on use: a match needs no records

    found = decode_models(store.graph(graph_of(model)))
    if not found:
        raise UnknownName("model", concept_name(model), ())
    return found[0]


def file_of(store: Store, model: Model) -> ModelFile:
    """What is known of a model's file; raises UnknownName where it has just been removed with its model."""
    found = file_by_digest(store, model.file_sha256)
    if found is None:
        raise UnknownName("model", model.name, ())
    return found


def file_by_digest(store: Store, sha256: str) -> ModelFile | None:
    """What is known of a model file; None where it is not registered."""
    from tinykg.graph.decode_model import decode_model_files

    found = decode_model_files(store.graph(source_graph("file", sha256)))
    return found[0] if found else None


def _is_true(term: Term | None) -> bool:
    return _text(term) == "true"


def find_any(store: Store, name: str, kinds: Sequence[str]) -> list[tuple[str, str]]:
    """(kind, IRI) of what goes by a name, at most one of each of the kinds; raises UnknownName."""
    present = {_text(row[1]) for row in _named(store, kinds, name)}
    if not present:
        raise UnknownName(" or ".join(kinds), name, _near(store, kinds, name))
    return [(kind, find(store, kind, name)) for kind in kinds if not present.isdisjoint(KINDS[kind])]


def _named(store: Store, kinds: Sequence[str], name: str) -> Sequence[tuple[Term | None, ...]]:
    """Entity, class, name and whether it has nicknames, of each that goes by a name."""
    key = lookup_key(name).encode("utf-8", "replace").decode()  # a name typed in bytes that are no text
    return store.select(sparql("named", key=ox.Literal(key), **{"class": _classes(kinds)})).rows


def _classes(kinds: Sequence[str]) -> list[ox.NamedNode]:
    return [ox.NamedNode(one) for kind in kinds for one in KINDS[kind]]


def _near(store: Store, kinds: Sequence[str], name: str) -> list[str]:
    keys: dict[str, str] = {}
    for _, key, text in store.select(sparql("lookup_keys", **{"class": _classes(kinds)})).rows:
        keys.setdefault(_text(key) or "", _text(text) or "")
    close = get_close_matches(lookup_key(name)[:_LONGEST_NAME], keys, n=6, cutoff=0.55)
    return list(dict.fromkeys(keys[key] for key in close))[:3]


def check_task(store: Store, task: str) -> None:
    """Raise UnknownName where the task vocabulary has no such concept."""
    _check_concepts(store, "task", "tasks", [task])


def check_properties(store: Store, properties: Sequence[str]) -> None:
    """Raise UnknownName where the vocabulary of observable properties lacks one of the concepts."""
    _check_concepts(store, "property", "properties", properties)


def _check_concepts(store: Store, scheme: str, query: str, names: Sequence[str]) -> None:
    if not names:
        return
    known = list(dict.fromkeys(concept_name(_text(row[scheme]) or "") for row in store.select(sparql(query))))
    for name in names:
        if name not in known:
            raise UnknownName(scheme, name, get_close_matches(name, known, n=3, cutoff=0.5))


def list_models(store: Store, task: str | None = None) -> list[ModelSummary]:
    """All models, by name; `task` keeps those for a task or a narrower one."""
    wanted = None if task is None else concept("task", task)
    return [
        ModelSummary(
            name=_text(row["name"]) or "",
            task=_slug(row["task"]),
            accuracy=_number(row["accuracy"]),
            file_bytes=_integer(row["fileBytes"]) or 0,
            macs=_integer(row["macs"]) or 0,
            parameters=_integer(row["parameters"]) or 0,
            senses=tuple((_text(row["senses"]) or "").split()),
            sha256=_text(row["sha256"]) or "",
        )
        for row in store.select(sparql("models", wantedTask=wanted))
    ]


def list_devices(store: Store, devices: Sequence[str] | None = None) -> list[DeviceSummary]:
    """Device types by slug: those of some IRIs, or all."""
    wanted = None if devices is None else [ox.NamedNode(device) for device in devices]
    return [
        DeviceSummary(
            slug=_text(row["slug"]) or "",
            name=_text(row["name"]) or "",
            core=_text(row["core"]),
            clock_hz=_integer(row["clockHz"]),
            ram_bytes=_integer(row["ramBytes"]),
            flash_bytes=_integer(row["flashBytes"]),
            sensors=tuple((_text(row["sensors"]) or "").split()),
        )
        for row in store.select(sparql("devices", device=wanted))
    ]


def list_runtimes(store: Store) -> list[RuntimeSummary]:
    """All runtimes, by name."""
    return [
        RuntimeSummary(
            name=_text(row["name"]) or "",
            title=_text(row["title"]) or "",
            family=_text(row["family"]) or "",
            version=_text(row["version"]) or "",
            kernel_set=_text(row["kernelSet"]) or "",
            abi=_text(row["abi"]) or "",
            operators=_integer(row["operators"]) or 0,
        )
        for row in store.select(sparql("runtimes"))
    ]


def _text(term: Term | None) -> str | None:
    return None if term is None else cast("ox.Literal | ox.NamedNode", term).value


def _slug(term: Term | None) -> str | None:
    found = _text(term)
    return None if found is None else concept_name(found)


def _integer(term: Term | None) -> int | None:
    found = _text(term)
    return None if found is None else int(found)


def _number(term: Term | None) -> float | None:
    found = _text(term)
    return None if found is None else float(found)
