"""The files of data/estimates: decoded strictly, and in agreement with each other and with the runtimes."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tinykg.errors import ExtractError
from tinykg.estimate.measurements import read_sources
from tinykg.estimate.tables import read_stack_file, read_stacks, read_tables
from tinykg.files import data_folder

if TYPE_CHECKING:
    from pathlib import Path

    from tinykg.records.estimate import EstimateTables

FOLDER = data_folder() / "estimates"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A folder of estimates of one's own."""
    return shutil.copytree(FOLDER, tmp_path / "estimates")


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_stacks_stand_for_runtimes_that_exist() -> None:
    shipped = {path.stem for path in (data_folder() / "runtimes").glob("*.toml")}
    named = [runtime for stack in read_stacks(FOLDER).values() for runtime in stack.runtimes]
    assert len(named) == len(set(named)) == 6
    assert set(named) <= shipped
    for stack in read_stacks(FOLDER).values():
        assert stack.kernels in {None, "tuned", "reference"}
        assert not stack.runtimes or stack.kernels


def test_a_stack_and_a_core_have_one_model_each(tables: EstimateTables) -> None:
    keys = [(model.stack, core, model.part) for model in tables.latency for core in model.cores]
    assert len(keys) == len(set(keys))
    sheet = read_stack_file(FOLDER)
    for model in tables.latency:
        assert (model.part is not None) == (model.cores[0] in sheet.by_part.cores), model.stack


def test_every_model_is_usable(tables: EstimateTables) -> None:
    sources = set(read_sources(data_folder() / "measurements"))
    for model in tables.latency:
        assert model.cycles_per_mac
        assert min(model.cycles_per_mac.values()) > 0
        assert all(0 < share <= 1 for share in model.largest_shares.values())
        assert 0 < model.macs_low <= model.macs_high
        assert set(model.sources) <= sources
        assert model.error_factor > 1
        assert model.held_out_rows >= 10


@pytest.mark.parametrize(
    ("name", "old", "new", "place"),
    [
        ("latency.toml", 'stack = "tflm-reference"', 'stack = "tflm-refrence"', "model[0].stack"),
        ("latency.toml", "error_factor", "error_facter", "$.model[0]"),
        ("latency.toml", 'held_out = "one model"', "held_out = 3", "$.model[0].held_out"),
        ("power.toml", "milliwatt", "watt", "$.power[0]"),
        ("stacks.toml", 'kernels = "reference"', 'kernel = "reference"', "$.stack[0]"),
    ],
)
def test_a_fault_is_an_error_that_names_its_place(
    copy: Path, name: str, old: str, new: str, place: str
) -> None:
    replace(copy / name, old, new)
    with pytest.raises(ExtractError) as error:
        read_tables(copy)
    assert error.value.path.endswith(name)
    assert error.value.place == place


def test_a_missing_file_is_an_error(copy: Path) -> None:
    (copy / "power.toml").unlink()
    with pytest.raises(ExtractError, match=r"power\.toml"):
        read_tables(copy)
