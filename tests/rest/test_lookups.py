"""What deployment tools look up: the same answers as the command line gives."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest
from click.testing import CliRunner

from tinykg.cli.main import group
from tinykg.match.rank import SORTS
from tinykg.rest.match import Filters

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.testclient import TestClient


def cli(folder: Path, *arguments: str) -> Any:
    """What the command line prints as JSON."""
    result = CliRunner().invoke(group, ["--registry", str(folder), *arguments], standalone_mode=False)
    return json.loads(result.stdout)


@pytest.mark.parametrize(
    ("path", "arguments"),
    [
        ("/models", ["list", "models", "--json"]),
        ("/models?task=keyword-spotting", ["list", "models", "--task", "keyword-spotting", "--json"]),
        ("/models/kws", ["show", "kws", "--json"]),
        ("/device-types", ["list", "devices", "--json"]),
        (
            "/device-types?where=ram>=512KiB and sensor=microphone",
            ["list", "devices", "--where", "ram>=512KiB and sensor=microphone", "--json"],
        ),
        ("/device-types/nano33", ["show", "nano33", "--json"]),
        ("/runtimes", ["list", "runtimes", "--json"]),
        ("/match?device=nano33", ["match", "--device", "nano33", "--json"]),
        (
            "/match?device=nano33&task=keyword-spotting&min_accuracy=0.85&sort=ram",
            [
                "match",
                "--device",
                "nano33",
                "--task",
                "keyword-spotting",
                "--min-accuracy",
                "0.85",
                "--sort",
                "ram",
                "--json",
            ],
        ),
        (
            "/match?device=uno&runtime=tflm-ref-arm32&ignore_sensors=true",
            ["match", "--device", "uno", "--runtime", "tflm-ref-arm32", "--ignore-sensors", "--json"],
        ),
        (
            "/match?device=nano33&max_latency_us=20000",
            ["match", "--device", "nano33", "--max-latency", "20", "--json"],
        ),
        ("/explain?model=kws&device=uno", ["explain", "kws", "uno", "--json"]),
        ("/models/kws/build?device=nano33", ["build", "kws", "--on", "nano33"]),
    ],
)
def test_an_answer_is_that_of_the_command_line(
    client: TestClient, seeded_folder: Path, path: str, arguments: list[str]
) -> None:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    json_too = [] if arguments[-1] == "--json" or arguments[0] == "build" else ["--json"]
    assert answer.json() == cli(seeded_folder, *arguments, *json_too)


def test_every_order_of_the_command_line_can_be_asked_for() -> None:
    annotation = Filters.model_fields["sort"].annotation
    assert set(annotation.__args__) == set(SORTS)  # type: ignore[union-attr]


def test_a_verdict_can_be_asked_for(client: TestClient) -> None:
    everything = client.get("/match", params={"device": "nano33"}).json()
    for verdict in ("fits", "does not fit", "unknown"):
        found = client.get("/match", params={"device": "nano33", "verdict": verdict}).json()
        assert found == [m for m in everything if m["verdict"] == verdict]
    assert len({m["verdict"] for m in everything}) > 1


@pytest.mark.parametrize("path", ["/models", "/device-types", "/match?device=nano33"])
def test_pages_give_all_there_is(client: TestClient, path: str) -> None:
    everything = client.get(path).json()
    separator = "&" if "?" in path else "?"
    found: list[object] = []
    address: str | None = (
        f"{path}{separator}limit=400" if "device-types" in path else f"{path}{separator}limit=20"
    )
    while address is not None:
        answer = client.get(address)
        found += answer.json()
        address = answer.links.get("next", {}).get("url")
    assert found == everything


@pytest.mark.parametrize("path", ["/models/kws", "/device-types/nano33", "/match?device=nano33", "/models"])
def test_a_client_that_has_the_answer_is_told_so(client: TestClient, path: str) -> None:
    first = client.get(path)
    for _ in range(2):
        again = client.get(path, headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
    assert client.get(path, headers={"If-None-Match": '"other"'}).content == first.content


@pytest.mark.parametrize(
    ("media_type", "form"),
    [
        ("text/turtle", ox.RdfFormat.TURTLE),
        ("application/n-triples", ox.RdfFormat.N_TRIPLES),
        ("application/ld+json", ox.RdfFormat.JSON_LD),
    ],
)
@pytest.mark.parametrize("path", ["/models/kws", "/device-types/nano33"])
def test_an_entity_is_its_graph_in_rdf(
    client: TestClient, path: str, media_type: str, form: ox.RdfFormat
) -> None:
    answer = client.get(path, headers={"Accept": media_type})
    assert answer.headers["content-type"].split(";")[0] == media_type
    assert "Accept" in answer.headers["vary"].split(", ")
    types = {
        str(quad.object)
        for quad in ox.parse(answer.content, format=form)
        if quad.predicate.value.endswith("#type")
    }
    expected = (
        "<https://w3id.org/tinykg#Model>" if "models" in path else "<https://w3id.org/tinykg#DeviceType>"
    )
    assert expected in types


def test_a_device_type_is_a_thing_model_and_a_description_derives_from_it(client: TestClient) -> None:
    model = client.get("/device-types/nano33", headers={"Accept": "application/tm+json"})
    assert model.headers["content-type"] == "application/tm+json"
    assert "tm:ThingModel" in model.json()["@type"]
    derived = client.get("/device-types/nano33/td", params={"id": "urn:dev:one", "title": "One"})
    assert derived.headers["content-type"] == "application/td+json"
    description = derived.json()
    [link] = description["links"]
    assert link["rel"] == "type"
    assert client.get(link["href"], headers={"Accept": link["type"]}).json() == model.json()
    assert (description["id"], description["title"]) == ("urn:dev:one", "One")


def test_a_form_that_is_not_offered_is_refused(client: TestClient) -> None:
    answer = client.get("/models/kws", headers={"Accept": "image/png"})
    assert answer.status_code == 406
    assert "text/turtle" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("path", "status", "detail"),
    [
        ("/models/kwss", 404, "Did you mean"),
        ("/device-types/nano3", 404, "Did you mean"),
        ("/match?device=nano3", 404, "Did you mean"),
        ("/match", 400, "Name a board"),
        ("/match?device=nano33&min_accuracy=7", 400, "min_accuracy"),
        ("/match?device=nano33&max_latency_us=nan", 400, "max_latency_us"),
        ("/match?device=nano33&colour=red", 400, "colour"),
        ("/match?device=nano33&limit=0", 400, "limit"),
        ("/match?device=nano33&task=nothing", 404, "nothing"),
        ("/match?model=/etc/passwd.tflite", 400, "POST a file"),
        ("/explain?model=../x.tflite&device=nano33", 400, "POST a file"),
        ("/explain?model=kws", 400, "device"),
        ("/device-types?where=ram>>3", 400, "ram"),
        ("/models?cursor=zz", 400, "cursor"),
        ("/models/kws/build", 400, "device"),
        (
            "/models/kws/build?device=nano33&format=header",
            400,
            "there are device, form, runtime",
        ),
        ("/models?sort=name", 400, "sort"),
        ("/models/kws?form=json", 400, "form: is no parameter here"),
        ("/device-types?task=kws", 400, "task"),
        ("/explain?model=kws&device=nano33&verdict=fits", 400, "verdict"),
        ("/benchmarks?status=done", 400, "status"),
        ("/models/x.tflite/build?device=nano33", 400, "POST a file"),
        ("/nothing", 404, "Nothing is at /nothing; /openapi.json"),
    ],
)
def test_what_is_wrong_is_said_as_problem_details(
    client: TestClient, path: str, status: int, detail: str
) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert detail in problem["detail"]


def test_a_file_that_is_not_registered_is_matched(client: TestClient, test_data: Path) -> None:
    content = next(iter(sorted((test_data / "models").rglob("hello_world_int8.tflite")))).read_bytes()
    answer = client.post(
        "/match",
        params={"device": "nano33", "verdict": "fits"},
        content=content,
        headers={"Content-Type": "application/octet-stream"},
    )
    assert answer.status_code == 200, answer.text
    [found] = answer.json()
    assert (found["device"], found["verdict"]) == ("arduino-nano-33-ble-sense", "fits")
    assert client.get("/models/model.tflite").status_code == 404, "nothing is registered"


def test_a_file_in_a_form_is_matched_as_its_bytes_are(client: TestClient) -> None:
    content = client.get("/models/digits_mlp_int8/file").content
    asked = {"device": "nano33"}
    in_form = client.post("/match", params=asked, files={"file": ("../my.tflite", content)})
    as_bytes = client.post(
        "/match", params=asked, content=content, headers={"Content-Type": "application/x-tflite"}
    )
    assert (in_form.status_code, as_bytes.status_code) == (200, 200)
    [found], [expected] = in_form.json(), as_bytes.json()
    assert (found["model"], expected["model"]) == ("my.tflite", "model.tflite")
    assert {**found, "model": "model.tflite"} == expected


def test_a_file_of_a_form_that_is_no_model_is_told_by_its_name(client: TestClient) -> None:
    answer = client.post("/match?device=nano33", files={"file": ("../notes.docx", b"PK")})
    assert answer.status_code == 415
    assert answer.json()["detail"].startswith("notes.docx: not a format TinyKG reads")
    broken = client.post(
        "/match?device=nano33", files={"file": ("a/b.tflite", b"\x1c\0\0\0TFL3" + b"\xff" * 40)}
    )
    assert broken.status_code == 422
    assert broken.json()["detail"].startswith("b.tflite: ")
    [fault] = broken.json()["validationErrors"]
    assert fault["field"]


@pytest.mark.parametrize(
    "sent",
    [{"files": {"model": ("m.tflite", b"x")}}, {"files": {"other": ("a", b"")}, "data": {"file": "text"}}],
)
def test_a_form_without_its_file_is_refused(client: TestClient, sent: dict[str, Any]) -> None:
    answer = client.post("/match?device=nano33", **sent)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert "'file'" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("headers", "content", "status"),
    [
        ({"Content-Type": "application/octet-stream"}, b"no model", 422),
        ({"Content-Type": "application/octet-stream"}, b"", 400),
        ({"Content-Type": "text/plain"}, b"no model", 415),
        ({}, b"no model", 415),
    ],
)
def test_content_that_is_no_model_is_refused(
    client: TestClient, headers: dict[str, str], content: bytes, status: int
) -> None:
    answer = client.post("/match?device=nano33", content=content, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert "/tmp" not in answer.text, "a stranger learns no paths"


def test_the_bytes_of_a_file_that_the_package_has_not_got_are_said_to_be_elsewhere(
    client: TestClient,
) -> None:
    answer = client.get("/models/kws/file")
    assert answer.status_code == 404
    assert "https://" in answer.json()["detail"]


def test_a_shipped_files_bytes_come_whole_and_in_ranges(client: TestClient) -> None:
    whole = client.get("/models/digits_mlp_int8/file")
    assert whole.status_code == 200
    digest = sha256(whole.content).hexdigest()
    assert whole.headers["etag"] == f'"{digest}"'
    part = client.get("/models/digits_mlp_int8/file", headers={"Range": "bytes=4-7"})
    assert (part.status_code, part.content) == (206, b"TFL3")
    assert (
        client.get("/models/digits_mlp_int8/file", headers={"If-None-Match": f'"{digest}"'}).status_code
        == 304
    )
    beyond = client.get("/models/digits_mlp_int8/file", headers={"Range": "bytes=99999999-"})
    assert (beyond.status_code, beyond.headers["content-type"]) == (416, "application/problem+json")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Range": "items=0-4"}, 200),
        ({"Range": "bytes=0-3", "If-Range": '"other"'}, 200),
        ({"Range": "bytes=0-3", "If-Range": "ETAG"}, 206),
        ({"Range": "bytes=0-3", "If-Match": "ETAG"}, 206),
        ({"If-Match": '"other"'}, 412),
        ({"If-Match": "W/ETAG"}, 412),
        ({"If-None-Match": "W/ETAG"}, 304),
        ({"If-None-Match": "*"}, 304),
    ],
)
def test_conditions_on_a_file(client: TestClient, headers: dict[str, str], status: int) -> None:
    etag = client.head("/models/digits_mlp_int8/file").headers["etag"]
    told = {name: value.replace("ETAG", etag) for name, value in headers.items()}
    answer = client.get("/models/digits_mlp_int8/file", headers=told)
    assert answer.status_code == status
    if status < 400:
        assert answer.headers["etag"] == etag


def test_a_file_is_never_compressed(client: TestClient) -> None:
    answer = client.get("/models/digits_mlp_int8/file", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in answer.headers
    assert answer.headers["content-length"] == str(len(answer.content))


def test_a_build_comes_as_header_and_c_array(client: TestClient) -> None:
    header = client.get("/models/kws/build?device=nano33", headers={"Accept": "text/x-c"})
    assert header.headers["content-type"] == "text/x-c; charset=utf-8"
    assert header.text == client.get("/models/kws/build?device=nano33&form=header").text
    assert "ARENA" in header.text
    array = client.get("/models/digits_mlp_int8/build?device=nano33&form=c-array")
    assert array.status_code == 200
    assert "alignas" in array.text
    assert client.get("/models/kws/build?device=nano33&form=c-array").status_code == 404
