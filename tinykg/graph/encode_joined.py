"""What a device type has from the sources that were joined -> triples."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from tinykg.graph import iris
from tinykg.graph.encode_device import encode_device_type
from tinykg.graph.triples import Triples
from tinykg.vocab.tinykg import TK
from tinykg.vocab.wot import PROV

if TYPE_CHECKING:
    from tinykg.records.device import DeviceType
    from tinykg.records.joined import Joined


def encode_joined(joined: Joined, sheet: DeviceType | None = None) -> list[ox.Triple]:
    """The triples of a joined device type besides those of its sheet, and what it was made of."""
    own = set() if sheet is None else set(encode_device_type(sheet))
    out = Triples()
    subject = iris.device_type(joined.device.slug)
    for d in joined.descriptions:
        out.add(subject, TK.describedBy, iris.board_description(d.source, d.collection, d.identifier))
    parts = [iris.microcontroller(p.source, p.collection, p.part) for p in joined.parts]
    for part in parts:
        out.add(subject, TK.hasMicrocontroller, part)
    places = (("processor", joined.processors_from_part), ("memory", joined.memories_from_part))
    for kind, indices in places:
        for index in indices:
            node = ox.NamedNode(f"{subject.value}/{kind}/{index}")
            for part in parts:
                out.add(node, PROV.wasDerivedFrom, part)
    return [*(t for t in encode_device_type(joined.device) if t not in own), *out.done()]
