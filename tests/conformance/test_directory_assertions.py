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

FEDERATION = ("tdd-search-sparql-federation", "tdd-search-sparql-federation-version")


@pytest.fixture(scope="module")
def directory(served: Served, federation_port: int) -> Iterator[DirectoryClient]:
    with DirectoryClient(served.url, token=served.token, federation_port=federation_port) as client:
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
    assert result.status == "pass", result.comment


@pytest.mark.parametrize("name", FEDERATION)
def test_nobody_is_asked_whom_the_keeper_did_not_name(name: str, served: Served) -> None:
    """The same endpoint at another port: its address is not on the server's list."""
    with DirectoryClient(served.url, token=served.token) as client:
        result = directory_runner.run_one(client, name)
    assert result.status == "not-impl", result.comment
    assert result.comment.startswith("SERVICE is refused")
