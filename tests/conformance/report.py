"""Writes what a server conforms to, in the format of W3C's implementation reports: ID,Status,Comment.

    python tests/conformance/report.py --url http://127.0.0.1:8000 --token TOKEN --out tinykg.csv

The report has the 80 assertions on Thing Description Directories. With --sparql FOLDER, where the folder is
`sparql/sparql11` of W3C's repository rdf-tests, the tests of the SPARQL 1.1 Protocol, the Graph Store
Protocol and the Service Description follow. These change and clear graphs: give them a registry of their own.

SERVICE is tried with two endpoints that this program has on loopback, at /sparql and /broken of a port. A
server that asks only whom it was told to may be told their addresses, and this program the port:

    tinykg serve --federate http://127.0.0.1:8099/sparql --federate http://127.0.0.1:8099/broken
    python tests/conformance/report.py --url http://127.0.0.1:8000 --federation-port 8099 --out tinykg.csv
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import directory_runner
import sparql_runner

if TYPE_CHECKING:
    from collections.abc import Sequence

    from verdicts import Result

HEADER = ("ID", "Status", "Comment")
WORST_COMMENT_CHARS = 500


def write(results: Sequence[Result], path: Path) -> None:
    """The results as a file of comma-separated values, sorted by id as in the published reports."""
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(HEADER)
        for result in sorted(results, key=lambda one: one.id):
            comment = " ".join(result.comment.split())[:WORST_COMMENT_CHARS]
            lines.writerow((result.id, result.status, comment))


def main(words: Sequence[str] | None = None) -> int:
    """Run, write, and say how many passed; 1 where something failed."""
    parser = argparse.ArgumentParser(description="What a server conforms to, as W3C's report format has it.")
    parser.add_argument("--url", required=True, help="where the server is")
    parser.add_argument("--token", help="for writing, where the server wants one")
    parser.add_argument("--closed-url", help="the same server with access control, where --url has none")
    parser.add_argument("--sparql", type=Path, help="W3C's folder sparql11, to run its protocol tests too")
    parser.add_argument("--federation-port", type=int, default=0, help="where to have other endpoints")
    parser.add_argument("--out", type=Path, required=True, help="the file to write")
    chosen = parser.parse_args(words)
    results = []
    if chosen.sparql is not None:  # first: it clears all graphs, and those of Things are not its to clear
        results += sparql_runner.run(chosen.url, chosen.sparql, token=chosen.token)
    results += directory_runner.run(
        chosen.url,
        token=chosen.token,
        closed_url=chosen.closed_url,
        federation_port=chosen.federation_port,
    )
    write(results, chosen.out)
    counts = Counter(result.status for result in results)
    print(", ".join(f"{counts[status]} {status}" for status in ("pass", "fail", "not-impl")))
    for result in results:
        if result.status != "pass":
            print(f"{result.id}: {result.status}: {result.comment}", file=sys.stderr)
    return 1 if counts["fail"] else 0


if __name__ == "__main__":
    sys.exit(main())
