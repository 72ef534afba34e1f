"""How long a cold command takes, beside what cannot be avoided: Python, the engine, the command-line library.

    python benchmarks/cold_start.py [ROUNDS]

Commands take turns, so that a busy moment of the machine falls on all of them. The aim: `tinykg match` takes
at most 8 times `python -c "import pyoxigraph, click"`, in medians of one run.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tinykg.report.table import table

PYTHON = sys.executable
TINYKG = [PYTHON, "-m", "tinykg"]
BASE = 'python -c "import pyoxigraph, click"'
COMMANDS = {
    BASE: [PYTHON, "-c", "import pyoxigraph, click"],
    "tinykg --version": [*TINYKG, "--version"],
    "tinykg match --device nano33": [*TINYKG, "match", "--device", "nano33"],
    "tinykg match --model person_detect": [*TINYKG, "match", "--model", "person_detect"],
    "tinykg explain person_detect nano33": [*TINYKG, "explain", "person_detect", "nano33"],
    "tinykg list devices": [*TINYKG, "list", "devices"],
    "tinykg query tasks": [*TINYKG, "query", "tasks"],
}
FIRST_USES = 3


def seconds(command: list[str], registry: Path) -> float:
    """How long a command takes as a process; its answer may be an honest no."""
    environment = {**os.environ, "TINYKG_REGISTRY": str(registry)}
    start = time.perf_counter()
    done = subprocess.run(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
    )
    taken = time.perf_counter() - start
    if done.returncode not in (0, 1):
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}")
    return taken


def row(name: str, taken: list[float], base: list[float]) -> tuple[str, ...]:
    median, least = statistics.median(taken), min(taken)
    return (
        name,
        f"{median * 1e3:.0f}",
        f"{least * 1e3:.0f}",
        f"{median / statistics.median(base):.2f}",
        f"{least / min(base):.2f}",
    )


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    with tempfile.TemporaryDirectory() as folder:
        registry = Path(folder) / "registry"
        first = []
        for _ in range(FIRST_USES):
            shutil.rmtree(registry, ignore_errors=True)
            first.append(seconds(COMMANDS["tinykg match --device nano33"], registry))
        taken: dict[str, list[float]] = {name: [] for name in COMMANDS}
        for _ in range(rounds):
            for name, command in COMMANDS.items():
                taken[name].append(seconds(command, registry))
        files = sum(1 for path in (registry / "store").iterdir() if path.is_file())
    base = taken[BASE]
    rows = [row(name, times, base) for name, times in taken.items()]
    rows.append(row("first use: match --device nano33", first, base))
    columns = ("command", "median ms", "least ms", "median ratio", "least ratio")
    print("\n".join(table(columns, rows, right=columns[1:])))
    print(f"\n{rounds} rounds ({FIRST_USES} first uses); the seeded store has {files} files")


if __name__ == "__main__":
    main()
