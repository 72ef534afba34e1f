"""Work in the pool ends: with its result, its own error, or at a limit; and nothing of it stays."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

import pyoxigraph as ox
import pytest
import worker_tasks as tasks

from tinykg.catalogue.held import HeldRegistry
from tinykg.endpoint.pool import Pool
from tinykg.errors import (
    QuerySyntaxError,
    QueryTimeout,
    QueryTooBig,
    ShapeViolation,
    StoreError,
    TooBusy,
    UnknownName,
)
from tinykg.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ENDLESS = "SELECT * {?a ?b ?c . ?d ?e ?f . ?g ?h ?i}"
P = "<http://e.example/p>"
GRAPH_TRIPLES = 4000
MOST_MEMORY_BYTES = 1 << 30


@pytest.fixture(scope="module")
def held() -> Iterator[HeldRegistry]:
    """A registry with enough in it for queries that do not end."""
    with HeldRegistry.hold(Settings(registry="memory:"), empty=True) as held:
        with held.writing("filling") as store:
            nodes = [ox.NamedNode(f"http://e.example/{n}") for n in range(GRAPH_TRIPLES)]
            link = ox.NamedNode("http://e.example/p")
            triples = [
                ox.Triple(node, link, nodes[(7 * n + 1) % GRAPH_TRIPLES]) for n, node in enumerate(nodes)
            ]
            store.replace_graphs({"http://e.example/g": triples})
        yield held


@pytest.fixture(scope="module")
def pool(held: HeldRegistry) -> Iterator[Pool]:
    """Two workers with little memory."""
    with Pool(held, workers=2, memory_bytes=MOST_MEMORY_BYTES) as pool:
        yield pool


def resident_bytes(pids: tuple[int, ...]) -> int:
    """The memory that processes occupy together."""
    pages = [int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in pids]
    return sum(pages) * os.sysconf("SC_PAGE_SIZE")


def is_alive(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    try:
        return status.read_text().rpartition(")")[2].split()[0] not in ("Z", "X")
    except FileNotFoundError:
        return False


def wait_until(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_function_gets_the_store_and_its_arguments(pool: Pool) -> None:
    assert pool.run(tasks.size) == GRAPH_TRIPLES
    assert pool.run(tasks.linger, 0.01) == 0.01
    assert pool.run(tasks.process) in pool.pids
    assert os.getpid() not in pool.pids


def test_work_sees_all_that_was_acknowledged_before(held: HeldRegistry, pool: Pool) -> None:
    for number in range(10):
        with held.writing("adding") as store:
            store.update(f"INSERT DATA {{ <http://e.example/new> {P} {number} }}")
        assert pool.run(tasks.size) == GRAPH_TRIPLES + number + 1
    with held.writing("removing") as store:
        store.update(f"DELETE WHERE {{ <http://e.example/new> {P} ?n }}")
    assert pool.run(tasks.size) == GRAPH_TRIPLES


def test_old_snapshots_go(held: HeldRegistry, pool: Pool) -> None:
    for number in range(4):
        with held.writing("adding") as store:
            store.update(f"DELETE WHERE {{ ?s <x:p> ?o }} ; INSERT DATA {{ <x:s> <x:p> {number} }}")
        pool.run(tasks.size)
    assert len(list(held.folder.snapshots.iterdir())) <= len(pool.pids) + 1


def test_a_worker_cannot_write(held: HeldRegistry, pool: Pool) -> None:
    with pytest.raises(StoreError, match="for reading only"):
        pool.run(tasks.write)
    with held.reading() as store:
        assert store.size() >= GRAPH_TRIPLES


def test_errors_arrive_as_they_were_raised(pool: Pool) -> None:
    with pytest.raises(ShapeViolation) as violation:
        pool.run(tasks.violate)
    assert violation.value.findings == (tasks.FINDING,)
    assert str(violation.value) == str(ShapeViolation("The thing", [tasks.FINDING]))
    with pytest.raises(UnknownName, match=r"No model 'hello'\. Did you mean hello-world\?") as missed:
        pool.run(tasks.miss)
    assert (missed.value.kind, missed.value.near) == ("model", ("hello-world",))
    with pytest.raises(QuerySyntaxError, match="does not parse"):
        pool.run(tasks.select, "SELECT")


def test_a_worker_that_ends_by_itself_is_replaced(
    held: HeldRegistry, capfd: pytest.CaptureFixture[str]
) -> None:
    with Pool(held, workers=1) as pool:  # one that writes where the test can see it
        for function, arguments, text in (
            (tasks.die, (signal.SIGKILL,), "exit status -9"),
            (tasks.fail, (), "exit status 1"),
        ):
            with pytest.raises(StoreError, match=text):
                pool.run(function, *arguments)
            assert pool.run(tasks.size) >= GRAPH_TRIPLES
        with pytest.raises(QueryTooBig, match="nested too deeply"):
            pool.run(tasks.die, signal.SIGSEGV)
    assert "ZeroDivisionError" in capfd.readouterr().err, "a fault of ours is told where it can be seen"


PATHS = f"SELECT (COUNT(*) AS ?n) {{ ?a ({P}*/{P}*/{P}*)* ?b . ?b ({P}|!{P})* ?c }}"
REGEX = (
    "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(REGEX(CONCAT(STR(?a), STR(?d), STR(?g)), '(x+x+)+y')) }"
)
SORTED = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?a ?d ?g"
GROUPED = "SELECT ?a ?d (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } GROUP BY ?a ?d ?i"
VALUES = "SELECT (COUNT(*) AS ?n) {{ {} }}".format(
    " ".join(f"VALUES ?v{n} {{ {' '.join(map(str, range(300)))} }}" for n in range(6))
)
GROWING = "SELECT (STRLEN(?x20) AS ?n) {{ BIND('abcdefghijklmnop' AS ?x0) {} }}".format(
    " ".join(f"BIND(CONCAT({', '.join([f'?x{n}'] * 8)}) AS ?x{n + 1})" for n in range(20))
)
RUNAWAYS = {
    "join": ENDLESS,
    "count": ENDLESS.replace("*", "(COUNT(*) AS ?n)", 1),
    "paths": PATHS,
    "regex": REGEX,
    "sorted": SORTED,
    "grouped": GROUPED,
    "values": VALUES,
    "growing": GROWING,
    "braces": "ASK " + "{" * 60_000 + "}" * 60_000,
    "brackets": "SELECT * { FILTER(" + "(" * 60_000 + "1" + ")" * 60_000 + ") }",
    "not": "SELECT * { FILTER(" + "!" * 60_000 + "true) }",
    "path brackets": "SELECT * { ?s " + "(" * 60_000 + P + ")" * 60_000 + " ?o }",
}


@pytest.mark.parametrize("name", RUNAWAYS)
def test_a_runaway_is_stopped_and_leaves_nothing(pool: Pool, name: str) -> None:
    assert pool.run(tasks.size) >= GRAPH_TRIPLES
    begun = time.monotonic()
    with pytest.raises((QueryTimeout, QueryTooBig)):
        pool.run(tasks.select, RUNAWAYS[name], timeout_s=1)
    assert time.monotonic() - begun < 10
    assert pool.run(tasks.size) >= GRAPH_TRIPLES
    wait_until(lambda: resident_bytes(pool.pids) < 400 << 20)


def test_others_are_served_while_one_runs_away(pool: Pool) -> None:
    pool.run(tasks.size)
    ended: list[BaseException] = []

    def run_away() -> None:
        try:
            pool.run(tasks.select, RUNAWAYS["count"], timeout_s=3)
        except QueryTimeout as error:
            ended.append(error)

    thread = threading.Thread(target=run_away)
    thread.start()
    times: list[float] = []
    while thread.is_alive() and len(times) < 50:
        begun = time.monotonic()
        pool.run(tasks.size)
        times.append(time.monotonic() - begun)
    thread.join()
    assert len(ended) == 1
    assert len(times) >= 10
    assert sorted(times)[len(times) // 2] < 0.5


class Runaways:
    """Queries that do not end, each in a thread; how each of them was stopped."""

    def __init__(self, pool: Pool, count: int, *, client: str = "", timeout_s: float = 8) -> None:
        self.stopped: list[BaseException] = []
        self._pool = pool
        self._options = {"client": client, "timeout_s": timeout_s}
        self._threads = [threading.Thread(target=self._run) for _ in range(count)]

    def _run(self) -> None:
        try:
            self._pool.run(tasks.select, RUNAWAYS["count"], **self._options)  # type: ignore[arg-type]
        except (QueryTimeout, TooBusy) as error:
            self.stopped.append(error)

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        time.sleep(1.5)  # by now they are long work
        return self

    def __exit__(self, *_: object) -> None:
        for thread in self._threads:
            thread.join(30)


@pytest.mark.parametrize("client", ["the same", "another"])
def test_runaways_of_one_client_make_room(pool: Pool, client: str) -> None:
    pool.run(tasks.size)
    with Runaways(pool, 4, client="the same") as runaways:
        for _ in range(3):
            begun = time.monotonic()
            assert pool.run(tasks.size, client=client) >= GRAPH_TRIPLES
            assert time.monotonic() - begun < 5
    assert len(runaways.stopped) == 4


def test_displaced_work_begins_anew_and_ends(pool: Pool) -> None:
    pool.run(tasks.size)
    found: list[float] = []
    slow = threading.Thread(target=lambda: found.append(pool.run(tasks.linger, 2.5, client="a")))
    with Runaways(pool, 1, client="a", timeout_s=12):
        slow.start()
        time.sleep(1.5)
        before = set(pool.pids)
        pool.run(tasks.size, client="b")
        assert set(pool.pids) != before, "the slow one had to go"
        slow.join(20)
    assert found == [2.5]


def test_work_that_must_not_begin_anew_is_not_displaced(pool: Pool) -> None:
    pool.run(tasks.size)
    with pool.taken(client="a") as first, pool.taken(client="a") as second:
        time.sleep(1.2)
        with pytest.raises(TooBusy, match=r"busy for 1\.5 s"):
            pool.run(tasks.size, timeout_s=1.5, client="b")
        assert first.run(tasks.size) == second.run(tasks.size) >= GRAPH_TRIPLES


def test_a_worker_that_was_killed_while_idle_is_replaced(held: HeldRegistry) -> None:
    with Pool(held, workers=1) as pool:
        pool.run(tasks.size)
        os.kill(pool.pids[0], signal.SIGKILL)
        wait_until(lambda: not is_alive(pool.pids[0]))
        assert pool.run(tasks.size) >= GRAPH_TRIPLES


def test_those_who_wait_share_a_snapshot(held: HeldRegistry) -> None:
    with Pool(held, workers=1) as pool, held.writing("adding") as store:
        size = store.size()
        store.update(f"INSERT DATA {{ <urn:shared> {P} 1 }}")
        folders: list[str] = []
        with pool.taken():
            threads = [
                threading.Thread(target=lambda: folders.append(pool.run(tasks.folder))) for _ in range(10)
            ]
            for thread in threads:
                thread.start()
            time.sleep(0.3)
            store.update(f"DELETE DATA {{ <urn:shared> {P} 1 }}")
        for thread in threads:
            thread.join()
        assert len(set(folders)) == 1
        assert pool.run(tasks.size) == size, "who asks after a write sees it"


def test_a_result_is_bounded_while_it_is_written(pool: Pool) -> None:
    with pytest.raises(QueryTooBig, match="longer than 10000 bytes"):
        pool.run(tasks.select, ENDLESS, 10_000, timeout_s=20)
    assert len(pool.run(tasks.select, "SELECT * {} ", 10_000)) < 100


def test_a_worker_that_keeps_much_memory_is_replaced(pool: Pool) -> None:
    before = set(pool.pids)
    pool.run(tasks.hold_memory, 300 << 20)
    assert set(pool.pids) != before
    assert resident_bytes(pool.pids) < 400 << 20


def test_those_who_wait_are_counted_and_not_for_ever(held: HeldRegistry) -> None:
    with Pool(held, workers=1, waiting=1) as pool:
        pool.run(tasks.size)
        threads = [threading.Thread(target=pool.run, args=(tasks.linger, 1.5)) for _ in range(2)]
        for thread in threads:
            thread.start()
            time.sleep(0.2)
        with pytest.raises(TooBusy, match="1 queries wait already"):
            pool.run(tasks.size)
        for thread in threads:
            thread.join()
        thread = threading.Thread(target=pool.run, args=(tasks.linger, 1))
        thread.start()
        time.sleep(0.2)
        with pytest.raises(TooBusy, match=r"busy for 0\.1 s"):
            pool.run(tasks.size, timeout_s=0.1)
        thread.join()
        assert pool.run(tasks.size) >= GRAPH_TRIPLES


def test_many_threads_get_their_own_results(pool: Pool) -> None:
    found: dict[int, bytes] = {}

    def ask(number: int) -> None:
        found[number] = pool.run(tasks.select, f"SELECT ({number} AS ?n) {{}}")

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(f'"{number}"'.encode() in found[number] for number in range(40))


def test_closing_ends_also_those_that_work(held: HeldRegistry) -> None:
    pool = Pool(held, workers=2)
    pool.run(tasks.size)
    pids = pool.pids
    ended: list[BaseException] = []

    def work() -> None:
        try:
            pool.run(tasks.linger, 60.0, timeout_s=60)
        except StoreError as error:
            ended.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    time.sleep(0.3)
    begun = time.monotonic()
    pool.close()
    pool.close()
    thread.join()
    assert time.monotonic() - begun < 10
    assert len(ended) == 1
    assert not any(map(is_alive, pids))
    with pytest.raises(StoreError, match="shutting down"):
        pool.run(tasks.size)


SERVER = """
import sys, threading
from tinykg.catalogue.held import HeldRegistry
from tinykg.endpoint.pool import Pool
from tinykg.settings import Settings
import worker_tasks as tasks
with HeldRegistry.hold(Settings(registry=sys.argv[1]), empty=True) as held:
    with held.writing("filling") as store:
        store.update("INSERT DATA { " + "".join(f"<urn:{n}> <urn:p> {n} ." for n in range(3000)) + " }")
    pool = Pool(held, workers=2)
    pool.run(tasks.size)
    threading.Thread(target=pool.run, args=(tasks.select, sys.argv[2]), daemon=True).start()
    print(*pool.pids, flush=True)
    threading.Event().wait()
"""


def test_workers_end_with_a_server_that_is_killed(tmp_path: Path) -> None:
    path = os.pathsep.join([str(Path(__file__).parent), str(Path(__file__).parents[2])])
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(tmp_path / "registry"), RUNAWAYS["count"]],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert server.stdout is not None
    pids = [int(text) for text in server.stdout.readline().split()]
    assert len(pids) == 2
    assert all(map(is_alive, pids))
    time.sleep(0.3)
    server.kill()
    server.wait(10)
    server.stdout.close()
    wait_until(lambda: not any(map(is_alive, pids)))
