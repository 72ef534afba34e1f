"""What a client says of a model beside its file: in three forms, and told where it is wrong."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tinykg.errors import ExtractError
from tinykg.files import data_folder
from tinykg.rest.metadata import sheet_beside

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from starlette.testclient import TestClient

KNOWN: dict[str, Any] = {"name": "mine", "task": "image-classification", "source": "me", "sensors": []}
TOML = 'name = "mine"\ntask = "image-classification"\nsource = "me"\nsensors = []\n'

BOARD = """\
name = "B"
system = "bare-metal"
source = "me"
sensors = []

[[processor]]
core = "cortex-m99"
"""


@pytest.fixture(scope="module")
def model() -> bytes:
    """The bytes of a model that is not registered."""
    path = next(iter(sorted((data_folder() / "models" / "files").glob("*.tflite"))))
    return path.read_bytes() + b"\0" * 48


@pytest.fixture(autouse=True)
def nothing_left(client: TestClient) -> Iterator[None]:
    yield
    for name in ("mine", "plain"):
        client.delete(f"/models/{name}")


def post(client: TestClient, model: bytes, metadata: str) -> Any:
    return client.post("/models", files={"file": ("plain.tflite", model)}, data={"metadata": metadata})


def faults(answer: Any) -> list[dict[str, str]]:
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert "/tmp" not in answer.text, "a stranger learns no paths"
    found: list[dict[str, str]] = answer.json()["validationErrors"]
    return found


@pytest.mark.parametrize(
    ("metadata", "says"),
    [
        ('{"name": "mine",\n "task": }', "line 2, column 10"),
        ('{"name": "mine"', "line 1, column 16"),
        ('{"name": "mine", "name": "yours"}', "the member 'name' twice"),
        ('{"name": "mine"} {}', "line 1"),
        ('{"value": 1e999}', "1e999"),
        ('name = "mine"\ntask = \n', "at line 2, column 8"),
        ('name = "mine"\n[[sensor]\n', "at line 2"),
        ("name: mine\ntask: [a\nsource: me\n", "line 3"),
        ("name: mine\n\ttask: a\n", "line 2"),
        ("{name: mine, task: [}", "line 1"),
        ("just words", "no names with values"),
        ("- a\n- b\n", "no names with values"),
    ],
)
def test_what_cannot_be_parsed_is_told_by_the_line_that_was_sent(
    client: TestClient, model: bytes, metadata: str, says: str
) -> None:
    answer = post(client, model, metadata)
    assert len(faults(answer)) == 1
    assert says in answer.json()["detail"]
    assert client.get("/models/plain").status_code == 404, "the file alone is not taken either"


@pytest.mark.parametrize(
    ("changed", "field", "says"),
    [
        ({"name": 3}, "$.name", "Expected `str`, got `int`"),
        ({"colour": "red"}, "$", "unknown field `colour`"),
        ({"sensors": ["microphone"]}, "$.sensors", "; expected [] for none, or [[sensor]] tables"),
        ({"task": "no-such-task"}, "tk:task", "Expected a task of the vocabulary"),
        (
            {"evaluation": [{"metric": "top-1-accuracy", "value": "high", "source": "me"}]},
            "$.evaluation[0].value",
            "",
        ),
    ],
)
def test_a_wrong_value_is_a_fault_with_its_field(
    client: TestClient, model: bytes, changed: dict[str, Any], field: str, says: str
) -> None:
    [fault] = faults(post(client, model, json.dumps(KNOWN | changed)))
    assert fault["field"] == field
    assert says in fault["description"]


def test_each_rule_that_a_record_breaks_is_a_fault(client: TestClient, model: bytes) -> None:
    wrong = KNOWN | {
        "task": "no-such-task",
        "evaluation": [{"metric": "no-such-metric", "value": 0.5, "source": "me"}],
    }
    found = faults(post(client, model, json.dumps(wrong)))
    assert len(found) == 2
    assert {one["field"] for one in found} == {"tk:task", "tk:metric"}
    assert all(one["description"].startswith("model/mine") or "mine" in one["description"] for one in found)


def test_a_board_that_breaks_rules_has_them_as_faults_too(client: TestClient) -> None:
    answer = client.post("/device-types?slug=b", content=BOARD, headers={"Content-Type": "application/toml"})
    assert {one["field"] for one in faults(answer)} >= {"tk:core"}


def test_a_conflict_has_no_faults(client: TestClient, model: bytes) -> None:
    assert post(client, model, TOML).status_code == 201
    answer = post(client, model + b"\0" * 16, TOML)
    assert answer.status_code == 409
    assert "validationErrors" not in answer.json()


@pytest.mark.parametrize("ascii_only", [True, False])
def test_any_text_and_number_of_json_comes_through(
    client: TestClient, model: bytes, ascii_only: bool
) -> None:
    evaluation = {"metric": "top-1-accuracy", "value": 9e-1, "source": "me"}
    text = json.dumps(
        KNOWN | {"title": 'Wörter 🎤: "x" # y\n', "evaluation": [evaluation]}, ensure_ascii=ascii_only
    ).replace("0.9", "9e-1")
    assert post(client, model, text).status_code == 201
    found = client.get("/models/mine").json()
    assert found["title"] == 'Wörter 🎤: "x" # y\n'
    assert [one["value"] for one in found["evaluations"]] == [0.9]


@pytest.mark.parametrize(
    "metadata",
    [
        "\ufeff" + TOML,
        TOML.replace("\n", "\r\n"),
        "# a comment\n\n"
        + TOML
        + '\n[[evaluation]]\nmetric = "top-1-accuracy"\nvalue = 0.5\nsource = "me"\n',
        "---\n" + yaml.safe_dump(KNOWN),
        "# a = b\n" + yaml.safe_dump(KNOWN),
        yaml.safe_dump(KNOWN, default_flow_style=True),
        "  \n" + json.dumps(KNOWN, indent=2),
        yaml.safe_dump(KNOWN | {"note": "of sha256: none is known"}),
        json.dumps(KNOWN | {"description": "\nsha256: 1\nsha256 = 2\n"}),
    ],
)
def test_a_sheet_is_known_for_what_it_is(client: TestClient, model: bytes, metadata: str) -> None:
    answer = post(client, model, metadata)
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == "/models/mine"
    assert client.get("/models/mine").json()["file_sha256"] == sha256(model).hexdigest()


@pytest.mark.parametrize("form", ["toml", "yaml", "json"])
def test_a_sheet_that_names_a_file_names_this_one(client: TestClient, model: bytes, form: str) -> None:
    own, other = sha256(model).hexdigest(), "0" * 64
    for digest, status in ((other, 422), (own, 201)):
        said = KNOWN | {"sha256": digest}
        text = {
            "toml": f"{TOML}sha256 = '{digest}'\n",
            "yaml": yaml.safe_dump(said),
            "json": json.dumps(said),
        }[form]
        assert post(client, model, text).status_code == status


def test_the_digest_is_put_where_none_is(tmp_path: Path) -> None:
    written = sheet_beside(tmp_path, TOML, b"model").read_text()
    assert written == f'sha256 = "{sha256(b"model").hexdigest()}"\n{TOML}'
    named = f"sha256 = 'abc'\n{TOML}"
    assert sheet_beside(tmp_path, named, b"model").read_text() == named
    with pytest.raises(ExtractError, match="no names"):
        sheet_beside(tmp_path, "x", b"model")
