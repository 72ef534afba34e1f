"""`tinykg match`: the table, the rest by reason, JSON, exit codes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from command_line import Tinykg

TODAY = ("--runtime", "tflm-ref-arm32")
KEYS = {
    "model",
    "runtime",
    "verdict",
    "ram_required_bytes",
    "ram_available_bytes",
    "flash_required_bytes",
    "flash_available_bytes",
}


def test_a_board_is_answered_with_models_under_their_tasks(tinykg: Tinykg) -> None:
    done = tinykg("match", "--device", "nano33", *TODAY)
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert re.fullmatch(r"Arduino Nano 33 BLE Sense \(rev1\), models: \d+ of \d+ fit", lines[0])
    assert lines[1] == (
        "256.0 KiB RAM (largest block), 960.0 KiB flash (free for the application), "
        "all by tflm-ref-arm32, sizes in KiB, times of one inference, ~ estimated"
    )
    assert lines[3].split() == ["model", "top-1", "RAM", "spare", "flash", "spare", "time"]
    at = lines.index("keyword-spotting")
    assert lines[at + 1].split() == ["ARM_DS_CNN_Small", "93.5", "%", "26.9", "229.1", "80.9", "879.1", "?"]
    assert max(map(len, lines[3:])) > 0
    assert max(len(line) for line in lines[3:at]) <= 100


def test_the_rest_is_counted_by_reason(tinykg: Tinykg) -> None:
    done = tinykg("match", "--device", "nano33", *TODAY)
    rest = done.out[done.out.index("\ndoes not fit: ") :]
    assert "(each under all its reasons)" in rest
    assert re.search(r"^ +\d+  sensor missing: .*, and \d+ more$", rest, re.MULTILINE)
    assert re.search(r"^ +\d+  the runtime refuses: .*Person_Detection", rest, re.MULTILINE)
    assert "1  too little RAM: vww_96_float" in rest
    assert rest.endswith(
        "All reasons: --all. One pair in full: tinykg explain MODEL arduino-nano-33-ble-sense\n"
    )


def test_all_gives_each_with_its_reasons(tinykg: Tinykg) -> None:
    done = tinykg("match", "--device", "nano33", "--all", *TODAY)
    assert "  Person_Detection\n    operators  tflm-ref-arm32 refuses it: " in done.out
    assert "    sensors    no sensor on the board observes image\n" in done.out
    assert done.out.endswith("\nOne pair in full: tinykg explain MODEL arduino-nano-33-ble-sense\n")


def test_a_board_that_nothing_fits_is_an_honest_no(tinykg: Tinykg) -> None:
    done = tinykg("match", "--device", "uno")
    assert (done.code, done.err) == (1, "")
    lines = done.out.splitlines()
    assert re.fullmatch(r"Arduino Uno R3, models: 0 of \d+ fit", lines[0])
    assert lines[1] == ""
    assert lines[2].startswith("does not fit: ")
    for words in ("no runtime for the core or system: ", "too little RAM: ", "too little flash: "):
        assert any(words in line for line in lines[3:])


def test_a_model_is_answered_with_boards(tinykg: Tinykg) -> None:
    done = tinykg("match", "--model", "person_detect", *TODAY)
    lines = done.out.splitlines()
    assert done.code == 0
    assert re.fullmatch(r"person_detect \(person-detection\), boards: \d+ of 1\d{3} fit", lines[0])
    assert lines[1] == "all by tflm-ref-arm32, sizes in KiB, times of one inference, ~ estimated"
    assert lines[3].split() == ["board", "RAM", "spare", "flash", "spare", "time"]
    assert any(line.startswith("arduino-nicla-vision ") for line in lines)
    assert "\nunknown: " in done.out
    assert "sensors not known: " in done.out
    assert "tinykg explain person_detect BOARD" in done.out


def test_runtimes_are_a_column_where_they_differ(tinykg: Tinykg) -> None:
    found = tinykg("match", "--device", "nano33", "--json").json
    assert len({m["runtime"] for m in found if m["verdict"] == "fits"}) > 1
    lines = tinykg("match", "--device", "nano33").out.splitlines()
    assert lines[3].split()[-1] == "runtime"
    assert "all by" not in lines[1]


def test_another_order_puts_the_task_into_a_column(tinykg: Tinykg) -> None:
    lines = tinykg("match", "--device", "nano33", "--sort", "ram", *TODAY).out.splitlines()
    assert lines[3].split() == ["model", "task", "top-1", "RAM", "spare", "flash", "spare", "time"]
    assert lines[5].split()[1] == "regression"


def test_one_task_is_said_once(tinykg: Tinykg) -> None:
    lines = tinykg("match", "--device", "nano33", "--task", "wake-word", *TODAY).out.splitlines()
    assert ", all for wake-word, " in lines[1]
    assert lines[3].split() == ["model", "top-1", "RAM", "spare", "flash", "spare"]
    assert lines[5].startswith("alexa ")


def test_json_is_every_pair_with_the_keys_that_programs_rely_on(tinykg: Tinykg) -> None:
    done = tinykg("match", "--device", "nano33", "--json")
    assert (done.code, done.err) == (0, "")
    found = done.json
    assert isinstance(found, list)
    assert len(found) == len(tinykg("list", "models", "--json").json)
    for match in found:
        assert set(match) >= KEYS
        assert match["verdict"] in ("fits", "does not fit", "unknown")
        assert ("reasons" in match) == (match["verdict"] != "fits")
        for key in KEYS - {"model", "runtime", "verdict"}:
            assert match[key] is None or isinstance(match[key], int)


def test_json_reasons_say_what_a_person_is_told(tinykg: Tinykg) -> None:
    found = tinykg("match", "--device", "nano33", "--model", "person_detect", "--json", *TODAY)
    assert found.code == 1
    [match] = found.json
    assert match["reasons"] == [
        {
            "constraint": "sensors",
            "verdict": "does not fit",
            "message": "no sensor on the board observes image",
            "found": ["image"],
        }
    ]
    assert [c["constraint"] for c in match["constraints"]] == [
        "operators",
        "ram",
        "flash",
        "sensors",
        "system",
    ]
    ram = match["constraints"][1]
    assert ram["margin"] == ram["available"] - ram["required"] > 0
    assert ram["source"].startswith("Nordic nRF_DeviceFamilyPack")


def test_a_least_accuracy(tinykg: Tinykg) -> None:
    asked = ("match", "--device", "nano33", "--task", "keyword-spotting", "--min-accuracy", "0.93", *TODAY)
    done = tinykg(*asked)
    assert "ARM_DS_CNN_Small" in done.out
    assert "not accurate enough: " in done.out
    assert "accuracy not known: " in done.out


def test_a_file_need_not_be_registered(tinykg: Tinykg, test_data: Path) -> None:
    file = str(test_data / "models" / "ren" / "Magic_Wand_1.tflite")
    done = tinykg("match", "--model", file, "--device", "nano33", *TODAY)
    assert done.code == 0
    assert "Magic_Wand_1.tflite" in done.out
    seeing = tinykg("match", "--model", file, "--device", "nano33", "--senses", "image", "--json")
    assert seeing.code == 1
    assert seeing.json[0]["reasons"][0]["found"] == ["image"]


def test_what_a_file_senses_must_be_in_the_vocabulary(tinykg: Tinykg, test_data: Path) -> None:
    file = str(test_data / "models" / "ren" / "Magic_Wand_1.tflite")
    done = tinykg("match", "--model", file, "--senses", "acceleratio", "--senses", "sound")
    assert (done.code, done.out) == (2, "")
    assert "acceleration" in done.err


def test_no_pair_at_all_is_an_honest_no(tinykg: Tinykg) -> None:
    asked = ("match", "--model", "Hello_World", "--task", "wake-word")
    assert tinykg(*asked).out == "No such pair: nothing to match\n"
    assert tinykg(*asked).code == 1
    assert tinykg(*asked, "--json").out == "[]\n"


@pytest.mark.parametrize("columns", [80, 100])
def test_on_a_terminal_nothing_is_wider_than_it(
    tinykg: Tinykg, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setattr("tinykg.cli.output.terminal_width", lambda: columns)
    for words in (
        ("--device", "nano33"),
        ("--model", "person_detect"),
        ("--device", "nano33", "--sort", "ram"),
    ):
        lines = tinykg("match", *words).out.splitlines()
        wide = [line for line in lines if len(line) > columns and "tinykg explain" not in line]
        assert wide == []


def test_names_stay_whole_below_the_table(tinykg: Tinykg, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tinykg.cli.output.terminal_width", lambda: 80)
    rest = tinykg("match", "--model", "person_detect").out.split("\nunknown: ")[1]
    assert "96boards-argonkey-steval-mki187v1, " in rest
