"""Runs the 80 checks against a directory."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import check_events
import check_http
import check_listing
import check_registration
import check_search
import check_things
import check_validation
from check_registry import CHECKS
from directory_client import DirectoryClient
from tdd_assertions import ASSERTIONS
from verdicts import judged

if TYPE_CHECKING:
    from verdicts import Result

CHECK_MODULES = (
    check_events,
    check_http,
    check_listing,
    check_registration,
    check_search,
    check_things,
    check_validation,
)
"""Importing them fills `CHECKS`."""

IDS = tuple(assertion.id for assertion in ASSERTIONS)


def run_one(directory: DirectoryClient, name: str) -> Result:
    """The result of one assertion."""
    return judged(name, partial(CHECKS[name], directory))


def run(
    base_url: str, *, token: str | None = None, closed_url: str | None = None, federation_port: int = 0
) -> list[Result]:
    """The results of all 80 assertions, in the order of the table."""
    with DirectoryClient(
        base_url, token=token, closed_url=closed_url, federation_port=federation_port
    ) as directory:
        return [run_one(directory, name) for name in IDS]
