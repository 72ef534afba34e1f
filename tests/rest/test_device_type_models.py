"""A device type is a Thing Model: registered, given back, and what a unit's description derives from."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any

import pytest

from tinykg.things.check import faults_of, model_faults_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from starlette.testclient import TestClient

TM = {"Content-Type": "application/tm+json"}
TD = {"Content-Type": "application/td+json"}

BASE: dict[str, Any] = {
    "@context": [
        "https://www.w3.org/2022/wot/td/v1.1",
        {"tk": "https://w3id.org/tinykg#", "tinykg": "https://w3id.org/tinykg/"},
    ],
    "@type": "tm:ThingModel",
    "id": "urn:tm:test-board",
    "title": "Board of a Thing Model",
    "version": {"model": "1.2.0"},
    "tk:runsSystem": {"@id": "tinykg:system/bare-metal"},
    "tk:hasProcessor": {"tk:part": "X1", "tk:core": {"@id": "tinykg:core/cortex-m4f"}},
    "tk:hasMemory": [
        {"tk:memoryKind": {"@id": "tinykg:memory-kind/sram"}, "tk:totalBytes": 131_072},
        {"tk:memoryKind": {"@id": "tinykg:memory-kind/flash"}, "tk:totalBytes": 1_048_576},
    ],
    "tk:hasNoSensor": True,
    "properties": {"word": {"type": "string", "readOnly": True}},
    "events": {"heard": {"data": {"type": "string"}}},
    "tm:optional": ["/events/heard"],
    "base": "coap://{{ADDRESS}}/",
}
FORMS = {"properties": {"word": {"forms": [{"href": "word"}]}}}


@pytest.fixture
def board(client: TestClient) -> Iterator[str]:
    """The resource of a device type that was registered by its Thing Model."""
    answer = client.post("/device-types", content=json.dumps(BASE), headers=TM)
    assert answer.status_code == 201, answer.text
    yield answer.headers["location"]
    client.delete(answer.headers["location"])


def test_a_thing_model_comes_back_as_it_was_sent(client: TestClient, board: str) -> None:
    assert client.get(board, headers={"Accept": "application/tm+json"}).json() == BASE
    assert client.post("/device-types", content=json.dumps(BASE), headers=TM).status_code == 200
    changed = {**BASE, "description": "More words"}
    assert client.post("/device-types", content=json.dumps(changed), headers=TM).status_code == 201
    assert client.get(board, headers={"Accept": "application/tm+json"}).json() == changed


def test_what_it_says_of_the_board_decides_matches(client: TestClient, board: str) -> None:
    device = client.get(board).json()
    assert [(m["kind"], m["total_bytes"]) for m in device["memories"]] == [
        ("sram", 131_072),
        ("flash", 1 << 20),
    ]
    found = client.get("/match", params={"device": device["slug"], "verdict": "fits"}).json()
    assert {m["ram_available_bytes"] for m in found} == {131_072}


def test_a_unit_derives_by_the_steps_of_the_recommendation(client: TestClient, board: str) -> None:
    told = {
        "id": "urn:dev:unit-1",
        "title": "Unit 1",
        "free_ram_bytes": 50_000,
        "values": {"ADDRESS": "unit-1.local"},
        "instance": "1",
        "additions": FORMS,
    }
    answer = client.post(f"{board}/td", json=told)
    assert answer.status_code == 200, answer.text
    description = answer.json()
    assert faults_of(description) == []
    assert (description["id"], description["title"], description["base"]) == (
        "urn:dev:unit-1",
        "Unit 1",
        "coap://unit-1.local/",
    )
    assert description["version"] == {"model": "1.2.0", "instance": "1"}
    assert "events" not in description, "an optional affordance that nobody chose"
    assert "tm:ThingModel" not in description["@type"]
    [link] = [link for link in description["links"] if link["rel"] == "type"]
    assert link["href"].endswith(board)
    assert client.put("/things/urn:dev:unit-1", json=description, headers=TD).status_code == 201
    found = client.get("/match", params={"device": "urn:dev:unit-1", "verdict": "fits"}).json()
    assert {m["ram_available_bytes"] for m in found} == {50_000}
    client.delete("/things/urn:dev:unit-1")


def test_an_optional_affordance_is_there_if_it_is_chosen(client: TestClient, board: str) -> None:
    additions = {**FORMS, "events": {"heard": {"forms": [{"href": "heard"}]}}}
    told = {
        "values": {"ADDRESS": "x"},
        "optional": ["/events/heard"],
        "instance": "1",
        "additions": additions,
    }
    description = client.post(f"{board}/td", json=told).json()
    assert "heard" in description["events"]
    assert faults_of(description) == []


def test_a_placeholder_without_a_value_is_named(client: TestClient, board: str) -> None:
    for answer in (client.get(f"{board}/td"), client.post(f"{board}/td", json={})):
        assert answer.status_code == 400
        [fault] = answer.json()["validationErrors"]
        assert fault["field"] == "base"
        assert "ADDRESS" in fault["description"]


@pytest.mark.usefixtures("board")
def test_a_model_may_extend_another_of_the_registry(client: TestClient) -> None:
    child = {
        "@context": BASE["@context"],
        "@type": "tm:ThingModel",
        "id": "urn:tm:test-child",
        "title": "Child of a Thing Model",
        "links": [{"rel": "tm:extends", "href": "urn:tm:test-board", "type": "application/tm+json"}],
        "tk:hasMemory": [
            {"tk:memoryKind": {"@id": "tinykg:memory-kind/sram"}, "tk:totalBytes": 262_144},
            {"tk:memoryKind": {"@id": "tinykg:memory-kind/flash"}, "tk:totalBytes": 1_048_576},
        ],
    }
    answer = client.post("/device-types", content=json.dumps(child), headers=TM)
    assert answer.status_code == 201, answer.text
    where = answer.headers["location"]
    device = client.get(where).json()
    assert device["processors"][0]["core"] == "cortex-m4f", "inherited"
    assert device["memories"][0]["total_bytes"] == 262_144, "its own"
    assert client.get(where, headers={"Accept": "application/tm+json"}).json() == child
    client.delete(where)


def test_models_that_nobody_gave_an_id_are_known_by_title_and_address(client: TestClient) -> None:
    parent = {name: value for name, value in BASE.items() if name not in ("id", "base")}
    parent["title"] = "Published board"
    address = "https://example.org/models/published.tm.jsonld"
    first = client.post("/device-types", params={"address": address}, content=json.dumps(parent), headers=TM)
    assert first.status_code == 201, first.text
    other = {"@context": BASE["@context"], "@type": "tm:ThingModel", "title": "Another one"}
    other["links"] = [{"rel": "tm:extends", "href": address}]
    second = client.post("/device-types", content=json.dumps(other), headers=TM)
    assert second.status_code == 201, second.text
    assert first.headers["location"] != second.headers["location"]
    assert client.get(second.headers["location"]).json()["memories"][0]["total_bytes"] == 131_072
    for answer in (first, second):
        client.delete(answer.headers["location"])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"@type": "Thing"}, "@type"),
        ({"properties": {"word": {"type": "colour"}}}, "properties.word"),
        ({"tm:optional": "/events/heard"}, "tm:optional"),
        ({"links": [{"rel": "tm:extends", "href": "https://example.org/elsewhere.tm.jsonld"}]}, "links"),
    ],
)
def test_what_is_wrong_with_a_model_is_named_by_its_field(
    client: TestClient, change: dict[str, Any], field: str
) -> None:
    answer = client.post("/device-types", content=json.dumps({**BASE, **change}), headers=TM)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert any(fault["field"].startswith(field) for fault in answer.json()["validationErrors"])


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"a": NaN}', b"\xff\xfe", b'{"title":1,"title":2}'])
def test_what_is_no_thing_model_at_all_is_refused(client: TestClient, content: bytes) -> None:
    answer = client.post("/device-types", content=content, headers=TM)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert answer.json()["validationErrors"]


def test_published_models_are_taken_or_their_fault_is_named(client: TestClient, test_data: Path) -> None:
    """One in three of them, since each is joined with all boards; the rules are tested on all elsewhere."""
    folder = test_data / "tds"
    with (folder / "INDEX.csv").open(newline="") as rows:
        found = [row["file"] for row in csv.DictReader(rows) if row["kind"] == "TM"]
    names = [name for name in found if (folder / name).is_file()][::3]
    taken = refused = 0
    for name in names:
        path = folder / name
        content = path.read_bytes()
        answer = client.post("/device-types", content=content, headers=TM)
        if answer.status_code in (200, 201):
            taken += 1
            again = client.get(answer.headers["location"], headers={"Accept": "application/tm+json"})
            assert again.json() == json.loads(content), name
            assert client.delete(answer.headers["location"]).status_code == 204
        else:
            refused += 1
            assert answer.status_code in (400, 422), f"{name}: {answer.text}"
            assert answer.json().get("validationErrors") or answer.json()["detail"], name
            document = json.loads(content)
            leads_nowhere = "which is not there" in answer.text
            assert model_faults_of(document) or leads_nowhere, f"{name}: {answer.text}"
    assert taken > 10, (taken, refused)
