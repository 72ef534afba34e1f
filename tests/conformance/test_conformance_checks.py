"""The runner itself: what it makes of answers that are wrong."""

from __future__ import annotations

import csv
import http.server
import threading
from typing import TYPE_CHECKING

import directory_runner
import httpx
import pytest
import report
from check_http import problem
from event_stream import Event, parsed
from sparql_runner import content_type
from verdicts import Broken, NotOffered, Result, judged, need

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Stubborn(http.server.BaseHTTPRequestHandler):
    """Answers everything with 200 and an empty page, as a proxy or another program on the port might."""

    def do_GET(self) -> None:
        if length := int(self.headers.get("content-length", 0)):
            self.rfile.read(length)
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.send_header("content-length", "0")
        self.end_headers()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_GET  # noqa: N815  the names are http.server's

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name is http.server's
        """Nothing is logged."""


@pytest.fixture(scope="module")
def stubborn() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Stubborn) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_what_is_no_directory_passes_no_check_but_that_of_being_there(stubborn: str) -> None:
    results = directory_runner.run(stubborn)
    assert len(results) == 80
    statuses = {result.id: result.status for result in results}
    assert (
        statuses.pop("tdd-things-read-only-auth") == "not-impl"
    )  # as neither token nor other server is named
    assert set(statuses.values()) == {"pass", "fail"}
    assert [result.id for result in results if result.status == "pass"] == ["tdd-things-list-only"]


def test_nobody_at_all_fails_everything() -> None:
    results = directory_runner.run("http://127.0.0.1:9", token="any")
    assert {result.status for result in results} == {"fail"}
    assert all("Connect" in result.comment for result in results)


@pytest.mark.parametrize(
    ("raised", "status"),
    [
        (Broken("so"), "fail"),
        (NotOffered("so"), "not-impl"),
        (httpx.ReadTimeout("so"), "fail"),
        (KeyError("so"), "fail"),
    ],
)
def test_what_a_check_raises_becomes_a_status(raised: Exception, status: str) -> None:
    def check() -> None:
        raise raised

    result = judged("x", check)
    assert (result.status, "so" in result.comment) == (status, True)


def test_an_error_of_the_runner_itself_is_not_hidden() -> None:
    def check() -> None:
        raise AssertionError

    with pytest.raises(AssertionError):
        judged("x", check)
    assert judged("x", lambda: "seen") == Result(id="x", status="pass", comment="seen")


def test_need() -> None:
    need(1, "never said")
    with pytest.raises(Broken, match="said"):
        need([], "said")


GOOD = b'{"title": "Not Found", "status": 404, "detail": "no"}'


def answer(code: int = 404, kind: str = "application/problem+json", body: bytes = GOOD) -> httpx.Response:
    return httpx.Response(code, headers={"content-type": kind}, content=body)


def test_problem_details_as_they_must_be() -> None:
    assert problem(answer(), "x")["detail"] == "no"
    other = b'{"type": "http://example.org/p", "title": "Anything", "status": 404}'
    assert problem(answer(body=other), "x")["title"] == "Anything"


@pytest.mark.parametrize(
    "wrong",
    [
        answer(code=200),
        answer(kind="application/json"),
        answer(body=b'{"title": "Not Found", "status": 400}'),
        answer(body=b'{"title": "Nothing Found", "status": 404}'),
        answer(body=b'{"title": "Not Found", "detail": 5}'),
        answer(body=b'["Not Found"]'),
        answer(body=b"{}"),
    ],
)
def test_problem_details_as_they_must_not_be(wrong: httpx.Response) -> None:
    with pytest.raises(Broken):
        problem(wrong, "x")


def test_problem_details_in_latin_1_are_not_read() -> None:
    with pytest.raises(UnicodeDecodeError):
        problem(answer(body='{"title": "Not Found", "detail": "größe"}'.encode("latin-1")), "x")


def test_frames_of_an_event_stream() -> None:
    lines = [
        ": heartbeat", "event: thing_created", "data: {", 'data:"id": 1}', "id: 7", "retry: 5", "",
        "event: lost", "", "data: x", "", "id: 8", "data", "", "data: never ends",
    ]  # fmt: skip
    assert list(parsed(lines)) == [
        Event(kind="thing_created", data='{\n"id": 1}', id="7"),
        Event(kind="message", data="x", id="7"),
        Event(kind="message", data="", id="8"),
    ]


def test_data_that_is_no_object_is_refused() -> None:
    with pytest.raises(Broken, match="no JSON object"):
        Event(kind="x", data="[]", id="").json()


def test_media_types_compare_with_their_parameters() -> None:
    assert content_type('text/turtle;charset="UTF-8"') == content_type("Text/Turtle; charset=utf-8")
    assert content_type("text/turtle") != content_type("text/turtle; charset=utf-8")


def test_the_report_has_the_format_of_the_working_group(test_data: Path, tmp_path: Path) -> None:
    results = [
        Result(id="tdd-things-delete", status="pass"),
        Result(id="tdd-http-head", status="fail", comment='a "quoted",\nlong comment'),
    ]
    report.write(results, tmp_path / "report.csv")
    lines = list(csv.reader((tmp_path / "report.csv").read_text(encoding="utf-8").splitlines()))
    published = test_data / "wot" / "discovery" / "testing" / "results" / "tinyiot.csv"
    assert ",".join(lines[0]) == published.read_text(encoding="utf-8").splitlines()[0]
    assert lines[1:] == [
        ["tdd-http-head", "fail", 'a "quoted", long comment'],
        ["tdd-things-delete", "pass", ""],
    ]


def test_the_script_reports_and_fails(
    stubborn: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "report.csv"
    assert report.main(["--url", stubborn, "--token", "any", "--out", str(path)]) == 1
    assert capsys.readouterr().out.startswith("1 pass, ")
    assert len(path.read_text(encoding="utf-8").splitlines()) == 81
