"""Published Thing Descriptions: those that W3C's schemas accept are accepted and come back equal."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any

import pytest
from lamps import own, plain, sent

from tinykg.errors import InvalidThing
from tinykg.things.check import faults_of

if TYPE_CHECKING:
    from pathlib import Path

    from tinykg.directory.directory import Directory


def corpus(folder: Path) -> list[tuple[str, bytes, bool]]:
    """Name, text and whether W3C's schemas accept it, of each Thing Description."""
    with (folder / "INDEX.csv").open(encoding="utf-8") as index:
        rows = [row for row in csv.DictReader(index) if row["kind"] == "TD"]
    return [
        (row["file"], (folder / row["file"]).read_bytes(), "valid" in (row["td11"], row["td10"]))
        for row in rows
        if (folder / row["file"]).is_file()
    ]


@pytest.fixture(scope="module")
def published(test_data: Path) -> list[tuple[str, bytes, bool]]:
    return corpus(test_data / "tds")


def register(directory: Directory, content: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
    """A Thing Description as it was sent and as it is served."""
    document = json.loads(content)
    if "id" in document:
        thing_id = directory.put([document["id"]], content).thing_id
    else:
        thing_id = directory.create(content).thing_id
    return document, directory.get(thing_id).document()


def test_the_accepted_ones_come_back_equal(
    directory: Directory, published: list[tuple[str, bytes, bool]]
) -> None:
    good = [(name, content) for name, content, accepted in published if accepted]
    assert len(good) >= 90
    for name, content in good:
        document, served = register(directory, content)
        assert own(served) == plain(document), name
        assert faults_of(served) == [], name
        again = directory.put([served["id"]], sent(served))  # what was read can be written back
        assert not again.is_new
        assert own(directory.get(served["id"]).document()) == own(served), name


def test_the_others_are_refused_with_fields(
    directory: Directory, published: list[tuple[str, bytes, bool]]
) -> None:
    bad = [(name, content) for name, content, accepted in published if not accepted]
    assert len(bad) >= 20
    for name, content in bad:
        with pytest.raises(InvalidThing) as caught:
            register(directory, content)
        assert caught.value.faults, name
        assert all(fault.field and fault.description for fault in caught.value.faults), name
    assert directory.size() == 0
