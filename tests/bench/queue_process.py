"""A worker as a process of its own: `python queue_process.py FOLDER NAME HOW`.

HOW is `race`: take and finish jobs until none is left, and print their ids; or `stall`: take one, say so and
do nothing for ever.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from bench_plugins import result

from tinykg.catalogue.jobs import Jobs
from tinykg.catalogue.sessions import open_sessions
from tinykg.settings import Settings


def main() -> None:
    """Do as told."""
    folder, name, how = sys.argv[1:]
    jobs = Jobs(open_sessions(Settings(registry=str(Path(folder)), wait_s=60)), lease_s=30)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    while (job := jobs.claim(name, ["plain"])) is not None:
        sys.stdout.write(f"{job.id}\n")
        sys.stdout.flush()
        if how == "stall":
            time.sleep(600)
        jobs.finish(job.id, name, result())


if __name__ == "__main__":
    main()
