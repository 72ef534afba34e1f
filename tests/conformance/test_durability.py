"""A server that is killed in the middle of writes: the long form is `benchmarks/serve_load.py`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "serve_load.py"


@pytest.mark.parametrize("writes", [20, 200])
def test_each_acknowledged_write_survives_sigkill(writes: int, seeded_folder: Path) -> None:
    words = [sys.executable, str(SCRIPT), "--registry", str(seeded_folder), "--clients", "0"]
    done = subprocess.run(
        [*words, "--writes", str(writes)], capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f" of {writes} writes" in done.stdout
    assert done.stdout.rstrip().endswith("0 lost")
