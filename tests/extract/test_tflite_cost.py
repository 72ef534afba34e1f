"""What reading costs: time for all published models, and no heavy import."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import time
from pathlib import Path

from tinykg.extract.tflite import read_model

ROOT = Path(__file__).parents[2]


def test_all_published_models_are_read_in_little_time(test_data: Path) -> None:
    """1.2 s for 172 files on one core; each at most 20 times its own sha256 and 50 ms."""
    contents = [path.read_bytes() for path in (test_data / "models").rglob("*.tflite")]
    total_s = 0.0
    for data in contents:
        start = time.process_time()
        hashlib.sha256(data).hexdigest()
        middle = time.process_time()
        read_model(data, "model")
        spent_s = time.process_time() - middle
        assert spent_s <= 20 * (middle - start) + 0.05
        total_s += spent_s
    assert len(contents) == 172
    assert total_s < 1.2


def test_reading_a_model_imports_no_other_reader_and_no_rdf_library() -> None:
    code = (
        "import sys, tinykg.extract.tflite, tinykg.extract.c_array;"
        "heavy = {'numpy', 'flatbuffers', 'tflite', 'rdflib', 'pyshacl', 'pyoxigraph', 'msgspec', 'click'};"
        "sys.exit(','.join(heavy & set(sys.modules)) or 0)"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
