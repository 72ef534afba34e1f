"""What a JSONPath query selects in all Thing Descriptions; runs in a process that can be stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinykg.directory.live import json_array, live_documents, shown
from tinykg.errors import QuerySyntaxError

if TYPE_CHECKING:
    from datetime import datetime

    from tinykg.store.embedded import EmbeddedStore


def jsonpath_matches(store: EmbeddedStore, query: str, now: datetime, most_bytes: int) -> bytes:
    """The JSON array of the values that a query (RFC 9535) selects in the array of all Things."""
    import jsonpath_rfc9535 as jsonpath

    try:
        path = jsonpath.compile(query)
        found = path.finditer(live_documents(store, now))
        return json_array((node.value for node in found), most_bytes)
    except (jsonpath.JSONPathError, OverflowError) as error:  # the latter for a number such as 1e400
        reason = f"{shown(error)}. Expected one of RFC 9535, such as $[?@.title=='Lamp']."
        raise QuerySyntaxError(f"The JSONPath '{shown(query)}' cannot be evaluated: {reason}") from error
    except RecursionError as error:
        raise QuerySyntaxError(f"The JSONPath nests too deeply: it has {len(query)} characters.") from error
