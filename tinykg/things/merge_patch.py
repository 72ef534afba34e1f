"""JSON merge patches (RFC 7396): applying one, and finding the smallest from one value to another."""

from __future__ import annotations

from typing import Any


def merged(target: Any, patch: Any) -> Any:
    """The target with the patch applied (RFC 7396, 2); both arguments stay as they are.

    A member that the patch gives as null is removed, an array is replaced as a whole.
    """
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, change in patch.items():
        if change is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), change)
    return result


def difference(old: Any, new: Any) -> Any:
    """The smallest merge patch that leads from the old value to the new one; `{}` where objects are equal.

    `merged(old, difference(old, new))` equals `new`, but for what no merge patch can say: a member of an
    object that becomes null. It is removed instead. One that was null before and stays so is kept.
    """
    if not isinstance(old, dict) or not isinstance(new, dict):
        return new
    patch: dict[str, Any] = {}
    for name in old:
        if name not in new:
            patch[name] = None
    for name, value in new.items():
        if name not in old:
            patch[name] = value
        elif not equal(old[name], value):
            both = isinstance(old[name], dict) and isinstance(value, dict)
            patch[name] = difference(old[name], value) if both else value
    return patch


def equal(one: Any, other: Any) -> bool:
    """Whether two JSON values are equal: true is not 1, and 1 is 1.0."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(equal(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(equal, one, other))
    return bool(one == other)
