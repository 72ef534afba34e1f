"""Keeps queries off the network: SERVICE and LOAD are refused before the engine sees them."""

from __future__ import annotations

import re

from tinykg.errors import QuerySyntaxError

# An IRI, the four string forms and a comment, as SPARQL 1.1's grammar has them
# (https://www.w3.org/TR/sparql11-query/#grammar). What is left of a text without them is keywords,
# names and punctuation.
_OPAQUE = re.compile(
    r"""<[^<>"{}|^`\\\x00-\x20]*>
      | \"\"\"(?:(?:"|"")?(?:[^"\\]|\\.))*\"\"\"
      | '''(?:(?:'|'')?(?:[^'\\]|\\.))*'''
      | "(?:[^"\\\n\r]|\\.)*"
      | '(?:[^'\\\n\r]|\\.)*'
      | \#[^\n\r]*""",
    re.VERBOSE | re.DOTALL,
)
_NETWORK = re.compile(r"(?<![\w:?$@.\-%])(SERVICE|LOAD)(?![\w:\-])", re.IGNORECASE)
_NUMERIC_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")


def refuse_network(text: str) -> None:
    """Raise QuerySyntaxError if a SPARQL text would make the engine open an address.

    Engines differ on whether codepoint escapes are resolved before parsing (section 19.2 of the
    grammar says so), so the text is refused if either reading holds the keyword.
    """
    resolved = _NUMERIC_ESCAPE.sub(_character, text)
    found = _NETWORK.search(_OPAQUE.sub(" ", text)) or _NETWORK.search(_OPAQUE.sub(" ", resolved))
    if found:
        word = found.group(1).upper()
        raise QuerySyntaxError(
            f"{word} is refused: TinyKG answers from its own graph and never opens an address. "
            f"Load the data with 'tinykg add' and query it here."
        )


def _character(match: re.Match[str]) -> str:
    code = int(match.group(1) or match.group(2), 16)
    return chr(code) if code <= 0x10FFFF else match.group(0)
