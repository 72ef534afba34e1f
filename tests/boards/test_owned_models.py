"""A Thing Model of one's own board: its words, and the facts of the part that it names."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tinykg.graph.iris import BASE

if TYPE_CHECKING:
    from pathlib import Path

    from tinykg.registry import Registry

MODEL = {
    "@context": ["https://www.w3.org/2022/wot/td/v1.1", {"tk": "https://w3id.org/tinykg#"}],
    "@type": ["tm:ThingModel", "tk:DeviceType"],
    "title": "Door Listener",
    "tk:runsSystem": "bare-metal",
    "tk:hasProcessor": {"tk:part": "nRF52840", "tk:core": "cortex-m4"},
    "tk:hasMemory": [{"tk:memoryKind": "flash", "tk:freeBytes": 900_000}],
    "tk:hasSensor": [{"tk:sensorKind": "microphone"}],
}


def test_the_part_of_a_processor_brings_its_facts(small_registry: Registry, tmp_path: Path) -> None:
    path = tmp_path / "listener.tm.json"
    path.write_text(json.dumps(MODEL))
    assert [(i.status, i.name) for i in small_registry.add(path)] == [("added", "door-listener")]
    device = small_registry.device("door-listener")
    (processor,) = device.processors
    assert (processor.core, processor.clock_hz, processor.has_fpu) == ("cortex-m4f", 64_000_000, True)
    memories = {memory.kind: memory for memory in device.memories}
    assert memories["sram"].total_bytes == 262_144
    assert "NordicSemiconductor" in (memories["sram"].source or "")
    assert (memories["flash"].total_bytes, memories["flash"].free_bytes) == (1_048_576, 900_000)
    assert [sensor.kind for sensor in device.sensors or ()] == ["microphone"]
    derived = small_registry.select(
        "PREFIX prov: <http://www.w3.org/ns/prov#> SELECT ?from {"
        f" <{BASE}device-type/door-listener/processor/0> prov:wasDerivedFrom ?from }}"
    )
    assert len(derived) == 1
    assert {"sram chip-total", "flash linkable"} <= {s.fact for s in small_registry.sources("door-listener")}
    assert [i.status for i in small_registry.add(path)] == ["unchanged"]
    assert small_registry.remove("door-listener") == ["device"]
    assert [i.status for i in small_registry.add(path)] == ["added"]
