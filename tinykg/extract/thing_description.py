"""W3C Thing Descriptions and Thing Models -> what they say of the board that the Thing is.

A Thing Model describes a kind of device, a Thing Description one device (TD 1.1). Both say what can be done
with it, and only in TinyKG's terms what it is made of. What is not said in them stays unknown: a property
that is called `temperature` proves no sensor.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tinykg.errors import ExtractError
from tinykg.extract.json_document import beginning, read_object, top_members
from tinykg.extract.thing_board import board_facts
from tinykg.extract.thing_context import WOT_CONTEXT, Context
from tinykg.extract.thing_node import node
from tinykg.records.board import BoardDescription

if TYPE_CHECKING:
    from tinykg.extract.thing_node import Node, Value

MODEL_SOURCE: Final = "thing-model"
SOURCE: Final = "thing-description"

_SUFFIXES: Final = (".json", ".jsonld")
_ENDINGS: Final = re.compile(r"(?:\.(?:td|tm))?\.(?:json|jsonld)$", re.IGNORECASE)

_MODEL_TYPES: Final = frozenset({"https://www.w3.org/2019/wot/tm#ThingModel", "tm:ThingModel"})
"""The type of Thing Models, and how TD 1.1 has it written, whatever `tm` stands for."""

_TD: Final = "https://www.w3.org/2019/wot/td#"

_ADDRESS: Final = re.compile(r"https?://[^\s<>\"{}|\\^`]+")


def read_thing(path: Path) -> BoardDescription:
    """What a Thing Description or Model says of its board; raises ExtractError with the member's path."""
    return _described(read_object(path), path)


def described(document: dict[str, Any], name: str) -> BoardDescription:
    """What a Thing that was read already says of its board; `name` is what errors call it."""
    return _described(document, Path(name))


def _described(raw: dict[str, Any], path: Path) -> BoardDescription:
    contexts = raw.get("@context")
    listed = contexts if isinstance(contexts, list) else [contexts]
    if not any(isinstance(one, str) and WOT_CONTEXT.fullmatch(one) for one in listed):
        raise ExtractError(path, "`$.@context`", "no context of the W3C's Web of Things", "a Thing's context")
    thing = node(path, "$", raw, Context())
    is_model = not _MODEL_TYPES.isdisjoint(thing.types)
    name = _title(thing) or (_stem(path) if is_model else None)
    if name is None:
        raise ExtractError(path, "`$.title`", "no title", "a text, which every Thing Description has")
    return BoardDescription(
        source=MODEL_SOURCE if is_model else SOURCE,
        collection=None,
        identifier=_identifier(thing) or _stem(path),
        name=name,
        vendor=_vendor(thing),
        address=_address(thing),
        **board_facts(thing),
    )


def _stem(path: Path) -> str:
    """The file's name without its endings, such as `lamp` of `lamp.tm.jsonld`."""
    return _ENDINGS.sub("", path.name) or path.name


def _title(thing: Node) -> str | None:
    """The title; where there is none, that of `titles` in English, or the first."""
    title = thing.one(f"{_TD}title")
    if title is not None:
        return title.text()
    titles = thing.one(f"{_TD}titles")
    if titles is None:
        return None
    if not isinstance(titles.raw, dict) or not all(isinstance(text, str) for text in titles.raw.values()):
        raise titles.wrong("texts by language")
    texts = {language.casefold(): text.strip() for language, text in titles.raw.items() if text.strip()}
    return texts.get("en") or next(iter(texts.values()), None)


def _identifier(thing: Node) -> str | None:
    """The Thing's own identifier; None for an anonymous one, and where it is left open in a model."""
    value = thing.one("@id")
    return None if value is None or value.is_blank() else value.text()


def _vendor(thing: Node) -> str | None:
    """The maker's name: schema.org's `manufacturer`, or a member of that name without any meaning."""
    values = [value for name in _schema("manufacturer") for value in thing.all(name)]
    return _name(values[0]) if values else None


def _name(value: Value) -> str | None:
    """A text, or the name of an organization; None of one that has only an identifier."""
    if not isinstance(value.raw, dict):
        return None if value.type == "@id" or value.is_blank() else value.text()
    organization = value.node()
    names = [value for name in _schema("name") for value in organization.all(name)]
    return names[0].text() if names else None


def _schema(name: str) -> tuple[str, ...]:
    """The IRIs of a term of schema.org, and the plain name."""
    return (f"https://schema.org/{name}", f"http://schema.org/{name}", name)


def _address(thing: Node) -> str | None:
    """The address of a page about the device: schema.org's `url`."""
    for value in (value for name in _schema("url")[:2] for value in thing.all(name)):
        text = value.node().identifier if isinstance(value.raw, dict) else value.text()
        if text is not None and _ADDRESS.fullmatch(text):
            return text
    return None


class ThingDescriptions:
    """JSON objects whose `@context` holds one of the W3C's for Things."""

    name = SOURCE

    def accepts(self, path: Path) -> bool:
        """Whether the file is a Thing Description or a Thing Model, whether or not its JSON is sound."""
        if path.suffix.casefold() not in _SUFFIXES:
            return False
        content = beginning(path)
        if b"@context" not in content or not (b"wot" in content or b"ns/td" in content):
            return False
        contexts = top_members(content).get("@context", [])
        return any(WOT_CONTEXT.fullmatch(context) for context in contexts)

    def extract(self, path: Path) -> tuple[BoardDescription, ...]:
        """What the file says of its board."""
        return (read_thing(path),)


EXTRACTOR = ThingDescriptions()
