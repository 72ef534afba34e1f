"""Every source's word on every fact, which one was taken, and where they disagree."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from said import BLOCK, HEAP, LIMIT, LINKABLE, TOTAL, board, part, sheet

from tinykg.join.compose import compose
from tinykg.join.statements import disagreements, statements
from tinykg.records.board import BoardDescription, FigureKind, Microcontroller, Statement
from tinykg.records.device import DeviceType, Memory, Processor, Sensor

KIB = 1 << 10
ZEPHYR = board(
    "zephyr",
    "z",
    "Board Z",
    vendor="Acme",
    part="x1",
    core="cortex-m4f",
    clock_hz=64_000_000,
    memory=[("sram", TOTAL, 256 * KIB), ("sram", LIMIT, 128 * KIB)],
    connectivity=("ble",),
    sensors=(Sensor(kind="gyroscope"), Sensor(kind="accelerometer", part="lsm6dsl")),
)
MANIFEST = board(
    "platformio",
    "p",
    "The board",
    collection="plat",
    vendor="ACME Inc.",
    part="X1",
    core="cortex-m4",
    clock_hz=48_000_000,
    memory=[("sram", LINKABLE, 200 * KIB)],
    connectivity=("wifi", "ble", "can"),
)
CHIP = part("x1", "cortex-m4f", clock_hz=64_000_000, has_fpu=True, memory=[("sram", TOTAL, 256 * KIB)])


def of(
    *said: BoardDescription, parts: tuple[Microcontroller, ...] = (), own: DeviceType | None = None
) -> list[Statement]:
    return statements(compose("x", said, parts, own), own)


def about(found: list[Statement], fact: str) -> list[tuple[object, str, bool]]:
    return [(s.value, s.source, s.taken) for s in found if s.fact == fact]


def test_each_source_says_what_it_says_the_chip_first() -> None:
    found = of(MANIFEST, ZEPHYR, parts=(CHIP,))
    assert about(found, "clock_hz") == [
        (64_000_000, "CMSIS-Pack A.pack, x1", True),
        (64_000_000, "Zephyr board z", False),
        (48_000_000, "PlatformIO manifest plat/p", False),
    ]
    assert about(found, "sram chip-total") == [
        (256 * KIB, "CMSIS-Pack A.pack, x1", True),
        (256 * KIB, "Zephyr board z", False),
    ]
    assert about(found, "sram linkable") == [(200 * KIB, "PlatformIO manifest plat/p", True)]
    assert about(found, "has_fpu") == [(True, "CMSIS-Pack A.pack, x1", True)]
    assert about(found, "name") == [
        ("Board Z", "Zephyr board z", True),
        ("The board", "PlatformIO manifest plat/p", False),
    ]
    assert about(found, "sensors") == [("accelerometer, gyroscope", "Zephyr board z", True)]


def test_facts_come_in_a_stable_order() -> None:
    facts = list(dict.fromkeys(s.fact for s in of(MANIFEST, ZEPHYR, parts=(CHIP,))))
    assert facts == [
        "name",
        "vendor",
        "part",
        "core",
        "core_count",
        "clock_hz",
        "has_fpu",
        "sram chip-total",
        "sram linkable",
        "sram test-limit",
        "sensors",
        "connectivity",
    ]


def test_what_was_not_taken_is_told_with_its_place() -> None:
    (limit,) = (s for s in of(ZEPHYR) if s.fact == "sram test-limit")
    assert (limit.value, limit.place, limit.taken) == (128 * KIB, "sram.test-limit", False)


def test_figures_of_different_kinds_are_no_disagreement() -> None:
    esp = board("platformio", "e", memory=[("sram", HEAP, 320 * KIB), ("sram", BLOCK, 160 * KIB)])
    chip = part("esp32", source="datasheet", memory=[("sram", TOTAL, 520 * KIB)])
    assert disagreements(of(esp, parts=(chip,))) == {}


def test_a_heap_figure_that_was_taken_is_marked() -> None:
    found = of(board("platformio", "e", memory=[("sram", HEAP, 320 * KIB)]))
    assert about(found, "sram heap-only") == [(320 * KIB, "PlatformIO manifest e", True)]


def test_different_words_on_one_fact_are_a_disagreement() -> None:
    differing = disagreements(of(MANIFEST, ZEPHYR, parts=(CHIP,)))
    assert list(differing) == ["clock_hz", "connectivity"]
    assert [s.value for s in differing["clock_hz"]] == [64_000_000, 64_000_000, 48_000_000]
    assert [s.value for s in differing["connectivity"]] == ["ble", "ble, wifi"], "a field bus is no link"


def test_names_vendors_parts_and_a_more_exact_core_are_no_disagreement() -> None:
    assert not {"name", "vendor", "part", "core"} & set(disagreements(of(MANIFEST, ZEPHYR)))
    other = board("arduino", "a", core="cortex-m7")
    assert [s.value for s in disagreements(of(ZEPHYR, other))["core"]] == ["cortex-m4f", "cortex-m7"]


def test_having_no_sensors_differs_from_having_some() -> None:
    found = of(ZEPHYR, board("cmsis-pack", "c", sensors=()))
    assert [s.value for s in disagreements(found)["sensors"]] == ["none", "accelerometer, gyroscope"]
    assert about(found, "sensors")[1][2], "the union is what the other says"


def test_two_packs_that_differ_on_a_total_are_a_disagreement() -> None:
    one = part("x1", source="datasheet", memory=[("flash", TOTAL, 100)])
    other = part("x1", memory=[("flash", TOTAL, 200)])
    found = of(board("zephyr", "z", part="x1"), parts=(other, one))
    assert about(found, "flash chip-total") == [
        (100, "data sheet A.pack, x1", True),
        (200, "CMSIS-Pack A.pack, x1", False),
    ]
    assert list(disagreements(found)) == ["flash chip-total"]


def test_a_sheet_speaks_first_and_its_word_is_taken() -> None:
    own = sheet(
        "x",
        name="Mine",
        processors=(Processor(part="X1", core="cortex-m4f", clock_hz=32_000_000),),
        memories=(Memory(kind="sram", total_bytes=99, source="measured"),),
        sensors=(),
    )
    found = of(ZEPHYR, parts=(CHIP,), own=own)
    assert about(found, "clock_hz")[0] == (32_000_000, "TinyKG sheet x", True)
    assert [taken for _, _, taken in about(found, "clock_hz")] == [True, False, False]
    assert about(found, "sram chip-total")[0] == (99, "TinyKG sheet x", True)
    assert about(found, "sensors")[0] == ("none", "TinyKG sheet x", True)
    (own_memory,) = (s for s in found if s.fact == "sram chip-total" and s.source == "TinyKG sheet x")
    assert own_memory.place == "measured"
    assert {"clock_hz", "sensors", "sram chip-total"} <= set(disagreements(found))


figures = st.lists(
    st.tuples(st.sampled_from(["sram", "flash"]), st.sampled_from(FigureKind), st.integers(1, 4)), max_size=4
)
said = st.lists(
    st.builds(
        board,
        st.sampled_from(["zephyr", "platformio", "arduino", "micropython"]),
        st.sampled_from("abc"),
        core=st.sampled_from(["cortex-m4", "cortex-m4f", None]),
        clock_hz=st.none() | st.integers(1, 3),
        system=st.none() | st.sampled_from(["linux", "none"]),
        memory=figures,
    ),
    min_size=1,
    max_size=4,
)


@settings(deadline=None)
@given(said)
def test_of_each_fact_at_most_one_word_is_taken_and_it_is_what_the_board_has(
    descriptions: list[BoardDescription],
) -> None:
    joined = compose("x", descriptions, ())
    found = statements(joined)
    taken = [s for s in found if s.taken]
    assert len({s.fact for s in taken}) == len(taken)
    said_by = {s.fact: s.value for s in taken}
    device = joined.device
    assert said_by.get("system") == device.system
    for memory in device.memories:
        if memory.total_bytes is not None:
            assert said_by[f"{memory.kind} chip-total"] == memory.total_bytes
        free = [said_by.get(f"{memory.kind} {kind}") for kind in ("linkable", "heap-only", "core-share")]
        assert [n for n in free if n is not None] == ([memory.free_bytes] if memory.free_bytes else [])
