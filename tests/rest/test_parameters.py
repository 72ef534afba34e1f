"""Query parameters: those that a route has not got, and those that come twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

if TYPE_CHECKING:
    from starlette.testclient import TestClient

TWICE = [
    "/match?device=nano33&device=uno",
    "/match?device=nano33&limit=1&limit=2",
    "/explain?model=kws&device=nano33&device=nano33",
    "/models?task=keyword-spotting&task=image-classification",
    "/models/kws/build?device=nano33&device=uno",
    "/device-types?where=ram>1&where=ram>2",
    "/device-types/nano33/td?id=urn:a&id=urn:b",
    "/devices?cursor=a&cursor=b",
    "/runtimes?limit=1&limit=1",
    "/things?offset=0&offset=5",
    "/things?format=array&format=collection",
    "/search/jsonpath?query=$&query=$.x",
    "/search/xpath?query=*&query=a",
    "/search/sparql?query=ASK{}&query=ASK{}",
    "/events?diff=true&diff=false",
    "/events/thing_created?diff=1&diff=1",
]


def faults(answer: Any) -> dict[str, str]:
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    return {one["field"]: one["description"] for one in answer.json()["validationErrors"]}


@pytest.mark.parametrize("path", TWICE)
def test_a_parameter_of_one_value_is_not_there_twice(client: TestClient, path: str) -> None:
    query = parse_qs(urlsplit(path).query)
    [doubled] = [name for name, values in query.items() if len(values) > 1]
    assert faults(client.get(path)) == {doubled: "is there 2 times; it has one value"}


def test_that_is_so_where_something_is_written_too(client: TestClient) -> None:
    form: dict[str, Any] = {"files": {"file": ("m.tflite", b"x")}}
    assert set(faults(client.post("/models?replace=true&replace=false", **form))) == {"replace"}
    sheet: dict[str, Any] = {"content": b"name = 'x'", "headers": {"Content-Type": "application/toml"}}
    assert set(faults(client.post("/device-types?slug=a&slug=b", **sheet))) == {"slug"}


def test_a_list_may_have_several(client: TestClient) -> None:
    assert client.get("/benchmarks?state=queued&state=done").status_code == 200
    graphs = "default-graph-uri=urn:a&default-graph-uri=urn:b&named-graph-uri=urn:c&named-graph-uri=urn:d"
    assert client.get(f"/sparql?query=ASK{{}}&{graphs}").status_code == 200
    content = client.get("/models/digits_mlp_int8/file").content
    several = client.post(
        "/match?device=nano33&senses=sound&senses=acceleration",
        content=content,
        headers={"Content-Type": "application/octet-stream"},
    )
    assert several.status_code == 200, several.text
    [found] = several.json()
    sensed = [one["message"] for one in found["constraints"] if one["constraint"] == "sensor"]
    assert len(sensed) == 2 or "acceleration" in str(found), found


def test_each_fault_is_named_once(client: TestClient) -> None:
    answer = client.get("/match?device=a&device=b&device=c&colour=red&colour=blue&x=1")
    assert faults(answer) == {
        "colour": faults(answer)["x"],
        "x": faults(answer)["x"],
        "device": "is there 3 times; it has one value",
    }
    assert faults(answer)["x"].startswith("is no parameter here; there are cursor, device, ")


def test_the_directory_leaves_parameters_alone_that_are_not_its_own(client: TestClient) -> None:
    """WoT Discovery says of none that it must be refused, and caches are told apart by such ones."""
    assert client.get("/things?_=1&_=2").status_code == 200
    assert client.get("/events/nothing?_=1&_=2").status_code == 404
