"""The shipped lines of boards and parts: what is written is what is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tinykg.catalogue import board_files
from tinykg.catalogue.board_files import board_lines, part_lines, read_all_parts, read_boards
from tinykg.errors import ExtractError
from tinykg.extract.curated_parts import read_parts
from tinykg.files import data_folder
from tinykg.records.board import BoardDescription, FigureKind, MemoryFigure, Microcontroller
from tinykg.records.device import Processor, Sensor

if TYPE_CHECKING:
    from pathlib import Path

sizes = st.integers(0, 2**63 - 1)
texts = st.text(max_size=8)
processors = st.lists(
    st.builds(Processor, core_count=st.none() | sizes, clock_hz=st.none() | sizes, has_fpu=..., simd=...),
    max_size=2,
).map(tuple)
figures = st.lists(st.builds(MemoryFigure, size_bytes=sizes, note=...), max_size=2).map(tuple)
words = st.none() | st.lists(texts, max_size=2).map(tuple)
boards = st.builds(
    BoardDescription,
    vendor=...,
    part=...,
    is_chip=...,
    system=...,
    processors=processors,
    figures=figures,
    sensors=st.none() | st.lists(st.builds(Sensor, part=...), max_size=2).map(tuple),
    accelerators=words,
    connectivity=words,
    tags=st.lists(texts, max_size=2).map(tuple),
    address=...,
    note=...,
)
microcontrollers = st.builds(
    Microcontroller,
    vendor=...,
    processors=processors,
    figures=figures,
    accelerators=words,
    note=...,
)

FULL = BoardDescription(
    source="zephyr",
    collection="-",
    identifier="a/b",
    name="Ä \u2028 \n\x00\U0001f600",
    vendor="",
    part="x1",
    is_chip=True,
    system="none",
    processors=(Processor(part=None, core=None), Processor(part="p", core="c", core_count=0, has_fpu=False)),
    figures=(MemoryFigure(memory="sram", kind=FigureKind.TEST_LIMIT, size_bytes=0, place="", note=""),),
    sensors=(Sensor(kind="gyroscope"),),
    accelerators=(),
    connectivity=("ble",),
    tags=("t",),
    address="",
    note="n",
)
"""Every field is stated, some with what is not the same as nothing."""


@pytest.fixture
def shipped_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of board files that is the shipped one."""
    (tmp_path / "boards").mkdir()
    (tmp_path / "boards" / "parts.toml").write_bytes((data_folder() / "boards" / "parts.toml").read_bytes())
    monkeypatch.setattr(board_files, "data_folder", lambda: tmp_path)
    return tmp_path / "boards"


def test_a_description_with_every_field_is_read_as_it_was_written(shipped_at: Path) -> None:
    assert all(getattr(FULL, name) is not None for name in BoardDescription.__slots__)
    bare = BoardDescription(source="s", collection=None, identifier="i", name="n", sensors=())
    (shipped_at / "boards.jsonl").write_bytes(board_lines({"b": [FULL, bare], "a": [bare]}))
    assert read_boards() == {"a": (bare,), "b": (FULL, bare)}


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(texts, st.lists(boards, max_size=2), max_size=3), st.lists(microcontrollers, max_size=3)
)
def test_every_record_is_read_as_it_was_written(
    shipped_at: Path, members: dict[str, list[BoardDescription]], parts: list[Microcontroller]
) -> None:
    (shipped_at / "boards.jsonl").write_bytes(board_lines(members))
    (shipped_at / "parts.jsonl").write_bytes(part_lines(parts))
    assert read_boards() == {slug: tuple(said) for slug, said in members.items()}
    found = read_all_parts()
    curated = len(read_parts(data_folder() / "boards" / "parts.toml"))
    assert sorted(found[curated:], key=repr) == sorted(parts, key=repr)


def test_what_is_not_said_takes_no_room() -> None:
    bare = BoardDescription(source="s", collection=None, identifier="i", name="n")
    line = board_lines({"b": [bare]})
    assert (
        line
        == b'{"slug":"b","descriptions":[{"source":"s","collection":null,"identifier":"i","name":"n"}]}\n'
    )


def test_parts_are_in_a_stable_order_whatever_theirs_was(shipped_at: Path) -> None:
    parts = [
        Microcontroller(part=p, source=s, collection=c)
        for p, s, c in [("b", "z", None), ("a", "z", None), ("c", "a", "q"), ("d", "a", None)]
    ]
    assert part_lines(parts) == part_lines(reversed(parts))
    (shipped_at / "parts.jsonl").write_bytes(part_lines(parts))
    assert [p.part for p in read_all_parts() if p.source != "datasheet"] == ["d", "c", "a", "b"]


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (b'{"slug":"b"}', "descriptions"),
        (b'{"slug":"b","descriptions":[{"source":"s"}]}', "collection"),
        (b'{"slug":"b","descriptions":[{"source":"s","collection":null,"identifier":"i","name":7}]}', "name"),
        (b"{", "truncated"),
        (
            b'{"slug":"b","descriptions":[{"source":"s","collection":null,"identifier":"i","name":"n","figures":[{"memory":"sram","kind":"huge","size_bytes":1,"place":""}]}]}',
            "kind",
        ),
    ],
)
def test_a_damaged_line_is_one_clear_error(shipped_at: Path, line: bytes, complaint: str) -> None:
    (shipped_at / "boards.jsonl").write_bytes(line + b"\n")
    with pytest.raises(ExtractError, match=complaint) as caught:
        read_boards()
    assert "boards.jsonl" in str(caught.value)


def test_a_missing_file_is_one_clear_error(shipped_at: Path) -> None:
    assert not (shipped_at / "parts.jsonl").exists()
    with pytest.raises(ExtractError, match=r"parts\.jsonl"):
        read_all_parts()
