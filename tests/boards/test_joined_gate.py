"""What sound descriptions and parts come to is sound: joining never makes an `add` fail."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tinykg.catalogue.boards import BoardWorld, Said, encode_said, said_graph, whole
from tinykg.join.identity import identity
from tinykg.records.board import BoardDescription, FigureKind, MemoryFigure, Microcontroller
from tinykg.records.device import DeviceType, Memory, Processor, Sensor
from tinykg.records.evidence import Evidence, EvidenceKind
from tinykg.validate.batch import check_each

PARTS = st.sampled_from([None, "nRF52840", "nrf52840_xxaa", "esp32"])
names = st.sampled_from(["A", "Feather", "", " ", "日本", "-", "x" * 300, "A\tB", "<&>"]) | st.text(
    max_size=6
)
sizes = st.sampled_from([0, 1, 1 << 18, 1 << 20, 1 << 40])
processors = st.lists(
    st.builds(
        Processor,
        part=PARTS,
        core=st.sampled_from([None, "cortex-m4", "cortex-m4f", "xtensa-lx6"]),
        core_count=st.sampled_from([None, 1, 2]),
        clock_hz=st.sampled_from([None, 64_000_000]),
        has_fpu=st.none() | st.booleans(),
        simd=st.sampled_from([None, "DSP", "none"]),
    ),
    max_size=2,
).map(tuple)
figures = st.lists(
    st.builds(
        MemoryFigure,
        memory=st.sampled_from(["sram", "flash", "psram", "external-flash", "dram", "storage"]),
        kind=st.sampled_from(FigureKind),
        size_bytes=sizes,
        place=st.just("somewhere"),
    ),
    max_size=4,
).map(tuple)
sensors = st.none() | st.lists(
    st.builds(Sensor, kind=st.sampled_from(["accelerometer", "microphone"]), part=PARTS), max_size=2
).map(tuple)
words = st.none() | st.lists(st.sampled_from(["ble", "wifi", "can"]), max_size=2, unique=True).map(tuple)
descriptions = st.builds(
    BoardDescription,
    source=st.sampled_from(["platformio", "zephyr", "arduino", "micropython"]),
    collection=st.none() | st.sampled_from(["p", "q"]),
    identifier=st.sampled_from(["a", "a_ns", "b/soc", "é"]),
    name=names,
    vendor=st.none() | names,
    part=PARTS,
    system=st.sampled_from([None, "bare-metal", "linux"]),
    processors=processors,
    figures=figures,
    sensors=sensors,
    accelerators=st.none() | st.just(()) | st.just(("NPU",)),
    connectivity=words,
    note=st.none() | names,
)
parts = st.builds(
    Microcontroller,
    part=st.sampled_from(["nRF52840_xxAA", "ESP32"]),
    source=st.sampled_from(["datasheet", "cmsis-pack"]),
    collection=st.just("c"),
    processors=processors,
    figures=figures,
    accelerators=st.none() | st.just(("NPU",)),
)
SHEET = DeviceType(
    slug="my-feather",
    name="Feather",
    vendor=None,
    evidence=Evidence(kind=EvidenceKind.DECLARED, source="me"),
    processors=(Processor(part="nRF52840", core="cortex-m4f"),),
    memories=(Memory(kind="sram", total_bytes=1 << 17, source="me"),),
)


@settings(
    deadline=None, max_examples=15, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(
    st.lists(descriptions, min_size=4, max_size=10, unique_by=identity),
    st.lists(parts, max_size=3, unique_by=lambda p: (p.part, p.source)),
)
def test_what_sound_descriptions_come_to_is_sound(
    said: list[BoardDescription], chips: list[Microcontroller]
) -> None:
    every: list[Said] = [*chips, *said]
    records = {said_graph(record): record for record in every}
    findings = check_each({name: encode_said(record) for name, record in records.items()}, processes=1)
    sound = [r for name, r in records.items() if not any(f.severity == "violation" for f in findings[name])]
    world = BoardWorld.empty()
    world.add_sheets([SHEET], [d for d in sound if isinstance(d, BoardDescription)])
    slugs = world.add(sound) | {SHEET.slug}
    joined = world.join(slugs)
    found = check_each({slug: whole(world, joined[slug]) for slug in joined}, processes=1)
    assert {slug: [f.message for f in fs if f.severity == "violation"] for slug, fs in found.items()} == {
        slug: [] for slug in joined
    }
