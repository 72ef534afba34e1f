"""Registering over HTTP: models, kinds of devices, and devices that are matched."""

from __future__ import annotations

import json
import threading
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

from tinykg.files import data_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.testclient import TestClient

SHEET = 'name = "mine"\ntask = "image-classification"\nsource = "me"\nsensors = []\n'
BOARD = """\
name = "My board"
vendor = "Me"
system = "bare-metal"
source = "a data sheet"
sensors = []

[[processor]]
part = "X1"
core = "cortex-m4f"
clock_hz = 64_000_000

[[memory]]
kind = "sram"
total_bytes = 262_144
source = "a data sheet"

[[memory]]
kind = "flash"
total_bytes = 1_048_576
source = "a data sheet"
"""


@pytest.fixture(scope="module")
def model() -> bytes:
    """The bytes of a model that the package ships, changed in its description so that it is another file."""
    path = next(iter(sorted((data_folder() / "models" / "files").glob("*.tflite"))))
    content = path.read_bytes()
    return content + b"\0" * 16


@pytest.fixture(autouse=True)
def nothing_left(client: TestClient) -> Iterator[None]:
    yield
    for path in ("/models/mine", "/models/plain", "/device-types/my-board", "/things/urn:dev:mine"):
        client.delete(path)


def post_model(client: TestClient, content: bytes, name: str = "plain.tflite", **data: str) -> Any:
    return client.post("/models", files={"file": (name, content)}, data=data)


@pytest.mark.parametrize(
    "metadata",
    [
        SHEET,
        "name: mine\ntask: image-classification\nsource: me\nsensors: []\n",
        json.dumps({"name": "mine", "task": "image-classification", "source": "me", "sensors": []}),
    ],
)
def test_a_model_with_metadata_is_registered_and_its_bytes_come_back(
    client: TestClient, model: bytes, metadata: str
) -> None:
    answer = post_model(client, model, metadata=metadata)
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == "/models/mine"
    assert {i["status"] for i in answer.json()} == {"added"}
    found = client.get(answer.headers["location"]).json()
    assert (found["name"], found["task"]) == ("mine", "image-classification")
    assert found["file_sha256"] == sha256(model).hexdigest()
    assert client.get("/models/mine/file").content == model
    assert client.get("/match", params={"model": "mine", "device": "nano33"}).json()[0]["verdict"] == "fits"
    again = post_model(client, model, metadata=metadata)
    assert again.status_code == 200
    assert {i["status"] for i in again.json()} == {"unchanged"}


def test_a_file_alone_is_registered_under_its_name(client: TestClient, model: bytes) -> None:
    answer = post_model(client, model, name="../../plain.tflite")
    assert (answer.status_code, answer.headers["location"]) == (201, "/models/plain")


def test_metadata_may_come_as_a_file(client: TestClient, model: bytes) -> None:
    answer = client.post("/models", files={"file": ("m.tflite", model), "metadata": ("m.toml", SHEET)})
    assert (answer.status_code, answer.headers["location"]) == (201, "/models/mine")
    binary = client.post("/models", files={"file": ("m.tflite", model), "metadata": ("m.toml", b"\xff")})
    assert (binary.status_code, binary.headers["content-type"]) == (400, "application/problem+json")


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"data": {"file": "a text"}, "files": {"other": ("x", b"")}}, "file: is a text; expected a file"),
        ({"files": {"model": ("m.tflite", b"x")}}, "model: is not known here"),
        ({"files": {"file": ("m.tflite", b"x")}, "data": {"task": "kws"}}, "task: is not known here"),
        ({"files": {"file": ("m.tflite", b"x")}, "params": {"name": "x"}}, "name: is no parameter here"),
    ],
)
def test_a_form_has_the_fields_that_are_known(client: TestClient, sent: dict[str, Any], says: str) -> None:
    answer = client.post("/models", **sent)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert says in answer.json()["detail"]


def test_what_comes_in_is_at_its_own_place(client: TestClient) -> None:
    answer = post_model(client, BOARD.encode(), name="my-board.toml")
    assert (answer.status_code, answer.headers["location"]) == (201, "/device-types/my-board")


def test_a_file_of_a_known_format_with_nothing_in_it_is_refused(client: TestClient) -> None:
    answer = post_model(client, b"<package><vendor>V</vendor><name>N</name></package>", name="V.N.pdsc")
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert answer.json()["detail"] == "Nothing in the content is a model or a board."


def test_a_name_in_any_script_names_the_file(client: TestClient, model: bytes) -> None:
    answer = post_model(client, model, metadata=SHEET.replace("mine", "模型"))
    assert answer.status_code == 201, answer.text
    file = client.get(answer.headers["location"] + "/file")
    assert (file.status_code, file.content) == (200, model)
    assert file.headers["content-disposition"].isascii()
    assert client.delete(answer.headers["location"]).status_code == 204


def test_a_file_is_read_to_its_end_while_its_model_is_removed(client: TestClient, model: bytes) -> None:
    seen: set[tuple[int, bool]] = set()
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            answer = client.get("/models/plain/file", headers={"Range": "bytes=4-"})
            seen.add((answer.status_code, answer.content == model[4:]))

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(5):
        assert post_model(client, model).status_code == 201
        assert client.get("/models/plain/file").content == model
        assert client.delete("/models/plain").status_code == 204
    done.set()
    reader.join()
    assert seen <= {(206, True), (404, False)}


def test_another_file_of_a_name_is_a_conflict_until_it_may_replace(client: TestClient, model: bytes) -> None:
    assert post_model(client, model, metadata=SHEET).status_code == 201
    other = model + b"\0" * 16
    refused = post_model(client, other, metadata=SHEET)
    assert (refused.status_code, refused.headers["content-type"]) == (409, "application/problem+json")
    assert "/tmp" not in refused.text
    replaced = client.post(
        "/models?replace=true", files={"file": ("m.tflite", other)}, data={"metadata": SHEET}
    )
    assert replaced.status_code == 201
    assert client.get("/models/mine/file").content == other


@pytest.mark.parametrize(
    ("content", "metadata", "status"),
    [
        (b"no model", None, 422),
        (b"no model", SHEET, 422),
        (None, "name = 3\n", 422),
        (None, "{not json", 422),
        (None, SHEET.replace("image-classification", "no-such-task"), 422),
        (None, SHEET + "colour = 'red'\n", 422),
    ],
)
def test_what_is_wrong_registers_nothing(
    client: TestClient, model: bytes, content: bytes | None, metadata: str | None, status: int
) -> None:
    before = client.get("/models").json()
    answer = post_model(client, content or model, **({} if metadata is None else {"metadata": metadata}))
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert "/tmp" not in answer.text
    assert client.get("/models").json() == before


def test_a_model_is_removed_if_it_is_still_the_one_that_was_seen(client: TestClient, model: bytes) -> None:
    post_model(client, model, metadata=SHEET)
    etag = client.get("/models/mine").headers["etag"]
    assert client.delete("/models/mine", headers={"If-Match": '"other"'}).status_code == 412
    assert client.delete("/models/mine", headers={"If-Match": etag}).status_code == 204
    assert client.get("/models/mine").status_code == 404
    assert client.delete("/models/mine").status_code == 404


def test_a_board_is_registered_by_its_sheet(client: TestClient) -> None:
    answer = client.post(
        "/device-types?slug=my-board", content=BOARD, headers={"Content-Type": "application/toml"}
    )
    assert (answer.status_code, answer.headers.get("location")) == (201, "/device-types/my-board"), (
        answer.text
    )
    fits = client.get("/match", params={"device": "my-board", "verdict": "fits"}).json()
    assert "hello_world_int8" in {m["model"] for m in fits}
    again = client.post(
        "/device-types?slug=my-board", content=BOARD, headers={"Content-Type": "application/toml"}
    )
    assert again.status_code == 200


def test_a_kind_of_device_is_registered_by_its_thing_model_and_a_device_of_it_is_matched(
    client: TestClient,
) -> None:
    model = client.get("/device-types/nano33", headers={"Accept": "application/tm+json"}).json()
    model |= {"id": "urn:tm:my-board", "title": "My board"}
    headers = {"Content-Type": "application/tm+json"}
    answer = client.post("/device-types", json=model, headers=headers)
    assert answer.status_code == 201, answer.text
    kind = answer.headers["location"]
    assert client.get(kind).json()["name"] == "My board"
    description = client.get(f"{kind}/td", params={"id": "urn:dev:mine", "title": "Mine"}).json()
    description["tk:hasMemory"] = {
        "tk:memoryKind": {"@id": "tinykg:memory-kind/sram"},
        "tk:freeBytes": 30_000,
    }
    made = client.put(
        "/things/urn:dev:mine", json=description, headers={"Content-Type": "application/td+json"}
    )
    assert made.status_code == 201, made.text
    [device] = client.get("/devices").json()
    assert (device["id"], device["ram_free_bytes"]) == ("urn:dev:mine", 30_000)
    found = client.get("/match", params={"device": "urn:dev:mine"}).json()
    assert {m["ram_available_bytes"] for m in found if m["ram_available_bytes"]} == {30_000}
    of_type = client.get("/match", params={"device": kind.rpartition("/")[2]}).json()
    assert len([m for m in found if m["verdict"] == "fits"]) < len(
        [m for m in of_type if m["verdict"] == "fits"]
    )
    client.delete("/things/urn:dev:mine")
    client.delete(kind)


@pytest.mark.parametrize(
    ("kind", "content", "status"),
    [
        ("text/html", b"<p>", 415),
        ("", b"{}", 415),
        ("application/json", b"{", 422),
        ("application/json", b"{}", 422),
        ("application/tm+json", b"{}", 400),
        ("application/toml", b"slug = 3", 422),
        ("application/toml", BOARD.replace("cortex-m4f", "cortex-m99").encode(), 422),
    ],
)
def test_content_that_is_no_board_is_refused(
    client: TestClient, kind: str, content: bytes, status: int
) -> None:
    headers = {"Content-Type": kind} if kind else {}
    answer = client.post("/device-types?slug=my-board", content=content, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert "/tmp" not in answer.text


def test_a_sheet_needs_a_name(client: TestClient) -> None:
    answer = client.post("/device-types", content=BOARD, headers={"Content-Type": "application/toml"})
    assert answer.status_code == 400
    assert "?slug=" in answer.json()["detail"]
    wrong = client.post(
        "/device-types?slug=../x", content=BOARD, headers={"Content-Type": "application/toml"}
    )
    assert wrong.status_code == 400
