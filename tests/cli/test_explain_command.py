"""`tinykg explain`: one runtime in full, the others in a line, what would help."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import pytest
    from command_line import Tinykg

TODAY = ("--runtime", "tflm-ref-arm32")


def test_a_pair_that_does_not_fit(tinykg: Tinykg) -> None:
    done = tinykg("explain", "person_detect", "nano33", *TODAY)
    assert (done.code, done.err) == (1, "")
    lines = done.out.splitlines()
    assert lines[0] == "person_detect on Arduino Nano 33 BLE Sense (rev1), by tflm-ref-arm32: does not fit"
    assert "  no  sensors    no sensor on the board observes image" in lines
    assert "  yes operators  tflm-ref-arm32 runs every operator of the file" in lines
    assert "  RAM is 82304 B arena + 528 B static + 4096 B stack (computed)" in lines
    at = lines.index("What would change that:")
    assert lines[at + 1] == "  - attach a sensor that observes image to arduino-nano-33-ble-sense"
    assert lines[at + 2].startswith("  - boards it does fit: ")


def test_each_figure_has_its_source_below_it(tinykg: Tinykg) -> None:
    lines = tinykg("explain", "Magic_Wand_1", "nano33", *TODAY).out.splitlines()
    ram = next(i for i, line in enumerate(lines) if line.startswith("  yes ram "))
    assert lines[ram] == "  yes ram        needs 19.3 KiB of 256.0 KiB RAM (largest block)"
    assert lines[ram + 1].startswith("                 source: Nordic nRF_DeviceFamilyPack")


def test_a_pair_that_fits(tinykg: Tinykg) -> None:
    done = tinykg("explain", "Magic_Wand_1", "nano33")
    assert done.code == 0
    assert ": fits\n" in done.out.splitlines(keepends=True)[0]
    assert "What would change that" not in done.out


def test_the_best_runtime_is_in_full_and_each_other_in_a_line(tinykg: Tinykg) -> None:
    done = tinykg("explain", "Magic_Wand_1", "nano33")
    head, others = done.out.split("\nOther runtimes (in full: --all, or --runtime NAME)\n")
    runtimes = [runtime["name"] for runtime in tinykg("list", "runtimes", "--json").json]
    assert len(others.splitlines()) == len(runtimes) - 1
    assert head.count(" operators ") == 1
    assert any(": system" in line for line in others.splitlines())
    assert any("fits, with " in line and "KiB of RAM and " in line for line in others.splitlines())


def test_all_runtimes_in_full(tinykg: Tinykg) -> None:
    done = tinykg("explain", "Magic_Wand_1", "nano33", "--all")
    runtimes = tinykg("list", "runtimes", "--json").json
    titles = [line for line in done.out.splitlines() if line.startswith("Magic_Wand_1 on ")]
    assert len(titles) == len(runtimes)
    assert "Other runtimes" not in done.out
    assert "\n\nMagic_Wand_1 on " in done.out


def test_json_has_every_runtime_with_remedies(tinykg: Tinykg) -> None:
    done = tinykg("explain", "person_detect", "nano33", "--json")
    assert done.code == 1
    assert len(done.json) == len(tinykg("list", "runtimes", "--json").json)
    for one in done.json:
        assert one["model"] == "person_detect"
        assert one["reasons"]
        assert one["remedies"]


def test_an_old_model_is_told_how_to_come_back(tinykg: Tinykg) -> None:
    done = tinykg("explain", "Person_Detection", "nicla-vision", *TODAY)
    assert "  no  operators  tflm-ref-arm32 refuses it: DEPTHWISE_CONV_2D takes " in done.out
    assert "uint8 input" in done.out
    assert "(14 layers)" in done.out
    assert "convert the model again with full int8 quantization" in done.out
    assert "other models for person-detection that fit this board: " in done.out


def test_a_missing_fact_is_named(tinykg: Tinykg) -> None:
    done = tinykg("explain", "person_detect", "psoc6-pioneer", *TODAY)
    assert done.code == 1
    assert "  ?   sensors    needs a sensor for image; which sensors the board has is not known" in done.out
    assert "  - state the sensors of infineon-cy8ckit-062s2-43012 in its sheet" in done.out


def test_a_file_need_not_be_registered(tinykg: Tinykg, test_data: Path) -> None:
    file = str(test_data / "models" / "ren" / "Magic_Wand_1.tflite")
    done = tinykg("explain", file, "nano33", *TODAY)
    assert done.code == 0
    assert "its sensor needs are not stated" in done.out


def test_lines_are_folded_to_the_terminal(tinykg: Tinykg, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tinykg.cli.output.terminal_width", lambda: 80)
    lines = tinykg("explain", "Person_Detection", "nicla-vision", *TODAY).out.splitlines()
    assert max(map(len, lines[1:])) <= 80
    assert any(line.startswith(" " * 17 + "matching weights") or "activations with" in line for line in lines)
