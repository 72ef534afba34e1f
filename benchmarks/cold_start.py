"""How long a cold `tinykg match --device nano33` takes, as a ratio to importing its two compiled parts.

Each command is a process of its own; the registry is seeded before. Minima and medians of one run.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = 15
TINYKG = [str(Path(sys.executable).with_name("tinykg"))]
COMMANDS = {
    "import pyoxigraph, click": [sys.executable, "-c", "import pyoxigraph, click"],
    "tinykg --version": [*TINYKG, "--version"],
    "tinykg match --device nano33": [*TINYKG, "match", "--device", "nano33"],
    "tinykg match --device nano33 --json": [*TINYKG, "match", "--device", "nano33", "--json"],
    "tinykg explain person_detect nano33": [*TINYKG, "explain", "person_detect", "nano33"],
}


def seconds(command: list[str], environment: dict[str, str]) -> float:
    """The time of one process, from start to end."""
    start = time.perf_counter()
    subprocess.run(command, env=environment, capture_output=True, check=False)
    return time.perf_counter() - start


def main() -> None:
    """Run every command in turn, so that a busy moment hits all of them, and print the table."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "TINYKG_REGISTRY": folder}
        first = seconds(COMMANDS["tinykg match --device nano33"], environment)
        times: dict[str, list[float]] = {name: [] for name in COMMANDS}
        for _ in range(ROUNDS):
            for name, command in COMMANDS.items():
                times[name].append(seconds(command, environment))
    base_least, base_median = (f(times["import pyoxigraph, click"]) for f in (min, statistics.median))
    print(f"{'command':<40} {'least':>9} {'ratio':>6} {'median':>9} {'ratio':>6}")
    for name, found in times.items():
        least, median = min(found), statistics.median(found)
        print(
            f"{name:<40} {least * 1e3:>6.0f} ms {least / base_least:>6.1f} "
            f"{median * 1e3:>6.0f} ms {median / base_median:>6.1f}"
        )
    print(f"first use, which seeds the registry: {first:.2f} s")


if __name__ == "__main__":
    main()
