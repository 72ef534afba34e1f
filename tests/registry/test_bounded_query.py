"""A stranger's query ends: with an answer, a typed error, or at a limit, and its process with it."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from tinykg.catalogue import bounded_query
from tinykg.catalogue.bounded_query import Answer, run_bounded
from tinykg.errors import QuerySyntaxError, StoreError
from tinykg.settings import Settings
from tinykg.store.folder import RegistryFolder
from tinykg.store.results import GRAPH_FORMS, SOLUTION_FORMS

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from tinykg.registry import Registry

    Ship: TypeAlias = Callable[[Path], None]


ENDLESS = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
PICO = '{ ?d a tk:DeviceType ; schema:name "Raspberry Pi Pico" ; tk:hasNoSensor ?none }'
PREFIXES = "PREFIX tk: <https://w3id.org/tinykg#> PREFIX schema: <http://schema.org/> "


@pytest.fixture
def settings(small_registry: Registry) -> Settings:
    return Settings(registry=small_registry.where, wait_s=5)


def ask(settings: Settings, query: str, form: str | None = None, timeout_s: float = 30) -> Answer:
    answer = run_bounded(settings, PREFIXES + query, form, timeout_s)
    assert multiprocessing.active_children() == []
    return answer


def test_a_select_is_a_table_of_short_names(settings: Settings) -> None:
    answer = ask(settings, f"SELECT ?d ?none ?nothing {PICO}")
    assert answer == Answer(
        columns=("d", "none", "nothing"), rows=(("device-type/raspberry-pi-pico", "true", ""),)
    )
    assert ask(settings, f"SELECT ?d {PICO}", "table").rows == (("device-type/raspberry-pi-pico",),)
    assert ask(settings, "SELECT ?d { ?d a tk:NoSuchClass }") == Answer(columns=("d",), rows=())


@pytest.mark.parametrize("form", SOLUTION_FORMS)
def test_a_select_is_serialised_in_every_form(settings: Settings, form: str) -> None:
    content = ask(settings, f"SELECT ?d {PICO}", form).content
    if form in ("json", "xml", "tsv"):
        read = ox.parse_query_results(content, format=SOLUTION_FORMS[form])
        assert isinstance(read, ox.QuerySolutions)
        assert [row["d"] for row in read] == [
            ox.NamedNode("https://w3id.org/tinykg/device-type/raspberry-pi-pico")
        ]
    else:
        assert content.decode().splitlines() == ["d", "https://w3id.org/tinykg/device-type/raspberry-pi-pico"]


@pytest.mark.parametrize(("query", "truth"), [("ASK {}", True), ("ASK { ?s a tk:NoSuchClass }", False)])
def test_an_ask_says_true_or_false(settings: Settings, query: str, truth: bool) -> None:
    assert ask(settings, query) == Answer(content=b"true\n" if truth else b"false\n", truth=truth)
    assert json.loads(ask(settings, query, "json").content)["boolean"] is truth


@pytest.mark.parametrize("form", [None, *GRAPH_FORMS])
def test_a_construct_is_serialised_in_every_form(settings: Settings, form: str | None) -> None:
    content = ask(settings, f"CONSTRUCT {{ ?d schema:name 'p' }} {PICO}", form).content
    (quad,) = ox.parse(content, format=GRAPH_FORMS[form or "turtle"])
    assert quad.object == ox.Literal("p")
    assert b"device-type/raspberry-pi-pico" in ask(settings, f"DESCRIBE ?d {PICO}", form).content


@pytest.mark.parametrize(
    ("query", "form", "complaint"),
    [
        ("SELECT * {", None, "does not parse"),
        ("DROP ALL", None, "does not parse"),
        ("SELECT * { SERVICE <http://localhost:1/> {} }", None, "SERVICE is refused"),
        ("SELECT * {}", "turtle", "A SELECT query has rows"),
        ("CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }", "csv", "This query has triples"),
        ("DESCRIBE tk:x", "table", "This query has triples"),
    ],
)
def test_a_wrong_query_is_a_typed_error(
    settings: Settings, query: str, form: str | None, complaint: str
) -> None:
    with pytest.raises(QuerySyntaxError, match=complaint):
        ask(settings, query, form)


def test_memory_is_asked_in_this_process(small_share: Path, ship: Ship) -> None:
    ship(small_share)
    assert ask(Settings(registry="memory:"), "ASK { ?m a tk:Model }").truth is True


def test_the_first_query_fills_a_new_registry_without_using_up_its_time(
    small_share: Path, tmp_path: Path, ship: Ship
) -> None:
    ship(small_share)
    settings = Settings(registry=str(tmp_path / "registry"))
    rows = ask(settings, "SELECT (COUNT(?m) AS ?n) { ?m a tk:Model }", timeout_s=5).rows
    assert rows == (("4",),)


def test_a_query_that_does_not_end_is_stopped_in_time(settings: Settings) -> None:
    begun = time.monotonic()
    with pytest.raises(StoreError, match=r"did not end within 0\.3 s and was stopped"):
        ask(settings, ENDLESS, timeout_s=0.3)
    assert time.monotonic() - begun < 5
    assert multiprocessing.active_children() == []
    with RegistryFolder(Path(settings.registry)).held(write=True, wait_s=0, purpose="testing"):
        pass  # nothing holds the folder any more


LONG = " ".join(f"BIND(CONCAT({', '.join([f'?x{n}'] * 30)}) AS ?x{n + 1})" for n in range(3))
LARGE = f"SELECT * {{ ?a ?b ?c . ?d ?e ?f . BIND(CONCAT(STR(?a), STR(?f)) AS ?x0) {LONG} }}"


@pytest.mark.parametrize("query", [LARGE, LARGE + " ORDER BY ?x3"], ids=["python", "engine"])
def test_a_query_that_wants_all_memory_is_stopped(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, query: str, capfd: pytest.CaptureFixture[str]
) -> None:
    taken = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    monkeypatch.setattr(bounded_query, "MEMORY_LIMIT_BYTES", taken + (96 << 20))
    with pytest.raises(StoreError, match=r"needed more than \d+ MiB of memory"):
        ask(settings, query, timeout_s=60)
    assert multiprocessing.active_children() == []
    assert capfd.readouterr().err == "", "what the engine says when it dies is not the user's"


def test_a_process_that_dies_of_something_else_is_not_blamed_on_memory(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounded_query, "answer", lambda *_: os.kill(os.getpid(), signal.SIGKILL))
    with pytest.raises(StoreError, match="ended with exit status -9 and no answer"):
        ask(settings, "ASK {}")


def test_a_folder_that_is_held_meanwhile_is_said_to_be(settings: Settings) -> None:
    impatient = Settings(registry=settings.registry, wait_s=0.05)
    with (
        RegistryFolder(Path(settings.registry)).held(write=True, wait_s=0, purpose="adding files"),
        pytest.raises(StoreError, match=rf"is held by process {os.getpid()} \(adding files\)"),
    ):
        ask(impatient, "ASK {}")


@pytest.mark.parametrize("timeout_s", [float("inf"), float("nan"), 1e300])
def test_any_number_of_seconds_will_do(settings: Settings, timeout_s: float) -> None:
    assert ask(settings, "ASK {}", timeout_s=timeout_s).truth is True


PARENT = f"""
import sys
from pathlib import Path
import tinykg.files
from tinykg.catalogue.bounded_query import run_bounded
from tinykg.settings import Settings
tinykg.files.share = lambda: Path(sys.argv[1])
run_bounded(Settings(registry=sys.argv[2]), {ENDLESS!r}, None, 0.9)
"""


def test_a_query_whose_parent_is_killed_ends_by_itself(
    settings: Settings, small_share: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(Path(__file__).parents[2])
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(small_share), settings.registry])
    children = Path(f"/proc/{parent.pid}/task/{parent.pid}/children")
    deadline = time.monotonic() + 30
    while not (pids := children.read_text().split()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    parent.kill()
    parent.wait(5)
    child = Path(f"/proc/{pids[0]}")
    while child.is_dir() and "Z" not in (child / "stat").read_text().rpartition(")")[2][:3]:
        assert time.monotonic() < deadline, "it goes on for ever"
        time.sleep(0.05)
    with RegistryFolder(Path(settings.registry)).held(write=True, wait_s=0, purpose="testing"):
        pass
