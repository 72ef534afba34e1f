"""The program in processes of its own: what it loads, exit codes, pipes."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import tinykg

if TYPE_CHECKING:
    from pathlib import Path

HEAVY = ("rdflib", "pyshacl", "tflite", "fastapi", "uvicorn", "SPARQLWrapper", "owlready2", "numpy")
LOADED = """
import sys
from tinykg.cli.main import run
code = run({words!r})
heavy = sorted({heavy!r} & {{name.partition(".")[0] for name in sys.modules}})
print("loaded:", " ".join(heavy), "code:", code)
"""


def program(*words: str, shelf: Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """`python -m tinykg ...` on the built-in catalogue."""
    return subprocess.run(
        [sys.executable, "-m", "tinykg", *words],
        env={**os.environ, "TINYKG_REGISTRY": str(shelf)},
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )


def heavy_modules(*words: str, shelf: Path, also: tuple[str, ...] = ()) -> str:
    """Which heavy modules a command line loads."""
    script = LOADED.format(words=list(words), heavy={*HEAVY, *also})
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "TINYKG_REGISTRY": str(shelf)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()[-1]


@pytest.mark.parametrize("words", [["--version"], ["--help"], ["nosuch"]], ids=" ".join)
def test_what_needs_no_graph_loads_no_engine(words: list[str], shelf: Path) -> None:
    assert heavy_modules(*words, shelf=shelf, also=("pyoxigraph", "msgspec", "platformdirs")).startswith(
        "loaded:  code:"
    )


@pytest.mark.parametrize(
    "words",
    [
        ["match", "--device", "nano33"],
        ["list", "devices"],
        ["explain", "Hello_World", "uno"],
        ["query", "tasks"],
    ],
    ids=" ".join,
)
def test_answering_loads_neither_the_validator_nor_a_server(words: list[str], shelf: Path) -> None:
    assert heavy_modules(*words, shelf=shelf).startswith("loaded:  code:")


def test_importing_the_package_loads_nothing() -> None:
    script = "import sys, tinykg; print(sorted(n for n in sys.modules if n.startswith('tinykg')))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "['tinykg', 'tinykg.version']\n"


def test_python_m_tinykg_is_tinykg(shelf: Path) -> None:
    done = program("--version", shelf=shelf)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"tinykg, version {tinykg.__version__}\n", "")
    assert program("match", shelf=shelf).stderr.startswith("Usage: tinykg match ")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["match", "--device", "nano33", "--task", "wake-word"], 0),
        (["match", "--device", "uno"], 1),
        (["match", "--device", "nosuch"], 2),
        (["--registry", __file__, "list", "devices"], 3),
    ],
    ids=["yes", "no", "wrong", "no-store"],
)
def test_exit_codes_reach_the_shell(words: list[str], code: int, shelf: Path) -> None:
    done = program(*words, shelf=shelf)
    assert done.returncode == code
    assert bool(done.stdout) == (code < 2)
    assert bool(done.stderr) == (code >= 2)


def test_a_query_from_standard_input(shelf: Path) -> None:
    done = program("query", "-", "--format", "csv", shelf=shelf, stdin="SELECT (1 AS ?one) WHERE {}")
    assert (done.returncode, done.stdout.split()) == (0, ["one", "1"])


@pytest.mark.parametrize(
    "words",
    [
        ["match", "--device", "nano33"],
        ["match", "--device", "nano33", "--json"],
        ["list", "devices"],
        ["query", "tasks", "--format", "csv"],
        ["export", "nano33"],
    ],
    ids=" ".join,
)
def test_a_reader_that_goes_away_is_no_error(words: list[str], shelf: Path) -> None:
    """As with `tinykg ... | true`: nothing on stderr, and the exit code that shells give for SIGPIPE."""
    reading, writing = os.pipe()
    os.close(reading)
    with subprocess.Popen(
        [sys.executable, "-m", "tinykg", *words],
        env={**os.environ, "TINYKG_REGISTRY": str(shelf)},
        stdout=writing,
        stderr=subprocess.PIPE,
    ) as process:
        os.close(writing)
        _, stderr = process.communicate(timeout=60)
    assert (process.returncode, stderr) == (141, b"")


def test_plain_text_where_there_is_no_terminal(shelf: Path) -> None:
    for words in (["match", "--device", "nano33"], ["explain", "person_detect", "nano33"], ["doctor"]):
        assert "\x1b" not in program(*words, shelf=shelf).stdout


def test_a_terminal_gets_colours_and_its_width(shelf: Path) -> None:
    pty = pytest.importorskip("pty", reason="pseudo-terminals are POSIX")
    command = f"stty cols 80; exec '{sys.executable}' -m tinykg match --device nano33"
    leader, follower = pty.openpty()
    with subprocess.Popen(
        ["sh", "-c", command],
        env={**os.environ, "TINYKG_REGISTRY": str(shelf), "TERM": "xterm"},
        stdin=follower,
        stdout=follower,
        stderr=follower,
    ) as process:
        os.close(follower)
        seen = b""
        while process.poll() is None or not seen.endswith(b"\n"):
            try:
                seen += os.read(leader, 65536)
            except OSError:
                break
    os.close(leader)
    lines = seen.decode().splitlines()
    assert lines[0].startswith("\x1b[1m")
    plain = [line.replace("\x1b[1m", "").replace("\x1b[0m", "") for line in lines]
    assert max(len(line) for line in plain if "tinykg explain" not in line) <= 80


def test_two_processes_read_at_the_same_time(shelf: Path) -> None:
    environment = {**os.environ, "TINYKG_REGISTRY": str(shelf), "TINYKG_WAIT_S": "0"}
    command = [sys.executable, "-m", "tinykg", "list", "devices", "--json"]
    running = [
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    ended = [(process.communicate(timeout=60), process.returncode) for process in running]
    assert [code for _, code in ended] == [0, 0, 0]
    assert len({output for output, _ in ended}) == 1
