"""Small Thing Descriptions for tests."""

from __future__ import annotations

import json
from typing import Any

TD_1_0 = "https://www.w3.org/2019/wot/td/v1"
TD_1_1 = "https://www.w3.org/2022/wot/td/v1.1"
DISCOVERY = "https://www.w3.org/2022/wot/discovery"
TD_JSON = {"content-type": "application/td+json"}
MERGE_PATCH = {"content-type": "application/merge-patch+json"}


def lamp(thing_id: str | None = "urn:example:lamp", **members: Any) -> dict[str, Any]:
    """A Thing Description with the least that one must have, and these members."""
    found = {
        "@context": TD_1_1,
        "title": "Lamp",
        "securityDefinitions": {"nosec_sc": {"scheme": "nosec"}},
        "security": ["nosec_sc"],
    }
    return found | ({} if thing_id is None else {"id": thing_id}) | members


def sent(document: object) -> bytes:
    """A document as a client sends it."""
    return json.dumps(document, ensure_ascii=False).encode()


def own(served: dict[str, Any]) -> dict[str, Any]:
    """A Thing Description without what the directory adds to every one."""
    context = [one for one in served["@context"] if one != DISCOVERY]
    rest = {name: value for name, value in served.items() if name not in ("@context", "registration", "id")}
    return {**rest, "@context": context}


def plain(document: dict[str, Any]) -> dict[str, Any]:
    """A Thing Description in the form that `own` gives."""
    context = document["@context"]
    return own({**document, "@context": context if isinstance(context, list) else [context]})
