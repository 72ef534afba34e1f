"""Which function checks which assertion."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tdd_assertions import ASSERTIONS

if TYPE_CHECKING:
    from collections.abc import Callable

    from directory_client import DirectoryClient

    Check = Callable[[DirectoryClient], str | None]

CHECKS: dict[str, Check] = {}
"""Filled when the modules with checks are imported; `directory_runner` imports them all."""

_KNOWN = {assertion.id for assertion in ASSERTIONS}


def checks(name: str) -> Callable[[Check], Check]:
    """Marks a function as the check of one assertion, whose result is a comment on what was seen."""

    def mark(check: Check) -> Check:
        if name not in _KNOWN or name in CHECKS:
            raise ValueError(f"'{name}' is no assertion, or has a check already")
        CHECKS[name] = check
        return check

    return mark
