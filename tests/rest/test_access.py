"""Who is let in with which token, and what the others are told (RFC 6750, RFC 9110 11)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tinykg.catalogue.tokens import SCOPES
from tinykg.settings import ServeSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from starlette.testclient import TestClient

    from tinykg.catalogue.tokens import Tokens

    Serving = Callable[[ServeSettings], AbstractContextManager[TestClient]]

INSERT = b"INSERT DATA { GRAPH <urn:g> { <urn:a> <urn:b> 1 } }"
UPDATE = {"Content-Type": "application/sparql-update"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def private(serving: Serving) -> Iterator[TestClient]:
    """A server that asks for a token for everything."""
    with serving(
        ServeSettings(reads="token", query_workers=1, cors_origins=("https://shop.example",))
    ) as found:
        yield found


@pytest.fixture(scope="module")
def tokens(private: TestClient) -> dict[str, str]:
    """A token of each scope."""
    held: Tokens = private.app.state.service.tokens  # type: ignore[attr-defined]
    return {scope: held.create(f"of-{scope}", scope) for scope in SCOPES}


def get(client: TestClient, path: str, authorization: str | None = None) -> Any:
    return client.get(path, headers={} if authorization is None else {"Authorization": authorization})


def refused(answer: Any, status: int) -> str:
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    return str(answer.headers.get("www-authenticate", ""))


@pytest.mark.parametrize("scope", SCOPES)
def test_each_scope_may_what_the_smaller_ones_may(
    private: TestClient, tokens: dict[str, str], scope: str
) -> None:
    headers = {"Authorization": f"Bearer {tokens[scope]}"}
    assert private.get("/models/kws", headers=headers).status_code == 200
    written = private.post("/sparql", content=INSERT, headers={**UPDATE, **headers})
    assert written.status_code == (403 if scope == "read" else 204)
    if scope == "read":
        assert refused(written, 403) == 'Bearer realm="TinyKG", error="insufficient_scope", scope="write"'
        assert "scope is 'read'; this needs 'write'" in written.json()["detail"]


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_is_known_in_any_case(private: TestClient, tokens: dict[str, str], scheme: str) -> None:
    assert get(private, "/models/kws", f"{scheme} {tokens['read']}").status_code == 200


@pytest.mark.parametrize("sent", [None, "", "Bearer", "Bearer ", "Basic dTpw", "TOKEN", "Token TOKEN"])
def test_who_brings_no_token_is_told_how_to_get_one(
    private: TestClient, tokens: dict[str, str], sent: str | None
) -> None:
    answer = get(private, "/models/kws", sent and sent.replace("TOKEN", tokens["read"]))
    assert refused(answer, 401) == 'Bearer realm="TinyKG", scope="read"'
    assert "tinykg token create" in answer.json()["detail"]


@pytest.mark.parametrize(
    "sent", ["Bearer x", "Bearer TOKENx", "Bearer TOKEN TOKEN", "Bearer tinykg_", "Bearer é"]
)
def test_who_brings_another_text_is_told_that_it_is_none(
    private: TestClient, tokens: dict[str, str], sent: str
) -> None:
    headers = {"Authorization": sent.replace("TOKEN", tokens["read"]).encode("latin-1")}
    answer = private.get("/models/kws", headers=headers)  # type: ignore[arg-type]
    assert refused(answer, 401) == 'Bearer realm="TinyKG", error="invalid_token"'
    assert tokens["read"] not in answer.text


def test_a_token_is_not_taken_from_the_address(private: TestClient, tokens: dict[str, str]) -> None:
    for path in ("/.well-known/wot", "/things", "/sparql?query=ASK{}"):
        glue = "&" if "?" in path else "?"
        refused(get(private, f"{path}{glue}access_token={tokens['admin']}"), 401)


def test_a_token_ends_with_its_time_and_with_its_removal(private: TestClient) -> None:
    held: Tokens = private.app.state.service.tokens  # type: ignore[attr-defined]
    brief = held.create("brief", "read", timedelta(microseconds=1))
    assert "has expired" in get(private, "/models/kws", f"Bearer {brief}").json()["detail"]
    text = held.create("removed", "read")
    assert get(private, "/models/kws", f"Bearer {text}").status_code == 200
    held.revoke("removed")
    refused(get(private, "/models/kws", f"Bearer {text}"), 401)


def test_every_operation_but_those_that_say_so_asks_for_a_token(private: TestClient) -> None:
    paths = private.get("/openapi.json").json()["paths"]
    open_to_all = set()
    for path, operations in paths.items():
        for method, operation in operations.items():
            where = path.replace("{", "").replace("}", "").replace("name:path", "x")
            kinds = list(operation.get("requestBody", {}).get("content", {"application/json": {}}))
            answer = private.request(method.upper(), where, content=b"{}", headers={"Content-Type": kinds[0]})
            asks = bool(operation.get("security"))
            assert asks or answer.status_code not in (401, 403), f"{method} {path}"
            if not asks:
                open_to_all.add(path)
            elif answer.status_code not in (400, 415, 422):  # what is wrong may be said before
                assert answer.status_code in (401, 403), f"{method} {path}: {answer.status_code}"
    assert open_to_all <= {"/health", "/.well-known/core", "/", "/{name}", "/page/{name}"}, open_to_all


def test_an_update_is_known_however_it_is_sent(private: TestClient, tokens: dict[str, str]) -> None:
    reader = {"Authorization": f"Bearer {tokens['read']}"}
    as_form = b"update=" + INSERT.replace(b" ", b"+").replace(b"<", b"%3C").replace(b">", b"%3E")
    sent: list[tuple[str, bytes, dict[str, str]]] = [
        ("/sparql", INSERT, UPDATE),
        ("/sparql/", INSERT, UPDATE),
        ("/sparql", as_form, FORM),
        (
            "/sparql?using-graph-uri=urn:g",
            INSERT,
            {"Content-Type": "Application/SPARQL-Update; charset=utf-8"},
        ),
    ]
    for path, content, headers in sent:
        refused(private.post(path, content=content, headers={**headers, **reader}), 403)
    query = {"Content-Type": "application/sparql-query"}
    asked = private.post("/sparql", content=b"ASK { GRAPH <urn:nowhere> { } }", headers={**query, **reader})
    assert asked.status_code == 200
    hidden = private.post("/search/sparql", content=INSERT, headers={**UPDATE, **reader})
    assert refused(hidden, 400) == "", "the directory's search takes no updates from anybody"


def test_a_page_of_another_origin_may_ask_before_it_has_a_token(private: TestClient) -> None:
    asked = {
        "Origin": "https://shop.example",
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "authorization, content-type, if-match",
    }
    answer = private.options("/things/urn:x", headers=asked)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "https://shop.example"
    assert "PUT" in answer.headers["access-control-allow-methods"]
    other = private.options("/things/urn:x", headers={**asked, "Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in other.headers
    read = private.get("/models", headers={"Origin": "https://shop.example"})
    assert read.status_code == 401
    assert read.headers["access-control-allow-origin"] == "https://shop.example", "the page may read why"


def test_nothing_of_a_private_answer_is_kept_for_others(private: TestClient, tokens: dict[str, str]) -> None:
    for scope in ("read", "admin"):
        assert get(private, "/models", f"Bearer {tokens[scope]}").status_code == 200
        refused(get(private, "/models"), 401)
        assert private.head("/models").status_code == 401


def test_reading_may_be_closed_while_writing_is_open(serving: Serving) -> None:
    """A collector, such as of what boards measured, which shows nobody what it has."""
    with serving(ServeSettings(reads="token", writes="open", query_workers=1)) as client:
        thing = {
            "@context": "https://www.w3.org/2022/wot/td/v1.1",
            "title": "A thing",
            "securityDefinitions": {"nosec_sc": {"scheme": "nosec"}},
            "security": "nosec_sc",
        }
        made = client.post("/things", json=thing, headers={"Content-Type": "application/td+json"})
        assert made.status_code == 201
        refused(client.get(made.headers["location"]), 401)
        assert client.delete(made.headers["location"]).status_code == 204
