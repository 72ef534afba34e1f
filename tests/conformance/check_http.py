"""Errors, HEAD, representations, access (Recommendation, 7.3.2 and its introduction)."""

from __future__ import annotations

import gzip
import http
import json
from typing import TYPE_CHECKING

import rdflib
from check_registry import checks
from directory_client import MERGE_PATCH, PROBLEM, TD_JSON, media_type, new_id, thing, without_additions
from verdicts import NotOffered, need

if TYPE_CHECKING:
    import httpx
    from directory_client import DirectoryClient

LANGUAGES = ("de", "fr", "es", "it", "ja", "zh")
JSON_TYPES = ("application/json", TD_JSON, "application/ld+json")
ALL_TRIPLES = "SELECT * { ?s ?p ?o } LIMIT 1"


def problem(answer: httpx.Response, what: str) -> dict[str, object]:
    """The problem details (RFC 7807) of an error; Broken where they are not as that RFC has them."""
    code = answer.status_code
    need(400 <= code < 600, f"{what}: {code} is no error")
    need(media_type(answer) == PROBLEM, f"{what}: {code} with {answer.headers.get('content-type')}")
    details: dict[str, object] = json.loads(answer.content.decode("utf-8", errors="strict"))
    need(isinstance(details, dict), f"{what}: problem details are no object")
    need(details.get("status", code) == code, f"{what}: status {details.get('status')} in an answer {code}")
    if details.get("type", "about:blank") == "about:blank":
        phrase = http.HTTPStatus(code).phrase
        need(details.get("title") in (phrase, None), f"{what}: title {details.get('title')!r}, not {phrase}")
    need(isinstance(details.get("detail", ""), str), f"{what}: detail is no text")
    need(details.get("detail") or details.get("title"), f"{what}: neither title nor detail")
    return details


def wrong_requests(directory: DirectoryClient) -> dict[str, httpx.Response]:
    """Answers to requests that each must fail, by what is wrong with them."""
    known = directory.created()
    send, get = directory.send, directory.get
    td_type, patch_type = {"content-type": TD_JSON}, {"content-type": MERGE_PATCH}
    return {
        "TD that is not there": directory.http.get(directory.item(new_id())),
        "DELETE of what is not there": directory.delete(new_id()),
        "PATCH of what is not there": directory.patch(new_id(), {}),
        "POST of no JSON": send("POST", "/things", content=b"{", headers=td_type),
        "POST of no TD": send("POST", "/things", content=b"[]", headers=td_type),
        "POST of nothing": send("POST", "/things", content=b"", headers=td_type),
        "POST of text": send("POST", "/things", content=b"x", headers={"content-type": "text/plain"}),
        "PUT with another's id": directory.put(thing(new_id()), at=known["id"]),
        "PATCH of no JSON": directory.http.patch(
            directory.item(known["id"]), content=b"{", headers=patch_type
        ),
        "list with a bad limit": get("/things", limit="many"),
        "list with limit 0": get("/things", limit=0),
        "list with a negative offset": get("/things", offset=-1),
        "SPARQL without query": get("/search/sparql"),
        "SPARQL with a wrong query": get("/search/sparql", query="SELECT"),
        "no such type of event": get("/events/thing_painted"),
        "no such path": get("/nowhere"),
        "no such search": get("/search/astrology", query="x"),
        "DELETE of the list": send("DELETE", "/things"),
        "PUT of the events": send("PUT", "/events", content=b"{}"),
        "POST of the directory's TD": send("POST", "/.well-known/wot", content=b"{}"),
    }


@checks("tdd-http-error-response")
def errors_are_problem_details(directory: DirectoryClient) -> str:
    answers = wrong_requests(directory)
    for what, answer in answers.items():
        problem(answer, what)
    head = directory.http.head(directory.item(new_id()))
    need(head.status_code == 404, f"HEAD of what is not there: {head.status_code}")
    need(media_type(head) == PROBLEM, f"HEAD of what is not there: {head.headers.get('content-type')}")
    need(not head.content, "HEAD of what is not there has a body")
    return f"{len(answers) + 1} wrong requests"


@checks("tdd-http-error-response-utf-8")
def errors_are_utf_8(directory: DirectoryClient) -> None:
    name = "urn:example:größe-☃-😀"
    for what, answer in {
        "unknown id": directory.http.get(directory.item(name)),
        "unknown path": directory.get(f"/{name}"),
        "wrong query": directory.get("/search/sparql", query="SELECT größe ☃"),
        "wrong member": directory.put(thing(new_id(), title={"größe": "☃"})),
    }.items():
        problem(answer, what)
        charset = answer.headers["content-type"].lower().partition("charset=")[2].strip('" ')
        need(charset in ("", "utf-8"), f"{what}: the charset is {charset}")


@checks("tdd-http-error-response-lang")
def errors_speak_the_clients_language(directory: DirectoryClient) -> str:
    def told(language: str) -> httpx.Response:
        address = directory.item("urn:example:not-there")
        return directory.http.get(address, headers={"accept-language": language})

    english = problem(told("en"), "en")["detail"]
    spoken = []
    for language in LANGUAGES:
        answer = told(f"{language}, en;q=0.1")
        if problem(answer, language)["detail"] != english:
            named = answer.headers.get("content-language", language).lower()
            need(named.startswith(language), f"{language} was asked for, Content-Language is {named}")
            spoken.append(language)
    if not spoken:
        raise NotOffered("the detail of an error is the same in all languages")
    need(problem(told("x-klingon"), "unknown language")["detail"], "an unknown language has no detail")
    return f"besides English: {', '.join(spoken)}"


@checks("tdd-http-head")
def head_is_get_without_body(directory: DirectoryClient) -> str:
    thing_id = directory.created()["id"]
    for _ in range(2):
        directory.created()
    seen = []
    for path, params in (
        ("/things", {}),
        ("/things", {"limit": "1"}),
        (directory.item(thing_id), {}),
        ("/search/jsonpath", {"query": "$[0].id"}),
        ("/search/xpath", {"query": "*/id"}),
        ("/search/sparql", {"query": ALL_TRIPLES}),
        ("/.well-known/wot", {}),
        ("/.well-known/core", {}),
        ("/events", {}),
        ("/events/thing_created", {}),
    ):
        with directory.http.stream("GET", directory.url(path), params=params) as got:
            status, headers = got.status_code, got.headers
        if status in (404, 501):
            continue
        head = directory.http.head(directory.url(path), params=params)
        need(head.status_code == status == 200, f"{path}: GET {status}, HEAD {head.status_code}")
        need(not head.content, f"HEAD {path} has a body")
        for name in ("content-type", "accept-patch", "vary"):
            need(head.headers.get(name) == headers.get(name), f"HEAD {path}: another {name}")
        need(set(head.links) == set(got.links), f"HEAD {path}: other links")
        seen.append(path.rpartition("/things/")[2] if thing_id in path else path)
    need({"/things", "/search/sparql"} & set(seen), "no endpoint answers GET")
    return f"{len(seen)} endpoints"


@checks("tdd-http-unsupported-feature")
def what_is_missing_is_said(directory: DirectoryClient) -> None:
    for path, params, expected in (
        ("/search/astrology", {"query": "x"}, {404}),
        ("/events/thing_painted", {}, {404, 400, 501}),
        ("/things", {"format": "paper"}, {400, 501}),
        ("/things", {"limit": "-1"}, {400}),
    ):
        code = directory.get(path, **params).status_code
        need(code in expected, f"GET {path} {params}: {code}, not {sorted(expected)}")
    for method, path in (
        ("DELETE", "/things"),
        ("PATCH", "/things"),
        ("POST", "/.well-known/wot"),
        ("DELETE", "/search/sparql"),
        ("POST", "/events"),
    ):
        answer = directory.send(method, path)
        need(answer.status_code == 405, f"{method} {path}: {answer.status_code}, not 405")
        allowed = {name.strip() for name in answer.headers.get("allow", "").split(",")}
        need("GET" in allowed and method not in allowed, f"{method} {path}: Allow is {sorted(allowed)}")


@checks("tdd-things-read-only-auth")
def writing_needs_a_right(directory: DirectoryClient) -> str:
    if not (directory.token or directory.closed_url):
        raise NotOffered("this server is open to all, and no other was named")
    with directory.stranger() as stranger:
        need(stranger.get("/things").status_code == 200, "reading is not open to all")
        target = stranger.listed()[0]["id"] if directory.closed_url else directory.created()["id"]
        before = without_additions(stranger.served(target))
        kinds = set()
        for what, answer in {
            "POST": stranger.post(thing()),
            "PUT of a new TD": stranger.put(thing(new_id())),
            "PUT": stranger.put({**thing(), "id": target, "title": "taken over"}),
            "PATCH": stranger.patch(target, {"title": "taken over"}),
            "DELETE": stranger.delete(target),
        }.items():
            need(answer.status_code in (401, 403), f"{what} without credentials: {answer.status_code}")
            problem(answer, what)
            if answer.status_code == 401:
                scheme = answer.headers.get("www-authenticate", "").partition(" ")[0].lower()
                need(scheme in ("basic", "bearer", "digest"), f"{what}: 401 with WWW-Authenticate {scheme!r}")
            kinds.add(answer.status_code)
        headers = {"authorization": "Bearer made-up", "content-type": MERGE_PATCH}
        forged = stranger.http.patch(
            stranger.item(target), content=b'{"title": "taken over"}', headers=headers
        )
        need(forged.status_code in (401, 403), f"PATCH with a made-up token: {forged.status_code}")
        need(without_additions(stranger.served(target)) == before, "a refused write changed the TD")
    return f"refused with {', '.join(map(str, sorted(kinds)))}"


@checks("tdd-things-default-representation")
def json_ld_is_the_default(directory: DirectoryClient) -> None:
    context = ["https://www.w3.org/2022/wot/td/v1.1", {"ex": "http://example.org/"}]
    own = {"ex:colour": "red", "@type": "ex:Lamp"}
    td = directory.created(context=context, **own)
    answer = directory.http.get(directory.item(td["id"]))
    need(media_type(answer) in JSON_TYPES, f"a TD is {answer.headers.get('content-type')}")
    need(without_additions(answer.json()) == without_additions(td), "members of other vocabularies are lost")
    listing = directory.get("/things")
    need(media_type(listing) in JSON_TYPES, f"the list is {listing.headers.get('content-type')}")
    for one in listing.json():
        need("@context" in one, "a TD of the list has no @context")
    need(json.loads(answer.content.decode("utf-8")), "the body is no UTF-8")


@checks("tdd-things-representation-alternate-input")
def other_input_is_taken(directory: DirectoryClient) -> str:
    td, taken = thing(new_id(), title="packed"), []
    headers = {"content-type": TD_JSON, "content-encoding": "gzip"}
    packed = directory.http.put(
        directory.item(td["id"]), content=gzip.compress(json.dumps(td).encode()), headers=headers
    )
    if packed.status_code == 201:
        need(without_additions(directory.served(td["id"])) == td, "a TD in gzip comes back different")
        taken.append("gzip")
        directory.delete(td["id"])
    else:
        problem(packed, "TD in gzip")
    other = new_id()
    turtle = f"""
        @prefix td: <https://www.w3.org/2019/wot/td#> .
        @prefix wotsec: <https://www.w3.org/2019/wot/security#> .
        <{other}> a td:Thing ; td:title "in Turtle" ; td:hasSecurityConfiguration <{other}#n> ;
          td:definesSecurityScheme
            [ td:hasInstanceConfiguration <{other}#n> ; a wotsec:NoSecurityScheme ] ."""
    answer = directory.http.put(
        directory.item(other), content=turtle.encode(), headers={"content-type": "text/turtle"}
    )
    if answer.status_code == 201:
        need(directory.served(other)["title"] == "in Turtle", "a TD in Turtle has another title")
        taken.append("text/turtle")
        directory.delete(other)
    else:
        problem(answer, "TD in Turtle")
    if not taken:
        raise NotOffered(f"gzip: {packed.status_code}, text/turtle: {answer.status_code}")
    return ", ".join(taken)


@checks("tdd-http-representation-alternate-output")
def other_output_is_given(directory: DirectoryClient) -> str:
    td = directory.created(title="unpacked" * 400)
    url, given = directory.item(td["id"]), []
    turtle = directory.http.get(url, headers={"accept": "text/turtle"})
    if media_type(turtle) == "text/turtle":
        graph = rdflib.Graph().parse(data=turtle.text, format="turtle", publicID=url)
        found = graph.objects(predicate=rdflib.URIRef("https://www.w3.org/2019/wot/td#title"))
        titles = {str(title) for title in found}  # the context of TD 1.1 makes a title English
        need(td["title"] in titles, f"the Turtle of the TD has titles {titles}")
        given.append("text/turtle")
    else:
        need(turtle.status_code in (200, 406), f"Accept: text/turtle: {turtle.status_code}")
    with directory.http.stream("GET", url, headers={"accept-encoding": "gzip"}) as packed:
        content = b"".join(packed.iter_raw())
    if packed.headers.get("content-encoding") == "gzip":
        unpacked = json.loads(gzip.decompress(content))
        need(without_additions(unpacked) == without_additions(td), "the TD in gzip is another")
        given.append("gzip")
    if not given:
        raise NotOffered("neither text/turtle nor gzip on request")
    return ", ".join(given)
