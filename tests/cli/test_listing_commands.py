"""`tinykg list` and `tinykg show`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tinykg.files import query_names

if TYPE_CHECKING:
    from command_line import Tinykg


@pytest.mark.parametrize(
    ("kind", "columns", "keys"),
    [
        (
            "models",
            ["model", "task", "top-1", "file", "MACs", "parameters", "senses"],
            {"name", "task", "accuracy", "file_bytes", "macs", "parameters", "senses", "sha256"},
        ),
        (
            "devices",
            ["device", "name", "core", "MHz", "RAM", "flash", "sensors"],
            {"slug", "name", "core", "clock_hz", "ram_bytes", "flash_bytes", "sensors"},
        ),
        (
            "runtimes",
            ["runtime", "title", "version", "kernels", "ABI", "operators"],
            {"name", "title", "family", "version", "kernel_set", "abi", "operators"},
        ),
        ("tasks", ["task", "wider", "definition"], {"task", "wider", "definition"}),
        (
            "properties",
            ["property", "sensor", "kinds", "definition"],
            {"property", "sensor_kinds", "definition"},
        ),
        ("queries", ["query", "question"], {"name", "question"}),
    ],
)
def test_each_kind_as_table_and_as_json(
    tinykg: Tinykg, kind: str, columns: list[str], keys: set[str]
) -> None:
    table, values = tinykg("list", kind), tinykg("list", kind, "--json")
    assert (table.code, table.err, values.code, values.err) == (0, "", 0, "")
    lines = table.out.splitlines()
    assert lines[0].split() == columns
    assert set(lines[1]) == {"-", " "}
    assert len(lines) - 2 == len(values.json) > 1
    assert all(keys <= set(value) for value in values.json)


def test_models_of_a_task_and_of_narrower_ones(tinykg: Tinykg) -> None:
    names = {model["name"] for model in tinykg("list", "models", "--task", "keyword-spotting", "--json").json}
    assert {"okay_nabu", "Micro_Speech_Yes_No_1"} <= names
    assert "Hello_World" not in names


def test_every_query_is_listed_with_its_question(tinykg: Tinykg) -> None:
    found = {one["name"]: one["question"] for one in tinykg("list", "queries", "--json").json}
    assert list(found) == query_names()
    assert found["built_in_graphs"] == "Which graphs came with TinyKG?"


def test_a_property_is_listed_once_with_all_its_sensors(tinykg: Tinykg) -> None:
    found = tinykg("list", "properties", "--json").json
    names = [one["property"] for one in found]
    assert names == sorted(set(names))
    [acceleration] = [one for one in found if one["property"] == "acceleration"]
    assert "accelerometer" in acceleration["sensor_kinds"]


def test_a_task_says_what_it_is_a_kind_of(tinykg: Tinykg) -> None:
    [wake] = [one for one in tinykg("list", "tasks", "--json").json if one["task"] == "wake-word"]
    assert wake["wider"] == ["keyword-spotting"]


def test_show_a_board(tinykg: Tinykg) -> None:
    done = tinykg("show", "nano33")
    lines = done.out.splitlines()
    assert (done.code, lines[0]) == (0, "Arduino Nano 33 BLE Sense (rev1)")
    assert "name          arduino-nano-33-ble-sense" in lines
    assert "processor     nRF52840: 1 x cortex-m4f, 64 MHz" in lines
    assert any(line.startswith("memory        flash (on-chip): total 1.0 MiB [") for line in lines)
    assert "accelerators  none" in lines


def test_show_says_unknown_and_none_apart(tinykg: Tinykg) -> None:
    assert "sensors       unknown\n" in tinykg("show", "psoc6-pioneer").out
    assert "sensors       none\n" in tinykg("show", "uno").out


def test_show_a_model(tinykg: Tinykg) -> None:
    done = tinykg("show", "Micro_Speech_Yes_No_1")
    assert done.code == 0
    assert "\ntask            keyword-spotting\n" in done.out
    assert "\ntop-1-accuracy  0.921 (declared: " in done.out
    assert "\nsenses          sound, 16000 Hz" in done.out
    assert "sha256 a752a1d34aa5214946ddbfb5a763fe9c6b94b32e1fd09f7bb2732a10ba449c05" in done.out


def test_show_a_model_that_needs_no_sensor(tinykg: Tinykg) -> None:
    assert "senses        nothing\n" in tinykg("show", "Hello_World").out


def test_show_as_json(tinykg: Tinykg) -> None:
    board = tinykg("show", "nano33", "--json").json
    assert board["slug"] == "arduino-nano-33-ble-sense"
    assert board["memories"][0]["total_bytes"] == 262144
    model = tinykg("show", "Magic_Wand_1", "--json").json
    assert model["file"]["sha256"] == model["file_sha256"]


def test_show_of_an_unknown_name_looks_among_models_and_boards(tinykg: Tinykg) -> None:
    done = tinykg("show", "Magic_Wand")
    assert done.code == 2
    assert "No model or device 'Magic_Wand'. Did you mean Magic_Wand_" in done.err
