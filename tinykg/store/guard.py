"""Keeps queries off the network: SERVICE and LOAD are refused before the engine sees them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tinykg.errors import QuerySyntaxError

if TYPE_CHECKING:
    from collections.abc import Collection

# What may hold any word without meaning it: an IRI, the four string forms, a comment, a variable, a
# language tag and the local part of a prefixed name or blank node, as SPARQL 1.1's grammar has them
# (https://www.w3.org/TR/sparql11-query/#grammar); but Oxigraph ends a local part at the second dot in it.
_ESCAPE = r"""\\(?:[tbnrf"'\\]|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8})"""
_LOCAL = r"%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?\#@%]"
_OPAQUE = re.compile(
    rf"""(?P<iri><(?:[^<>"{{}}|^`\\\x00-\x20]|\\u[0-9A-Fa-f]{{4}}|\\U[0-9A-Fa-f]{{8}})*>)
      | (?P<long>\"\"\"(?:(?:"|"")?(?:[^"\\]|{_ESCAPE}))*\"\"\"
               | '''(?:(?:'|'')?(?:[^'\\]|{_ESCAPE}))*''')
      | "(?:[^"\\\n\r]|{_ESCAPE})*"
      | '(?:[^'\\\n\r]|{_ESCAPE})*'
      | \#[^\n\r]*
      | [?$]\w+
      | @[A-Za-z]+(?:-[A-Za-z0-9]+)*
      | :(?:[\w:]|{_LOCAL})(?:[\w:\-]|{_LOCAL})*(?:\.+(?:[\w:\-]|{_LOCAL})+)?""",
    re.VERBOSE,
)
# Engines need no blank around a keyword: `1SERVICE`, `trueSERVICE`, `?o.SERVICE` and `SERVICEex:a` are
# all taken. So it counts where letters go before it only if they are a boolean's, whatever follows.
_NETWORK = re.compile(r"(?:(?<![^\W\d])(?<!-)|(?<=true)|(?<=false))(SERVICE|LOAD)", re.IGNORECASE)
_ENDPOINT = re.compile(r"SERVICE[ \t\r\n]*(?:SILENT[ \t\r\n]*)?<([^<>]*)>", re.IGNORECASE)
_WEB_ADDRESS = re.compile(r"<[A-Za-z][A-Za-z0-9+.\-]*://")
_NUMERIC_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")


def refuse_network(text: str, endpoints: Collection[str] = ()) -> None:
    """Raise QuerySyntaxError if a SPARQL text would make the engine open an address.

    SERVICE may ask the `endpoints`, whose addresses it must name in full, between angle brackets right
    after the keyword: a prefix or a variable could become any other.

    Engines differ on whether codepoint escapes are resolved before parsing (section 19.2 of the
    grammar says so), so the text is refused if either reading holds the keyword. The price is that
    no prefix may have a name that begins with one of the two words.
    """
    found = _keyword(text, endpoints) or _keyword(_NUMERIC_ESCAPE.sub(_character, text), endpoints)
    if not found:
        return
    if endpoints and found.upper() == "SERVICE":
        allowed = ", ".join(f"<{endpoint}>" for endpoint in endpoints)
        raise QuerySyntaxError(
            f"SERVICE is refused where it is not followed by an address that may be asked here: {allowed}. "
            f"Write it in full, without a prefix or a variable."
        )
    raise QuerySyntaxError(
        f"{found.upper()} is refused: TinyKG answers from its own graph and never opens an address. "
        f"Load the data with 'tinykg add' and query it here. (A prefix whose name begins with "
        f"'{found.lower()}' is refused too: rename it.)"
    )


def asks_others(text: str) -> bool:
    """Whether a query may ask other endpoints: whether it has SERVICE where it could mean that."""
    return _keyword(text, ()) is not None


def _keyword(text: str, endpoints: Collection[str]) -> str | None:
    """The first keyword outside of opaque tokens that asks no known endpoint, however tokens are cut."""
    if not _NETWORK.search(text):
        return None
    starts, seen = [0], set[int]()
    while starts:
        at = starts.pop()
        while at < len(text) and at not in seen:
            seen.add(at)
            found = _NETWORK.match(text, at)
            if found and not _is_known(text, at, endpoints):
                return found.group(1)
            token = _OPAQUE.match(text, at)
            if token:
                starts.extend(_other_readings(token))
            at = token.end() if token else at + 1
    return None


def _is_known(text: str, at: int, endpoints: Collection[str]) -> bool:
    asked = _ENDPOINT.match(text, at)
    return asked is not None and asked.group(1) in endpoints


def _other_readings(token: re.Match[str]) -> list[int]:
    """Where the next token may begin if a token is not what it seems.

    `<` may be an operator, which matters if what follows then opens a string or a comment, and cannot
    be where `://` follows. Three quotes may be an empty string and one quote if an escape in the long
    string turns out to be no character.
    """
    text, start = token.group(), token.start()
    if token["iri"] and ("'" in text or "#" in text) and not _WEB_ADDRESS.match(text):
        return [start + 1]
    return [start + 2] if token["long"] and _NUMERIC_ESCAPE.search(text) else []


def _character(match: re.Match[str]) -> str:
    code = int(match.group(1) or match.group(2), 16)
    return chr(code) if code <= 0x10FFFF else match.group(0)
