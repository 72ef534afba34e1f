"""SPARQL texts cut into tokens, for what must be known of a text before the engine reads it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# The terminals of SPARQL 1.1 (https://www.w3.org/TR/sparql11-query/#grammar), as far as they tell words,
# names and braces from what only looks like them.
_ESCAPE = r"\\."
_LOCAL = r"(?:[\w:\-]|%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?#@%]|\.+(?=[\w:\-%\\]))*"
_TOKEN = re.compile(
    rf"""(?P<blank>\s+|\#[^\n\r]*)
      | (?P<iri><[^<>"{{}}|^`\\\x00-\x20]*(?:\\[uU][^<>"{{}}|^`\\\x00-\x20]*)*>)
      | (?P<text>\"\"\"(?:"{{0,2}}(?:[^"\\]|{_ESCAPE}))*\"\"\"
               | '''(?:'{{0,2}}(?:[^'\\]|{_ESCAPE}))*'''
               | "(?:[^"\\\n\r]|{_ESCAPE})*"
               | '(?:[^'\\\n\r]|{_ESCAPE})*')
      | (?P<variable>[?$]\w+)
      | (?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
      | (?P<name>(?:[^\W\d](?:[\w.\-]*[\w\-])?)?:{_LOCAL})
      | (?P<word>[^\W\d]\w*)
      | (?P<open>\{{)
      | (?P<close>\}})
      | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Token:
    """A token: its kind (a group of the grammar above), text, place, and the braces that are open around it.

    An opening brace counts itself, a closing one does not.
    """

    kind: str
    text: str
    start: int
    end: int
    depth: int

    @property
    def keyword(self) -> str:
        """The word in capitals; nothing where it is none."""
        return self.text.upper() if self.kind == "word" else ""


def tokens(text: str) -> Iterator[Token]:
    """The tokens of a SPARQL text without blanks and comments."""
    depth = 0
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "other"
        if kind == "blank":
            continue
        depth += (kind == "open") - (kind == "close")
        yield Token(kind, match.group(), match.start(), match.end(), depth)


_FROM = re.compile(r"from(?:\s|#[^\n\r]*[\n\r])*(?:<|named\b|[\w.\-]*:)", re.IGNORECASE)


def names_a_dataset(query: str) -> bool:
    """Whether a query has FROM clauses, which say what its dataset is."""
    if not _FROM.search(query):
        return False
    return any(token.keyword == "FROM" and token.depth == 0 for token in tokens(query))
