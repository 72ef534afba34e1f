"""The list and its pages (Recommendation, 7.3.2.6)."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urljoin, urlsplit

from check_registry import checks
from directory_client import DISCOVERY, link_targets, media_type, new_id, thing
from verdicts import NotOffered, need

if TYPE_CHECKING:
    import httpx
    from directory_client import DirectoryClient

ORDERED = ("A", "Z", "_", "a", "b", "ä", "é", "ｱ", "😀")
"""Ids in the order of code points: not that of a dictionary, nor of UTF-16 units, nor without case."""
ASCII_ORDERED = ("%41", "-", ".", "A", "Z", "_", "a", "b", "~")
"""The same for directories that take ASCII only in an id."""


def fill(directory: DirectoryClient, count: int = 5) -> set[str]:
    """Ids of TDs that are in the directory from here on."""
    return {directory.created(title=f"listed {number}")["id"] for number in range(count)}


def paged(directory: DirectoryClient, limit: int = 2) -> list[httpx.Response]:
    """All pages of a directory with at least five TDs; NotOffered where a limit changes nothing."""
    fill(directory)
    pages = list(directory.pages(limit=limit))
    if len(pages) == 1 and len(pages[0].json()) > limit:
        raise NotOffered("all TDs come in one answer whatever the limit")
    return pages


@checks("tdd-things-list-only")
def there_is_a_list(directory: DirectoryClient) -> None:
    need(directory.get("/things").status_code == 200, "GET /things fails")


@checks("tdd-things-list-method")
def get_lists(directory: DirectoryClient) -> None:
    ids = fill(directory)
    listed = [td["id"] for td in directory.listed()]
    need(ids <= set(listed), f"{len(ids - set(listed))} of {len(ids)} TDs are not in the list")
    need(len(listed) == len(set(listed)), "the list has a Thing twice")


@checks("tdd-things-list-resp")
def list_answers_200_and_an_array(directory: DirectoryClient) -> None:
    tags = {directory.created(tag=(tag := new_id()))["id"]: tag for _ in range(3)}
    answer = directory.get("/things")
    need(answer.status_code == 200, f"GET /things: {answer.status_code}")
    need(isinstance(answer.json(), list), "the body is no array")
    listed = {td["id"]: td for td in directory.listed()}
    for thing_id, tag in tags.items():
        need(listed[thing_id].get("tag") == tag, "a TD of the list lacks a member of its own")
        need(listed[thing_id]["title"] == "example thing", "a TD of the list has another title")


@checks("tdd-things-list-resp-content-type")
def the_list_has_its_media_type(directory: DirectoryClient) -> str:
    fill(directory, 1)
    expected = ("application/ld+json", "application/json")
    for accept in (None, "*/*", *expected):
        answer = directory.get("/things", accept)
        need(answer.status_code == 200, f"Accept: {accept}: {answer.status_code}")
        need(media_type(answer) in expected, f"Accept: {accept}: {answer.headers.get('content-type')}")
    return media_type(directory.get("/things"))


@checks("tdd-things-list-pagination")
def the_list_comes_in_pages(directory: DirectoryClient) -> None:
    pages = paged(directory)
    together = [td["id"] for page in pages for td in page.json()]
    whole = [td["id"] for td in directory.listed(limit=1_000_000)]
    need(together == whole, "the pages together are not the list")
    offset = [td["id"] for td in directory.get("/things", offset=1, limit=3).json()]
    need(offset == whole[1:4], "offset=1&limit=3 is not the second to the fourth TD")
    need(directory.get("/things", offset=len(whole) + 5, limit=2).json() == [], "there is more after the end")


@checks("tdd-things-list-pagination-limit")
def a_page_has_at_most_limit(directory: DirectoryClient) -> None:
    paged(directory)
    for limit in (1, 2, 3, 5):
        sizes = [len(page.json()) for page in directory.pages(limit=limit)]
        need(max(sizes) <= limit, f"limit={limit}: {max(sizes)} TDs")
        need(sizes[-1] > 0, f"limit={limit}: the last page is empty")
    for wrong in ("0", "-1", "many", "1.5"):
        code = directory.get("/things", limit=wrong).status_code
        need(code == 400, f"limit={wrong}: {code}, not 400")


@checks("tdd-things-list-pagination-header-nextlink")
def there_is_a_next_link_while_there_is_more(directory: DirectoryClient) -> None:
    pages = paged(directory)
    total = len(directory.listed(limit=1_000_000))
    seen = 0
    for page in pages:
        seen += len(page.json())
        has_next = "next" in link_targets(page)
        need(has_next == (seen < total), f"next link {has_next} after {seen} of {total} TDs")
    exact = directory.get("/things", limit=total)
    need("next" not in link_targets(exact), "a page with all TDs has a next link")


@checks("tdd-things-list-pagination-header-nextlink-attr")
def the_next_link_has_all_arguments(directory: DirectoryClient) -> None:
    paged(directory)
    cases: list[dict[str, str | int]]
    cases = [{"limit": 2}, {"limit": 2, "offset": 1}, {"limit": 3, "format": "array"}]
    for arguments in cases:
        offset = int(arguments.get("offset", 0))
        for page in directory.pages(**arguments):
            link = link_targets(page).get("next")
            if link is None:
                break
            offset += len(page.json())
            found = parse_qs(urlsplit(link["url"]).query)
            expected = {**{name: [str(value)] for name, value in arguments.items()}, "offset": [str(offset)]}
            for name, value in expected.items():
                optional = name == "format" and name not in found
                need(optional or found.get(name) == value, f"{arguments}: next is {link['url']}")


@checks("tdd-things-list-pagination-header-nextlink-base")
def the_next_link_leads_on(directory: DirectoryClient) -> str:
    pages = paged(directory)
    link = link_targets(pages[0])["next"]["url"]
    base = f"{directory.base_url}/"
    where = urljoin(base, link.removeprefix("/") if link.startswith("/things") else link)
    need(where.startswith(directory.url("/things")), f"next is {link}, which is not of this API")
    need(directory.http.get(where).json()[0]["id"] == pages[1].json()[0]["id"], "it leads elsewhere")
    return link


@checks("tdd-things-list-pagination-header-canonicallink")
def pages_have_a_canonical_link(directory: DirectoryClient) -> None:
    def states(pages: list[httpx.Response]) -> set[str]:
        found = set()
        for page in pages:
            link = link_targets(page).get("canonical")
            need(link is not None and link.get("etag"), f"a page has the links {dict(page.links)}")
            where = urljoin(str(page.request.url), link["url"] if link else "")
            need(where == directory.url("/things"), f"canonical is {where}")
            found.add(link["etag"] if link else "")
        return found

    first = states(paged(directory))
    need(len(first) == 1, "pages of one state of the collection have several etags")
    need(states(list(directory.pages(limit=3))) == first, "the etag changes although nothing changed")
    td = directory.created()
    second = states(list(directory.pages(limit=2)))
    need(second.isdisjoint(first), "the etag is the same after a TD was created")
    directory.delete(td["id"])
    third = states(list(directory.pages(limit=2)))
    need(third.isdisjoint(second), "the etag is the same after a TD was deleted")


@checks("tdd-things-list-pagination-order-default")
def ids_ascend_by_code_point(directory: DirectoryClient) -> str:
    run = new_id()

    def put_all(tails: tuple[str, ...]) -> list[str]:
        ids = [f"{run}:{tail}" for tail in tails]
        codes = {directory.put(thing(one)).status_code for one in reversed(ids)}
        return ids if codes == {201} else []

    ids = put_all(ORDERED)
    kind = "with and without letters beyond ASCII"
    if not ids:
        ids, kind = put_all(ASCII_ORDERED), "ASCII only, as the directory refuses other ids"
    listed = [td["id"] for td in directory.listed()]
    need(listed == sorted(listed), "the list is not in the order of code points")
    need([one for one in listed if one.startswith(f"{run}:")] == ids, "the list has them in another order")
    together = [td["id"] for page in directory.pages(limit=2) for td in page.json()]
    need(together == listed, "the pages have another order than the list")
    need(all(unicodedata.is_normalized("NFC", one) for one in ids), "a normal form was lost")
    return kind


@checks("tdd-things-list-pagination-collection")
def a_collection_says_more(directory: DirectoryClient) -> None:
    fill(directory)
    total = len(directory.listed(limit=1_000_000))
    answer = directory.get("/things", format="collection", limit=2)
    if answer.status_code in (400, 501):
        raise NotOffered(f"format=collection: {answer.status_code}")
    seen: list[str] = []
    for _ in range(total):
        body = answer.json()
        contexts = body["@context"] if isinstance(body["@context"], list) else [body["@context"]]
        need(DISCOVERY in contexts, f"@context is {contexts}")
        need(body["@type"] == "ThingCollection", f"@type is {body['@type']}")
        need(body["total"] == total, f"total is {body['total']}, not {total}")
        here = urljoin(str(answer.request.url), body["@id"])
        need(urlsplit(here).path == urlsplit(directory.url("/things")).path, f"@id is {body['@id']}")
        need(0 < len(body["members"]) <= 2, f"{len(body['members'])} members")
        seen += [td["id"] for td in body["members"]]
        need(("next" in body) == (len(seen) < total), f"next after {len(seen)} of {total}")
        if "next" not in body:
            break
        answer = directory.http.get(urljoin(str(answer.request.url), body["next"]))
    need(seen == [td["id"] for td in directory.listed()], "the members together are not the list")
