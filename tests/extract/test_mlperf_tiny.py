"""MLPerf Tiny's system descriptions: free text that becomes facts only where it can be read in one way."""

from __future__ import annotations

import collections
import json
import re
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinykg.errors import ExtractError
from tinykg.extract.mlperf_tiny import EXTRACTOR
from tinykg.extract.mlperf_tiny_texts import Row, clock_hz, processor_size, size_bytes, total_figures
from tinykg.extract.protocol import Extractor
from tinykg.records.board import BoardDescription, FigureKind, MemoryFigure
from tinykg.records.device import Processor

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30

FORM = {
    "Submitter": "Example Labs",
    "Division": "Closed",
    "Status": "Available",
    "Board Name": "EX-KIT-1",
    "Board Memory capacity (not including SoC, processor, or accelerator)": "",
    "Board Memory type": "",
    "Board storage capacity": "",
    "Board storage type": "",
    "SoC Name": "EX32L4",
    "SoC Memory capacity (not including processor or accelerator)": "640KB",
    "SoC Memory type": "RAM",
    "SoC storage capacity": "2MB",
    "SoC storage type": "Flash",
    "Processor(s) Name": "32-bit Arm® Cortex®-M4 (DSP + FPU)",
    "Processor(s) Frequencies": "120 MHz",
    "Processor memory type and capacity": "",
    "Processor storage type and capacity": "",
    "Accelerator": "",
    "Accelerator(s) Frequencies": "",
    "Hardware Notes": "",
    "Operating System ": "bare metal",
    "Software Libraries": {"X": {"SHA": "1"}},
}
CHIP_MEMORY = "SoC Memory capacity (not including processor or accelerator)"
BOARD_MEMORY = "Board Memory capacity (not including SoC, processor, or accelerator)"


def written(folder: Path, text: str, place: str = "v1.2/closed/Example/systems") -> Path:
    """A description's file in its place in a checkout of results."""
    path = folder / place / "kit.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def read(folder: Path, changes: dict[str, object] | None = None, **place: str) -> BoardDescription:
    """The one description of a form with changes; None leaves a member out."""
    content = {key: value for key, value in {**FORM, **(changes or {})}.items() if value is not None}
    (board,) = EXTRACTOR.extract(written(folder, json.dumps(content), **place))
    return board


def sizes(board: BoardDescription) -> list[tuple[str, str, int]]:
    """Memory, kind and bytes of each figure."""
    return [(figure.memory, figure.kind.value, figure.size_bytes) for figure in board.figures]


def published(test_data: Path) -> list[Path]:
    """All published descriptions."""
    return sorted((test_data / "boards" / "mlperf_tiny").rglob("*.json"))


def test_it_is_an_extractor() -> None:
    assert isinstance(EXTRACTOR, Extractor)
    assert EXTRACTOR.name == "mlperf-tiny"


def test_a_board(tmp_path: Path) -> None:
    assert read(tmp_path) == BoardDescription(
        source="mlperf-tiny",
        collection="v1.2",
        identifier="closed/Example/kit",
        name="EX-KIT-1",
        part="EX32L4",
        system="bare-metal",
        processors=(
            Processor(part="EX32L4", core="cortex-m4f", clock_hz=120_000_000, has_fpu=True, simd="DSP"),
        ),
        figures=(
            MemoryFigure(
                memory="sram",
                kind=FigureKind.CHIP_TOTAL,
                size_bytes=640 * KIB,
                place="SoC Memory capacity",
                note='"640KB", RAM',
            ),
            MemoryFigure(
                memory="flash",
                kind=FigureKind.CHIP_TOTAL,
                size_bytes=2 * MIB,
                place="SoC storage capacity",
                note='"2MB", Flash',
            ),
        ),
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("640KB", 655_360),
        ("256 kB", 262_144),
        ("1536kB", 1_572_864),
        ("320KiB", 327_680),
        ("2 MB", 2_097_152),
        ("1.5MB", 1_572_864),
        ("1.19MB", 1218 * KIB),  # 1,247,805.44 bytes
        ("1.4MB", 1433 * KIB),
        ("12GB", 12 * GIB),
        ("512 Kbytes", 524_288),
        (" 1MB ", 1_048_576),
        ("0KB", 0),
        *((text, None) for text in ("", "4.9Mb", "1G", "256M", "32K", "640", "Dual 4GB", "2MB+32KB")),
        *((text, None) for text in ("2x16KB", "-1KB", "1,5MB", "1e3KB", "٣KB", "9" * 40 + "GB", "1.KB")),
    ],
)
def test_a_size_is_read_in_binary_units_or_not_at_all(text: str, expected: int | None) -> None:
    assert size_bytes(text) == expected


@given(st.integers(0, 10**9 - 1), st.sampled_from("kKMGT"), st.sampled_from(["", " "]))
def test_a_whole_number_of_units_is_exact(number: int, unit: str, blank: str) -> None:
    power = "KMGT".index(unit.upper()) + 1
    assert size_bytes(f"{number}{blank}{unit}B") == number * 1024**power


@given(st.text(max_size=12) | st.from_regex(r"[0-9.]{1,30} ?[kKMGT]?i?[Bb]?(Hz)?", fullmatch=True))
def test_any_text_is_a_size_and_a_clock_or_neither(text: str) -> None:
    size, clock = size_bytes(text), clock_hz(text)
    assert size is None or size >= 0
    assert clock is None or clock > 0
    row = Row(field="f", capacity=text, type="")
    for figure in total_figures(row, "sram"):
        assert figure.size_bytes > 0
    processor_size(row)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("120 MHz", 120_000_000),
        ("98.7 MHz", 98_700_000),
        ("614.4MHz", 614_400_000),
        ("1Ghz", 1_000_000_000),
        ("336 MHZ", 336_000_000),
        ("32768 kHz", 32_768_000),
        *(
            (text, None)
            for text in ("", "20M", "277.5M", "100-143MHz", "160/80 MHz", "up to 3.4Ghz", "0 MHz")
        ),
    ],
)
def test_a_clock_is_one_number_with_a_unit(text: str, expected: int | None) -> None:
    assert clock_hz(text) == expected


def test_a_sum_gives_its_largest_part_and_keeps_its_text(tmp_path: Path) -> None:
    board = read(tmp_path, {"SoC storage capacity": "2MB+32KB", "SoC storage type": "ROM"})
    assert sizes(board)[1:] == [("flash", "largest-block", 2 * MIB)]
    assert board.tags == ("SoC storage capacity: 2MB+32KB ROM",)


@pytest.mark.parametrize(
    ("changes", "figures", "tags"),
    [
        ({BOARD_MEMORY: "8MB", "Board Memory type": "HyperRAM"}, [("psram", 8 * MIB)], ()),
        ({BOARD_MEMORY: "32MB", "Board Memory type": "SDRAM"}, [("psram", 32 * MIB)], ()),
        ({BOARD_MEMORY: "1GB", "Board Memory type": "DDR3*-800 SDRAM"}, [("dram", GIB)], ()),
        ({BOARD_MEMORY: "256KB", "Board Memory type": "RAM"}, [], ("Board Memory capacity: 256KB RAM",)),
        ({BOARD_MEMORY: "1G", "Board Memory type": "DDR3"}, [], ("Board Memory capacity: 1G DDR3",)),
        ({BOARD_MEMORY: "Dual 4GB"}, [], ("Board Memory capacity: Dual 4GB",)),
        (
            {"Board storage capacity": "4MB", "Board storage type": "SPI Flash"},
            [("external-flash", 4 * MIB)],
            (),
        ),
        ({"Board storage capacity": "4MB", "Board storage type": "QSPI"}, [("external-flash", 4 * MIB)], ()),
        ({"Board storage capacity": "16GB", "Board storage type": "eMMC"}, [("storage", 16 * GIB)], ()),
        ({"Board storage capacity": "1GB", "Board storage type": "SPI NAND Flash"}, [("storage", GIB)], ()),
        (
            {"Board storage capacity": "4096KB", "Board storage type": "Flash"},
            [],
            ("Board storage capacity: 4096KB Flash",),
        ),
        ({"Board storage capacity": "N/A", "Board storage type": "N/A"}, [], ()),
    ],
)
def test_memory_beside_the_chip(
    tmp_path: Path, changes: dict[str, object], figures: list[tuple[str, int]], tags: tuple[str, ...]
) -> None:
    board = read(tmp_path, changes)
    assert sizes(board)[2:] == [(memory, "chip-total", size) for memory, size in figures]
    assert board.tags == tags


def test_a_linux_board_has_main_memory_and_storage(tmp_path: Path) -> None:
    board = read(
        tmp_path,
        {
            BOARD_MEMORY: "1GB",
            "Board Memory type": "RAM",
            "Board storage capacity": "16GB",
            "Board storage type": "Flash",
            CHIP_MEMORY: "256KB",
            "SoC Memory type": "SRAM",
            "SoC storage capacity": "128KB",
            "SoC storage type": "ROM",
            "Operating System ": {"Linux": {"OS version": ""}},
        },
    )
    assert board.system == "linux"
    assert [(memory, size) for memory, _, size in sizes(board)] == [
        ("sram", 256 * KIB),
        ("dram", GIB),
        ("storage", 16 * GIB),
    ]
    assert board.tags == ("SoC storage capacity: 128KB ROM",)  # what starts the chip holds no program


def test_sram_is_no_storage(tmp_path: Path) -> None:
    board = read(tmp_path, {"SoC storage capacity": "192KB", "SoC storage type": "SRAM"})
    assert [memory for memory, _, _ in sizes(board)] == ["sram"]
    assert board.tags == ("SoC storage capacity: 192KB SRAM",)


@pytest.mark.parametrize("kind", ["Flash", "flash", "eFlash", "eMRAM", "ROM", ""])
def test_what_holds_programs_is_flash(tmp_path: Path, kind: str) -> None:
    assert sizes(read(tmp_path, {"SoC storage type": kind}))[1] == ("flash", "chip-total", 2 * MIB)


@pytest.mark.parametrize(
    ("text", "figures", "tags"),
    [
        ("640KB RAM", [], ()),  # the same again
        ("304KB SRAM", [("sram", "core-share", 304 * KIB)], ()),
        ("SRAM 64 KB", [("sram", "core-share", 64 * KIB)], ()),
        ("SRAM 2M", [], ("Processor memory type and capacity: SRAM 2M",)),
        ("32 KB L1 Cache", [], ("Processor memory type and capacity: 32 KB L1 Cache",)),
        ("OCM 32 KB, 1KB Cache", [], ("Processor memory type and capacity: OCM 32 KB, 1KB Cache",)),
        ("64KB", [], ("Processor memory type and capacity: 64KB",)),
    ],
)
def test_the_processors_own_memory_is_no_total(
    tmp_path: Path, text: str, figures: list[tuple[str, str, int]], tags: tuple[str, ...]
) -> None:
    board = read(tmp_path, {"Processor memory type and capacity": text})
    assert sizes(board)[2:] == figures
    assert board.tags == tags


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", None),
        (" ", None),
        ("N/A", ()),
        ("none", ()),
        ("None", ()),
        ("Ethos-U55", ("Ethos-U55",)),
        (" Syntiant Core 2 ", ("Syntiant Core 2",)),
        ("Xilinx Z-7020, XC7Z020", ("Xilinx Z-7020, XC7Z020",)),
    ],
)
def test_an_empty_accelerator_is_unknown_and_none_is_none(
    tmp_path: Path, text: str, expected: tuple[str, ...] | None
) -> None:
    assert read(tmp_path, {"Accelerator": text}).accelerators == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ARM Cortex-M4", ("cortex-m4", None, None)),
        ("ARM Cortex-M4 with FPU", ("cortex-m4f", True, None)),
        ("ARM Cortex-M4 without FPU", ("cortex-m4", False, None)),
        ("Arm® Cortex®-M4F", ("cortex-m4f", True, None)),
        ("Arm Cortex-M33 (no DSP, no FPU)", ("cortex-m33", False, "none")),
        ("Cortex-M55 with Helium and DSP", ("cortex-m55", None, "MVE")),
        ("32-bit Arm® Cortex®-M0+", ("cortex-m0plus", None, None)),
        ("AndesCore™ D45, 8-stage, RV32 IMACP", ("rv32imac", None, None)),
        ("32-bit RH850G3KH2.0 ", (None, None, None)),
        ("HiFi3 + M0", (None, None, None)),
    ],
)
def test_a_processor_by_its_name(
    tmp_path: Path, name: str, expected: tuple[str | None, bool | None, str | None]
) -> None:
    (processor,) = read(tmp_path, {"Processor(s) Name": name}).processors
    assert (processor.core, processor.has_fpu, processor.simd) == expected
    assert (processor.part, processor.clock_hz) == ("EX32L4", 120_000_000)


def test_several_cores_share_no_clock(tmp_path: Path) -> None:
    board = read(tmp_path, {"Processor(s) Name": "Cortex-M7 + Cortex-M4F"})
    assert board.processors == (
        Processor(part="EX32L4", core="cortex-m7"),
        Processor(part="EX32L4", core="cortex-m4f"),
    )


@pytest.mark.parametrize(
    ("count", "name", "expected"),
    [
        ("4", "Cortex-A53", 4),
        (2, "Cortex-A53", 2),
        ("1 + 9", "Cortex-A53", None),
        ("", "Quad-core Cortex-A53", 4),
        ("", "AX45MP Single core", 1),
        (None, "Cortex-A53", None),
        ("0", "Cortex-A53", None),
    ],
)
def test_how_many_cores(tmp_path: Path, count: object, name: str, expected: int | None) -> None:
    board = read(tmp_path, {"Number of Processor(s)": count, "Processor(s) Name": name})
    assert board.processors[0].core_count == expected


@pytest.mark.parametrize(
    ("system", "expected"),
    [
        ("bare-mental", "bare-metal"),
        ("mbed-os bare metal", "bare-metal"),
        ({"Zephyr OS": {"OS version": "2.7.3"}}, "bare-metal"),
        ("FreeRTOS", "bare-metal"),
        ("TinaLinux 5.4.61 riscv64 GNU/Linux", "linux"),
        ("Android", None),
        ("", None),
        ("N/A", None),
    ],
)
def test_what_the_programs_ran_under(tmp_path: Path, system: object, expected: str | None) -> None:
    board = read(tmp_path, {"Operating System ": system})
    assert board.system == expected
    assert ("Operating System: Android" in board.tags) == (system == "Android")


def test_what_says_nothing_is_unknown(tmp_path: Path) -> None:
    board = read(tmp_path, dict.fromkeys(FORM, ""))
    assert (board.name, board.part, board.processors, board.figures) == ("kit", None, (), ())
    assert (board.accelerators, board.sensors, board.connectivity, board.note) == (None, None, None, None)
    assert read(tmp_path, {"Board Name": "N/A", "SoC Name": "N/A"}).name == "kit"


def test_spellings_of_the_members_do_not_matter(tmp_path: Path) -> None:
    changed = {re.sub(r" \(not .*", "", key).upper() + " ": value for key, value in FORM.items()}
    path = written(tmp_path, json.dumps(changed))
    assert EXTRACTOR.accepts(path)
    assert EXTRACTOR.extract(path) == (read(tmp_path),)


def test_of_a_member_given_twice_the_first_that_says_something_counts(tmp_path: Path) -> None:
    changes: dict[str, object] = {"Operating System ": "", "Operating System": "linux"}
    assert read(tmp_path, changes).system == "linux"
    assert read(tmp_path, {"Operating System ": "bare metal", "Operating System": ""}).system == "bare-metal"


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("v0.7/open/Some One/systems", ("v0.7", "open/Some One/kit")),
        ("tiny_results_v1.0/closed/ST/systems/BOARD", ("tiny_results_v1.0", "closed/ST/BOARD/kit")),
        ("v1.1/closed/systems/systems", ("v1.1", "closed/systems/kit")),
        ("anywhere", (None, "Example Labs/kit")),
        ("elsewhere/systems", (None, "Example Labs/kit")),
    ],
)
def test_round_and_identifier(tmp_path: Path, place: str, expected: tuple[str | None, str]) -> None:
    board = read(tmp_path, place=place)
    assert (board.collection, board.identifier) == expected


@pytest.mark.parametrize(
    ("member", "value", "place"),
    [
        ("Board Name", 3, "`$.Board Name`"),
        ("SoC Name", ["a"], "`$.SoC Name`"),
        (CHIP_MEMORY, 640, "`$.SoC Memory capacity`"),
        ("Processor(s) Frequencies", 120.5, "`$.Processor(s) Frequencies`"),
        ("Operating System ", ["Zephyr"], "`$.Operating System`"),
        ("Number of Processor(s)", True, "`$.Number of Processor(s)`"),
    ],
)
def test_a_mistyped_member_is_refused_with_its_place(
    tmp_path: Path, member: str, value: object, place: str
) -> None:
    with pytest.raises(ExtractError) as caught:
        read(tmp_path, {member: value})
    assert caught.value.place == place


def test_an_object_without_any_member_of_the_form_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ExtractError, match="none of the members"):
        EXTRACTOR.extract(written(tmp_path, '{"a": 1}'))


def test_broken_json_is_accepted_and_refused_with_line_and_column(tmp_path: Path) -> None:
    path = written(tmp_path, '{\n"Submitter": "a",\n"Board Name": "b",\n"SoC Name": "c"\n"d": 1}')
    assert EXTRACTOR.accepts(path)
    with pytest.raises(ExtractError) as caught:
        EXTRACTOR.extract(path)
    assert caught.value.place == "line 5, column 1"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"Submitter": "a"}',
        '{"system": {"Submitter": "a", "Board Name": "b"}}',
        '{"submitter": "a", "division": "closed", "system_name": "b"}',  # other suites of MLPerf
        '{"name": "Submitter", "build": {"Board Name": 1}, "upload": {}}',
        '{"@context": "https://www.w3.org/2022/wot/td/v1.1", "Submitter": "a", "Board Name": "b"}',
        "\0" * 4096,
    ],
)
def test_other_objects_are_not_accepted(tmp_path: Path, text: str) -> None:
    assert not EXTRACTOR.accepts(written(tmp_path, text))


def test_folders_other_suffixes_and_absent_files_are_not_accepted(tmp_path: Path) -> None:
    path = written(tmp_path, json.dumps(FORM))
    assert EXTRACTOR.accepts(path)
    assert not EXTRACTOR.accepts(path.rename(path.with_suffix(".txt")))
    assert not EXTRACTOR.accepts(tmp_path)
    assert not EXTRACTOR.accepts(tmp_path / "absent.json")


def test_all_published_descriptions_load_or_are_refused_by_line_and_column(test_data: Path) -> None:
    boards: list[Any] = []
    refused = []
    for path in published(test_data):
        assert EXTRACTOR.accepts(path)
        try:
            boards += EXTRACTOR.extract(path)
        except ExtractError as error:
            refused.append(error)
    assert (len(boards), len(refused)) == (107, 6)
    assert all(re.fullmatch(r"line \d+, column \d+", error.place) for error in refused)
    assert len({(board.collection, board.identifier) for board in boards}) == 107
    rounds = collections.Counter(board.collection for board in boards)
    assert rounds == {"v0.5": 4, "v0.7": 16, "v1.0": 13, "v1.1": 32, "v1.2": 27, "v1.3": 15}
    assert sum(any(f.memory == "sram" and f.kind == "chip-total" for f in b.figures) for b in boards) == 82
    assert sum(board.accelerators is not None for board in boards) == 28
    assert all(board.sensors is None for board in boards)


def test_published_units(test_data: Path) -> None:
    totals: dict[str, set[tuple[str, str, int]]] = collections.defaultdict(set)
    for path in published(test_data):
        if path.stem.startswith(("RX65N", "silicon_labs", "DISCO_F746NG", "NUCLEO_L4R5ZI_System")):
            (board,) = EXTRACTOR.extract(path)
            totals[board.name] |= set(sizes(board))
    assert totals == {
        "RX65N-Cloud-Kit": {("sram", "chip-total", 640 * KIB), ("flash", "largest-block", 2 * MIB)},
        "xG24-DK2601B": {
            ("sram", "chip-total", 256 * KIB),
            ("flash", "chip-total", 1536 * KIB),
            ("external-flash", "chip-total", 4 * MIB),
        },
        "DISCO-F746NG": {("sram", "chip-total", 320 * KIB), ("flash", "chip-total", MIB)},
    }


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
pieces = st.sampled_from(
    [
        "1",
        "2.5",
        "640",
        "KB",
        "MB",
        "Mb",
        "GHz",
        "MHz",
        "+",
        ",",
        "RAM",
        "Flash",
        "Cortex-M4",
        "FPU",
        "no",
        "N/A",
    ]
)
texts = st.lists(pieces, max_size=6).map(" ".join)


@given(st.dictionaries(st.sampled_from(list(FORM)), texts | json_values))
def test_any_form_gives_a_board_or_an_extract_error(changes: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        try:
            board = read(Path(folder), changes)
        except ExtractError:
            return
    assert board.name
    assert all(figure.size_bytes > 0 and figure.note for figure in board.figures)


@given(st.dictionaries(st.text(max_size=8) | st.sampled_from(list(FORM)), json_values))
def test_any_object_gives_a_board_or_an_extract_error(document: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = written(Path(folder), json.dumps(document))
        EXTRACTOR.accepts(path)
        try:
            (board,) = EXTRACTOR.extract(path)
        except ExtractError:
            return
        assert board.source == "mlperf-tiny"
