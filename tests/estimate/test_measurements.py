"""The shipped rows: all there, in order, equal to what was published, joined only to what exists."""

from __future__ import annotations

import csv
import re
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tinykg.catalogue.facts import read_facts
from tinykg.errors import ExtractError
from tinykg.estimate.measurements import MAC_CLASSES, read_networks, read_runs, read_sources
from tinykg.estimate.tables import read_stacks
from tinykg.estimate.workload import workload
from tinykg.files import data_folder
from tinykg.records.measurement import MeasurementSource

if TYPE_CHECKING:
    from pathlib import Path

    from tinykg.records.measurement import MeasuredRun, Network

FOLDER = data_folder() / "measurements"
COUNTS = {
    "mlperf-tiny-v0.5": 17, "mlperf-tiny-v0.7": 47, "mlperf-tiny-v1.0": 59, "mlperf-tiny-v1.1": 111,
    "mlperf-tiny-v1.2": 73, "mlperf-tiny-v1.3": 43, "st-model-zoo-2023-11": 76, "st-model-zoo-2024-05": 70,
    "st-model-zoo-2025": 13, "tinyengine": 39, "esp-nn": 13, "esp-nn-kernels": 10, "esp-dl": 50, "bakenn": 9,
}  # fmt: skip
"""Rows of each source document."""

BENCHMARKS = {
    "AD": "ad01_int8", "KWS": "kws_ref_model", "IC": "pretrainedResnet_quant", "VWW": "vww_96_int8",
    "SWW": "str_ww_ref_model",
}  # fmt: skip


def test_every_source_has_its_rows(runs: list[MeasuredRun]) -> None:
    assert Counter(run.source for run in runs) == COUNTS
    assert sum(n for name, n in COUNTS.items() if name.startswith("mlperf")) == 350
    assert len(runs) == 630


def test_every_file_is_a_source() -> None:
    assert {path.stem for path in FOLDER.glob("*.csv")} - {"models"} == set(read_sources(FOLDER))


def test_every_source_names_its_address_and_licence() -> None:
    for source in read_sources(FOLDER).values():
        assert source.address.startswith("https://")
        assert source.licence
        assert (source.tool is None) == (source.version is None)


def test_rows_are_in_the_order_of_their_names_which_are_unique() -> None:
    for source in read_sources(FOLDER).values():
        names = [run.run for run in read_runs(FOLDER, source)]
        assert names == sorted(names), source.name
        assert len(set(names)) == len(names), source.name
        assert all(re.fullmatch(r"[a-z0-9.]+(-[a-z0-9.]+)*", name) for name in names), source.name


def test_every_column_of_every_file_is_the_same() -> None:
    heads = {
        path.read_text(encoding="utf-8").splitlines()[0]
        for path in FOLDER.glob("*.csv")
        if path.stem != "models"
    }
    assert len(heads) == 1


def test_numbers_are_written_in_their_shortest_form() -> None:
    for path in sorted(FOLDER.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                for name in (
                    "clock_mhz",
                    "latency_ms",
                    "energy_uj",
                    "energy_latency_ms",
                    "power_mw",
                    "quality",
                ):
                    text = row.get(name) or "0"
                    assert text == f"{float(text)!r}".removesuffix(".0"), (path.name, text)


def test_joins_lead_to_what_the_catalogue_has(runs: list[MeasuredRun]) -> None:
    devices = {path.stem for path in (data_folder() / "devices").glob("*.toml")}
    joined = {run.device for run in runs if run.device}
    assert len(joined) == 19
    assert joined <= devices
    files = {read_facts(path).sha256 for path in (data_folder() / "models" / "facts").glob("*.json")}
    ours = Counter(run.file_sha256 in files for run in runs if run.file_sha256)
    assert ours == {True: 157, False: 74}  # the others are files of the STM32 model zoo


def test_every_stack_is_described(runs: list[MeasuredRun]) -> None:
    assert {run.stack for run in runs} == set(read_stacks(data_folder() / "estimates"))


def test_cores_are_those_of_the_vocabulary(runs: list[MeasuredRun]) -> None:
    text = (data_folder().parent / "ontology" / "vocabularies" / "cores.ttl").read_text(encoding="utf-8")
    known = set(re.findall(r"^core:([\w-]+) a", text, re.MULTILINE))
    cores = {run.core for run in runs if run.core}
    assert len(cores) == 17
    assert cores <= known


def test_a_file_is_named_only_where_the_published_network_ran_as_it_is(runs: list[MeasuredRun]) -> None:
    anew = {
        "bosch-hale-int8",
        "bosch-hale-float",
        "plumerai-2022",
        "syntiant-tdk",
        "gapflow",
        "onnc-cmsis-nn",
    }
    assert not [run for run in runs if run.stack in anew and run.file_sha256]
    assert not [run for run in runs if run.types == "float32" and run.file_sha256]


def test_power_is_energy_over_the_time_of_its_own_run(runs: list[MeasuredRun]) -> None:
    run = next(r for r in runs if r.run == "reference-nucleo-l4r5zi-kws")
    assert run.energy_uj is not None
    assert run.energy_latency_ms is not None
    assert run.active_power_mw == run.energy_uj / run.energy_latency_ms
    assert run.active_power_mw == pytest.approx(40.84, abs=0.01)
    assert sum(r.active_power_mw is not None for r in runs) == 145


def test_mlperf_rows_are_those_that_were_collected(runs: list[MeasuredRun], test_data: Path) -> None:
    """Round, benchmark, latency, energy and clock of each of the 350 rows."""
    with (test_data / "mlperf_tiny_results.csv").open(encoding="utf-8", newline="") as lines:
        published = Counter(
            (
                f"mlperf-tiny-{row['round']}",
                BENCHMARKS[row["benchmark"]],
                float(row["latency_ms"]),
                float(row["energy_uJ"]) if row["energy_uJ"] else None,
                float(row["clock_mhz"]) if row["clock_mhz"] else None,
                row["source"].partition(":")[2],
            )
            for row in csv.DictReader(lines)
        )
    ours = Counter(
        (r.source, r.model, r.latency_ms, r.energy_uj, r.clock_mhz, r.place)
        for r in runs
        if r.source.startswith("mlperf")
    )
    assert ours == published


def test_other_rows_are_those_that_were_collected(runs: list[MeasuredRun], test_data: Path) -> None:
    """Every latency stands in the collected table, to the digits that it has there."""
    with (test_data / "published_measurements.csv").open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["latency_ms"]]
    published = {round(float(row["latency_ms"]), 4) for row in rows}
    others = [run for run in runs if not run.source.startswith("mlperf")]
    near = {round(value + step * 1e-4, 4) for value in published for step in range(-1, 2)}
    assert len(others) == 280
    assert [run.run for run in others if round(run.latency_ms, 4) not in near] == []
    left_out = len(rows) - len(others)
    assert left_out == 44  # 30 estimates of a compiler, 10 kernels in plain C, 4 under a narrow licence


def test_networks_of_the_catalogue_count_as_their_files_do(networks: dict[str, Network]) -> None:
    facts = {
        file.sha256: file
        for file in map(read_facts, sorted((data_folder() / "models" / "facts").glob("*.json")))
    }
    found = [network for network in networks.values() if network.file_sha256 in facts]
    assert len(found) == 6
    for network in found:
        work = workload(facts[network.file_sha256 or ""])
        assert {count.mac_class: count.macs for count in work.counts} == network.macs
        assert (work.operators, work.other_elements) == (network.operators, network.other_elements)


def test_a_network_has_work_and_a_word_on_how_it_was_counted(networks: dict[str, Network]) -> None:
    assert len(networks) == 71
    for network in networks.values():
        assert sum(network.macs.values()) > 0
        assert set(network.macs) <= set(MAC_CLASSES)
        assert network.counted


HEAD = "run,board,stack,runtime,model,latency_ms,place\n"


@pytest.mark.parametrize(
    ("row", "found", "place"),
    [
        ("a,b,s,r,m,soon,p\n", "Expected `float`, got `str`", "line 2, $.latency_ms"),
        ("a,b,s,r,m,,p\n", "missing required field `latency_ms`", "line 2, $"),
    ],
)
def test_a_wrong_cell_is_an_error_that_names_its_line(
    tmp_path: Path, row: str, found: str, place: str
) -> None:
    (tmp_path / "x.csv").write_text(HEAD + row, encoding="utf-8")
    source = MeasurementSource(name="x", title="x", address="x", licence="x")
    with pytest.raises(ExtractError) as error:
        read_runs(tmp_path, source)
    assert found in error.value.found
    assert error.value.place == place


def test_a_stray_column_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "models.csv").write_text("model,weight\na,1\n", encoding="utf-8")
    with pytest.raises(ExtractError, match="weight"):
        read_networks(tmp_path)


def test_a_broken_list_of_sources_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "sources.toml").write_text('[[source]]\nname = "x"\n', encoding="utf-8")
    with pytest.raises(ExtractError, match="title"):
        read_sources(tmp_path)
