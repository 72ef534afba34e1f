"""Thing Models that build on others -> one Thing Model that stands for itself (TD 1.1, 10.3.2 to 10.3.4)."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NoReturn, TypeAlias
from urllib.parse import unquote, urldefrag, urljoin

from tinykg.errors import InvalidThing
from tinykg.things.merge_patch import merged
from tinykg.things.rules import Place, fault_at, found

Load: TypeAlias = Callable[[str], Mapping[str, Any]]
"""Gives the Thing Model at an address; raises LookupError where there is none."""

MAX_MODELS: Final = 64
"""That one model may build on, directly or not; published ones build on 3."""

MAX_VALUES: Final = 200_000
"""That are looked at on the way: models that refer to one another can make up any size."""

MAX_DEPTH: Final = 96
"""Of objects within objects, imports counted: half as deep again as a document may nest."""

_PLAIN: Final = frozenset(("const", "default", "enum", "@context"))
"""Members whose values are data, in which `tm:ref` means nothing."""

_MAPS: Final = frozenset(
    ("properties", "actions", "events", "uriVariables", "schemaDefinitions", "securityDefinitions")
)
"""Objects whose members are called as their author likes, so also as a member of the other kind."""


def resolved(tm: Mapping[str, Any], load: Load, *, href: str | None = None) -> dict[str, Any]:
    """The Thing Model with what it extends and imports put in, without any `tm:extends` or `tm:ref`.

    What it says itself overrides what it builds on, as a merge patch does (null removes a member). It keeps
    its version, and adds to the contexts, types, links and optional affordances of what it extends. `href` is
    the model's own address, by which relative ones are resolved; `load` is asked for each of the others once.
    Raises InvalidThing for a model that is not there, a pointer to nothing, and one that builds on itself.
    """
    return _Resolution(load).model(tm, href or "", ())


def submodels_of(tm: Mapping[str, Any]) -> list[tuple[str | None, str]]:
    """The instance name and address of each model that is a part of this one (rel=tm:submodel)."""
    return [
        (link.get("instanceName"), link["href"])
        for link in links_of(tm)
        if link.get("rel") == "tm:submodel" and isinstance(link.get("href"), str)
    ]


def links_of(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The links of a document that are objects."""
    links = document.get("links")
    return [link for link in links if isinstance(link, dict)] if isinstance(links, list) else []


def pointed_at(document: object, pointer: str) -> object:
    """The value that a JSON Pointer leads to (RFC 6901, 4); raises LookupError where it leads nowhere."""
    value = document
    for token in pointer.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        if isinstance(value, Mapping):
            value = value[name]
        elif (
            isinstance(value, list)
            and name.isascii()
            and name.isdecimal()
            and (name == "0" or name[0] != "0")
        ):
            value = value[int(name)]
        else:
            raise LookupError(name)
    return value


def check_dependencies(tm: Mapping[str, Any], load: Load, *, href: str) -> None:
    """Refuse a model that leads back to itself by what it extends, imports or is made of.

    Such a model could be resolved in part, but not composed: each part would need a further one. What is not
    there is passed over.
    """
    seen: set[str] = set()
    path: list[str] = []

    def visit(document: Mapping[str, Any], address: str) -> None:
        path.append(address)
        for place, reference in _references(document, None):
            other = urljoin(address, urldefrag(reference)[0])
            if other in path:
                _refuse(place, f"leads back to {found(other)}; a model cannot build on itself")
            if other not in seen and len(seen) < MAX_MODELS:
                seen.add(other)
                with contextlib.suppress(LookupError):
                    visit(load(other), other)
        path.pop()

    visit(tm, href)


def _references(value: object, place: Place) -> Iterator[tuple[Place, str]]:
    """The other documents that a document names: in `tm:ref`, and in the links that Thing Models have."""
    if isinstance(value, list):
        for i, one in enumerate(value):
            yield from _references(one, (place, i))
    if not isinstance(value, Mapping):
        return
    if value.get("rel") in ("tm:extends", "tm:submodel") and isinstance(value.get("href"), str):
        yield (place, "href"), value["href"]
    plain = _plain_in(place)
    for name, one in value.items():
        if name == "tm:ref" and isinstance(one, str) and not one.startswith("#"):
            yield (place, name), one
        elif name not in plain:
            yield from _references(one, (place, name))


def _plain_in(place: Place) -> frozenset[str]:
    return frozenset() if place is not None and place[1] in _MAPS else _PLAIN


class _Resolution:
    """One model being resolved: what was loaded, and how much was looked at."""

    def __init__(self, load: Load) -> None:
        self.load = load
        self.loaded: dict[str, Mapping[str, Any]] = {}
        self.values = 0
        self.depth = 0

    def model(self, tm: Mapping[str, Any], href: str, within: tuple[str, ...]) -> dict[str, Any]:
        """A whole model, resolved; `within` are the addresses that led here."""
        within = (*within, href)
        own: dict[str, Any] = self.value(tm, None, tm, href, within)
        links = [link for link in links_of(own) if link.get("rel") != "tm:extends"]
        for i, link in enumerate(links_of(tm)):
            if link.get("rel") == "tm:extends":
                place: Place = (((None, "links"), i), "href")
                address, base = self.other(link.get("href"), href, place)
                if address in within:
                    _refuse(place, f"leads back to {found(address)}; a model cannot build on itself")
                own = _extended(self.model(base, address, within), own)
                links = [*(one for one in links_of(own) if one not in links), *links]
        if "links" in own:
            own["links"] = [link for link in links if link.get("rel") != "tm:extends"]
            if not own["links"]:
                del own["links"]
        return own

    def value(
        self, value: Any, place: Place, document: Mapping[str, Any], href: str, within: tuple[str, ...]
    ) -> Any:
        """A value of a document in which each `tm:ref` is replaced by what it leads to."""
        self.values += 1
        if self.values > MAX_VALUES:
            _refuse(place, f"makes up more than {MAX_VALUES} values with what it builds on; import less")
        self.depth += 1
        if self.depth > MAX_DEPTH:
            _refuse(place, f"is more than {MAX_DEPTH} levels of objects and imports deep; flatten the models")
        copied = self._copied(value, place, document, href, within)
        self.depth -= 1
        return copied

    def _copied(
        self, value: Any, place: Place, document: Mapping[str, Any], href: str, within: tuple[str, ...]
    ) -> Any:
        if isinstance(value, list):
            return [self.value(one, (place, i), document, href, within) for i, one in enumerate(value)]
        if not isinstance(value, Mapping):
            return value
        plain = _plain_in(place)
        members = {
            name: one if name in plain else self.value(one, (place, name), document, href, within)
            for name, one in value.items()
            if name != "tm:ref"
        }
        if "tm:ref" not in value:
            return members
        imported = self.imported(value["tm:ref"], place, document, href, within)
        result: dict[str, Any] = merged(imported, members)
        return result

    def imported(
        self, reference: object, place: Place, document: Mapping[str, Any], href: str, within: tuple[str, ...]
    ) -> Any:
        """What the `tm:ref` of an object leads to, resolved in the document it stands in."""
        at: Place = (place, "tm:ref")
        if not isinstance(reference, str):
            _refuse(at, f"is {found(reference)}; expected an address with a JSON Pointer behind #")
        address, pointer = urldefrag(reference)
        pointer = unquote(pointer)
        target, source = (href, document) if not address else self.other(address, href, at)
        step = f"{target}#{pointer}"
        if step in within:
            _refuse(at, f"leads back to {found(step)}; a definition cannot import itself")
        if not pointer.startswith("/"):
            _refuse(at, f"has no JSON Pointer; end it as in {found(address + '#/properties/status')}")
        extends = any(link.get("rel") == "tm:extends" for link in links_of(source))
        whole = extends and target not in within
        try:
            if whole:  # what it inherits can be imported from it too
                return pointed_at(self.model(source, target, (*within, step)), pointer)
            value = pointed_at(source, pointer)
        except LookupError:
            _refuse(at, f"leads to {found(pointer)}, which {target or 'the model'} does not have")
        return self.value(value, place, source, target, (*within, step))

    def other(self, reference: object, href: str, place: Place) -> tuple[str, Mapping[str, Any]]:
        """The address and content of another model."""
        if not isinstance(reference, str) or not reference:
            _refuse(place, f"is {found(reference)}; expected the address of a Thing Model")
        address = urljoin(href, reference) if href else reference
        if address not in self.loaded:
            if len(self.loaded) == MAX_MODELS:
                _refuse(place, f"is one model too many; a model may build on {MAX_MODELS}")
            try:
                self.loaded[address] = self.load(address)
            except LookupError:
                _refuse(place, f"leads to {found(address)}, which is not there; add that model first")
        return address, self.loaded[address]


def _extended(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    inherited = {name: member for name, member in base.items() if name != "version"}
    result: dict[str, Any] = merged(inherited, own)
    if "@context" in base:
        result["@context"] = _together(own.get("@context"), base["@context"])
    for name in ("@type", "tm:optional"):
        if name in base and name in own:
            result[name] = _together(base[name], own[name])
    if "links" in base:
        result["links"] = base["links"]
    return result


def _together(first: object, second: object) -> Any:
    """The values of both, each once; one alone stands for itself."""
    values: list[Any] = []
    for several in (first, second):
        for one in several if isinstance(several, list) else [several]:
            if one is not None and one not in values:
                values.append(one)
    return first if first == second else values


def _refuse(place: Place, description: str) -> NoReturn:
    raise InvalidThing("The Thing Model", [fault_at(place, description)])
