"""Enriched TDs: context, times, expiry, ids of anonymous TDs (Recommendation, 7.3.1)."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from check_registry import checks
from directory_client import DISCOVERY, TD_1_0, TD_1_1, instant, new_id, seconds_between, thing
from verdicts import NotOffered, need

if TYPE_CHECKING:
    from directory_client import DirectoryClient, Thing

RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")
"""`date-time` of RFC 3339, 5.6: the offset is no option."""
UUID_4 = re.compile(
    r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.IGNORECASE
)
LONG_AGO = "2000-01-01T00:00:00Z"
FAR_AWAY = "2050-01-01T00:00:00Z"
TICK_S = 1.1
"""Longer than the second that a directory may round its times to."""
CLOCKS_S = 2.0
"""What the clocks of client and server, and the time of a request, may make."""
PURGE_WAIT_S = 90.0
"""How long 'periodically' may take here."""


def by_id(tds: list[Thing], thing_id: str) -> Thing:
    """The TD of this Thing among several."""
    found = [td for td in tds if td.get("id") == thing_id]
    need(len(found) == 1, f"{thing_id} is there {len(found)} times, not once")
    return found[0]


def search_results(directory: DirectoryClient, thing_id: str) -> list[Thing] | None:
    """What a JSONPath search for an id finds; None where that search is not offered."""
    answer = directory.get("/search/jsonpath", query=f'$[?@.id=="{thing_id}"]')
    if answer.status_code in (404, 405, 501):
        return None
    need(answer.status_code == 200, f"JSONPath search: {answer.status_code} {answer.text[:200]}")
    found: list[Thing] = answer.json()
    return found


@checks("tdd-context-injection")
def discovery_context_is_named(directory: DirectoryClient) -> str:
    contexts: list[object] = [TD_1_0, TD_1_1, [TD_1_1, {"ex": "http://example.org/"}], [TD_1_1, DISCOVERY]]
    for context in contexts:
        with directory.subscribe("/events?diff=true") as events:
            td = directory.created(context=context)
            seen = {"item": directory.served(td["id"]), "list": by_id(directory.listed(), td["id"])}
            event = events.take(1, {td["id"]})[0].json()
        if "registration" in event:
            seen["event"] = event
        if (found := search_results(directory, td["id"])) is not None:
            seen["search"] = by_id(found, td["id"])
        for where, served in seen.items():
            need("registration" in served or where != "item", f"{where}: no registration, so no enriched TD")
            names = served["@context"]
            need(isinstance(names, list), f"{where}: @context is {names!r}")
            need(names.count(DISCOVERY) == 1, f"{where}: @context is {names!r} for a TD with {context!r}")
            own = context if isinstance(context, list) else [context]
            need(
                [one for one in names if one != DISCOVERY] == [one for one in own if one != DISCOVERY],
                f"{where}: contexts of the TD are lost or in another order: {names!r}",
            )
    return "in " + ", ".join(seen)


@checks("tdd-absolute-time")
def times_are_rfc_3339(directory: DirectoryClient) -> str:
    td = directory.created(registration={"ttl": 3600})
    for served in (directory.served(td["id"]), by_id(directory.listed(), td["id"])):
        for name in ("created", "modified", "expires", "retrieved"):
            value = served["registration"].get(name)
            need(value is None or RFC_3339.fullmatch(value), f"{name}: {value!r}")
    other = thing(new_id(), registration={"expires": "2050-06-01T12:00:00+02:00"})
    need(directory.put(other).status_code == 201, "an expires with an offset is refused")
    kept = directory.served(other["id"])["registration"]["expires"]
    need(instant(kept) == datetime(2050, 6, 1, 10, tzinfo=UTC), f"12:00:00+02:00 comes back as {kept}")
    local = thing(new_id(), registration={"expires": "2050-06-01T12:00:00"})
    if (answer := directory.put(local)).status_code == 201:
        kept = directory.served(local["id"])["registration"]["expires"]
        need(RFC_3339.fullmatch(kept), f"a time without offset is kept and served: {kept}")
        return "a time without offset is given one"
    need(answer.status_code == 400, f"a time without offset: {answer.status_code}")
    return "a time without offset is refused"


@checks("tdd-registrationinfo-vocab-created")
def created_is_the_directorys(directory: DirectoryClient) -> None:
    before = datetime.now(UTC)
    td = directory.created(registration={"created": LONG_AGO})
    created = directory.served(td["id"])["registration"].get("created")
    if created is None:
        raise NotOffered("TDs are served without created")
    need(abs(instant(created) - before) < timedelta(seconds=CLOCKS_S + 1), f"created is {created}")
    time.sleep(TICK_S)
    need(directory.put({**td, "title": "renamed"}).status_code == 204, "PUT of a changed TD fails")
    need(directory.served(td["id"])["registration"]["created"] == created, "an update changes created")


@checks("tdd-registrationinfo-vocab-modified")
def modified_moves_with_each_change(directory: DirectoryClient) -> None:
    td = directory.created(registration={"modified": LONG_AGO})
    first = directory.served(td["id"])["registration"]
    if "modified" not in first:
        raise NotOffered("TDs are served without modified")
    need(seconds_between(first["created"], first["modified"]) >= 0, f"{first}")
    time.sleep(TICK_S)
    directory.put({**td, "title": "renamed"})
    second = directory.served(td["id"])["registration"]
    need(seconds_between(first["modified"], second["modified"]) > 0, "PUT leaves modified as it was")
    time.sleep(TICK_S)
    directory.patch(td["id"], {"title": "renamed again"})
    third = directory.served(td["id"])["registration"]
    need(seconds_between(second["modified"], third["modified"]) > 0, "PATCH leaves modified as it was")
    need(directory.served(td["id"])["registration"]["modified"] == third["modified"], "reading changes it")


@checks("tdd-registrationinfo-vocab-expires")
def ttl_wins_over_expires(directory: DirectoryClient) -> None:
    td = directory.created(registration={"ttl": 3600, "expires": FAR_AWAY})
    served = directory.served(td["id"])["registration"]
    need(abs(seconds_between(served["modified"], served["expires"]) - 3600) <= 1, f"{served}")
    directory.patch(td["id"], {"registration": {"expires": FAR_AWAY}})
    served = directory.served(td["id"])["registration"]
    need(instant(served["expires"]) < instant(FAR_AWAY), "PATCH of expires wins over ttl")
    other = directory.created(registration={"expires": FAR_AWAY})
    kept = directory.served(other["id"])["registration"]
    need(instant(kept["expires"]) == instant(FAR_AWAY), f"without ttl, expires is not kept: {kept}")
    directory.patch(other["id"], {"registration": {"expires": "2049-01-01T00:00:00Z"}})
    kept = directory.served(other["id"])["registration"]
    need(instant(kept["expires"]).year == 2049, "without ttl, PATCH does not change expires")


@checks("tdd-registrationinfo-vocab-ttl")
def expires_is_computed_from_ttl(directory: DirectoryClient) -> None:
    td = directory.created(registration={"ttl": 600})
    first = directory.served(td["id"])["registration"]
    need(first["ttl"] == 600, f"ttl comes back as {first['ttl']}")
    need(abs(seconds_between(first["modified"], first["expires"]) - 600) <= 1, f"{first}")
    time.sleep(TICK_S)
    need(directory.patch(td["id"], {}).status_code == 204, "an empty patch is refused")
    second = directory.served(td["id"])["registration"]
    need(seconds_between(first["expires"], second["expires"]) > 0, "an empty PATCH does not extend it")
    time.sleep(TICK_S)
    directory.put(td)
    third = directory.served(td["id"])["registration"]
    need(seconds_between(second["expires"], third["expires"]) > 0, "PUT does not extend it")
    directory.patch(td["id"], {"registration": {"ttl": 60}})
    fourth = directory.served(td["id"])["registration"]
    need(abs(seconds_between(fourth["modified"], fourth["expires"]) - 60) <= 1, f"{fourth}")


@checks("tdd-registrationinfo-vocab-retrieved")
def retrieved_is_now(directory: DirectoryClient) -> None:
    td = directory.created(registration={"retrieved": LONG_AGO})
    retrieved = directory.served(td["id"])["registration"].get("retrieved")
    if retrieved is None:
        raise NotOffered("TDs are served without retrieved")
    need(abs(instant(retrieved) - datetime.now(UTC)) < timedelta(seconds=CLOCKS_S), f"it is {retrieved}")
    time.sleep(TICK_S)
    later = directory.served(td["id"])["registration"]["retrieved"]
    need(seconds_between(retrieved, later) > 0, "a second GET says the same time")
    listed = by_id(directory.listed(), td["id"])["registration"]
    need(seconds_between(later, listed["retrieved"]) >= 0, f"the list says {listed['retrieved']}")


@checks("tdd-registrationinfo-expiry-purge")
def expired_tds_go_away(directory: DirectoryClient) -> str:
    with directory.subscribe("/events/thing_deleted") as events:
        td = directory.created(registration={"ttl": 1})
        stays = directory.created(registration={"ttl": 3600})
        began, left = time.monotonic(), PURGE_WAIT_S
        events.take(1, {td["id"]}, patience_s=left)
        took = time.monotonic() - began
    need(directory.http.get(directory.item(td["id"])).status_code == 404, "an expired TD is still served")
    ids = [one["id"] for one in directory.listed()]
    need(td["id"] not in ids, "an expired TD is still listed")
    need(stays["id"] in ids, "a TD that is not expired is gone too")
    return f"ttl of 1 s: removed, and said so, after {took:.0f} s"


@checks("tdd-anonymous-td-identifier")
def anonymous_tds_are_served_with_an_id(directory: DirectoryClient) -> None:
    title = f"anonymous {new_id()}"
    answer = directory.post(thing(title=title))
    need(answer.status_code == 201, f"POST: {answer.status_code} {answer.text[:200]}")
    thing_id = directory.http.get(directory.location(answer)).json()["id"]
    need(isinstance(thing_id, str) and thing_id, f"the TD is served with the id {thing_id!r}")
    need(by_id(directory.listed(), thing_id)["title"] == title, "the list has another TD under this id")
    if (found := search_results(directory, thing_id)) is not None:
        need(by_id(found, thing_id)["title"] == title, "a search has another TD under this id")


@checks("tdd-anonymous-td-local-uuid")
def local_ids_are_uuids(directory: DirectoryClient) -> None:
    ids = set()
    for _ in range(3):
        answer = directory.post(thing())
        ids.add(directory.http.get(directory.location(answer)).json()["id"])
    need(len(ids) == 3, f"three TDs have {len(ids)} ids")
    for local in ids:
        need(UUID_4.fullmatch(local), f"{local} is no version 4 UUID as a URN")
