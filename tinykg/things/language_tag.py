"""Language tags: what is well formed by RFC 5646, section 2.1."""

from __future__ import annotations

import re
from typing import Final

_LANGUAGE: Final = r"[A-Za-z]{2,3}(?:-[A-Za-z]{3}(?:-[A-Za-z]{3}){0,2})?|[A-Za-z]{4}|[A-Za-z]{5,8}"
_SCRIPT: Final = r"-[A-Za-z]{4}"
_REGION: Final = r"-(?:[A-Za-z]{2}|[0-9]{3})"
_VARIANT: Final = r"-(?:[A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3})"
_EXTENSION: Final = r"-[0-9A-WY-Za-wy-z](?:-[A-Za-z0-9]{2,8})+"
_PRIVATE: Final = r"x(?:-[A-Za-z0-9]{1,8})+"
_GRANDFATHERED: Final = (
    "en-GB-oed|i-ami|i-bnn|i-default|i-enochian|i-hak|i-klingon|i-lux|i-mingo|i-navajo|i-pwn|i-tao|i-tay|"
    "i-tsu|sgn-BE-FR|sgn-BE-NL|sgn-CH-DE|art-lojban|cel-gaulish|no-bok|no-nyn|zh-guoyu|zh-hakka|zh-min|"
    "zh-min-nan|zh-xiang"
)

LANGUAGE_TAG: Final = re.compile(
    rf"^(?:(?:{_LANGUAGE})(?:{_SCRIPT})?(?:{_REGION})?(?:{_VARIANT})*(?:{_EXTENSION})*(?:-{_PRIVATE})?"
    rf"|{_PRIVATE}|{_GRANDFATHERED})$"
)
"""Finds itself in a well-formed tag, such as `en`, `zh-Hans-CN` or `x-own`."""
