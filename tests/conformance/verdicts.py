"""What a check comes to: passed, failed, or not offered by the server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import httpx

if TYPE_CHECKING:
    from collections.abc import Callable

Status = Literal["pass", "fail", "not-impl"]
"""The words of W3C's report files; "not-impl" is for options that a server leaves out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One line of a report."""

    id: str
    status: Status
    comment: str = ""


class Broken(Exception):
    """The server does not do what the sentence asks."""


class NotOffered(Exception):
    """The server leaves out what the sentence leaves free, and says so in its answer."""


def need(condition: object, complaint: str) -> None:
    """Nothing where the condition holds; else `Broken` with the complaint."""
    if not condition:
        raise Broken(complaint)


def judged(name: str, check: Callable[[], str | None]) -> Result:
    """The result of one check: a broken connection and an answer of another shape are failures too."""
    try:
        return Result(id=name, status="pass", comment=check() or "")
    except NotOffered as left_out:
        return Result(id=name, status="not-impl", comment=str(left_out))
    except (Broken, httpx.HTTPError) as broken:
        return Result(id=name, status="fail", comment=f"{type(broken).__name__}: {broken}")
    except (AttributeError, LookupError, TypeError, ValueError, SyntaxError) as strange:
        return Result(id=name, status="fail", comment=f"answer of another shape: {strange!r}")
