"""The vocabularies that the sheets refer to."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

VOCABULARIES = Path(__file__).resolve().parents[2] / "ontology" / "vocabularies"


@pytest.fixture(scope="session")
def concepts() -> Callable[[str], frozenset[str]]:
    """The slugs of a vocabulary, by its file's name: `concepts("cores")`."""

    def read(name: str) -> frozenset[str]:
        text = (VOCABULARIES / f"{name}.ttl").read_text(encoding="utf-8")
        found = frozenset(re.findall(r"^[a-z-]+:(\S+) a skos:Concept", text, re.MULTILINE))
        assert len(found) > 2, f"{name}.ttl has no concepts in the form that this test reads"
        return found

    return read
