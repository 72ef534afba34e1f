"""The published Thing Descriptions and Thing Models, which are not part of the repository."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def things(test_data: Path) -> dict[str, dict[str, Any]]:
    """All documents of the collection that are JSON, by folder and file name."""
    documents: dict[str, dict[str, Any]] = {}
    for path in sorted((test_data / "tds").glob("*/*")):
        try:
            documents[f"{path.parent.name}/{path.name}"] = json.loads(path.read_text("utf-8"))
        except json.JSONDecodeError:
            assert path.name == "domus-tdd-api__bad-json.td.jsonld"
    assert len(documents) >= 178, "the collection shrank"
    return documents


@pytest.fixture
def lamp() -> dict[str, Any]:
    """A small Thing Description that is valid: change it."""
    return {
        "@context": "https://www.w3.org/2022/wot/td/v1.1",
        "id": "urn:uuid:0804d572-cce8-422a-bb7c-4412fcd56f06",
        "title": "Lamp",
        "securityDefinitions": {"basic_sc": {"scheme": "basic", "in": "header"}},
        "security": "basic_sc",
        "properties": {
            "level": {
                "type": "integer",
                "minimum": 0,
                "maximum": 100,
                "forms": [{"href": "/level", "op": ["readproperty", "writeproperty"]}],
            }
        },
        "actions": {"toggle": {"forms": [{"href": "/toggle"}]}},
        "events": {
            "hot": {"data": {"type": "string"}, "forms": [{"href": "/hot", "subprotocol": "longpoll"}]}
        },
        "links": [{"rel": "icon", "href": "/icon.png", "sizes": "16x16"}],
    }
