"""No file is in two of the formats that are written in JSON."""

from __future__ import annotations

import collections
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinykg.extract import micropython, mlperf_tiny, platformio, thing_description
from tinykg.extract.json_document import top_members

if TYPE_CHECKING:
    from pathlib import Path

FORMS = (micropython.EXTRACTOR, mlperf_tiny.EXTRACTOR, platformio.EXTRACTOR, thing_description.EXTRACTOR)

MEMBERS: dict[str, Any] = {
    "@context": "https://www.w3.org/2022/wot/td/v1.1",
    "title": "a",
    "Submitter": "b",
    "Board Name": "c",
    "product": "d",
    "mcu": "e",
    "name": "f",
    "build": {"mcu": "g", "Board Name": "h"},
    "upload": {"@context": "https://www.w3.org/2022/wot/td/v1.1"},
}


def accepting(path: Path) -> list[str]:
    """The names of the formats that a file or folder is in."""
    return [form.name for form in FORMS if form.accepts(path)]


def test_each_published_file_is_in_one_format_at_most(test_data: Path) -> None:
    counts: collections.Counter[tuple[str, str]] = collections.Counter()
    for path in sorted(test_data.rglob("*")):
        names = accepting(path)
        assert len(names) <= 1, path
        inner = path.relative_to(test_data).parts
        if names and names != ["platformio"]:
            counts[names[0], "/".join(inner[: 2 if inner[0] == "boards" else 1])] += 1
        assert "platformio" not in inner or names in ([], ["platformio"]), path
    assert counts == {
        ("micropython", "boards/micropython"): 225,
        ("mlperf-tiny", "boards/mlperf_tiny"): 113,
        ("thing-description", "tds"): 176,
        ("thing-description", "wot"): 3,
    }


@pytest.mark.parametrize("name", ["board.json", "other.json", "x.td.json", "x.jsonld", "x.tm.json"])
@given(
    members=st.permutations(list(MEMBERS)).flatmap(
        lambda keys: st.integers(0, len(keys)).map(lambda end: keys[:end])
    )
)
def test_no_object_is_in_two_of_the_forms_that_know_its_top(
    tmp_path_factory: pytest.TempPathFactory, name: str, members: list[str]
) -> None:
    path = tmp_path_factory.mktemp("forms") / name
    text = json.dumps({key: MEMBERS[key] for key in members})
    assert list(top_members(text.encode())) == members
    path.write_text(text, encoding="utf-8")
    names = set(accepting(path)) - {"platformio"}
    assert len(names) <= 1
    assert ("thing-description" in names) == ("@context" in members)
