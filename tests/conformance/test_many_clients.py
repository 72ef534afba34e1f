"""Many clients at once read and write through one server: the long form is `benchmarks/serve_load.py`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
SCRIPT = BENCHMARKS / "serve_load.py"


def serve_load(registry: Path, *options: str) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, str(SCRIPT), "--registry", str(registry), *options]
    return subprocess.run(words, capture_output=True, text=True, check=False, timeout=300)


def test_no_request_fails_and_no_write_is_lost(seeded_folder: Path) -> None:
    done = serve_load(seeded_folder, "--clients", "40", "--seconds", "4", "--writes", "0")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 errors, 0 lost writes" in done.stdout


def test_each_subscriber_gets_each_event_in_order(seeded_folder: Path) -> None:
    words = [sys.executable, str(BENCHMARKS / "serve_events.py"), "--registry", str(seeded_folder)]
    done = subprocess.run(
        [*words, "--subscribers", "50", "--writes", "60"],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3000 events; 0 subscribers with faults" in done.stdout
