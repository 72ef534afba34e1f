"""A device type by its Thing Model: checked, what it inherits filled in, kept as it came."""

from __future__ import annotations

import json
import re
import tempfile
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from tinykg.catalogue.assemble import differs
from tinykg.catalogue.intake import prepare
from tinykg.catalogue.registered import units_anew
from tinykg.catalogue.thing_models import encode_thing_model, models_in, thing_model_graph
from tinykg.errors import InvalidThing
from tinykg.things.check import model_faults_of
from tinykg.things.inherit import resolved
from tinykg.things.parse import read_thing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tinykg.records.listing import Intake
    from tinykg.store.protocol import Store

_SUBJECT = "The Thing Model"
_NO_NAME = re.compile(r"[^\w]+")


def add_thing_model(store: Store, text: str, address: str | None = None) -> list[Intake]:
    """Register the device type of a Thing Model; what became of it. Raises InvalidThing.

    `address` is where the model is published: others that extend it name it so. A model without an `id` is
    known by its title.
    """
    document = read_thing(text.encode(), subject=_SUBJECT)
    faults = model_faults_of(document)
    if faults:
        raise InvalidThing(_SUBJECT, faults)
    whole = resolved(document, _beside(document, address, models_in(store)))
    with tempfile.TemporaryDirectory(prefix="tinykg-") as folder:
        path = Path(folder) / f"{_name(whole, text)}.tm.jsonld"
        path.write_text(json.dumps(whole), encoding="utf-8")
        batch = prepare(store, [path])
    for intake in batch.intakes:
        graph = thing_model_graph(intake.name or "")
        if graph in batch.graphs:
            about = [t for t in batch.graphs.pop(graph) if t.subject == ox.NamedNode(graph)]
            told = encode_thing_model(intake.name or "", text, address)
            if differs(store, graph, told):
                batch.graphs[graph] = [*told, *about]
    if not batch.graphs:  # as it came it was another text, but not as it is kept
        return [replace(one, status="unchanged") if one.name else one for one in batch.intakes]
    store.replace_graphs(batch.graphs)
    store.replace_graphs(units_anew(store, batch.graphs))
    return batch.intakes


def _beside(
    document: dict[str, Any], address: str | None, others: Callable[[str], dict[str, Any]]
) -> Callable[[str], dict[str, Any]]:
    """What gives the Thing Model at an address: this one at its own, in place of what was registered so."""
    own = {document.get("id"), address}
    return lambda href: document if href.partition("#")[0] in own else others(href)


def _name(model: Mapping[str, Any], text: str) -> str:
    """What stands for the name of a file: the title, folded; a digest where there is none to speak of."""
    title = model.get("title")
    folded = _NO_NAME.sub("-", title.casefold()).strip("-")[:80] if isinstance(title, str) else ""
    return folded or sha256(text.encode()).hexdigest()[:12]
