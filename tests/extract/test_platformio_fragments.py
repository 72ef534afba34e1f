"""LibreTiny's `_base`: what a manifest inherits, and includes that lead nowhere or outside."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinykg.errors import ExtractError
from tinykg.extract.platformio import EXTRACTOR, read_manifest
from tinykg.extract.platformio_fragments import MAX_FRAGMENTS, merge
from tinykg.records.board import BoardDescription, FigureKind

if TYPE_CHECKING:
    from pathlib import Path


def board(folder: Path, base: object, **members: Any) -> Path:
    path = folder / "boards" / "module.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"_base": base, "name": "A Module", **members}), encoding="utf-8")
    return path


def fragment(folder: Path, name: str, /, **members: Any) -> Path:
    path = folder / "boards" / "_base" / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(members), encoding="utf-8")
    return path


def test_a_manifest_overrides_fragments_and_later_ones_earlier(tmp_path: Path) -> None:
    fragment(
        tmp_path,
        "family",
        build={"mcu": "bk7231", "f_cpu": "120000000L"},
        upload={"maximum_ram_size": 1},
        connectivity=["wifi"],
        frameworks=["arduino"],
    )
    fragment(tmp_path, "ic/chip", upload={"maximum_ram_size": 262_144}, connectivity=["ble", "wifi"])
    path = board(tmp_path, ["family", "ic/chip"], build={"mcu": "bk7231n"}, vendor="Maker")
    assert EXTRACTOR.accepts(path)
    found = read_manifest(path)
    assert found.collection == tmp_path.name
    assert (found.part, found.vendor, found.connectivity) == ("bk7231n", "Maker", ("ble", "wifi"))
    assert [f.size_bytes for f in found.figures] == [262_144]
    assert found.processors[0].clock_hz == 120_000_000


def test_one_fragment_may_be_a_text_and_name_others(tmp_path: Path) -> None:
    fragment(tmp_path, "family", build={"mcu": "bk7238"})
    fragment(tmp_path, "chip", _base="family", upload={"maximum_size": 1000})
    found = read_manifest(board(tmp_path, "chip"))
    assert (found.part, found.figures[0].size_bytes) == ("bk7238", 1000)


def test_a_fragment_that_several_name_is_no_loop(tmp_path: Path) -> None:
    fragment(tmp_path, "root", build={"mcu": "bk7238"})
    fragment(tmp_path, "left", _base="root")
    fragment(tmp_path, "right", _base="root")
    assert read_manifest(board(tmp_path, ["left", "right", "root"])).part == "bk7238"


def test_an_include_loop_is_a_fault_that_shows_it(tmp_path: Path) -> None:
    fragment(tmp_path, "a", _base=["b"])
    fragment(tmp_path, "b", _base=["a"])
    with pytest.raises(ExtractError, match=r"include loop: a -> b -> a.*`\$\._base\[0\]`"):
        read_manifest(board(tmp_path, ["a"]))


def test_a_fragment_that_names_itself_is_a_loop(tmp_path: Path) -> None:
    fragment(tmp_path, "a", _base="a")
    with pytest.raises(ExtractError, match="include loop: a -> a"):
        read_manifest(board(tmp_path, ["a"]))


def test_fragments_that_multiply_are_refused_soon(tmp_path: Path) -> None:
    for i in range(60):
        fragment(tmp_path, f"f{i}", _base=[f"f{i + 1}", f"f{i + 1}"])
    fragment(tmp_path, "f60", build={})
    started = time.process_time()
    with pytest.raises(ExtractError, match=f"more than {MAX_FRAGMENTS} fragments"):
        read_manifest(board(tmp_path, ["f0"]))
    assert time.process_time() - started < 2


@pytest.mark.parametrize("name", ["../secret", "../../secret", "x/../../secret", "/etc/hostname", ".."])
def test_a_name_does_not_lead_out_of_the_folder(tmp_path: Path, name: str) -> None:
    fragment(tmp_path, "x/y", build={})
    (tmp_path / "secret.json").write_text('{"vendor": "leaked"}')
    (tmp_path / "boards" / "secret.json").write_text('{"vendor": "leaked"}')
    with pytest.raises(ExtractError, match=r"out of the folder|no fragment") as fault:
        read_manifest(board(tmp_path, [name], build={}))
    assert "leaked" not in str(fault.value)


@pytest.mark.parametrize("folder_too", [False, True])
def test_a_symbolic_link_does_not_lead_out_of_the_folder(tmp_path: Path, folder_too: bool) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.json").write_text('{"vendor": "leaked", "build": {}}')
    base = fragment(tmp_path, "inside", build={}).parent
    if folder_too:
        (base / "sub").symlink_to(outside, target_is_directory=True)
    else:
        (base / "secret.json").symlink_to(outside / "secret.json")
    with pytest.raises(ExtractError, match="leads out of the folder _base"):
        read_manifest(board(tmp_path, ["sub/secret" if folder_too else "secret"]))


def test_links_that_lead_in_a_circle_are_a_fault(tmp_path: Path) -> None:
    base = fragment(tmp_path, "inside", build={}).parent
    (base / "a.json").symlink_to(base / "b.json")
    (base / "b.json").symlink_to(base / "a.json")
    with pytest.raises(ExtractError, match=r"`\$\._base\[0\]`"):
        read_manifest(board(tmp_path, ["a"]))


@pytest.mark.parametrize("name", ["absent", "", "a\0b", "x" * 5000])
def test_a_fragment_that_is_not_there_is_a_fault(tmp_path: Path, name: str) -> None:
    fragment(tmp_path, "inside", build={})
    with pytest.raises(ExtractError, match=r"`\$\._base\[1\]`"):
        read_manifest(board(tmp_path, ["inside", name]))


@pytest.mark.parametrize("base", [3, {"a": 1}, [1], ["a", None], True])
def test_names_of_fragments_are_texts(tmp_path: Path, base: object) -> None:
    with pytest.raises(ExtractError, match=r"`\$\._base`"):
        read_manifest(board(tmp_path, base, build={}))


def test_a_fault_in_a_fragment_names_the_fragment(tmp_path: Path) -> None:
    broken = fragment(tmp_path, "broken")
    broken.write_text('{"build": {"mcu": "x" "y"}}')
    with pytest.raises(ExtractError, match="line 1, column") as fault:
        read_manifest(board(tmp_path, ["broken"]))
    assert fault.value.path == str(broken.resolve())


def test_a_fragment_is_no_board(tmp_path: Path) -> None:
    path = fragment(tmp_path, "family", name="A Family", build={}, upload={}, frameworks=[])
    assert not EXTRACTOR.accepts(path)


words = st.lists(st.text(max_size=3), max_size=4, unique=True)
documents = st.recursive(
    st.none() | st.integers(0, 9) | st.text(max_size=3) | words,
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
).filter(lambda value: isinstance(value, dict))


@given(documents, documents)
def test_merging_loses_no_member_and_changes_neither_source(below: Any, above: Any) -> None:
    copies = json.dumps(below), json.dumps(above)
    merged: dict[str, Any] = {}
    merge(merged, below)
    merge(merged, above)
    assert set(merged) == set(below) | set(above)
    for key, value in above.items():
        if not isinstance(value, dict | list):
            assert merged[key] == value
    again = json.loads(json.dumps(merged))
    merge(again, above)
    assert again == merged, "what is merged twice is merged once"
    assert (json.dumps(below), json.dumps(above)) == copies


@pytest.fixture(scope="module")
def modules(test_data: Path) -> dict[str, BoardDescription]:
    folder = test_data / "boards" / "platformio" / "libretiny@libretiny-eu"
    return {path.stem: read_manifest(path) for path in sorted(folder.glob("*.json"))}


def test_the_published_modules_inherit_their_memories(modules: dict[str, BoardDescription]) -> None:
    assert len(modules) >= 60
    sized = [m for m in modules.values() if {"sram", "flash"} <= {f.memory for f in m.figures}]
    assert len(sized) == len(modules), "without their fragments most have none"
    assert all(m.part and m.vendor for m in modules.values())


def test_a_module_has_what_its_family_and_its_chip_add(modules: dict[str, BoardDescription]) -> None:
    module = modules["cb3s"]
    assert module.connectivity == ("ble", "wifi")
    assert {(f.memory, f.kind): f.size_bytes for f in module.figures} == {
        ("sram", FigureKind.LINKABLE): 262_144,
        ("flash", FigureKind.LINKABLE): 1_083_136,
        ("flash", FigureKind.CHIP_TOTAL): 2_097_152,
    }
