"""`tinykg bench` and `tinykg match --bench`: run now, queue, work off, list, cancel, choose a runner."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tinykg.bench import installed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from command_line import Done, Tinykg

pytest.importorskip("tflite_micro", reason="the extra `bench` is not installed")

ROOT = Path(__file__).resolve().parent.parent.parent
MODEL = "digits_mlp_int8"
FILE = ROOT / "data" / "models" / "files" / f"{MODEL}.tflite"
QUICK = ("--option", "seconds=0.05", "--option", "iterations=20")
HERE = ("--runner", "tflm-host", *QUICK)


def ran(tinykg: Tinykg, *words: str) -> dict[str, dict[str, object]]:
    done = tinykg("bench", *words, "--json")
    assert done.code == 0, done.err
    found: dict[str, dict[str, object]] = done.json
    return found


def test_a_model_is_run_at_once_and_the_result_is_kept(own_tinykg: Tinykg) -> None:
    found = ran(own_tinykg, MODEL, "--on", "nano33", *HERE)
    assert (found["job"]["state"], found["run"]["ground"]) == ("done", "host")
    assert found["job"]["device"] == "arduino-nano-33-ble-sense"
    assert found["run"]["device"] is None
    figures = found["run"]["figures"]
    assert isinstance(figures, list)
    assert {"latency", "arena-used"} <= {figure["metric"] for figure in figures}
    assert own_tinykg("bench", "list", "--json").json == [found["job"]]
    shown = own_tinykg("bench", "show", str(found["job"]["id"])[:4])
    assert f"run        {found['run']['id']}" in shown.out
    assert [row["id"] for row in own_tinykg("results", "--json").json] == [found["run"]["id"]]


def test_a_person_is_told_what_the_figures_are_of(own_tinykg: Tinykg) -> None:
    done = own_tinykg("bench", MODEL, "--on", "nano33", *HERE)
    assert done.code == 0, done.err
    assert "of this host: it says nothing about a board" in done.out
    assert re.search(r"latency +[\d.]+ us +median of 20", done.out)


@pytest.mark.parametrize("word", ["run", None])
def test_run_may_be_left_out(own_tinykg: Tinykg, word: str | None) -> None:
    words = [word] if word else []
    assert own_tinykg("bench", *words, MODEL, *HERE).code == 0
    assert own_tinykg("bench", *words, *HERE, MODEL).code == 0


def test_a_file_that_is_not_registered_is_registered_first(own_tinykg: Tinykg, tmp_path: Path) -> None:
    path = tmp_path / "mine.tflite"
    path.write_bytes(FILE.read_bytes() + b"\0" * 16)
    done = own_tinykg("bench", str(path), *HERE)
    assert done.code == 0, done.err
    assert "registered: model mine" in done.err
    again = own_tinykg("bench", str(path), *HERE, "--json")
    assert (again.json["job"]["model"], "registered" in again.err) == ("mine", False)
    own_tinykg("bench", str(FILE), *HERE)
    assert {job["model"] for job in own_tinykg("bench", "list", "--json").json} == {"mine", MODEL}


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        ((), 2, "name a MODEL"),
        (("nothing",), 2, "No model 'nothing'"),
        (("hello_world_int8", *HERE), 2, "no bytes of 'hello_world_int8'"),
        ((MODEL, "--on", "nothing"), 2, "No device 'nothing'"),
        ((MODEL, "--runner", "nothing"), 2, "No runner 'nothing'"),
        ((MODEL, "--on", "uno", "--runner", "qemu-cortex-m"), 2, "does not suit"),
        ((MODEL, "--option", "port"), 2, "NAME=VALUE"),
        ((MODEL, "--option", "=x"), 2, "NAME=VALUE"),
        ((MODEL, "--runner", "tflm-host", "--option", "speed=1"), 2, "no option 'speed'"),
        ((MODEL, "--runner", "tflm-host", "--option", "seconds=0"), 3, "a number from 0.01"),
        ((MODEL, "--data", "nowhere.npz"), 2, "'nowhere.npz' does not exist"),
        ((MODEL, "--once"), 2, "when a --worker ends"),
        ((MODEL, "--worker"), 2, "leave MODEL and --queue out"),
        (("--worker", "--queue"), 2, "leave MODEL and --queue out"),
        (("--worker", "--once", "--option", "prot=x"), 2, "no runner has an option 'prot'"),
        (("show", "ffff"), 2, "No job 'ffff'"),
        (("cancel", "ffff"), 2, "No job 'ffff'"),
        (("--worker", "nowhere"), 2, "not the address of a server"),
        (("--worker", "http://127.0.0.1:1", "--once"), 3, "cannot be reached"),
    ],
)
def test_what_is_wrong_is_said_with_its_exit_code(
    own_tinykg: Tinykg, words: tuple[str, ...], code: int, says: str
) -> None:
    done = own_tinykg("bench", *words) if words else own_tinykg("bench", "run")
    assert done.code == code, done.err
    assert says in done.err


def test_a_benchmark_that_comes_to_nothing_leaves_a_job_with_the_reason(own_tinykg: Tinykg) -> None:
    own_tinykg("bench", MODEL, "--runner", "tflm-host", "--option", "speed=1")
    assert own_tinykg("bench", "list", "--json").json == []  # what was never asked for is no job
    own_tinykg("bench", MODEL, "--runner", "tflm-host", "--option", "seconds=0")
    (job,) = own_tinykg("bench", "list", "--json").json
    assert job["state"] == "failed"
    assert "expected a number from 0.01" in job["reason"]
    followed = own_tinykg("bench", "follow", job["id"])
    assert (followed.code, "failed" in followed.out) == (3, True)


def test_what_is_queued_waits_is_cancelled_or_worked_off(own_tinykg: Tinykg) -> None:
    assert own_tinykg("bench", "list").err == "no jobs\n"
    first = own_tinykg("bench", MODEL, *HERE, "--queue")
    assert re.fullmatch(r"queued: job [0-9a-f]{10}\n", first.out)
    second = own_tinykg("bench", MODEL, *HERE, "--queue", "--json").json["id"]
    cancelled = own_tinykg("bench", "cancel", first.out.split()[-1])
    assert cancelled.out == first.out.replace("queued", "cancelled")
    worked = own_tinykg("bench", "--worker", "--once")
    assert worked.code == 0, worked.err
    assert "1 job\n" in worked.err
    assert f"job {second}: done, run " in worked.out
    states = {job["id"]: job["state"] for job in own_tinykg("bench", "list", "--json").json}
    assert sorted(states.values()) == ["cancelled", "done"]
    assert [job["id"] for job in own_tinykg("bench", "list", "--state", "done", "--json").json] == [second]
    table = own_tinykg("bench", "list").out
    assert len(table.splitlines()) == 4
    followed = own_tinykg("bench", "follow", second[:5])
    assert (followed.code, f"done: job {second}" in followed.out) == (0, True)


def test_the_runners_are_listed_with_what_they_measure(tinykg: Tinykg) -> None:
    found = {runner["name"]: runner for runner in tinykg("bench", "runners", "--json").json}
    assert {"tflm-host", "qemu-cortex-m", "mlperf-tiny", "litert-host", "vela"} <= set(found)
    told = tinykg("bench", "runners").out
    for runner in found.values():
        assert runner["measures"] in " ".join(told.split())
        assert all(f"{option}=" in told for option in runner["options"])


def test_a_runner_that_cannot_be_loaded_is_named_and_breaks_nothing_else(
    own_tinykg: Tinykg, monkeypatch: pytest.MonkeyPatch
) -> None:
    from importlib.metadata import EntryPoint

    broken = installed.load(
        [*installed.BUILT_IN, EntryPoint("lost", "no_such_module:RUNNER", installed.GROUP)]
    )
    monkeypatch.setattr("tinykg.bench.installed.runners", lambda: broken)
    listed = own_tinykg("bench", "runners")
    assert (listed.code, "lost cannot be loaded: no_such_module" in listed.err) == (1, True)
    doctor = {check["name"]: check for check in own_tinykg("doctor", "--json").json}
    assert doctor["runner lost"]["status"] == "broken"
    assert doctor["runner tflm-host"]["status"] == "ok"
    assert own_tinykg("bench", MODEL, *HERE).code == 0
    assert "cannot be loaded" in own_tinykg("bench", MODEL, "--runner", "lost").err


def bench_match(tinykg: Tinykg, *words: str) -> Done:
    return tinykg("match", "--device", "nano33", "--task", "image-classification", *words)


def test_the_best_that_fit_are_run_and_do_not_rank_where_no_board_was_measured(own_tinykg: Tinykg) -> None:
    done = bench_match(own_tinykg, "--bench", "--top", "2", *HERE)
    assert done.code == 0, done.err
    assert "Not measured on a board: never ranked" in done.out
    assert done.err.count("run ") >= 2
    assert len(own_tinykg("bench", "list", "--state", "done", "--json").json) == 2


def test_the_matches_and_what_was_measured_come_as_json_too(own_tinykg: Tinykg) -> None:
    found = bench_match(own_tinykg, "--bench", "--top", "1", *HERE, "--json").json
    assert found["matches"][0]["verdict"] == "fits"
    assert [row["ranks"] for row in found["results"]] == [False]
    assert isinstance(bench_match(own_tinykg, "--json").json, list)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("match", "--model", MODEL, "--bench"), "name it with --device"),
        (("match", "--device", "nano33", "--runner", "tflm-host"), "say how --bench runs"),
        (("match", "--device", "nano33", "--option", "a=b"), "say how --bench runs"),
    ],
)
def test_what_bench_needs_is_asked_for(tinykg: Tinykg, words: tuple[str, ...], says: str) -> None:
    done = tinykg(*words)
    assert (done.code, says in done.err) == (2, True)


def test_models_without_bytes_are_passed_over_with_a_word(own_tinykg: Tinykg) -> None:
    done = own_tinykg(
        "match", "--device", "nano33", "--task", "keyword-spotting", "--bench", "--top", "1", *HERE
    )
    assert done.code == 0
    assert "passed over: " in done.err
    assert "Nothing was measured." in done.out


@pytest.fixture
def simulated(shelf: Path) -> Iterator[str]:
    """A simulated device as a process; its port."""
    words = ["--registry", str(shelf), "bench", "simulate-dut", "--model", MODEL]
    with subprocess.Popen(
        [sys.executable, "-m", "tinykg", *words], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        yield re.findall(r"answers on (\S+);", process.stdout.readline())[0]
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) in {0, 130}


def test_a_simulated_device_is_benchmarked_over_its_port_and_marked(
    own_tinykg: Tinykg, simulated: str
) -> None:
    pytest.importorskip("serial", reason="the extra `bench` is not installed")
    found = ran(
        own_tinykg, MODEL, "--on", "nano33", "--option", f"port={simulated}", "--option", "min_window_s=0.05"
    )
    assert (found["job"]["runner"], found["run"]["ground"]) == ("mlperf-tiny", "simulated")
    assert found["run"]["on_device"] is False


def test_a_worker_that_is_killed_leaves_no_job_running_for_ever(own_tinykg: Tinykg) -> None:
    """Its lease ends; until then the job is seen to be its own."""
    job = own_tinykg("bench", MODEL, "--runner", "tflm-host", "--option", "seconds=60",
                     "--option", "iterations=100000", "--queue", "--json").json["id"]  # fmt: skip
    worker = subprocess.Popen(
        [sys.executable, "-m", "tinykg", "bench", "--worker"], stdout=subprocess.PIPE, text=True
    )
    assert worker.stdout is not None
    assert job in worker.stdout.readline()
    worker.kill()
    worker.communicate(timeout=30)
    shown = json.loads(own_tinykg("bench", "show", job, "--json").out)
    assert shown["state"] == "running"
    assert shown["lease_until"] is not None
    assert own_tinykg("bench", "cancel", job).out == f"cancelled: job {job}\n"


def test_a_worker_that_is_interrupted_gives_its_job_back(own_tinykg: Tinykg) -> None:
    job = own_tinykg("bench", MODEL, "--runner", "tflm-host", "--option", "seconds=60",
                     "--option", "iterations=100000", "--queue", "--json").json["id"]  # fmt: skip
    worker = subprocess.Popen(
        [sys.executable, "-m", "tinykg", "bench", "--worker"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    assert worker.stdout is not None
    assert job in worker.stdout.readline()
    worker.send_signal(signal.SIGINT)
    worker.communicate(timeout=30)
    assert worker.returncode == 130
    shown = own_tinykg("bench", "show", job, "--json").json
    assert (shown["state"], shown["attempts"]) == ("queued", 0)


def test_a_benchmark_that_is_interrupted_is_cancelled(own_tinykg: Tinykg) -> None:
    slow = ("--runner", "tflm-host", "--option", "seconds=60", "--option", "iterations=100000")
    with subprocess.Popen(
        [sys.executable, "-m", "tinykg", "bench", MODEL, *slow], stderr=subprocess.PIPE, text=True
    ) as process:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not own_tinykg("bench", "list", "--json").json:
            time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 130
    (job,) = own_tinykg("bench", "list", "--json").json
    assert (job["state"], job["run"]) == ("cancelled", None)
