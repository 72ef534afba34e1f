"""`tinykg results`."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest

from tinykg.catalogue.jobs import run_graph
from tinykg.catalogue.lookup import model_named
from tinykg.catalogue.sessions import open_sessions
from tinykg.graph.encode_benchmark import encode_run
from tinykg.records.benchmark import BenchmarkResult, BenchmarkRun, Figure, Tool
from tinykg.settings import read_settings
from tinykg.validate.gate import check

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from command_line import Tinykg

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MODEL, BOARD = "kws_ref_model", "arduino-nano-33-ble-sense"
SIMULATED = {"simulated": True, "where": "simulated device", "emulator": "tinykg 0.1"}


@pytest.fixture
def keep() -> Callable[..., None]:
    """`keep(id, figures, ...)` puts a run into the registry, through the gate."""

    def put(
        run_id: str, *figures: Figure, model: str = MODEL, device: str | None = BOARD, **more: Any
    ) -> None:
        result = BenchmarkResult(
            figures=figures,
            **{
                "runner": "mlperf-tiny",
                "tools": (Tool(name="tinykg", version="0.1"),),
                "started": NOON,
                "ended": NOON + timedelta(seconds=5),
                "runtime": "TFLM with CMSIS-NN",
                "stack": "tflm-cmsis-nn",
                **more,
            },
        )
        with open_sessions(read_settings()).writing("a test") as store:
            run = BenchmarkRun(
                id=run_id,
                model=model,
                file_sha256=model_named(store, model).file_sha256,
                device=device,
                result=result,
            )
            triples = encode_run(run)
            check(triples, "a test's run")
            store.replace_graphs({run_graph(run_id): triples})

    return put


def latency(value_ms: float) -> Figure:
    return Figure(metric="latency", value=value_ms, unit="MilliSEC", statistic="median", count=5)


def test_no_results_are_an_honest_no(tinykg: Tinykg) -> None:
    done = tinykg("results")
    assert done.code == 1
    assert done.out.startswith("No results. Run one: tinykg bench MODEL --on BOARD.")
    assert tinykg("results", "--json").json == []
    assert tinykg("results", "--runner", "vela", "--published").code == 1


def test_a_measurement_stands_beside_the_estimate_and_its_error(
    own_tinykg: Tinykg, keep: Callable[..., None]
) -> None:
    keep("own", latency(100.0), on_device=True, where="NANO33")
    (value,) = own_tinykg("results", "--json").json
    (figure,) = value["figures"]
    assert value["ranks"] is True
    assert value["computed"]["runtime"] == "tflm-cmsis-nn-arm32"
    assert figure["computed"] == pytest.approx(value["computed"]["latency"]["value_us"] / 1000)
    assert figure["error_percent"] == pytest.approx(figure["computed"] - 100.0)
    done = own_tinykg("results")
    assert done.code == 0
    shown = re.escape(f"({figure['error_percent']:+.0f} %)")
    assert re.search(rf"100 ms +\d+ ms {shown}", done.out)


def test_a_simulated_run_stands_apart_from_those_of_boards(
    own_tinykg: Tinykg, keep: Callable[..., None]
) -> None:
    keep("board", latency(100.0), on_device=True, where="NANO33")
    keep("simulated", latency(0.5), **SIMULATED)
    done = own_tinykg("results")
    measured, apart = done.out.split("Not measured on a board: never ranked")
    assert "100 ms" in measured
    assert "simulated" not in measured
    assert "simulated" in apart
    assert "%)" not in apart
    values = own_tinykg("results", "--json").json
    assert [(value["id"], value["ranks"]) for value in values] == [("board", True), ("simulated", False)]
    assert all("error_percent" not in figure for figure in values[1]["figures"])


def test_a_host_s_arena_stands_beside_a_board_s(own_tinykg: Tinykg, keep: Callable[..., None]) -> None:
    arena = Figure(metric="arena-used", value=24272.0, unit="BYTE")
    keep("host", arena, device=None, runner="tflm-host", stack="tflm-reference", where="a PC")
    (value,) = own_tinykg("results", "--runner", "tflm-host", "--json").json
    (figure,) = value["figures"]
    assert value["ground"] == "host"
    assert value["computed"]["runtime"] == "tflm-ref-arm32"
    assert 0 < figure["computed"] < 24272
    assert "error_percent" not in figure


def test_results_are_chosen_by_model_device_and_runner(own_tinykg: Tinykg, keep: Callable[..., None]) -> None:
    keep("one", latency(1.0), on_device=True, where="x")
    keep("two", latency(2.0), on_device=True, where="x", model="hello_world_int8")
    keep("three", latency(3.0), on_device=True, where="x", device="arduino-uno-r3", runner="another")

    def ids(*words: str) -> set[str]:
        return {value["id"] for value in own_tinykg("results", *words, "--json").json}

    assert ids() == {"one", "two", "three"}
    assert ids("--model", MODEL) == {"one", "three"}
    assert ids("--device", "nano33") == {"one", "two"}
    assert ids("--runner", "another") == {"three"}
    assert ids("--model", MODEL, "--device", "nano33", "--runner", "mlperf-tiny") == {"one"}
    assert own_tinykg("results", "--model", "nothing-of-the-kind").code == 2


def test_published_runs_are_all_those_of_models(tinykg: Tinykg) -> None:
    """620 rows of the measurement files are runs of models; calls of single kernels are none."""
    values = tinykg("results", "--published", "--json").json
    assert len(values) == 620
    assert {value["ground"] for value in values} == {"published"}
    one = tinykg("results", "--published", "--model", MODEL, "--device", "st-nucleo-l4r5zi", "--json").json
    assert len(one) > 5
    assert {value["model"] for value in one} == {MODEL}
    assert {value["device"] for value in one} == {"st-nucleo-l4r5zi"}


def test_the_estimates_of_published_runs_are_right_within_what_they_claim(tinykg: Tinykg) -> None:
    """Of measurements that it was fitted to, an estimate must hold nine of ten in its interval."""
    rows = [
        (value["computed"]["latency"], figure)
        for value in tinykg("results", "--published", "--json").json
        for figure in value["figures"]
        if "error_percent" in figure and figure["metric"] == "latency"
    ]
    assert len(rows) >= 10
    held = sum(e["low_us"] <= 1000 * figure["value"] <= e["high_us"] for e, figure in rows)
    assert held >= 0.9 * len(rows)


def test_tables_are_cut_and_json_is_not(tinykg: Tinykg) -> None:
    done = tinykg("results", "--published", "--limit", "3")
    assert done.out.startswith("620 results of ")
    assert ", 3 of them shown" in done.out
    assert "... and 617 more: --limit 0" in done.out
    assert len(done.out.splitlines()) < 15
    whole = tinykg("results", "--published", "--model", MODEL, "--limit", "0")
    assert "more: --limit" not in whole.out


def test_markdown_is_one_of_two_forms(tinykg: Tinykg) -> None:
    done = tinykg("results", "--published", "--model", MODEL, "--markdown", "--limit", "2")
    assert done.code == 0
    assert len(re.findall(r"^\| kws_ref_model \|", done.out, re.MULTILINE)) == 2
    assert tinykg("results", "--json", "--markdown").code == 2


@pytest.mark.skipif(find_spec("matplotlib") is None, reason="matplotlib is not installed (extra plot)")
@pytest.mark.parametrize(("name", "begins"), [("a.svg", b"<?xml"), ("b.PNG", b"\x89PNG")])
def test_a_plot_is_written_beside_the_answer(
    name: str, begins: bytes, tinykg: Tinykg, tmp_path: Path
) -> None:
    path = tmp_path / name
    done = tinykg("results", "--published", "--model", MODEL, "--json", "--plot", str(path))
    assert done.code == 0
    assert done.json
    assert done.err == f"{path} written\n"
    assert path.read_bytes().startswith(begins)


def test_a_plot_that_cannot_be_is_refused(tinykg: Tinykg, tmp_path: Path) -> None:
    done = tinykg("results", "--published", "--plot", str(tmp_path / "a.pdf"))
    assert done.code == 2
    assert "must end with .svg or .png" in done.err
    assert done.out == ""


@pytest.mark.skipif(find_spec("matplotlib") is None, reason="matplotlib is not installed (extra plot)")
def test_a_plot_in_a_folder_that_is_not_there_says_so(tinykg: Tinykg, tmp_path: Path) -> None:
    done = tinykg("results", "--published", "--model", MODEL, "--plot", str(tmp_path / "none" / "a.svg"))
    assert done.code == 2
    assert "cannot be written: No such file" in done.err


def test_a_board_that_was_removed_leaves_its_runs(own_tinykg: Tinykg, keep: Callable[..., None]) -> None:
    keep("own", latency(100.0), on_device=True, where="NANO33")
    own_tinykg("remove", BOARD)
    (value,) = own_tinykg("results", "--json").json
    assert value["device"] == BOARD
    assert value["computed"] is None
    assert own_tinykg("results").code == 0


@pytest.mark.parametrize(
    ("stack", "device", "runtime", "same"),
    [
        ("bakenn-cmsis-nn", BOARD, "static-codegen-arm32", False),
        ("litert-xnnpack", "raspberry-pi-3b", "litert-linux", True),
        ("litert-builtin", "raspberry-pi-3b", "litert-linux", False),
        ("tflm-reference", BOARD, "tflm-ref-arm32", True),
        ("tflm-cmsis-nn", BOARD, "tflm-cmsis-nn-arm32", True),
    ],
)
def test_a_run_is_compared_with_the_runtime_of_its_kernels(
    stack: str, device: str, runtime: str, same: bool, own_tinykg: Tinykg, keep: Callable[..., None]
) -> None:
    memory = Figure(metric="ram-used", value=50_000.0, unit="BYTE")
    keep("own", memory, on_device=True, where="x", stack=stack, device=device)
    (value,) = own_tinykg("results", "--json").json
    assert value["computed"]["runtime"] == runtime
    assert value["computed"]["same_stack"] is same
    (figure,) = value["figures"]
    assert figure["computed"] == value["computed"]["ram_bytes"] > 0
    assert ("error_percent" in figure) is same


def test_a_named_runtime_is_computed_though_the_stack_is_unknown(
    own_tinykg: Tinykg, keep: Callable[..., None]
) -> None:
    keep("own", latency(100.0), on_device=True, where="x", stack="something-new")
    assert own_tinykg("results", "--json").json[0]["computed"] is None
    sessions = open_sessions(read_settings())
    with sessions.writing("a test") as store:
        from tinykg.graph.decode_benchmark import decode_runs

        (run,) = decode_runs(store.graph(run_graph("own")))
        store.replace_graphs({run_graph("own"): encode_run(replace(run, on_runtime="tflm-cmsis-nn-arm32"))})
    (value,) = own_tinykg("results", "--json").json
    assert value["computed"]["runtime"] == "tflm-cmsis-nn-arm32"
    assert value["computed"]["same_stack"] is True
    assert "error_percent" in value["figures"][0]
