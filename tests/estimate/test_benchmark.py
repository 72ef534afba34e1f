"""The benchmark prints errors that it computes from the measurements while it runs."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from cycle_model import CycleModel, held_out
from fit_latency import by_kernels, fitting_rows

from tinykg.files import data_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

SCRIPT = data_folder().parent / "benchmarks" / "latency_model.py"


@pytest.fixture(scope="module")
def latency_model() -> ModuleType:
    """benchmarks/latency_model.py, which is a script and not part of the package."""
    spec = importlib.util.spec_from_file_location("latency_model", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def figures(line: str) -> list[float]:
    """The numbers of a line of the table, after its name."""
    return [float(word) for word in line[66:].replace("%", "").split()]


def lines(printed: str) -> Iterator[str]:
    return (line for line in printed.splitlines() if line)


def test_energy_of_a_network_follows_from_its_time_and_the_others_power() -> None:
    done = subprocess.run([sys.executable, SCRIPT, "energy"], capture_output=True, text=True, check=True)
    table = {line[:66].strip(): figures(line) for line in list(lines(done.stdout))[1:]}
    network = table["network held out: power of the submission's other networks"]
    assert network[0] == 143
    assert network[1] == pytest.approx(6.0, abs=0.2)
    assert network[4] == pytest.approx(39.0, abs=0.5)
    stack = table["stack held out: power of the board by other stacks"]
    assert stack[0] == 87
    assert stack[1] > network[1]


def test_latency_has_a_line_for_each_way_of_holding_out(
    latency_model: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    reference = by_kernels(fitting_rows())[0]
    latency_model.print_tests("reference kernels", held_out(reference, CycleModel(reference)))
    title, *table = lines(capsys.readouterr().out)
    assert title.startswith("reference kernels")
    assert title.split()[-1] == "inside"
    counts = {line[:66].strip(): figures(line) for line in table}
    assert counts["another board held out"] == [0]
    assert counts["another model held out"][0] == 10
    assert counts["one model held out"][0] == 32
    assert all(found[-1] >= 90 for found in counts.values() if found[0])


def test_a_line_states_mean_median_p90_and_maximum(latency_model: ModuleType) -> None:
    line = latency_model.errors_line("x", [0.1, -0.2, 0.3], [True, True, False])
    assert figures(line) == [3, 20.0, 20.0, 28.0, 30.0, 67]
    assert figures(latency_model.errors_line("x", [])) == [0]
