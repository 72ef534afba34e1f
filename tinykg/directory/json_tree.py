"""JSON as XML, so that XPath can look into it, and back.

The element of the whole is `things`, with a `thing` for each Thing Description. Each member of an object is
an element of its name. An array is as many elements of the member's name as it has items, so that
`*[security='nosec_sc']` finds a Thing whose `security` is a text as well as one where it is an array; an
array within an array is an element whose items are named `item`. A name that XML does not allow is written
as in SQL/XML (ISO/IEC 9075-14): each forbidden character is its code point between `_x` and `_`, so
`@type` becomes `_x0040_type`; such an element also has the name as it is in the attribute `name`.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final
from xml.etree.ElementTree import Element, SubElement

_START: Final = (
    "A-Za-z_\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d\u2070-\u218f"
    "\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
"""What a name may begin with (Namespaces in XML, NCName)."""
_FORBIDDEN_FIRST: Final = re.compile(rf"[^{_START}]|[\W\d]")
_FORBIDDEN: Final = re.compile(rf"[^{_START}\-.0-9]|(?![-.])\W")
"""Less than XML allows after the first character, so that every processor of XPath takes the names."""
_ESCAPED: Final = re.compile(r"_(?=x[0-9A-Fa-f]{4,6}_)")


class JsonTree:
    """An XML tree of Thing Descriptions that knows which JSON value each element stands for."""

    def __init__(self, things: list[dict[str, Any]]) -> None:
        self.root = Element("things")
        self._values: dict[Element, Any] = {self.root: things}
        for thing in things:
            self._add(self.root, "thing", thing)

    def __contains__(self, element: object) -> bool:
        return element in self._values

    def value(self, element: Element) -> Any:
        """The JSON value of an element."""
        return self._values[element]

    def _add(self, parent: Element, name: str, value: Any) -> None:
        tag = xml_name(name)
        element = SubElement(parent, tag) if tag == name else SubElement(parent, tag, name=name)
        self._values[element] = value
        if isinstance(value, dict):
            for key, member in value.items():
                for item in member if isinstance(member, list) else (member,):
                    self._add(element, key, item)
        elif isinstance(value, list):
            for item in value:
                self._add(element, "item", item)
        elif value is not None:
            element.text = value if isinstance(value, str) else json.dumps(value)


def xml_name(name: str) -> str:
    """The name of a member as the name of an element."""
    name = _ESCAPED.sub("_x005F_", name)
    first, rest = name[:1], name[1:]
    return _FORBIDDEN_FIRST.sub(_code, first) + _FORBIDDEN.sub(_code, rest) or "_"


def _code(match: re.Match[str]) -> str:
    return f"_x{ord(match[0]):04X}_"
