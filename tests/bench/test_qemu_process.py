"""Programs of a run: bounded, followed, and gone when they should be."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from tinykg.bench import qemu_process
from tinykg.bench.protocol import Unwatched
from tinykg.bench.qemu_process import Step, ended, program
from tinykg.errors import BenchmarkCancelled, BenchmarkError


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def step(time_limit_s: float = 20.0) -> Step:
    return Step(doing="waiting", done=0.5, time_limit_s=time_limit_s)


class Impatient:
    """A watch that ends the run at its second look, once a file is there."""

    def __init__(self, sign: Path) -> None:
        self.sign = sign
        self.told: list[tuple[float, str]] = []

    def progress(self, done: float, doing: str) -> None:
        self.told.append((done, doing))
        if self.sign.exists():
            raise BenchmarkCancelled("enough")


def gone(pid: int) -> bool:
    """Whether a process has ended; one that nobody has waited for yet has ended too."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return True
    return state == "Z"


def soon_gone(pid: int) -> bool:
    until = time.monotonic() + 5
    while not gone(pid) and time.monotonic() < until:
        time.sleep(0.02)
    return gone(pid)


FORKING = """
import os, pathlib, sys, time
child = os.fork()
if not child:
    time.sleep(60)
pathlib.Path("children").write_text(f"{os.getpid()} {child}")
pathlib.Path("sign").touch()
time.sleep(60)
"""


def test_what_a_program_says_and_how_it_ends(tmp_path: Path) -> None:
    code = (
        "import sys; sys.stdout.write(sys.stdin.read()[::-1]); sys.stderr.write('a\\n\\n b \\n'); sys.exit(3)"
    )
    done = ended(python(code), tmp_path, step(), Unwatched(), given=b"abc")
    assert (done.code, done.stdout, done.last_words) == (3, b"cba", "exit code 3: b")


def test_much_output_does_not_block(tmp_path: Path) -> None:
    code = "import sys; sys.stdout.write('x' * 3_000_000); sys.stderr.write('y' * 3_000_000)"
    done = ended(python(code), tmp_path, step(), Unwatched())
    assert (done.code, len(done.stdout), len(done.stderr)) == (0, 3_000_000, 3_000_000)
    assert len(done.last_words) < 500


def test_a_signal_is_named(tmp_path: Path) -> None:
    done = ended(python("import os; os.abort()"), tmp_path, step(), Unwatched())
    assert done.last_words.startswith("SIGABRT")


def test_what_takes_too_long_is_ended_with_its_children(tmp_path: Path) -> None:
    with pytest.raises(BenchmarkError, match="waiting: no end within 1 s"):
        ended(python(FORKING), tmp_path, step(1.0), Unwatched())
    pids = [int(word) for word in (tmp_path / "children").read_text().split()]
    assert len(pids) == 2
    assert all(map(soon_gone, pids))


def test_who_follows_may_end_it_at_once(tmp_path: Path) -> None:
    watch = Impatient(tmp_path / "sign")
    begun = time.monotonic()
    with pytest.raises(BenchmarkCancelled):
        ended(python(FORKING), tmp_path, step(60.0), watch)
    assert time.monotonic() - begun < 10
    assert set(watch.told) == {(0.5, "waiting")}
    assert all(soon_gone(int(word)) for word in (tmp_path / "children").read_text().split())


def test_children_that_outlive_their_parent_are_ended(tmp_path: Path) -> None:
    code = (
        "import os, pathlib, time\n"
        "child = os.fork()\n"
        "if not child:\n    time.sleep(60)\n"
        "pathlib.Path('child').write_text(str(child))"
    )
    assert ended(python(code), tmp_path, step(), Unwatched()).code == 0
    assert soon_gone(int((tmp_path / "child").read_text()))


def test_memory_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(qemu_process, "MAX_MEMORY_BYTES", 1 << 28)
    done = ended(python("x = bytearray(1 << 29)"), tmp_path, step(), Unwatched())
    assert done.code == 1
    assert "MemoryError" in done.last_words


def test_files_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(qemu_process, "MAX_FILE_BYTES", 1 << 20)
    code = "f = open('large', 'wb')\nfor _ in range(9): f.write(bytes(1 << 19)); f.flush()"
    done = ended(python(code), tmp_path, step(), Unwatched())
    assert done.code != 0
    assert (tmp_path / "large").stat().st_size <= 1 << 20


def test_processor_time_is_bounded_without_anybody_looking(tmp_path: Path) -> None:
    """The bound holds in the program itself, should whoever started it die."""
    code = "import resource; print(resource.getrlimit(resource.RLIMIT_CPU)[0])"
    assert ended(python(code), tmp_path, step(7.0), Unwatched()).stdout == b"8\n"


def test_a_program_that_is_not_there_names_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.devnull)
    with pytest.raises(
        BenchmarkError, match=r"no-such is not installed \(Debian: apt install some-package\)"
    ):
        program("no-such", "some-package")


def test_a_command_that_cannot_start(tmp_path: Path) -> None:
    done = ended([str(tmp_path / "nothing")], tmp_path, step(), Unwatched())
    assert "FileNotFoundError" in done.last_words
    assert done.code == 1
