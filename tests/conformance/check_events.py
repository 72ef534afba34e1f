"""Events of the directory (Recommendation, 7.3.3: the Notification API)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from check_registry import checks
from directory_client import new_id, thing, without_additions
from verdicts import NotOffered, need

if TYPE_CHECKING:
    from directory_client import DirectoryClient, Thing
    from event_stream import Event

KINDS = ("thing_created", "thing_updated", "thing_deleted")


def kinds(events: list[Event]) -> list[str]:
    """The types of events, in their order."""
    return [event.kind for event in events]


def live(directory: DirectoryClient, thing_id: str) -> None:
    """What a Thing goes through: created, updated twice, deleted."""
    directory.put(thing(thing_id))
    directory.put(thing(thing_id, title="second"))
    directory.patch(thing_id, {"title": "third"})
    directory.delete(thing_id)


LIFE = ["thing_created", "thing_updated", "thing_updated", "thing_deleted"]


def merged(target: Any, patch: Any) -> Any:
    """What RFC 7396 makes of a value and a patch."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result


@checks("tdd-notification")
def there_are_events(directory: DirectoryClient) -> None:
    with directory.http.stream("GET", directory.url("/events")) as answer:
        code = answer.status_code
    if code in (404, 501):
        raise NotOffered(f"GET /events: {code}")
    need(code == 200, f"GET /events: {code}")
    one = new_id()
    seen = directory.watched("/events", lambda: directory.put(thing(one)), one, count=1)
    need(kinds(seen) == ["thing_created"], f"a new TD makes {kinds(seen)}")


@checks("tdd-notification-sse")
def events_are_server_sent(directory: DirectoryClient) -> None:
    for path in ("/events", "/events/thing_created"):
        with directory.subscribe(path) as events:
            content_type = events.content_type.lower()
            need(content_type.partition(";")[0] == "text/event-stream", f"{path} is {content_type}")
            td = directory.created()
            event = events.take(1, {td["id"]})[0]
            need(event.kind == "thing_created", f"{path}: {event.kind}")
            need(events.rest({td["id"]}) == [], f"{path}: one change makes several events")
    answer = directory.get("/events/thing_painted")
    need(answer.status_code in (400, 404), f"a type that does not exist: {answer.status_code}")


@checks("tdd-notification-event-id")
def missed_events_come_again(directory: DirectoryClient) -> None:
    first, second = new_id(), new_id()
    seen = directory.watched("/events", lambda: live(directory, first), first, count=4)
    ids = [event.id for event in seen]
    need(all(ids), f"ids are {ids}")
    need(len(set(ids)) == 4, f"four events have the ids {ids}")
    live(directory, second)
    with directory.subscribe(last_event_id=ids[1]) as again:
        missed = again.take(6, {first, second})
        need([event.id for event in missed[:2]] == ids[2:], "other events come than those that were missed")
        need(kinds(missed) == LIFE[2:] + LIFE, f"what was missed is {kinds(missed)}")
        need(again.rest({first, second}) == [], "an event comes twice")
    with directory.subscribe("/events/thing_deleted", last_event_id=ids[0]) as again:
        need(kinds(again.take(2, {first, second})) == ["thing_deleted"] * 2, "the filter does not hold")
    with directory.subscribe(last_event_id=ids[3]) as again:
        later = again.take(4, {second})
        td = directory.created()
        need(kinds(again.take(1, {td["id"]})) == ["thing_created"], "after what was missed, nothing comes")
    need(len({event.id for event in later} | set(ids)) == 8, "ids come twice")
    with directory.subscribe() as fresh:
        need(fresh.rest({first, second}) == [], "a new subscriber gets events of before")


@checks("tdd-notification-event-types")
def each_change_has_its_type(directory: DirectoryClient) -> None:
    one = new_id()
    seen = directory.watched("/events", lambda: live(directory, one), one, count=4)
    need(kinds(seen) == LIFE, f"create, PUT, PATCH, DELETE make {kinds(seen)}")
    with directory.subscribe() as events:
        td = directory.http.get(directory.location(directory.post(thing()))).json()
        need(kinds(events.take(1, {td["id"]})) == ["thing_created"], "POST does not make thing_created")
        directory.put({"id": td["id"]})
        directory.patch(td["id"], {"title": None})
        need(events.rest({td["id"]}) == [], "a refused change makes an event")


@checks("tdd-notification-filter-type")
def a_subscriber_of_one_type_gets_that_type(directory: DirectoryClient) -> None:
    for kind in KINDS:
        one = new_id()
        with directory.subscribe(f"/events/{kind}") as events:
            live(directory, one)
            expected = [each for each in LIFE if each == kind]
            need(kinds(events.take(len(expected), {one})) == expected, f"{kind}: another type comes")
            need(events.rest({one}) == [], f"{kind}: more events come than {len(expected)}")


@checks("tdd-notification-data")
def data_is_json(directory: DirectoryClient) -> None:
    title, one = 'größe "☃"\n😀', new_id()  # a line break must survive the framing

    def act() -> None:
        directory.put(thing(one, title=title))

    for path in ("/events", "/events?diff=true"):
        directory.delete(one)
        event = directory.watched(path, act, one, count=1)[0]
        need(isinstance(event.json(), dict), f"{path}: data is {event.data[:100]}")
        told = event.json().get("title", title)
        need(told == title, f"{path}: the title is {told!r}")


@checks("tdd-notification-data-td-id")
def data_has_the_id(directory: DirectoryClient) -> None:
    for path in ("/events", "/events?diff=true"):
        one = new_id()
        seen = directory.watched(path, partial(live, directory, one), one, count=4)
        need([event.json()["id"] for event in seen] == [one] * 4, f"{path}: ids are missing")


def served_and_told(directory: DirectoryClient, path: str) -> tuple[Thing, dict[str, Any]]:
    """A new TD as it is served, and the data of the event about it."""
    one = new_id()
    td = thing(one, properties={"s": {"forms": [{"href": "http://device.example/"}]}}, own={"a": [1, None]})
    event = directory.watched(path, lambda: directory.put(td), one, count=1)[0]
    return directory.served(one), event.json()


@checks("tdd-notification-data-create-full")
def created_has_the_whole_td(directory: DirectoryClient) -> None:
    served, told = served_and_told(directory, "/events/thing_created?diff=true")
    if set(told) == {"id"}:
        raise NotOffered("with diff=true, thing_created has the id alone")
    need(without_additions(told) == without_additions(served), "the event has another TD than is served")
    _, brief = served_and_told(directory, "/events/thing_created")
    need("title" not in brief, "without diff, the whole TD comes too")


def update_events(directory: DirectoryClient) -> list[tuple[Thing, dict[str, Any], Thing]]:
    """TD before, patch of the event, TD after, for changes of each kind."""
    td = directory.created(description="goes", links=[{"href": "http://a.example/"}], own={"a": 1, "b": 2})
    steps = []
    for change in (
        lambda: directory.patch(td["id"], {"title": "second"}),
        lambda: directory.patch(td["id"], {"description": None, "own": {"b": None, "c": {"d": 3}}}),
        lambda: directory.patch(td["id"], {"links": []}),
        lambda: directory.put(thing(td["id"], title="replaced", support="http://b.example/")),
    ):
        before = directory.served(td["id"])
        event = directory.watched("/events/thing_updated?diff=true", change, td["id"], count=1)[0]
        steps.append((before, event.json(), directory.served(td["id"])))
    if all(set(told) == {"id"} for _, told, _ in steps):
        raise NotOffered("with diff=true, thing_updated has the id alone")
    return steps


@checks("tdd-notification-data-update-diff")
def updated_has_a_merge_patch(directory: DirectoryClient) -> None:
    for before, patch, after in update_events(directory):
        result = merged(before, patch)
        need(without_additions(result) == without_additions(after), f"{patch} does not lead to the new TD")
        same = [
            name
            for name, value in patch.items()
            if name not in ("id", "registration") and before.get(name) == value
        ]
        need(not same, f"the patch repeats what did not change: {same}")
        modified = patch.get("registration", {}).get("modified", after["registration"]["modified"])
        need(modified == after["registration"]["modified"], f"modified is {modified}")


@checks("tdd-notification-data-update-id")
def the_merge_patch_has_the_id(directory: DirectoryClient) -> None:
    for before, patch, _ in update_events(directory):
        need(patch.get("id") == before["id"], f"the id in the patch is {patch.get('id')!r}")


@checks("tdd-notification-data-delete-diff")
def deleted_ignores_diff(directory: DirectoryClient) -> None:
    for path in ("/events/thing_deleted?diff=true", "/events?diff=true", "/events/thing_deleted"):
        td = directory.created()
        event = directory.watched(path, partial(directory.delete, td["id"]), td["id"], count=1)[0]
        need(event.kind == "thing_deleted", f"{path}: {event.kind}")
        need(event.json() == {"id": td["id"]}, f"{path}: data is {event.data[:200]}")
