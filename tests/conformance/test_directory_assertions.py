"""Each of the 80 assertions on directories, against `tinykg serve`."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import directory_runner
import pytest
from check_registry import CHECKS
from directory_client import DirectoryClient
from tdd_assertions import ASSERTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from serving import Served

LEFT_OUT = {
    "tdd-search-sparql-federation": "SERVICE is refused",
    "tdd-search-sparql-federation-version": "SERVICE is refused",
}
"""An option (MAY), and the MUST that binds those who take it: SERVICE would make the server ask any address
that a query names. What the two checks report is that the server says so, with an error of its own."""


@pytest.fixture(scope="module")
def directory(served: Served) -> Iterator[DirectoryClient]:
    with DirectoryClient(served.url, token=served.token) as client:
        yield client


def test_there_are_eighty_assertions() -> None:
    assert len(ASSERTIONS) == 80
    assert len({assertion.id for assertion in ASSERTIONS}) == 80
    assert set(CHECKS) == {assertion.id for assertion in ASSERTIONS}
    assert Counter(assertion.level for assertion in ASSERTIONS) == {
        "MUST": 53, "MAY": 14, "SHOULD": 9, "RECOMMENDED": 2, "OPTIONAL": 2,
    }  # fmt: skip


def test_the_ids_are_those_of_the_working_group(test_data: Path) -> None:
    template = test_data / "wot" / "discovery" / "testing" / "template.csv"
    lines = template.read_text(encoding="utf-8").splitlines()
    ids = {line.split(",")[1].strip('"') for line in lines[1:] if "," in line}
    assert {name for name in ids if name.startswith("tdd-")} == set(CHECKS)


@pytest.mark.parametrize("name", directory_runner.IDS)
def test_assertion(name: str, directory: DirectoryClient) -> None:
    result = directory_runner.run_one(directory, name)
    if name in LEFT_OUT:
        assert result.status == "not-impl", result.comment
        assert result.comment.startswith(LEFT_OUT[name])
    else:
        assert result.status == "pass", result.comment
