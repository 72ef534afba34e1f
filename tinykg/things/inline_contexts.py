"""A document in which each context that it names by address is written out, so that nothing is fetched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, NoReturn, TypeAlias

from tinykg.errors import InvalidThing
from tinykg.things.contexts import known_context
from tinykg.things.rules import Place, fault_at, found

if TYPE_CHECKING:
    from collections.abc import Mapping

Unknown: TypeAlias = Literal["refuse", "skip"]
"""What happens to a context that is not W3C's for things: its terms are unknown without fetching it."""

MAX_TERMS: Final = 1_000
"""Of a document's own contexts in all; published descriptions define fewer than 20."""

MAX_CHARACTERS: Final = 64 << 10
"""Of a document's own contexts in all; prefixes of prefixes add up to IRIs of that length."""

MAX_STEPS: Final = 2_000_000
"""Objects times terms that hold in them, which is what the expansion takes: about 1 microsecond a step."""

_TERMS_OF_TD: Final = 200


def inlined(
    document: Mapping[str, Any], *, unknown: Unknown = "refuse", subject: str = "The document"
) -> dict[str, Any]:
    """The document with its known contexts written out, the `@context` first; the argument stays as it is.

    Raises InvalidThing for a context of another address, which it names by its place, or leaves that out; and
    for contexts of its own that define more than `MAX_TERMS`, or would be applied too often.
    """
    copy = _Copy(unknown, subject, _words(document))
    result = copy.members(document, None)
    copy.check_cost()
    return result


def _words(document: object) -> set[str]:
    """All that can be a term in a document: its names, its texts, and their prefixes."""
    words: set[str] = set()
    level = [document]
    while level:
        value = level.pop()
        if isinstance(value, str):
            words.add(value)
            words.add(value.partition(":")[0])
        elif isinstance(value, list):
            level += value
        elif isinstance(value, dict):
            level += value
            level += value.values()
    return words


class _Copy:
    """A copy in the making: what it has met on its way."""

    def __init__(self, unknown: Unknown, subject: str, words: set[str]) -> None:
        self.unknown = unknown
        self.words = words
        self.subject = subject
        self.terms = 0
        self.characters = 0
        self.objects = 0

    def of(self, value: object, place: Place) -> Any:
        """A copy of any value of the document."""
        if isinstance(value, list):
            return [self.of(one, (place, i)) for i, one in enumerate(value)]
        return self.members(value, place) if isinstance(value, dict) else value

    def members(self, value: Mapping[str, Any], place: Place) -> dict[str, Any]:
        """A copy of an object, its context first."""
        self.objects += 1
        copied: dict[str, Any] = {}
        if "@context" in value:
            copied["@context"] = self.context(value["@context"], (place, "@context"))
        for name, member in value.items():
            if name != "@context":
                copied[name] = self.of(member, (place, name))
        return copied

    def context(self, value: object, place: Place) -> Any:
        """A copy of a context: known ones are written out, unknown ones refused or left out."""
        if isinstance(value, list):
            kept = (self.context(one, (place, i)) for i, one in enumerate(value))
            return [one for one in kept if one is not _NOTHING]
        if isinstance(value, str):
            known = known_context(value, self.words)
            return self._unknown(value, place) if known is None else known
        if not isinstance(value, dict):
            return value
        self.terms += len(value)
        self.characters += len(str(value))
        members: dict[str, Any] = {}
        for name, member in value.items():
            if name == "@import":
                self._unknown(member, (place, name))
            elif isinstance(member, dict) and "@context" in member:
                inner = {key: one for key, one in member.items() if key != "@context"}
                scoped = self.context(member["@context"], ((place, name), "@context"))
                members[name] = {**inner, "@context": [] if scoped is _NOTHING else scoped}
            else:
                members[name] = member
        return members

    def _unknown(self, address: object, place: Place) -> Any:
        if self.unknown == "refuse":
            self._refuse(
                place, f"is the context {found(address)}, which is not fetched; define its terms here"
            )
        return _NOTHING

    def check_cost(self) -> None:
        """Refuse what would take the expansion long: it reads scoped contexts anew for each object."""
        place: Place = (None, "@context")
        if self.terms > MAX_TERMS:
            self._refuse(place, f"defines {self.terms} terms; expected at most {MAX_TERMS}")
        if self.characters > MAX_CHARACTERS:
            self._refuse(place, f"has {self.characters} characters; expected at most {MAX_CHARACTERS}")
        if self.objects * (self.terms + _TERMS_OF_TD) > MAX_STEPS:
            self._refuse(
                None, f"has {self.objects} objects, too many for its contexts; split the description"
            )

    def _refuse(self, place: Place, description: str) -> NoReturn:
        raise InvalidThing(self.subject, [fault_at(place, description)])


_NOTHING: Final[list[Any]] = []
"""A context that defines nothing: stands for one that is left out, and is told by its identity."""
