"""Other processes work through the server that holds a registry."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from tinykg.catalogue.held import HeldRegistry
from tinykg.catalogue.served import ServedStore, Serving, address_in, connected
from tinykg.catalogue.sessions import open_sessions
from tinykg.errors import QuerySyntaxError, StoreError
from tinykg.settings import Settings
from tinykg.store.protocol import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

GRAPH = "urn:g"
TRIPLE = ox.Triple(ox.NamedNode("urn:s"), ox.NamedNode("urn:p"), ox.Literal("höher", language="de"))
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"


def evaluate(query: str, form: str | None, timeout_s: float) -> object:
    """Stands where a server has its worker processes: says what it was asked."""
    if query == "bad":
        raise QuerySyntaxError("no query")
    return query, form, timeout_s


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(registry=str(tmp_path / "registry"), wait_s=0.3)


@pytest.fixture
def held(settings: Settings) -> Iterator[HeldRegistry]:
    with ExitStack() as stack:
        registry = stack.enter_context(HeldRegistry.hold(settings, empty=True))
        address = stack.enter_context(address_in(registry.folder.path))
        stack.enter_context(Serving(registry, address, evaluate))
        registry.folder.announce("serving", address)
        yield registry


def test_sessions_find_the_server(held: HeldRegistry, settings: Settings) -> None:
    with open_sessions(settings).writing("a test") as store:
        assert isinstance(store, ServedStore)
        assert isinstance(store, Store)
        assert store.replace_graphs({GRAPH: [TRIPLE]})
        assert not store.replace_graphs({GRAPH: iter([TRIPLE])})
    with open_sessions(settings).reading() as store:
        assert store.graph(GRAPH) == [TRIPLE]
        assert store.graph_names() == [GRAPH]
        assert store.size() == 1
        assert store.ask("ASK { ?s ?p ?o }")
        assert store.construct("CONSTRUCT WHERE { ?s ?p ?o }") == [TRIPLE]
        assert [row["o"] for row in store.select("SELECT ?o { ?s ?p ?o }")] == [TRIPLE.object]
    with held.reading() as live:
        assert live.graph(GRAPH) == [TRIPLE]


def test_errors_come_through_as_what_they_are(held: HeldRegistry, settings: Settings) -> None:
    assert held.version == 0
    with open_sessions(settings).reading() as store:
        with pytest.raises(QuerySyntaxError, match="does not parse"):
            store.select("SELECT nothing")
        with pytest.raises(QuerySyntaxError, match="SERVICE is refused"):
            store.ask("ASK { SERVICE <http://example.org/> {} }")
        assert store.size() == 0, "the connection goes on after an error"


def test_one_writes_at_a_time_and_the_other_is_told_who(held: HeldRegistry, settings: Settings) -> None:
    with (
        held.writing("a long import"),
        pytest.raises(StoreError, match="a long import"),
        open_sessions(settings).writing("a test"),
    ):
        raise AssertionError("two writers at once")
    with open_sessions(settings).writing("a test") as store:
        store.update("INSERT DATA { GRAPH <urn:g> { <urn:s> <urn:p> 1 } }")


def test_a_writer_that_is_killed_gives_its_turn_back(held: HeldRegistry, settings: Settings) -> None:
    code = (
        "import os, sys\n"
        "from tinykg.catalogue.sessions import open_sessions\n"
        "from tinykg.settings import Settings\n"
        "with open_sessions(Settings(registry=sys.argv[1])).writing('a test') as store:\n"
        "    store.update('INSERT DATA { GRAPH <urn:g> { <urn:s> <urn:p> 1 } }')\n"
        "    os._exit(9)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, settings.registry], check=False)
    assert done.returncode == 9
    with held.writing("after it") as store:
        assert store.size() == 1


def test_a_strangers_query_goes_where_it_can_be_stopped(held: HeldRegistry) -> None:
    address = held.folder.server()
    store = connected(address, None)
    assert store is not None
    assert store.run("ASK {}", "json", 3.0) == ("ASK {}", "json", 3.0)
    with pytest.raises(QuerySyntaxError, match="no query"):
        store.run("bad", None, 1.0)
    store.close()
    store.close()


def test_only_a_stores_methods_can_be_called(held: HeldRegistry) -> None:
    store = connected(held.folder.server(), None)
    assert store is not None
    with pytest.raises(StoreError, match="no method 'close'"):
        store._ask(("close",))
    with pytest.raises(StoreError, match="no method '__class__'"):
        store._ask(("__class__",))
    store.close()


def test_an_address_where_nobody_answers_is_passed_over(settings: Settings, tmp_path: Path) -> None:
    assert connected(None, None) is None
    assert connected(str(tmp_path / "gone"), None) is None
    with HeldRegistry.hold(settings, empty=True) as registry:
        folder = registry.folder
    folder.announce("serving", str(tmp_path / "gone"))  # as a server leaves it that was killed
    with HeldRegistry.hold(settings, empty=True) as registry, registry.reading() as store:
        assert store.size() == 0


def test_only_the_same_user_can_connect(tmp_path: Path) -> None:
    with address_in(tmp_path) as address:
        assert Path(address).parent.stat().st_mode & 0o077 == 0
    assert not Path(address).parent.exists()


def test_a_folder_with_a_long_path_has_its_socket_elsewhere(tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 120)
    deep.mkdir()
    with address_in(deep) as address:
        assert len(os.fsencode(address)) < 100
        assert Path(address).parent.stat().st_mode & 0o077 == 0
    assert not Path(address).parent.exists()


def test_a_server_that_goes_away_is_an_error_that_says_so(settings: Settings) -> None:
    with ExitStack() as stack:
        registry = stack.enter_context(HeldRegistry.hold(settings, empty=True))
        address = stack.enter_context(address_in(registry.folder.path))
        stack.enter_context(Serving(registry, address))
        store = connected(address, None)
        assert store is not None
        with pytest.raises(StoreError, match="evaluates no queries"):
            store.run("ASK {}", None, 1.0)
    with pytest.raises(StoreError):
        store.select(COUNT)
    store.close()
