"""What holds for every route: HEAD, problem details, limits, who may do what, numbers, the document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient

from tinykg.settings import ServeSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from tinykg.catalogue.tokens import Tokens

    Serving = Callable[[ServeSettings], AbstractContextManager[TestClient]]

TD = {
    "@context": "https://www.w3.org/2022/wot/td/v1.1",
    "title": "A thing",
    "securityDefinitions": {"nosec_sc": {"scheme": "nosec"}},
    "security": "nosec_sc",
}
THING = {"Content-Type": "application/td+json"}
UPDATE = {"Content-Type": "application/sparql-update"}


def bearer(text: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {text}"}


GET_PATHS = [
    "/health",
    "/metrics",
    "/openapi.json",
    "/models",
    "/models/kws",
    "/device-types/nano33",
    "/devices",
    "/runtimes",
    "/match?device=nano33",
    "/things",
    "/.well-known/wot",
    "/sparql?query=ASK{}",
    "/search/sparql?query=ASK{}",
    "/nothing",
    "/match",
]


@pytest.mark.parametrize("path", GET_PATHS)
def test_head_has_the_headers_of_get_and_no_content(client: TestClient, path: str) -> None:
    head, get = client.head(path), client.get(path)
    assert (head.status_code, head.content) == (get.status_code, b"")
    changing = {"content-length", "date", "link"} if path in ("/metrics", "/things") else {"date", "link"}
    for name, value in get.headers.items():
        if name not in changing:
            assert head.headers[name] == value, name


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/no/such/place", 404),
        ("PUT", "/models", 405),
        ("PATCH", "/health", 405),
        ("DELETE", "/match", 405),
        ("POST", "/models", 415),
        ("POST", "/device-types", 415),
    ],
)
def test_the_frameworks_own_errors_are_problem_details(
    client: TestClient, method: str, path: str, status: int
) -> None:
    answer = client.request(method, path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["status"] == status
    assert answer.json()["title"]
    if status == 405:
        assert answer.headers["allow"] in ("GET, HEAD, POST", "GET, HEAD")


def test_the_methods_of_a_path_are_its_own(client: TestClient) -> None:
    assert client.options("/benchmarks/claim").headers["allow"] == "POST"
    assert set(client.options("/device-types").headers["allow"].split(", ")) == {"GET", "HEAD", "POST"}


def test_options_are_answered_with_the_methods(client: TestClient) -> None:
    answer = client.options("/match")
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["allow"] == "GET, HEAD, POST"
    assert client.options("/nothing").status_code == 404


def test_numbers_are_by_route_also_of_head_and_of_answers_from_memory(client: TestClient) -> None:
    def counted(method: str) -> float:
        line = f'tinykg_http_responses_total{{method="{method}",route="/runtimes",status="200"}} '
        found = [one for one in client.get("/metrics").text.splitlines() if one.startswith(line)]
        return float(found[0].rpartition(" ")[2]) if found else 0.0

    for method in ("GET", "HEAD"):
        before = counted(method)
        for _ in range(3):
            client.request(method, "/runtimes")
        assert counted(method) == before + 3


@pytest.mark.parametrize(
    ("path", "media_type", "content", "status", "detail"),
    [
        ("/benchmarks", "application/json", b'{"model": "x",', 400, "(root): is not JSON: "),
        ("/benchmarks", "text/plain", b"{}", 415, "is text/plain; expected application/json"),
        ("/benchmarks", "", b"{}", 415, "of no type; expected application/json"),
        ("/benchmarks", "application/json", b"[]", 400, "(root)"),
        ("/device-types/nano33/td", "application/x-www-form-urlencoded", b"a=1", 415, "application/json"),
        ("/device-types/nano33/td", "application/json", b'{"free_ram_bytes": "5"}', 400, "free_ram_bytes"),
        ("/models", "application/octet-stream", b"TFL3", 415, "expected multipart/form-data"),
    ],
)
def test_content_that_a_route_does_not_read(
    client: TestClient, path: str, media_type: str, content: bytes, status: int, detail: str
) -> None:
    answer = client.post(path, content=content, headers={"Content-Type": media_type} if media_type else {})
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert detail in answer.json()["detail"]


def test_of_very_many_faults_a_hundred_are_named(client: TestClient) -> None:
    answer = client.get("/match", params={f"x{place}": "1" for place in range(3000)})
    assert answer.status_code == 400
    assert len(answer.json()["validationErrors"]) == 100


def test_health_and_numbers(client: TestClient) -> None:
    health = client.get("/health").json()
    assert health["status"] == "ok"
    assert health["quads"] > 100_000
    client.get("/models/no-such-model")
    numbers = client.get("/metrics").text
    assert 'tinykg_http_responses_total{method="GET",route="/models/{name}",status="404"}' in numbers
    assert f"tinykg_quads {float(health['quads'])}" in numbers


def test_long_content_is_refused_before_and_while_it_is_read(serving: Serving) -> None:
    with serving(ServeSettings(writes="open", max_body_bytes=2000, query_workers=1)) as client:
        declared = client.post(
            "/device-types", content=b"x" * 3000, headers={"Content-Type": "application/json"}
        )
        assert (declared.status_code, declared.json()["status"]) == (413, 413)

        def stream() -> Iterator[bytes]:
            for _ in range(30):
                yield b"x" * 100

        streamed = client.post(
            "/device-types", content=stream(), headers={"Content-Type": "application/json"}
        )
        assert (streamed.status_code, streamed.headers["content-type"]) == (413, "application/problem+json")
        assert client.get("/health").status_code == 200


@pytest.mark.parametrize(
    "path", ["/things", "/models/digits_mlp_int8/file", "/match?device=nano33", "/health"]
)
def test_long_content_that_nobody_reads_spoils_no_answer(serving: Serving, path: str) -> None:
    """Answers in parts look for a client that leaves, and so come upon what it sends."""

    def stream() -> Iterator[bytes]:
        for _ in range(30):
            yield b"x" * 100

    with serving(ServeSettings(max_body_bytes=2000, query_workers=1)) as client:
        plain, laden = client.get(path), client.request("GET", path, content=stream())
        assert (laden.status_code, laden.content) == (200, plain.content)


def test_those_who_ask_too_often_wait(serving: Serving) -> None:
    with serving(ServeSettings(rate_per_s=1, query_workers=1)) as client:
        stranger = TestClient(client.app, client=("203.0.113.7", 5000))
        statuses = [stranger.get("/health").status_code for _ in range(13)]
        assert statuses[:10] == [200] * 10
        assert statuses[-1] == 429
        refused = stranger.get("/health")
        assert refused.headers["content-type"] == "application/problem+json"
        assert 1 <= int(refused.headers["retry-after"]) <= 11
        assert TestClient(client.app, client=("203.0.113.8", 5000)).get("/health").status_code == 200
        neighbour = TestClient(client.app, client=("127.0.0.1", 5000))
        assert {neighbour.get("/health").status_code for _ in range(20)} == {200}


WRITES: list[tuple[str, str, dict[str, Any]]] = [
    ("POST", "/things", {"json": TD, "headers": THING}),
    ("PUT", "/things/urn:x", {"json": {**TD, "id": "urn:x"}, "headers": THING}),
    ("PATCH", "/things/urn:x", {"json": {}, "headers": {"Content-Type": "application/merge-patch+json"}}),
    ("DELETE", "/things/urn:x", {}),
    ("POST", "/models", {"files": {"file": ("m.tflite", b"x")}}),
    ("DELETE", "/models/kws", {}),
    ("POST", "/device-types", {"content": b"{}", "headers": {"Content-Type": "application/tm+json"}}),
    ("DELETE", "/device-types/nano33", {}),
    ("POST", "/sparql", {"content": b"INSERT DATA { <urn:a> <urn:b> 1 }", "headers": UPDATE}),
    ("PUT", "/rdf-graphs/service?graph=urn:g", {"content": b"", "headers": {"Content-Type": "text/turtle"}}),
    ("DELETE", "/rdf-graphs/service?graph=urn:g", {}),
]


def sent(client: TestClient, method: str, path: str, options: dict[str, Any], token: str | None) -> Any:
    headers = {**options.get("headers", {}), **(bearer(token) if token else {})}
    return client.request(method, path, **{**options, "headers": headers})


def test_a_write_needs_a_token_of_its_scope(serving: Serving) -> None:
    with serving(ServeSettings(query_workers=1)) as client:
        tokens: Tokens = client.app.state.service.tokens  # type: ignore[attr-defined]
        reader, writer = tokens.create("reader", "read"), tokens.create("writer", "write")
        for method, path, options in WRITES:
            where = f"{method} {path}"
            nobody = sent(client, method, path, options, None)
            assert nobody.status_code == 401, where
            assert nobody.headers["www-authenticate"].startswith("Bearer"), where
            assert nobody.headers["content-type"] == "application/problem+json", where
            assert sent(client, method, path, options, "tinykg_wrong").status_code == 401, where
            assert sent(client, method, path, options, reader).status_code == 403, where
        assert client.get("/things").json() == []
        made = sent(client, *WRITES[1], writer)
        assert made.status_code == 201, made.text
        tokens.revoke("writer")
        assert sent(client, *WRITES[1], writer).status_code == 401
        for path in ("/health", "/models", "/match?device=nano33", "/sparql?query=ASK{}"):
            assert client.get(path).status_code == 200, path


def test_nobody_writes_to_a_registry_that_is_for_reading(serving: Serving) -> None:
    with serving(ServeSettings(writes="none", query_workers=1)) as client:
        admin = client.app.state.service.tokens.create("admin", "admin")  # type: ignore[attr-defined]
        for method, path, options in WRITES:
            answer = sent(client, method, path, options, admin)
            assert answer.status_code == 403, f"{method} {path}"
        assert client.get("/models/kws").status_code == 200


def test_reading_may_need_a_token_too(serving: Serving) -> None:
    with serving(ServeSettings(reads="token", query_workers=1)) as client:
        reader = client.app.state.service.tokens.create("reader", "read")  # type: ignore[attr-defined]
        paths = [path for path in GET_PATHS if path not in ("/health", "/openapi.json", "/nothing", "/match")]
        for path in paths:
            assert client.get(path).status_code == 401, path
            assert client.get(path, headers=bearer(reader)).status_code == 200, path
            assert client.get(path).status_code == 401, f"{path}: what others were told is not told again"
        assert client.get("/health").status_code == 200


def test_pages_of_other_origins_may_not_ask_unless_they_are_named(serving: Serving) -> None:
    origin = {"Origin": "https://shop.example"}
    with serving(ServeSettings(query_workers=1)) as client:
        assert "access-control-allow-origin" not in client.get("/models", headers=origin).headers
    with serving(ServeSettings(cors_origins=("https://shop.example",), query_workers=1)) as client:
        answer = client.get("/models", headers=origin)
        assert answer.headers["access-control-allow-origin"] == "https://shop.example"
        other = client.get("/models", headers={"Origin": "https://evil.example"})
        assert "access-control-allow-origin" not in other.headers


def test_large_answers_are_compressed_for_those_who_can_read_it(client: TestClient) -> None:
    plain = client.get("/match?device=nano33", headers={"Accept-Encoding": "identity"})
    packed = client.get("/match?device=nano33", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"]) / 3
    assert packed.json() == plain.json()


def test_the_document_describes_every_route(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert "HTTPValidationError" not in document["components"]["schemas"]
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            where = f"{method} {path}"
            assert operation.get("summary"), where
            assert "422" not in operation["responses"] or "problem" in str(operation["responses"]["422"]), (
                where
            )
            for status, response in operation["responses"].items():
                if status >= "400":
                    assert "application/problem+json" in response["content"], f"{where} {status}"
                    assert "application/json" not in response["content"], f"{where} {status}"


READ_ONLY: list[dict[str, list[str]]] = [{"reading": []}]
WRITE_ONLY: list[dict[str, list[str]]] = [{"writing": []}]


@pytest.mark.parametrize(
    ("reads", "writes", "get", "put", "query"),
    [
        ("open", "token", None, WRITE_ONLY, [{}, *WRITE_ONLY]),
        ("token", "token", READ_ONLY, WRITE_ONLY, [*READ_ONLY, *WRITE_ONLY]),
        ("token", "open", READ_ONLY, None, READ_ONLY),
        ("open", "open", None, None, None),
        ("open", "none", None, WRITE_ONLY, [{}, *WRITE_ONLY]),
    ],
)
def test_the_document_asks_for_tokens_where_the_server_does(
    serving: Serving, reads: Any, writes: Any, get: Any, put: Any, query: Any
) -> None:
    with serving(ServeSettings(reads=reads, writes=writes, query_workers=1)) as client:
        paths = client.get("/openapi.json").json()["paths"]
        assert paths["/models"]["get"].get("security") == get
        assert paths["/things/{thing_id}"]["put"].get("security") == put
        assert paths["/sparql"]["post"].get("security") == query, "an update needs more than a query"
        assert "security" not in paths["/health"]["get"]
        assert not [one for path in paths.values() for one in path.values() if "x-may-write" in one]


def test_an_answer_is_anew_after_a_write(client: TestClient) -> None:
    before = client.get("/devices").json()
    document = {
        **TD,
        "id": "urn:dev:anew",
        "links": [{"rel": "type", "href": "https://w3id.org/tinykg/device-type/arduino-nano-33-ble-sense"}],
    }
    assert client.put("/things/urn:dev:anew", json=document, headers=THING).status_code == 201
    assert [d["id"] for d in client.get("/devices").json() if d not in before] == ["urn:dev:anew"]
    assert client.get("/match?device=urn:dev:anew").status_code == 200
    assert client.delete("/things/urn:dev:anew").status_code == 204
    assert client.get("/devices").json() == before
    assert client.get("/match?device=urn:dev:anew").status_code == 404
