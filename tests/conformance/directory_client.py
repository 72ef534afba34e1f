"""A client of a Thing Description Directory, as the Recommendation describes one; it knows no server."""

from __future__ import annotations

import contextlib
import json
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote, urljoin

import httpx
from event_stream import Subscription
from verdicts import Broken, need

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TD_1_0 = "https://www.w3.org/2019/wot/td/v1"
TD_1_1 = "https://www.w3.org/2022/wot/td/v1.1"
DISCOVERY = "https://www.w3.org/2022/wot/discovery"
TD_JSON = "application/td+json"
MERGE_PATCH = "application/merge-patch+json"
PROBLEM = "application/problem+json"
WAIT_S = 20.0
"""How long any one answer may take."""

Thing = dict[str, Any]
"""A Thing Description, or a part of one, as JSON."""


def new_id() -> str:
    """An id that no Thing has yet."""
    return f"urn:uuid:{uuid.uuid4()}"


def thing(thing_id: str | None = None, /, *, context: object = TD_1_1, **members: Any) -> Thing:
    """A small valid Thing Description."""
    head: Thing = {"@context": context} | ({"id": thing_id} if thing_id else {})
    return {
        **head,
        "title": "example thing",
        "security": ["nosec_sc"],
        "securityDefinitions": {"nosec_sc": {"scheme": "nosec"}},
        **members,
    }


def without_additions(td: Thing) -> Thing:
    """A served TD without what the directory may add: registration, and the discovery context."""
    context = td["@context"] if isinstance(td["@context"], list) else [td["@context"]]
    kept = [one for one in context if one != DISCOVERY]
    return {
        **{name: value for name, value in td.items() if name != "registration"},
        "@context": kept[0] if len(kept) == 1 else kept,
    }


def media_type(answer: httpx.Response) -> str:
    """The type of a body without its parameters, in lower case."""
    value: str = answer.headers.get("content-type", "")
    return value.partition(";")[0].strip().lower()


def link_targets(answer: httpx.Response) -> dict[str, dict[str, str]]:
    """Links of the answer's Link header (RFC 8288) by relation: parameters, and `url` as it is written."""
    return {str(link.get("rel")): link for link in answer.links.values()}


class DirectoryClient:
    """Requests to one directory; removes what it put there when it closes."""

    def __init__(
        self,
        base_url: str,
        *,
        token: str | None = None,
        closed_url: str | None = None,
        federation_port: int = 0,
    ) -> None:
        """`closed_url` is the same software with access control, where the one at `base_url` has none.

        `federation_port` is where other endpoints run that the directory may ask; 0 is any.
        """
        self.base_url = base_url.rstrip("/")
        self.federation_port = federation_port
        self.token, self.closed_url = token, closed_url
        headers = {"authorization": f"Bearer {token}"} if token else {}
        self.http = httpx.Client(headers=headers, timeout=WAIT_S)
        del self.http.headers["accept"]
        self._created: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(httpx.HTTPError):
            for url in sorted(self._created):
                self.http.delete(url)
        self.http.close()

    def url(self, path: str) -> str:
        """Where a path of the API is; a whole URL stays as it is."""
        return path if path.startswith(("http://", "https://")) else self.base_url + path

    def item(self, thing_id: str) -> str:
        """Where the TD of a Thing is."""
        return f"{self.base_url}/things/{quote(thing_id, safe='')}"

    def send(self, method: str, path: str, **more: Any) -> httpx.Response:
        """The answer to any request."""
        return self.http.request(method, self.url(path), **more)

    def get(self, path: str, accept: str | None = None, /, **params: str | int) -> httpx.Response:
        """The answer to GET with these parameters, percent-encoded."""
        headers = {"accept": accept} if accept else {}
        return self.http.get(self.url(path), params=params or None, headers=headers)

    def put(self, td: Thing, *, at: str | None = None, content_type: str = TD_JSON) -> httpx.Response:
        """The answer to PUT of a TD at its own id, or at another's."""
        url = self.item(at or td["id"])
        self._created.add(url)
        content = json.dumps(td, ensure_ascii=False).encode()
        return self.http.put(url, content=content, headers={"content-type": content_type})

    def post(self, td: Thing, *, content_type: str = TD_JSON) -> httpx.Response:
        """The answer to POST of an anonymous TD."""
        content = json.dumps(td, ensure_ascii=False).encode()
        answer = self.http.post(self.url("/things"), content=content, headers={"content-type": content_type})
        if answer.status_code == 201 and "location" in answer.headers:
            self._created.add(self.location(answer))
        return answer

    def patch(self, thing_id: str, patch: object, *, content_type: str = MERGE_PATCH) -> httpx.Response:
        """The answer to PATCH of a Thing."""
        content = json.dumps(patch, ensure_ascii=False).encode()
        return self.http.patch(self.item(thing_id), content=content, headers={"content-type": content_type})

    def delete(self, thing_id: str) -> httpx.Response:
        """The answer to DELETE of a Thing."""
        return self.http.delete(self.item(thing_id))

    def location(self, answer: httpx.Response) -> str:
        """The whole URL that a Location header means (RFC 9110, 10.2.2)."""
        return urljoin(str(answer.request.url), answer.headers["location"])

    def created(self, **members: Any) -> Thing:
        """A TD with an id, after it was put into the directory."""
        td = thing(new_id(), **members)
        answer = self.put(td)
        need(answer.status_code == 201, f"PUT of a new TD: {answer.status_code} {answer.text[:300]}")
        return td

    def served(self, thing_id: str) -> Thing:
        """The TD of a Thing as the directory serves it."""
        answer = self.http.get(self.item(thing_id))
        need(answer.status_code == 200, f"GET of {thing_id}: {answer.status_code} {answer.text[:300]}")
        td: Thing = answer.json()
        return td

    def pages(self, **params: str | int) -> Iterator[httpx.Response]:
        """The pages of the list, as their next links lead."""
        answer = self.get("/things", **params)
        for _ in range(10_000):
            need(answer.status_code == 200, f"GET /things: {answer.status_code} {answer.text[:300]}")
            yield answer
            link = link_targets(answer).get("next")
            if link is None:
                return
            answer = self.http.get(urljoin(str(answer.request.url), link["url"]))
        raise Broken("the next links of /things have no end")

    def listed(self, **params: str | int) -> list[Thing]:
        """All TDs of the list, over all pages."""
        return [td for page in self.pages(**params) for td in page.json()]

    def subscribe(self, path: str = "/events", *, last_event_id: str | None = None) -> Subscription:
        """A subscription to events: a context manager."""
        headers = {"authorization": f"Bearer {self.token}"} if self.token else {}
        return Subscription(self.url(path), headers=headers, last_event_id=last_event_id)

    def stranger(self) -> DirectoryClient:
        """A client without credentials, of the server that asks for them."""
        return DirectoryClient(self.closed_url or self.base_url)

    def watched(self, path: str, act: Callable[[], object], *thing_ids: str, count: int) -> list[Any]:
        """The first `count` events on these Things that a subscriber gets while `act` runs."""
        with self.subscribe(path) as events:
            act()
            return events.take(count, set(thing_ids))


def seconds_between(earlier: str, later: str) -> float:
    """Seconds from one RFC 3339 date-time to another."""
    return (instant(later) - instant(earlier)).total_seconds()


def instant(text: str) -> datetime:
    """The moment that an RFC 3339 date-time means."""
    moment = datetime.fromisoformat(text.upper())
    need(moment.tzinfo is not None, f"'{text}' has no offset")
    return moment.astimezone(UTC)
