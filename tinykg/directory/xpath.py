"""What an XPath expression selects in all Thing Descriptions; runs in a process that can be stopped."""

from __future__ import annotations

import math
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, Final
from xml.etree.ElementTree import Element

from tinykg.directory.json_tree import JsonTree
from tinykg.directory.live import json_array, live_documents
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


def xpath_matches(store: EmbeddedStore, query: str, now: datetime, most_bytes: int) -> bytes:
    """The JSON array of what an XPath 3.1 expression selects in the XML form of all Things.

    The expression begins at the element of the whole, so `*` are all Things. An element comes back as the
    JSON value that it stands for; attributes and texts as JSON texts; numbers and truth values as such.
    """
    tree = JsonTree(live_documents(store, now))
    return json_array((_json(item, tree) for item in _selected(query, tree.root)), most_bytes)


def _selected(query: str, root: Element) -> list[Any]:
    import elementpath

    try:
        expression = _parser()().parse(query)
        context = elementpath.XPathContext(root=root, allow_environment=False)
        found = expression.get_results(context)
    except (elementpath.ElementPathError, RecursionError) as error:
        raise QuerySyntaxError(f"The XPath '{query}' cannot be evaluated: {error}") from error
    return found if isinstance(found, list) else [found]


@cache
def _parser() -> type[Any]:
    """A parser of XPath 3.1 without the functions that leave the document."""
    from elementpath.xpath31 import XPath31Parser

    known = {symbol: token for symbol, token in XPath31Parser.symbol_table.items() if symbol not in _REFUSED}
    return type("DocumentParser", (XPath31Parser,), {"symbol_table": known})


def _json(item: Any, tree: JsonTree) -> Any:
    if isinstance(item, Element):
        return tree.value(item)
    if item is None or isinstance(item, bool | int | str):
        return item
    if isinstance(item, float | Decimal):
        number = float(item)
        if math.isfinite(number):
            return number
        return "NaN" if math.isnan(number) else "INF" if number > 0 else "-INF"
    return str(item)
