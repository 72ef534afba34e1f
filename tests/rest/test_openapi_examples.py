"""The examples of the OpenAPI document are what the server answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tinykg.rest import examples

if TYPE_CHECKING:
    from starlette.testclient import TestClient

JSON = "application/json"


def holds(example: Any, answer: Any, where: str = "$") -> None:
    """Assert that an answer has each member of an example, and of a list the first entries."""
    if isinstance(example, dict):
        assert isinstance(answer, dict), where
        for name, value in example.items():
            assert name in answer, f"{where}.{name}"
            holds(value, answer[name], f"{where}.{name}")
    elif isinstance(example, list):
        assert len(example) <= len(answer), where
        for place, (value, found) in enumerate(zip(example, answer, strict=False)):
            holds(value, found, f"{where}[{place}]")
    else:
        assert example == answer, where


@pytest.mark.parametrize(
    ("path", "example"),
    [
        ("/models/digits_mlp_int8", examples.MODEL),
        ("/device-types/pico", examples.DEVICE),
        ("/match?model=digits_mlp_int8&device=pico", [examples.MATCH]),
        ("/models/digits_mlp_int8/build?device=pico", examples.BUILD),
        ("/explain?model=digits_mlp_int8&device=uno", [examples.EXPLANATION]),
    ],
)
def test_what_is_looked_up_is_answered_as_its_example_says(
    client: TestClient, path: str, example: object
) -> None:
    holds(example, client.get(path).json())


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("/models", examples.MODEL_LINE),
        ("/device-types", examples.DEVICE_LINE),
        ("/runtimes", examples.RUNTIME_LINE),
    ],
)
def test_the_line_of_an_example_is_in_its_list(
    client: TestClient, path: str, line: dict[str, object]
) -> None:
    assert line in client.get(path).json()


def test_the_header_and_the_sheet_of_the_examples_are_true(client: TestClient) -> None:
    build = client.get("/models/digits_mlp_int8/build?device=pico&form=header").text
    assert examples.HEADER in build
    for content, media_type, slug in (
        (examples.SHEET, "application/toml", "an-example"),
        (None, "application/tm+json", None),
    ):
        answer = client.post(
            "/device-types" + (f"?slug={slug}" if slug else ""),
            headers={"Content-Type": media_type},
            **({"content": content} if content else {"json": examples.THING_MODEL}),
        )
        assert answer.status_code == 201, answer.text
        [intake] = answer.json()
        assert intake.keys() == examples.INTAKE.keys()
        assert client.delete(answer.headers["location"]).status_code == 204


def test_a_job_has_the_members_of_its_example(client: TestClient) -> None:
    job = client.post("/benchmarks", json={"model": "digits_mlp_int8", "runner": "plain"}).json()
    assert job.keys() == examples.JOB.keys()
    assert client.post(f"/benchmarks/{job['id']}/cancel").status_code == 200


def members(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """The members that a schema of the document describes."""
    while "$ref" in schema or "items" in schema:
        schema = (
            schema["items"]
            if "items" in schema
            else document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        )
    return dict(schema.get("properties", {}))


@pytest.mark.parametrize(
    ("route", "path"),
    [
        ("/models", "/models"),
        ("/device-types", "/device-types"),
        ("/runtimes", "/runtimes"),
        ("/match", "/match?device=nano33"),
        ("/explain", "/explain?model=kws&device=uno"),
        ("/benchmarks/{job_id}", "/benchmarks/{job}"),
        ("/health", "/health"),
    ],
)
def test_each_member_of_an_answer_is_described(client: TestClient, route: str, path: str) -> None:
    job = client.post("/benchmarks", json={"model": "digits_mlp_int8", "runner": "plain"}).json()["id"]
    document = client.get("/openapi.json").json()
    described = members(
        document, document["paths"][route]["get"]["responses"]["200"]["content"][JSON]["schema"]
    )
    found = client.get(path.replace("{job}", job)).json()
    for line in found if isinstance(found, list) else [found]:
        assert not line.keys() - described.keys()
    client.post(f"/benchmarks/{job}/cancel")


def test_each_look_up_shows_an_answer(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    for path, operations in document["paths"].items():
        if path.startswith(("/match", "/explain", "/models", "/device-types", "/runtimes", "/devices")):
            answered = operations.get("get", {}).get("responses", {}).get("200", {}).get("content", {})
            if JSON in answered:
                assert "example" in answered[JSON], path
