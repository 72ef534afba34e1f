"""Other processes work through the server that holds a registry."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from tinykg.catalogue.bounded_query import answer, run_bounded
from tinykg.catalogue.held import HeldRegistry
from tinykg.catalogue.served import ServedStore, Serving, address_in, connected
from tinykg.catalogue.sessions import open_sessions
from tinykg.errors import QuerySyntaxError, StoreBusy, StoreError
from tinykg.settings import Settings
from tinykg.store.protocol import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tinykg.registry import Registry

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


def test_an_error_of_several_parts_comes_through_whole(held: HeldRegistry, settings: Settings) -> None:
    with (
        held.writing("a long import"),
        pytest.raises(StoreBusy) as caught,
        open_sessions(settings).writing("a test"),
    ):
        raise AssertionError("two writers at once")
    assert caught.value.holder == "this server (a long import)"
    assert caught.value.folder == settings.registry


@pytest.mark.parametrize("purpose", [None, "a test"], ids=["reading", "writing"])
def test_who_waits_for_a_folder_that_a_server_takes_works_through_the_server(
    tmp_path: Path, purpose: str | None
) -> None:
    settings = Settings(registry=str(tmp_path / "registry"), wait_s=20)
    found: list[object] = []

    def work() -> None:
        sessions = open_sessions(settings)
        with sessions.reading() if purpose is None else sessions.writing(purpose) as store:
            found.append((type(store), store.graph_names()))

    with ExitStack() as stack:
        registry = stack.enter_context(HeldRegistry.hold(settings, empty=True))
        with registry.writing("before") as store:
            store.replace_graphs({GRAPH: [TRIPLE]})
        waiting = threading.Thread(target=work)
        waiting.start()
        waiting.join(0.5)
        assert waiting.is_alive(), "nobody says yet that the holder is a server"
        address = stack.enter_context(address_in(registry.folder.path))
        stack.enter_context(Serving(registry, address))
        registry.folder.announce("serving", address)
        waiting.join(15)
        assert found == [(ServedStore, [GRAPH])]


def test_a_holder_whose_address_answers_nobody_is_waited_for_no_longer_than_for_others(
    settings: Settings, tmp_path: Path
) -> None:
    """As while a server ends: its socket is closed before it lets go of the folder."""
    with HeldRegistry.hold(settings, empty=True) as registry:
        registry.folder.announce("serving", str(tmp_path / "gone"))
        sessions = open_sessions(settings)
        for session in (sessions.reading(), sessions.writing("a test")):
            begun = time.monotonic()
            with pytest.raises(StoreBusy, match=r"\(serving\)"), session:
                raise AssertionError("entered beside the holder")
            assert settings.wait_s <= time.monotonic() - begun < settings.wait_s + 5


def test_who_waits_gets_the_folder_when_its_holder_lets_go(small_registry: Registry) -> None:
    patient = Settings(registry=small_registry.where, wait_s=20)
    names: list[int] = []

    def read() -> None:
        with open_sessions(patient).reading() as store:
            names.append(len(store.graph_names()))

    with HeldRegistry.hold(patient) as registry:
        waiting = threading.Thread(target=read)
        waiting.start()
        waiting.join(0.5)
        with registry.reading() as store:
            expected = len(store.graph_names())
        assert names == []
    waiting.join(15)
    assert names == [expected]


def test_a_server_that_ran_out_of_files_answers_again_when_it_has_some(settings: Settings) -> None:
    code = """if True:
        import os, resource, sys
        from contextlib import ExitStack, suppress
        from tinykg.catalogue.held import HeldRegistry
        from tinykg.catalogue.served import Serving, address_in
        from tinykg.settings import Settings
        with ExitStack() as stack:
            held = stack.enter_context(HeldRegistry.hold(Settings(registry=sys.argv[1]), empty=True))
            address = stack.enter_context(address_in(held.folder.path))
            stack.enter_context(Serving(held, address))
            held.folder.announce("serving", address)
            resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
            taken = []
            with suppress(OSError):
                while True:
                    taken.append(os.open("/dev/null", os.O_RDONLY))
            print("full", flush=True)
            sys.stdin.readline()
            for file in taken:
                os.close(file)
    """
    command = [sys.executable, "-c", code, settings.registry]
    sizes: list[int] = []

    def read() -> None:
        with open_sessions(settings).reading() as store:
            sizes.append(store.size())

    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert server.stdout.readline() == "full\n"
        asking = threading.Thread(target=read, daemon=True)
        with open_sessions(settings).reading():  # it has the one file that was set aside for the next client
            asking.start()
            asking.join(0.5)
            assert sizes == []
        asking.join(10)
        assert sizes == [0]
        server.communicate("\n", timeout=20)
    assert server.returncode == 0


def test_a_client_that_goes_before_it_said_what_it_wants_harms_nobody(
    held: HeldRegistry, settings: Settings
) -> None:
    address = held.folder.server()
    assert address is not None
    for message in (b"", b"\x00\x00", b"\x00\x00\x00\x10half"):
        with socket.socket(socket.AF_UNIX) as stranger:
            stranger.connect(address)
            stranger.sendall(message)
    with open_sessions(settings).writing("a test") as store:
        assert store.size() == 0


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


def test_a_query_goes_to_the_server_and_what_comes_back_is_looked_at(
    held: HeldRegistry, settings: Settings
) -> None:
    assert held.version == 0
    with pytest.raises(QuerySyntaxError, match="no query"):
        run_bounded(settings, "bad", None, 1.0)
    with pytest.raises(StoreError, match="answered with tuple"):
        run_bounded(settings, "ASK {}", None, 1.0)
    with pytest.raises(StoreError, match="A server has taken the registry meanwhile; try again"):
        answer(settings, "ASK {}", None)


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
