"""Create, retrieve, update, delete (Recommendation, 7.3.2.1 to 7.3.2.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from check_registry import checks
from directory_client import (
    MERGE_PATCH,
    TD_1_0,
    TD_JSON,
    Thing,
    media_type,
    new_id,
    thing,
    without_additions,
)
from verdicts import need

if TYPE_CHECKING:
    import httpx
    from directory_client import DirectoryClient

FORM = {"href": "http://device.example/status"}


def status(answer: httpx.Response, expected: int, what: str) -> None:
    """Broken where an answer has another status."""
    code = answer.status_code
    need(code == expected, f"{what}: {code}, not {expected} {answer.text[:200]}")


def refused(answer: httpx.Response, what: str, *, codes: tuple[int, ...] = (400,)) -> None:
    """Broken where a request is not refused in the way it must be."""
    need(answer.status_code in codes, f"{what}: {answer.status_code}, not {codes}")


def gone(directory: DirectoryClient, thing_id: str) -> None:
    """Broken where a Thing is still there."""
    status(directory.http.get(directory.item(thing_id)), 404, "GET of what must not be there")
    need(thing_id not in [td["id"] for td in directory.listed()], f"{thing_id} is in the list")


def cycle(directory: DirectoryClient, *, listed: bool) -> None:
    """Create, read, update and delete one TD, and look each time."""
    td = thing(new_id(), title="first")
    need(directory.put(td).is_success, "create fails")
    need(directory.served(td["id"])["title"] == "first", "read gives another TD")
    if listed:
        need(td["id"] in [one["id"] for one in directory.listed()], "list does not have it")
    need(directory.put({**td, "title": "second"}).is_success, "update fails")
    need(directory.served(td["id"])["title"] == "second", "read gives the TD as it was")
    need(directory.delete(td["id"]).is_success, "delete fails")
    status(directory.http.get(directory.item(td["id"])), 404, "read of what was deleted")
    if listed:
        need(td["id"] not in [one["id"] for one in directory.listed()], "list still has it")


@checks("tdd-things-crud")
def crud(directory: DirectoryClient) -> None:
    cycle(directory, listed=False)


@checks("tdd-things-crudl")
def crudl(directory: DirectoryClient) -> None:
    cycle(directory, listed=True)


@checks("tdd-things-create-known-vs-anonymous")
def known_and_anonymous_differ(directory: DirectoryClient) -> None:
    refused(
        directory.send("PUT", "/things", json=thing(), headers={"content-type": TD_JSON}),
        "PUT /things of an anonymous TD",
        codes=(400, 404, 405),
    )
    own = new_id()
    refused(directory.put(thing(), at=own), "PUT /things/{id} of an anonymous TD")
    gone(directory, own)
    named = thing(new_id())
    refused(directory.post(named), "POST of a TD with an id", codes=(400, 409))
    gone(directory, named["id"])


@checks("tdd-things-create-known-td")
def put_creates(directory: DirectoryClient) -> None:
    for thing_id in (
        new_id(),
        f"http://example.org/things/{new_id()}?a=b&c=d#part",
        f"urn:example:a%2Fb:{new_id()}",
    ):
        td = thing(thing_id, title=f"named {thing_id}")
        status(directory.put(td), 201, f"PUT of {thing_id}")
        served = directory.served(thing_id)
        need(served["id"] == thing_id, f"{thing_id} is served as {served['id']}")
        need(served["title"] == td["title"], "another TD is served")
    plain = thing(new_id(), context=TD_1_0)
    answer = directory.send("PUT", f"/things/{plain['id']}", json=plain, headers={"content-type": TD_JSON})
    status(answer, 201, "PUT at an id whose colons are not percent-encoded")
    need(directory.served(plain["id"])["id"] == plain["id"], "it is another Thing than the encoded one")
    status(directory.delete(plain["id"]), 204, "DELETE of it")
    other = new_id()
    refused(directory.put(thing(new_id()), at=other), "PUT whose path has another id than its body")
    gone(directory, other)


@checks("tdd-things-create-known-contenttype")
def put_takes_td_json(directory: DirectoryClient) -> None:
    status(directory.put(thing(new_id()), content_type=TD_JSON), 201, f"PUT of {TD_JSON}")
    with_charset = f"{TD_JSON}; charset=utf-8"
    status(directory.put(thing(new_id()), content_type=with_charset), 201, f"PUT of {with_charset}")
    td = thing(new_id())
    refused(directory.put(td, content_type="text/plain"), "PUT of text/plain", codes=(400, 415))
    gone(directory, td["id"])


@checks("tdd-things-create-known-td-resp")
def put_of_a_new_td_answers_201(directory: DirectoryClient) -> None:
    td = thing(new_id())
    status(directory.put(td), 201, "PUT of a new TD")
    status(directory.put(td), 204, "the same PUT again")
    status(directory.delete(td["id"]), 204, "DELETE")
    status(directory.put(td), 201, "PUT of a TD that was deleted")


@checks("tdd-things-create-anonymous-td")
def post_creates(directory: DirectoryClient) -> None:
    td = thing(title=f"anonymous {new_id()}")
    answer = directory.post(td)
    status(answer, 201, "POST of an anonymous TD")
    served = directory.http.get(directory.location(answer)).json()
    assigned = served.pop("id")
    need(without_additions(served) == td, f"{assigned} is not the TD that was posted")


@checks("tdd-things-create-anonymous-contenttype")
def post_takes_td_json(directory: DirectoryClient) -> None:
    status(directory.post(thing(), content_type=TD_JSON), 201, f"POST of {TD_JSON}")
    before = len(directory.listed())
    refused(directory.post(thing(), content_type="text/plain"), "POST of text/plain", codes=(400, 415))
    need(len(directory.listed()) == before, "what was refused is in the list")


@checks("tdd-things-create-anonymous-id")
def anonymous_tds_get_an_id(directory: DirectoryClient) -> None:
    first, second = (directory.post(thing()) for _ in range(2))
    ids = [directory.http.get(directory.location(answer)).json()["id"] for answer in (first, second)]
    need(ids[0] != ids[1], "two anonymous TDs have one id")
    for thing_id in ids:
        need(directory.served(thing_id)["id"] == thing_id, "the id does not lead to the TD")
    status(directory.put({**thing(ids[0]), "title": "by its id"}), 204, "PUT at the assigned id")
    status(directory.patch(ids[0], {"title": "by its id again"}), 204, "PATCH at the assigned id")
    status(directory.delete(ids[0]), 204, "DELETE at the assigned id")
    gone(directory, ids[0])


@checks("tdd-things-create-anonymous-td-resp")
def post_answers_201_and_location(directory: DirectoryClient) -> str:
    answer = directory.post(thing(title=f"located {new_id()}"))
    status(answer, 201, "POST of an anonymous TD")
    need("location" in answer.headers, "there is no Location")
    where = directory.location(answer)
    need(where.startswith(("http://", "https://")), f"Location means {where}, where nothing can be asked")
    got = directory.http.get(where)
    status(got, 200, f"GET of Location {answer.headers['location']}")
    need(directory.served(got.json()["id"])["title"] == got.json()["title"], "Location is another TD")
    return f"Location: {answer.headers['location'].partition('urn:uuid:')[0]}urn:uuid:..."


@checks("tdd-things-retrieve")
def get_retrieves(directory: DirectoryClient) -> None:
    mine, other = directory.created(title="mine"), directory.created(title="another's")
    need(directory.served(mine["id"])["title"] == "mine", "GET gives another TD")
    need(directory.served(other["id"])["title"] == "another's", "GET gives another TD")
    plain = directory.get(f"/things/{mine['id']}")
    need(plain.json()["id"] == mine["id"], "an id whose colons are not percent-encoded is not found")


@checks("tdd-things-retrieve-resp")
def get_answers_200_and_the_td(directory: DirectoryClient) -> None:
    rich: Thing = {
        "title": "größe ☃ 😀",
        "descriptions": {"en": "a lamp", "de": "eine Lampe"},
        "properties": {"status": {"type": "string", "enum": ["on", "off"], "forms": [FORM]}},
        "actions": {
            "toggle": {"forms": [FORM], "input": {"type": "integer", "maximum": 18446744073709551616}}
        },
        "links": [{"href": "http://example.org/", "rel": "author"}],
        "unknownMember": {"nested": [1, 2.5, None, True, {"deep": "x"}], "empty": {}, "none": []},
    }
    td = directory.created(**rich)
    answer = directory.http.get(directory.item(td["id"]))
    status(answer, 200, "GET of a TD")
    served = answer.json()
    need(isinstance(served.get("registration", {}), dict), "registration is no object")
    need(without_additions(served) == without_additions(td), "the TD comes back different")
    status(directory.http.get(directory.item(new_id())), 404, "GET of what is not there")


@checks("tdd-things-retrieve-resp-content-type")
def a_td_has_its_media_type(directory: DirectoryClient) -> str:
    url = directory.item(directory.created()["id"])
    seen = set()
    for accept in (None, "*/*", TD_JSON, "application/json"):
        answer = directory.http.get(url, headers={"accept": accept} if accept else {})
        status(answer, 200, f"Accept: {accept}")
        need(media_type(answer) in (TD_JSON, "application/json"), f"Accept: {accept}: {media_type(answer)}")
        need(accept in (None, "*/*", media_type(answer)), f"Accept: {accept}: {media_type(answer)}")
        seen.add(media_type(answer))
    return ", ".join(sorted(seen))


@checks("tdd-things-update")
def put_replaces(directory: DirectoryClient) -> None:
    td = directory.created(description="goes", properties={"old": {"forms": [FORM]}})
    neighbour = directory.created(title="stays")
    changed = thing(td["id"], title="second", properties={"new": {"forms": [FORM]}})
    status(directory.put(changed), 204, "PUT of a known TD")
    served = directory.served(td["id"])
    need("description" not in served, "a member that the new TD lacks is still there")
    need(set(served["properties"]) == {"new"}, f"properties are {sorted(served['properties'])}")
    need(without_additions(served) == without_additions(changed), "another TD is served than was put")
    need(directory.served(neighbour["id"])["title"] == "stays", "another Thing was changed")
    need([one["id"] for one in directory.listed()].count(td["id"]) == 1, "the Thing is listed twice")


@checks("tdd-things-update-contenttype")
def update_takes_td_json(directory: DirectoryClient) -> None:
    td = directory.created(title="first")
    status(directory.put({**td, "title": "second"}, content_type=TD_JSON), 204, f"PUT of {TD_JSON}")
    refused(
        directory.put({**td, "title": "third"}, content_type="text/plain"),
        "PUT of text/plain",
        codes=(400, 415),
    )
    need(directory.served(td["id"])["title"] == "second", "what was refused was stored")


@checks("tdd-things-update-resp")
def update_answers_204(directory: DirectoryClient) -> None:
    td = directory.created()
    answer = directory.put({**td, "title": "second"})
    status(answer, 204, "PUT of a known TD")
    need(not answer.content, "an answer 204 has a body")


@checks("tdd-things-update-partial")
def patch_changes_a_part(directory: DirectoryClient) -> None:
    td = directory.created(description="stays")
    status(directory.patch(td["id"], {"title": "patched"}), 204, "PATCH")
    served = directory.served(td["id"])
    need(served["title"] == "patched", "the title is as it was")
    need(without_additions(served) == without_additions({**td, "title": "patched"}), "more was changed")
    status(directory.patch(new_id(), {"title": "x"}), 404, "PATCH of what is not there")


@checks("tdd-things-update-partial-mergepatch")
def patch_is_a_merge_patch(directory: DirectoryClient) -> None:
    td = directory.created(
        description="goes",
        support="http://example.org/old",
        links=[{"href": "http://example.org/1"}, {"href": "http://example.org/2"}],
        properties={"a": {"title": "a", "description": "d", "forms": [FORM]}, "b": {"forms": [FORM]}},
        own={"deep": {"keep": 1, "drop": 2}, "scalar": 5},
    )
    patch = {
        "description": None,
        "support": "http://example.org/new",
        "links": [{"href": "http://example.org/3"}],
        "properties": {"a": {"description": None, "title": "A"}, "b": None, "c": {"forms": [FORM]}},
        "own": {"deep": {"drop": None, "add": {"x": None, "y": 3}}, "scalar": {"now": "an object"}},
        "neverThere": None,
    }
    status(directory.patch(td["id"], patch), 204, "PATCH")
    expected = {
        **{name: value for name, value in td.items() if name != "description"},
        "support": "http://example.org/new",
        "links": [{"href": "http://example.org/3"}],
        "properties": {"a": {"title": "A", "forms": [FORM]}, "c": {"forms": [FORM]}},
        "own": {"deep": {"keep": 1, "add": {"y": 3}}, "scalar": {"now": "an object"}},
    }
    served = without_additions(directory.served(td["id"]))
    for name in sorted({*expected, *served}):
        if name != "@context":
            need(served.get(name) == expected.get(name), f"{name} is {served.get(name)!r}")


@checks("tdd-things-update-partial-contenttype")
def patch_takes_merge_patches_only(directory: DirectoryClient) -> None:
    td = directory.created()
    status(directory.patch(td["id"], {"title": "a"}, content_type=MERGE_PATCH), 204, MERGE_PATCH)
    with_charset = f"{MERGE_PATCH}; charset=utf-8"
    status(directory.patch(td["id"], {"title": "b"}, content_type=with_charset), 204, with_charset)
    for other in ("application/json-patch+json", "text/plain"):
        answer = directory.patch(td["id"], {"title": "c"}, content_type=other)
        refused(answer, f"PATCH of {other}", codes=(400, 415))
    need(directory.served(td["id"])["title"] == "b", "what was refused was stored")


@checks("tdd-things-update-partial-partialtd")
def a_patch_is_a_partial_td(directory: DirectoryClient) -> None:
    td = directory.created(properties={"status": {"type": "string", "forms": [FORM]}})
    partial = {"properties": {"status": {"description": "on or off"}}}
    status(directory.patch(td["id"], partial), 204, "PATCH of one member of a property")
    status_now = directory.served(td["id"])["properties"]["status"]
    need(status_now == {**td["properties"]["status"], **partial["properties"]["status"]}, f"{status_now}")
    wrongs: list[object] = [{"properties": "all"}, {"title": 5}, {"security": []}, {"id": new_id()}, [], "x"]
    for wrong in wrongs:
        refused(directory.patch(td["id"], wrong), f"PATCH of {wrong!r}")
    need(directory.served(td["id"])["properties"]["status"] == status_now, "what was refused was stored")
    need(directory.served(td["id"])["title"] == td["title"], "what was refused was stored")


@checks("tdd-things-update-partial-resp")
def patch_answers_204(directory: DirectoryClient) -> None:
    td = directory.created()
    for patch in ({"title": "second"}, {}):
        answer = directory.patch(td["id"], patch)
        status(answer, 204, f"PATCH of {patch}")
        need(not answer.content, "an answer 204 has a body")


@checks("tdd-things-delete")
def delete_removes(directory: DirectoryClient) -> None:
    mine, other = directory.created(), directory.created()
    need(directory.delete(mine["id"]).is_success, "DELETE fails")
    gone(directory, mine["id"])
    need(directory.served(other["id"])["id"] == other["id"], "another Thing is gone")
    status(directory.delete(mine["id"]), 404, "DELETE again")


@checks("tdd-things-delete-resp")
def delete_answers_204(directory: DirectoryClient) -> None:
    answer = directory.delete(directory.created()["id"])
    status(answer, 204, "DELETE")
    need(not answer.content, "an answer 204 has a body")
