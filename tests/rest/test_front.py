"""The server's own address: links for programs, a page for people that loads nothing from elsewhere."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import tinykg.rest
from tinykg.rest.front import DOORS

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
PAGE = Path(tinykg.rest.__path__[0]) / "page"


@pytest.mark.parametrize("accept", [None, "*/*", "application/json"])
def test_a_program_gets_links(client: TestClient, accept: str | None) -> None:
    answer = client.get("/", headers={} if accept is None else {"accept": accept})
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["links"] == DOORS
    again = client.get("/", headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("name", DOORS)
def test_each_link_leads_somewhere(client: TestClient, name: str) -> None:
    address, _, parameters = DOORS[name].partition("{?")
    answer = client.get(address, params={"device": "nano33"} if parameters else None)
    assert answer.status_code == 200


def test_the_template_names_parameters_that_there_are(client: TestClient) -> None:
    asked = client.get("/openapi.json").json()["paths"]["/match"]["get"]["parameters"]
    names = DOORS["match"].partition("{?")[2].removesuffix("}").split(",")
    assert set(names) <= {parameter["name"] for parameter in asked}


def test_a_browser_gets_a_page(client: TestClient) -> None:
    answer = client.get("/", headers={"accept": BROWSER})
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["vary"].startswith("Accept")
    for address in re.findall(r'(?:href|src)="([^"]+)"', answer.text):
        if not address.startswith("data:"):
            assert client.get(f"/{address}", headers={"accept": "*/*"}).status_code == 200, address


def test_nothing_else_is_taken_for_the_page(client: TestClient) -> None:
    assert client.get("/", headers={"accept": "image/png"}).status_code == 406
    for name in ("index.html", "other.js", "..%2Ffront.py"):
        assert client.get(f"/page/{name}").status_code in {400, 404}


@pytest.mark.parametrize("path", ["/", "/page/style.css", "/page/ask.js"])
def test_a_page_runs_only_what_is_ours(client: TestClient, path: str) -> None:
    answer = client.get(path, headers={"accept": BROWSER})
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "http://" not in answer.text
    assert "https://" not in answer.text


def test_text_of_strangers_never_becomes_markup() -> None:
    script = (PAGE / "ask.js").read_text(encoding="utf-8")
    assert not re.findall(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function", script
    )
    page = (PAGE / "index.html").read_text(encoding="utf-8")
    assert not re.findall(r"<script(?![^>]*\bsrc=)|\son\w+=|style=", page)
