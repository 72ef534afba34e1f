"""What an XPath expression selects in all Thing Descriptions; runs in a process that can be stopped."""

from __future__ import annotations

import math
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, Final
from xml.etree.ElementTree import Element, ElementTree, tostring

from tinykg.directory.json_tree import JsonTree
from tinykg.directory.live import json_array, live_documents, shown
from tinykg.errors import QuerySyntaxError

if TYPE_CHECKING:
    from datetime import datetime

    from tinykg.store.embedded import EmbeddedStore

_REFUSED: Final = frozenset(
    (
        "available-environment-variables",
        "collection",
        "doc",
        "doc-available",
        "environment-variable",
        "json-doc",
        "load-xquery-module",
        "parse-xml",
        "parse-xml-fragment",
        "transform",
        "unparsed-text",
        "unparsed-text-available",
        "unparsed-text-lines",
        "uri-collection",
    )
)
"""Functions of XPath 3.1 that read files, addresses or the environment, or could be made to."""


_UNFORESEEN: Final = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What the processor raises by mistake for some expressions, such as `math:pow(10, 1000000)`."""


def xpath_matches(store: EmbeddedStore, query: str, now: datetime, most_bytes: int) -> bytes:
    """The JSON array of what an XPath 3.1 expression selects in the XML form of all Things.

    The expression begins at the element of the whole, so `*` are all Things. An element comes back as the
    JSON value that it stands for; numbers, truth values, maps and arrays as such; attributes, texts, and
    elements that the expression makes itself, as JSON texts.
    """
    return selected(query, live_documents(store, now), most_bytes)


def selected(query: str, documents: list[dict[str, Any]], most_bytes: int) -> bytes:
    """The same of any documents."""
    import elementpath

    tree = JsonTree(documents)
    context = elementpath.XPathContext(root=tree.root, allow_environment=False)
    try:
        found = _parser()().parse(query).select_results(context)
        return json_array((_json(item, tree, context) for item in found), most_bytes)
    except (elementpath.ElementPathError, RecursionError, *_UNFORESEEN) as error:
        raise QuerySyntaxError(f"The XPath '{shown(query)}' cannot be evaluated: {shown(error)}") from error


@cache
def _parser() -> type[Any]:
    """A parser of XPath 3.1 without the functions that leave the document."""
    from elementpath.xpath31 import XPath31Parser

    known = {symbol: token for symbol, token in XPath31Parser.symbol_table.items() if symbol not in _REFUSED}
    return type("DocumentParser", (XPath31Parser,), {"symbol_table": known})


def _json(item: Any, tree: JsonTree, context: Any) -> Any:
    """An item of a result in JSON; what members maps and arrays have depends on the context."""
    from elementpath.xpath_nodes import XPathNode
    from elementpath.xpath_tokens import XPathArray, XPathMap

    if isinstance(item, XPathNode):  # within a map or an array
        item = item.value
    if isinstance(item, Element):
        return tree.value(item) if item in tree else tostring(item, "unicode")
    if isinstance(item, ElementTree):
        return tostring(item.getroot(), "unicode")
    if isinstance(item, XPathMap):
        return {str(name): _json(value, tree, context) for name, value in item.items(context)}
    if isinstance(item, list | XPathArray):
        values = item if isinstance(item, list) else item.items(context)
        return [_json(value, tree, context) for value in values]
    return _atom(item)


def _atom(item: Any) -> Any:
    if item is None or isinstance(item, bool | int | str):
        return item
    if isinstance(item, float | Decimal):
        number = float(item)
        if math.isfinite(number):
            return number
        return "NaN" if math.isnan(number) else "INF" if number > 0 else "-INF"
    return str(item)
