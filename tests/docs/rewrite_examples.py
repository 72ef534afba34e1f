"""Writes what commands and code print into the examples of documents.

    python tests/docs/rewrite_examples.py [FILE...]

Commands whose three dots still hold are left alone.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from document_examples import DOCUMENTS, Runner


def main() -> int:
    """The exit code: 0."""
    wanted = [Path(word).resolve() for word in sys.argv[1:]] or DOCUMENTS
    for path in wanted:
        text = path.read_text(encoding="utf-8")
        with tempfile.TemporaryDirectory() as folder:
            runner = Runner(Path(folder), Path(folder) / "registry", check=False)
            runner.run(path)
        for start, end, printed in reversed(runner.anew):
            head, _, _ = text[start:end].partition("\n")
            text = f"{text[:start]}{head}\n{printed}```{text[end:]}"
        if text != path.read_text(encoding="utf-8"):
            path.write_text(text, encoding="utf-8")
            sys.stdout.write(f"{path.name} rewritten\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
