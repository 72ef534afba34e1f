"""Thing Model -> Thing Description of one instance (TD 1.1, 10.4)."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from tinykg.errors import InvalidThing
from tinykg.things.conform import conforms
from tinykg.things.inherit import Load, check_dependencies, links_of, resolved, submodels_of
from tinykg.things.merge_patch import merged
from tinykg.things.rules import Place, fault_at
from tinykg.things.thing_rules import THING_MODEL

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from tinykg.records.thing import ThingFault

__all__ = ["conforms", "derived", "placeholders_of", "resolved", "submodels_of"]

_PLACEHOLDER: Final = re.compile(r"\{\{([^{}]+)\}\}")

_MODEL_TYPE: Final = "application/tm+json"
_DESCRIPTION_TYPE: Final = "application/td+json"


def derived(
    tm: Mapping[str, Any],
    load: Load,
    *,
    model_href: str,
    values: Mapping[str, Any] | None = None,
    optional: Collection[str] = (),
    parts: Mapping[str, str] | None = None,
    whole: str | None = None,
    instance: str | None = None,
    additions: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The Thing Description of an instance of a model, by the steps of TD 1.1, 10.4.

    `model_href` is the model's address, to which the result links (rel=type). `values` replace the
    placeholders of their names. `optional` are those of the optional affordances that the instance has, as
    pointers such as /events/overheated. `parts` gives for a submodel's instance name the address of its
    description (rel=item); a submodel without one is left out. `whole` is the address of the description that
    this one is a part of (rel=collection). `instance` is the version of the instance; without it the result
    has no version. `additions` is what the model lacks (id, base, security, forms ...), as a merge patch.

    Whether the result is valid is not checked here: `check.faults_of` says. Raises InvalidThing as `resolved`
    does, for models that lead back to themselves, and for placeholders without a value.
    """
    check_dependencies(tm, load, href=model_href)
    model = resolved(tm, load, href=model_href)
    td = {name: member for name, member in model.items() if name not in ("tm:optional", "version", "@type")}
    kinds = _kinds(model.get("@type"))
    if kinds is not None:
        td = {"@context": td.pop("@context", None), "@type": kinds, **td}
    _drop_optional(td, model.get("tm:optional"), optional)
    missing: list[ThingFault] = []
    td = {name: _filled(one, (None, name), values or {}, missing) for name, one in td.items()}
    if missing:
        raise InvalidThing("The Thing Model", missing)
    collection = [] if whole is None else [{"rel": "collection", "href": whole, "type": _DESCRIPTION_TYPE}]
    of_type = {"rel": "type", "href": model_href, "type": _MODEL_TYPE}
    td["links"] = [*_links(td, parts or {}), *collection, of_type]
    if instance is not None:
        version = model.get("version")
        stated = {"model": version["model"]} if isinstance(version, dict) and "model" in version else {}
        td["version"] = {**stated, "instance": instance}
    result: dict[str, Any] = merged(td, dict(additions or {}))
    return result


def placeholders_of(tm: Mapping[str, Any]) -> list[str]:
    """The names of the placeholders in a model's values, each once, in its order."""
    names: dict[str, None] = {}
    for text in _texts(tm):
        names.update(dict.fromkeys(_PLACEHOLDER.findall(text)))
    return list(names)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, dict):
        for one in value.values():
            yield from _texts(one)


def _kinds(kinds: object) -> Any:
    """The `@type` of an instance: what else the model is; None where it is nothing else."""
    if not isinstance(kinds, list):
        return None if kinds == THING_MODEL else kinds
    return [kind for kind in kinds if kind != THING_MODEL] or None


def _drop_optional(td: dict[str, Any], pointers: object, kept: Collection[str]) -> None:
    """Leave out the optional affordances that are not kept (TD 1.1, 10.3.5)."""
    for pointer in pointers if isinstance(pointers, list) else []:
        if not isinstance(pointer, str) or pointer in kept:
            continue
        kind, _, name = pointer.removeprefix("/").partition("/")
        name = name.replace("~1", "/").replace("~0", "~")
        if isinstance(td.get(kind), dict) and name in td[kind]:
            td[kind] = {key: one for key, one in td[kind].items() if key != name}
            if not td[kind]:
                del td[kind]


def _links(td: Mapping[str, Any], parts: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """The links of an instance: those of the model, but to its own parts and to no second model."""
    for link in links_of(td):
        if link.get("rel") == "tm:submodel":
            part = parts.get(str(link.get("instanceName", link.get("href"))))
            if part is not None:
                yield {"rel": "item", "href": part, "type": _DESCRIPTION_TYPE}
        elif link.get("rel") != "type":
            yield link


def _filled(value: object, place: Place, values: Mapping[str, Any], missing: list[ThingFault]) -> Any:
    """A value without placeholders; one that is a placeholder alone takes the type of what replaces it."""
    if isinstance(value, list):
        return [_filled(one, (place, i), values, missing) for i, one in enumerate(value)]
    if isinstance(value, dict):
        return {name: _filled(one, (place, name), values, missing) for name, one in value.items()}
    if not isinstance(value, str) or "{{" not in value:
        return value
    for name in _PLACEHOLDER.findall(value):
        if name not in values:
            description = f"has the placeholder {{{{{name}}}}}, for which no value is given"
            missing.append(fault_at(place, description))
    whole = _PLACEHOLDER.fullmatch(value)
    if whole is not None and whole[1] in values:
        return values[whole[1]]
    return _PLACEHOLDER.sub(lambda match: _as_text(values.get(match[1])), value)


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
