"""`tinykg serve` over a registry without the built-in catalogue, for suites that own all data.

python serve_empty.py --registry FOLDER serve --host HOST --port PORT [--no-auth]
"""

from __future__ import annotations

import argparse
import sys
from functools import partial

from tinykg.rest import run
from tinykg.settings import ServeSettings, Settings


def main() -> None:
    """Serve until a signal comes; the address is told on standard error."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--registry", required=True)
    parser.add_argument("command", choices=["serve"])
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--no-auth", action="store_true")
    words = parser.parse_args()
    settings = ServeSettings(
        host=words.host, port=words.port, writes="open" if words.no_auth else "token", rate_per_s=None
    )
    say = partial(print, file=sys.stderr, flush=True)
    run.serve(Settings(registry=words.registry), settings, say, empty=True)


if __name__ == "__main__":
    main()
