"""TinyKG's errors on their way from one process to another, of the same class when they arrive.

Pickle would call an error's constructor with its text, which is not what every constructor takes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from tinykg.errors import TinykgError

PackedError: TypeAlias = "tuple[type[TinykgError], tuple[Any, ...], dict[str, Any]]"


def pack(error: TinykgError) -> PackedError:
    """What pickle can carry of an error."""
    return type(error), error.args, dict(error.__dict__)


def unpack(packed: PackedError) -> TinykgError:
    """The error again, with its text and its members."""
    kind, args, members = packed
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(members)
    return error
