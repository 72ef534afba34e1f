"""`tinykg serve` as a process: the other commands work through it, and it ends well however it ends."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("fastapi", reason="the extra `serve` is not installed")

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SHEET = """\
name = "Board of a test"
system = "bare-metal"
source = "a test"
sensors = []

[[processor]]
core = "cortex-m4f"
"""


def run(folder: Path, *arguments: str, code: int = 0) -> str:
    """What a command prints on stdout; it ends with an exit code."""
    done = subprocess.run(
        [sys.executable, "-m", "tinykg", "--registry", str(folder), *arguments],
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == code, done.stderr
    return done.stdout


@contextmanager
def serving(folder: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server's process and its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tinykg", "--registry", str(folder), "serve", "--port", "0", *options],
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        line = process.stderr.readline()
        found = re.search(r"http://[\d.:]+", line)
        assert found, line + process.stderr.read()
        yield process, found.group()
    finally:
        process.kill()
        process.wait()
        if process.stderr is not None:
            process.stderr.close()


def get(address: str) -> Any:
    with urllib.request.urlopen(address, timeout=60) as answer:
        return json.load(answer)


@pytest.fixture
def folder(seeded_folder: Path, tmp_path: Path) -> Path:
    found = tmp_path / "registry"
    shutil.copytree(seeded_folder, found)
    return found


def test_commands_read_and_write_through_the_server(folder: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "board-of-a-test.toml"
    sheet.write_text(SHEET)
    alone = run(folder, "match", "--device", "nano33", "--json")
    with serving(folder) as (_, address):
        assert run(folder, "match", "--device", "nano33", "--json") == alone
        assert get(f"{address}/match?device=nano33") == json.loads(alone)
        assert "added: device board-of-a-test" in run(folder, "add", str(sheet))
        assert get(f"{address}/device-types/board-of-a-test")["name"] == "Board of a test"
        rows = run(folder, "query", "devices", "--format", "csv")
        assert "board-of-a-test" in rows
        assert run(folder, "query", "-", "--json", "--timeout", "20", code=2) == ""
        run(folder, "remove", "board-of-a-test")
        with pytest.raises(urllib.error.HTTPError, match="404"):
            get(f"{address}/device-types/board-of-a-test")
        assert "broken" not in run(folder, "doctor")
    assert run(folder, "match", "--device", "nano33", "--json") == alone


def test_a_token_that_is_made_beside_the_server_is_known_to_it_at_once(folder: Path) -> None:
    with serving(folder) as (_, address):
        token = run(folder, "token", "create", "me").strip()
        request = urllib.request.Request(
            f"{address}/sparql",
            data=b"INSERT DATA { GRAPH <urn:g> { <urn:s> <urn:p> 1 } }",
            headers={"Content-Type": "application/sparql-update", "Authorization": f"Bearer {token}"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            assert answer.status in (200, 204)
        names = [record["name"] for record in json.loads(run(folder, "token", "list", "--json"))]
        assert names == ["me"]
        run(folder, "token", "revoke", "me")
        with pytest.raises(urllib.error.HTTPError, match="401"):
            urllib.request.urlopen(request, timeout=60)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_server_that_is_told_to_stop_stops_cleanly(folder: Path, how: signal.Signals) -> None:
    with serving(folder) as (process, address):
        assert get(f"{address}/health")["status"] == "ok"
        process.send_signal(how)
        process.wait(timeout=30)
        assert process.returncode == 0
    assert not {path.name for path in folder.iterdir()} & {"snapshots", "serving", "holder.json"}


def test_after_a_kill_the_registry_is_as_before(folder: Path) -> None:
    with serving(folder) as (process, _):
        process.kill()
        process.wait()
    assert json.loads(run(folder, "match", "--device", "nano33", "--json"))
    with serving(folder) as (_, address):
        assert get(f"{address}/health")["status"] == "ok"


def test_a_second_server_is_told_who_holds_the_registry(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TINYKG_WAIT_S", "0.2")
    with serving(folder):
        done = subprocess.run(
            [sys.executable, "-m", "tinykg", "--registry", str(folder), "serve", "--port", "0"],
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 3
        assert "serving" in done.stderr


def test_an_address_that_is_taken_is_said(folder: Path) -> None:
    with serving(folder) as (_, address):
        other = folder.with_name("other")
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "tinykg",
                "--registry",
                str(other),
                "serve",
                "--port",
                address.rpartition(":")[2],
            ],
            check=False,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 3
        assert "choose another --host or --port" in done.stderr


def test_wrong_options_are_refused(folder: Path) -> None:
    run(folder, "serve", "--no-auth", "--read-only", code=2)
    run(folder, "serve", "--port", "99999", code=2)
    for address in (
        "example.org/sparql",
        "ftp://example.org/",
        "http://",
        "http:///x",
        "http://a b/",
        "file:///etc",
    ):
        run(folder, "serve", "--federate", address, code=2)
    run(folder, "token", "create", "x", "--scope", "root", code=2)
