"""Asks a running server what its OpenAPI document allows and forbids, with schemathesis.

    python tests/conformance/check_openapi.py --url http://127.0.0.1:8000 [--token TOKEN] [--seconds 900]

Schemathesis has to be on the PATH; it is no dependency, as it brings some 30 packages. No answer may be a
server's error, nor have a status, type, header or body that the document does not have. Event streams have
no end and are left out. Ends as schemathesis does: 0 where nothing was found.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "missing_required_header",
    "unsupported_method",
    "allow_header_conformance",
    "ignored_auth",
    "use_after_free",
    "ensure_resource_availability",
)
"""All but `positive_data_acceptance`: a schema cannot say what is a text of SPARQL, XPath or Turtle."""


def main() -> int:
    """Run schemathesis on the document at /openapi.json."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True)
    parser.add_argument("--token")
    parser.add_argument("--examples", type=int, default=50)
    parser.add_argument("--seconds", type=int, default=900)
    chosen = parser.parse_args()
    program = shutil.which("schemathesis")
    if program is None:
        sys.exit("schemathesis is not on the PATH; install it in an environment of its own")
    words = [program, "run", f"{chosen.url.rstrip('/')}/openapi.json", "--checks", ",".join(CHECKS)]
    words += ["--exclude-path-regex", "^/events", "--continue-on-failure", "--request-timeout", "20"]
    words += ["--max-examples", str(chosen.examples), "--max-time", str(chosen.seconds), "--seed", "1"]
    words += ["--phases", "examples,coverage,fuzzing,stateful"]
    if chosen.token:
        words += ["--header", f"Authorization: Bearer {chosen.token}"]
    here = Path(__file__).parent
    paths = [str(here), *filter(None, [os.environ.get("PYTHONPATH")])]
    hooks = {"SCHEMATHESIS_HOOKS": "schemathesis_texts", "PYTHONPATH": os.pathsep.join(paths)}
    return subprocess.run(words, check=False, env={**os.environ, **hooks}).returncode


if __name__ == "__main__":
    sys.exit(main())
