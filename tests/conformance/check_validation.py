"""What is refused, and how it is told (Recommendation, 7.3.2.7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from check_http import problem
from check_registry import checks
from directory_client import DISCOVERY, TD_1_0, TD_1_1, Thing, new_id, thing
from verdicts import need

if TYPE_CHECKING:
    import httpx
    from directory_client import DirectoryClient

FORM = {"href": "http://device.example/"}


def untitled(thing_id: str | None) -> Thing:
    """A TD without the title that each TD must have."""
    return {name: value for name, value in thing(thing_id).items() if name != "title"}


def errors(answer: httpx.Response, what: str) -> list[dict[str, str]]:
    """The validation errors of an answer 400; Broken where they are not as they must be."""
    need(answer.status_code == 400, f"{what}: {answer.status_code}, not 400")
    found = problem(answer, what).get("validationErrors")
    need(isinstance(found, list) and found, f"{what}: validationErrors is {found!r}")
    for one in found if isinstance(found, list) else []:
        need(isinstance(one, dict), f"{what}: a validation error is {one!r}")
        for name in ("field", "description"):
            need(isinstance(one.get(name), str) and one[name], f"{what}: {name} is {one.get(name)!r}")
    return found  # type: ignore[return-value]


def untitled_answers(directory: DirectoryClient) -> dict[str, httpx.Response]:
    """Answers to the four ways of storing a TD without title; nothing of it may be stored."""
    known, unknown = directory.created(title="stays"), new_id()
    answers = {
        "POST": directory.post(untitled(None)),
        "PUT of a new TD": directory.put(untitled(unknown)),
        "PUT of a known TD": directory.put(untitled(known["id"])),
        "PATCH": directory.patch(known["id"], {"title": None}),
    }
    need(directory.served(known["id"])["title"] == "stays", "the refused TD replaced the one before")
    code = directory.http.get(directory.item(unknown)).status_code
    need(code == 404, f"a refused TD is there: {code}")
    return answers


@checks("tdd-validation-syntactic")
def what_is_no_td_is_refused(directory: DirectoryClient) -> None:
    before = len(directory.listed())
    for what, answer in untitled_answers(directory).items():
        need(answer.status_code == 400, f"{what} of a TD without title: {answer.status_code}")
    need(len(directory.listed()) == before + 1, "a refused TD is in the list")
    for what, content in {
        "no JSON": b'{"title": ',
        "an array": b"[]",
        "a number": b"5",
        "no UTF-8": b'{"title": "\xff"}',
    }.items():
        headers = {"content-type": "application/td+json"}
        code = directory.send("POST", "/things", content=content, headers=headers).status_code
        need(code == 400, f"POST of {what}: {code}")


@checks("tdd-validation-jsonschema")
def the_schema_is_that_of_the_context(directory: DirectoryClient) -> str:
    asks: Thing = {"actions": {"ask": {"forms": [{**FORM, "op": "queryaction"}]}}}  # an operation of 1.1 only
    lights: Thing = {"actions": {"light": {"forms": [FORM], "synchronous": "yes"}}}
    right: list[Thing] = [
        thing(context=TD_1_0),
        thing(context=TD_1_1, **asks),
        thing(context=[TD_1_0, TD_1_1], **asks),
        thing(context=[TD_1_1, DISCOVERY], registration={"ttl": 60.5}),
        thing(context=[TD_1_0, {"ex": "http://example.org/"}]),
        thing(context=TD_1_0, **lights),  # a member that TD 1.0 does not know
    ]
    wrong: dict[str, Thing] = {
        "a member of 1.1 in a TD 1.1": thing(**lights),
        "an operation of no version": thing(forms=[{**FORM, "op": "paintproperty"}]),
        "no @context": {name: value for name, value in thing().items() if name != "@context"},
        "another @context": thing(context="http://example.org/context"),
        "@context in a wrong order": thing(context=[TD_1_1, TD_1_0]),
        "a form without href": thing(properties={"status": {"forms": [{"op": "readproperty"}]}}),
        "a property without forms": thing(properties={"status": {"type": "string"}}),
        "a wrong element of items": thing(properties={"s": {"forms": [FORM], "items": [{"type": 5}]}}),
        "no security": thing(security=[]),
        "a registration that is no object": thing(registration=5),
        "a ttl that is no number": thing(registration={"ttl": "an hour"}),
        "an expires that is no text": thing(registration={"expires": 5}),
    }
    for td in right:
        answer = directory.post(td)
        need(answer.status_code == 201, f"{td['@context']} is refused: {answer.text[:300]}")
    for what, td in wrong.items():
        errors(directory.post(td), what)
    beyond = {  # the schema of TD 1.1 takes the context of TD 1.0; and no schema compares names
        "operations of TD 1.1 with the context of TD 1.0": thing(context=TD_1_0, **asks),
        "undefined security names": thing(security=["not_defined"]),
    }
    refused = [what for what, td in beyond.items() if directory.post(td).status_code == 400]
    return f"{len(right)} right and {len(wrong)} wrong TDs; refused too: {', '.join(refused) or 'nothing'}"


@checks("tdd-validation-result")
def a_refusal_names_the_fault(directory: DirectoryClient) -> None:
    for member, td in {
        "title": untitled(None),
        "href": thing(properties={"status": {"forms": [{"op": "readproperty"}]}}),
        "securityDefinitions": {name: v for name, v in thing().items() if name != "securityDefinitions"},
        "ttl": thing(registration={"ttl": "an hour"}),
        "paintproperty": thing(forms=[{**FORM, "op": "paintproperty"}]),
    }.items():
        told = errors(directory.post(td), f"a wrong {member}")
        text = " ".join(f"{one['field']} {one['description']}" for one in told)
        need(member in text, f"a wrong {member}: {text}")
    both = thing(title=5, properties={"status": {"forms": [{"op": "readproperty"}]}})
    fields = {one["field"] for one in errors(directory.post(both), "two faults")}
    need(len(fields) >= 2, f"of two faults one is told: {fields}")
    need(any(field.startswith("properties.status") for field in fields), f"fields are {fields}")


@checks("tdd-validation-response")
def validation_errors_have_field_and_description(directory: DirectoryClient) -> None:
    for what, answer in untitled_answers(directory).items():
        errors(answer, what)


@checks("tdd-validation-response-utf-8")
def validation_errors_are_utf_8(directory: DirectoryClient) -> None:
    td = thing(properties={"größe-☃": {"forms": [{"op": "readproperty"}]}})
    answer = directory.post(td)
    told = errors(answer, "a fault in a property with another name")
    need(any("größe-☃" in one["field"] for one in told), f"the field comes back as {told}")
    charset = answer.headers["content-type"].lower().partition("charset=")[2].strip('" ')
    need(charset in ("", "utf-8"), f"the charset is {charset}")
