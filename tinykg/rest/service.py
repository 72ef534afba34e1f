"""What a server serves, as one value that its routes are given."""

from __future__ import annotations

from asyncio import get_running_loop
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, TypeVar, cast

from fastapi import Depends, Request

from tinykg.rest.answers import Answers

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import ThreadPoolExecutor

    from tinykg.catalogue.held import HeldRegistry
    from tinykg.catalogue.tokens import Tokens
    from tinykg.directory.directory import Directory
    from tinykg.endpoint.pool import Pool
    from tinykg.registry import Registry
    from tinykg.settings import ServeSettings

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A held registry and all that answers from it."""

    held: HeldRegistry
    registry: Registry
    pool: Pool
    directory: Directory
    tokens: Tokens
    answers: Answers
    settings: ServeSettings
    query_threads: ThreadPoolExecutor


def service_of(request: Request) -> Service:
    """The service of the application that a request came to."""
    return cast("Service", request.app.state.service)


async def in_query_thread(service: Service, answer: Callable[[], T]) -> T:
    """What a function gives that waits for one of the pool's processes, called in a thread for such.

    The threads of other routes are few: those who wait for a process must not use them up.
    """
    return await get_running_loop().run_in_executor(service.query_threads, answer)


ServiceHere = Annotated[Service, Depends(service_of)]
