"""The verbs of a directory: what they write, what they refuse, and that nothing is lost."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest
from lamps import DISCOVERY, TD_1_1, lamp, own, plain, sent

from tinykg.catalogue.held import HeldRegistry
from tinykg.directory.conditions import Conditions
from tinykg.directory.directory import Directory
from tinykg.directory.thing_graph import thing_graph
from tinykg.endpoint.pool import Pool
from tinykg.errors import InvalidThing, PreconditionFailed, ShapeViolation, ThingNotFound
from tinykg.settings import ServeSettings, Settings
from tinykg.validate.gate import validate
from tinykg.vocab.tinykg import TK

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Clock

LAMP = "urn:example:lamp"


def put(directory: Directory, document: dict[str, Any]) -> bool:
    """Whether it was a new one."""
    return directory.put([document["id"]], sent(document)).is_new


def read(directory: Directory, thing_id: str = LAMP) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(directory.get(thing_id).content(directory.now()))
    return found


def test_what_is_registered_comes_back_with_registration_and_its_context(
    directory: Directory, clock: Clock
) -> None:
    assert put(directory, lamp(tag="T", number=1.50))
    clock.move(60)
    found = read(directory)
    assert own(found) == plain(lamp(tag="T", number=1.5))
    assert found["@context"] == [TD_1_1, DISCOVERY]
    assert found["registration"] == {
        "created": "2030-01-31T12:00:00.000000Z",
        "modified": "2030-01-31T12:00:00.000000Z",
        "retrieved": "2030-01-31T12:01:00.000000Z",
    }


def test_each_member_comes_back_in_its_own_spelling(directory: Directory) -> None:
    text = (
        sent(lamp()).decode().removesuffix("}")
        + ', "big": 12345678901234567890123, "e": 1E2, "é": "\\u00e9"}'
    )
    directory.put([LAMP], text.encode())
    served = directory.get(LAMP).content(directory.now()).decode()
    assert '"big":12345678901234567890123,"e":1E2,"é":"\\u00e9"' in served


def test_replacing_keeps_when_it_was_created_and_drops_members(directory: Directory, clock: Clock) -> None:
    put(directory, lamp(support="https://example.com"))
    clock.move(1)
    assert not put(directory, lamp(title="Other"))
    found = read(directory)
    assert found["title"] == "Other"
    assert "support" not in found
    assert found["registration"]["created"] < found["registration"]["modified"]


def test_one_without_id_gets_a_random_uuid(directory: Directory) -> None:
    ids = {directory.create(sent(lamp(None))).thing_id for _ in range(2)}
    assert len(ids) == 2
    for thing_id in ids:
        assert re.fullmatch(
            r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", thing_id
        )
        assert read(directory, thing_id)["id"] == thing_id


@pytest.mark.parametrize(
    ("names", "document", "field"),
    [
        ([LAMP], lamp(None), "id"),
        ([LAMP], lamp("urn:example:other"), "id"),
        ([""], lamp(""), "id"),
        (["a\nb"], lamp("a\nb"), "id"),
        (["x" * 3000], lamp("x" * 3000), "id"),
        ([LAMP], lamp(title=None), "title"),
        (
            [LAMP],
            lamp(properties={"status": {"forms": [{"op": "readproperty"}]}}),
            "properties.status.forms.0.href",
        ),
        ([LAMP], lamp(registration={"ttl": -1}), "registration.ttl"),
        ([LAMP], lamp(registration={"expires": "tomorrow"}), "registration.expires"),
    ],
)
def test_a_refusal_names_the_field_and_changes_nothing(
    directory: Directory, held: HeldRegistry, names: list[str], document: dict[str, Any], field: str
) -> None:
    version = held.version
    with pytest.raises(InvalidThing) as caught:
        directory.put(names, sent(document))
    assert field in [fault.field for fault in caught.value.faults]
    assert all(fault.description for fault in caught.value.faults)
    assert held.version == version
    assert directory.size() == 0


def test_posting_one_with_an_id_is_refused(directory: Directory) -> None:
    with pytest.raises(InvalidThing, match="PUT /things"):
        directory.create(sent(lamp()))


def test_of_a_member_that_is_there_twice_the_last_counts(directory: Directory) -> None:
    text = sent(lamp()).decode().replace('"title": "Lamp"', '"title": "First", "title": "Last"')
    directory.put([LAMP], text.encode())
    assert read(directory)["title"] == "Last"
    assert directory.get(LAMP).content(directory.now()).count(b'"title"') == 1


def test_a_merge_patch_adds_replaces_and_removes(directory: Directory) -> None:
    put(directory, lamp(description="d", links=[{"href": "a"}, {"href": "b"}]))
    directory.patch(
        LAMP, b'{"title": "Lantern", "description": null, "links": [{"href": "c"}], "x": {"y": 1}}'
    )
    found = read(directory)
    assert (found["title"], found["links"], found["x"]) == ("Lantern", [{"href": "c"}], {"y": 1})
    assert "description" not in found


@pytest.mark.parametrize("patch", [b'{"title": null}', b'{"id": "urn:other"}', b'{"id": null}', b"[]", b"{"])
def test_a_patch_that_does_not_leave_a_thing_description_is_refused(
    directory: Directory, patch: bytes
) -> None:
    put(directory, lamp())
    before = read(directory)
    with pytest.raises(InvalidThing):
        directory.patch(LAMP, patch)
    assert read(directory) == before


def test_an_empty_patch_keeps_the_text_as_it_was_sent(directory: Directory, clock: Clock) -> None:
    directory.put([LAMP], sent(lamp()).replace(b'"Lamp"', b'"L\\u0061mp"'))
    clock.move(1)
    directory.patch(LAMP, b"{}")
    assert b'"L\\u0061mp"' in directory.get(LAMP).content(clock())
    assert read(directory)["registration"]["modified"] == "2030-01-31T12:00:01.000000Z"


def test_true_and_1_are_different_values_for_a_patch(directory: Directory) -> None:
    put(directory, lamp(flag=True))
    directory.patch(LAMP, b'{"flag": 1}')
    assert read(directory)["flag"] is not True


@pytest.mark.parametrize("verb", ["get", "patch", "delete"])
def test_what_is_not_there_is_not_found(directory: Directory, verb: str) -> None:
    with pytest.raises(ThingNotFound, match="urn:nobody"):
        getattr(directory, verb)(*(["urn:nobody", b"{}"] if verb == "patch" else ["urn:nobody"]))


def test_deleting_leaves_nothing_of_a_thing_but_the_change(directory: Directory, held: HeldRegistry) -> None:
    put(directory, lamp())
    directory.delete(LAMP)
    with held.reading() as store:
        assert store.graph_names() == [f"https://w3id.org/tinykg/graph/change/{n}" for n in (1, 2)]
    with pytest.raises(ThingNotFound):
        directory.get(LAMP)
    assert put(directory, lamp())


def test_the_graph_of_a_thing_holds_its_text_and_what_it_says(
    directory: Directory, held: HeldRegistry
) -> None:
    document = lamp(properties={"status": {"type": "string", "forms": [{"href": "coap://lamp/status"}]}})
    put(directory, document)
    with held.reading() as store:
        triples = store.graph(thing_graph(LAMP))
        texts = [triple for _, triple in store.statements(TK.thingDescription)]
    assert not any(isinstance(node, ox.BlankNode) for t in triples for node in (t.subject, t.object))
    assert [json.loads(t.object.value) for t in texts if isinstance(t.object, ox.Literal)] == [document]
    assert "https://www.w3.org/2019/wot/td#hasPropertyAffordance" in {t.predicate.value for t in triples}


def test_all_that_a_directory_writes_passes_the_shapes(directory: Directory, held: HeldRegistry) -> None:
    put(directory, lamp(registration={"ttl": 60}))
    put(directory, lamp("urn:example:two", registration={"ttl": 0.5}))
    put(directory, lamp("not an IRI", registration={"expires": "2031-01-01T01:00:00+01:00"}))
    directory.patch(LAMP, b'{"title": "Lantern"}')
    directory.delete("urn:example:two")
    with held.reading() as store:
        graphs = [store.graph(name) for name in store.graph_names()]
    assert len(graphs) == 7
    assert validate(triple for graph in graphs for triple in graph) == []


SELF = {"@id": "https://w3id.org/tinykg/model/Hello_World", "http://schema.org/name": "mine"}


@pytest.mark.parametrize(
    "members",
    [
        {"http://example.org/of": SELF},
        {"http://example.org/of": {**SELF, "@id": "https://w3id.org/tinykg#arenaBytes"}},
        {"http://example.org/of": {**SELF, "@id": "urn:example:neighbour"}},
        {"http://example.org/of": {**SELF, "@id": "../urn%3Aexample%3Aneighbour/node"}},
        {"https://w3id.org/tinykg#thingId": "urn:example:other"},
        {"https://w3id.org/tinykg#lastChange": {"@id": "https://w3id.org/tinykg/change/999"}},
    ],
)
def test_a_thing_may_not_speak_of_what_is_not_its_own(directory: Directory, members: dict[str, Any]) -> None:
    put(directory, lamp("urn:example:neighbour"))
    with pytest.raises(InvalidThing, match=r"not this Thing|only the directory"):
        put(directory, lamp(**members))
    assert directory.size() == 1


def test_a_thing_may_not_take_the_name_of_an_entity_of_the_registry(directory: Directory) -> None:
    with pytest.raises(InvalidThing, match="TinyKG's own"):
        put(directory, lamp("https://w3id.org/tinykg/model/Hello_World"))
    assert put(directory, lamp("https://w3id.org/tinykg/device/lab-1"))


def test_a_thing_that_says_it_is_a_model_has_to_be_one(directory: Directory) -> None:
    with pytest.raises(ShapeViolation):
        put(directory, lamp(**{"@type": "https://w3id.org/tinykg#Model"}))
    assert directory.size() == 0


def test_contexts_that_nobody_knows_here_do_not_keep_a_thing_out(directory: Directory) -> None:
    context = [TD_1_1, "https://example.com/context", {"ex": "https://example.com/ns#"}]
    document = lamp() | {"@context": context}
    put(directory, document)
    assert own(read(directory)) == plain(document)


def test_preconditions_guard_a_write(directory: Directory) -> None:
    etag = directory.put([LAMP], sent(lamp()), Conditions(if_none_match="*")).etag
    assert directory.get(LAMP).etag == etag
    with pytest.raises(PreconditionFailed):
        directory.put([LAMP], sent(lamp()), Conditions(if_none_match="*"))
    with pytest.raises(PreconditionFailed):
        directory.put(["urn:new"], sent(lamp("urn:new")), Conditions(if_match="*"))
    newer = directory.put([LAMP], sent(lamp()), Conditions(if_match=f'"x", {etag}')).etag
    assert newer != etag
    for refused in (etag, f"W/{newer}"):
        with pytest.raises(PreconditionFailed):
            directory.patch(LAMP, b"{}", Conditions(if_match=refused))
        with pytest.raises(PreconditionFailed):
            directory.delete(LAMP, Conditions(if_match=refused))
    directory.delete(LAMP, Conditions(if_match=newer))


def test_a_directory_is_the_same_after_a_restart(tmp_path: Path, clock: Clock) -> None:
    settings = Settings(registry=str(tmp_path / "registry"))
    served: dict[str, bytes] = {}
    for round_ in range(3):
        with HeldRegistry.hold(settings, empty=True) as held, Pool(held, workers=1) as pool:
            directory = Directory(held, pool, clock=clock)
            assert {thing.thing_id: thing.head for thing in directory.page().things} == served
            put(directory, lamp(f"urn:example:{round_}", registration={"ttl": 60}))
            directory.patch(f"urn:example:{round_}", b'{"title": "after"}')
            served = {thing.thing_id: thing.head for thing in directory.page().things}
            assert directory.get("urn:example:0").number == 2
            assert directory.get(f"urn:example:{round_}").number == 2 * round_ + 2


def test_of_many_writers_at_once_no_write_is_lost(directory: Directory) -> None:
    put(directory, lamp(counters={}))

    def write(n: int) -> None:
        put(directory, lamp(f"urn:example:{n}"))
        directory.patch(LAMP, sent({"counters": {f"c{n}": n}}))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(write, range(40)))
    assert read(directory)["counters"] == {f"c{n}": n for n in range(40)}
    assert directory.size() == 41
    numbers = sorted(thing.number for thing in directory.page().things)
    assert len(set(numbers)) == 41


def test_of_two_that_rest_on_one_state_the_second_is_refused(directory: Directory) -> None:
    etag = directory.put([LAMP], sent(lamp())).etag

    def write(n: int) -> bool:
        try:
            directory.patch(LAMP, sent({"n": n}), Conditions(if_match=etag))
        except PreconditionFailed:
            return False
        return True

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(write, range(8))) == 1


def test_another_writer_to_the_store_makes_nothing_stale(
    directory: Directory, held: HeldRegistry, pool: Pool
) -> None:
    put(directory, lamp())
    with held.writing("a test") as store:
        store.replace_graphs(
            {"urn:g": [ox.Triple(ox.NamedNode("urn:s"), ox.NamedNode("urn:p"), ox.Literal(1))]}
        )
    assert read(directory)["title"] == "Lamp"
    other = Directory(held, pool)
    other.patch(LAMP, b'{"title": "Lantern"}')
    assert read(directory)["title"] == "Lantern"
    other.delete(LAMP)
    assert directory.size() == 0


def test_what_other_graphs_say_with_the_directorys_terms_does_not_count(
    directory: Directory, held: HeldRegistry
) -> None:
    put(directory, lamp())
    with held.reading() as store:
        triples = store.graph(thing_graph(LAMP))
    with held.writing("a test") as store:
        store.replace_graphs({"urn:g": triples, "https://w3id.org/tinykg/graph/thing/": triples})
    directory.delete(LAMP)
    assert directory.size() == 0
    assert Directory(held, directory._pool).size() == 0


def test_a_ttl_longer_than_the_directory_allows_is_refused(held: HeldRegistry, pool: Pool) -> None:
    directory = Directory(held, pool, ServeSettings(max_ttl_s=60))
    put(directory, lamp(registration={"ttl": 60}))
    with pytest.raises(InvalidThing, match="60 s at most"):
        put(directory, lamp(registration={"ttl": 61}))
