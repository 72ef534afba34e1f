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
class Threads:
    """Threads for what may have to wait, so that those of quick answers are never all in use.

    Queries wait for a process, writes for their turn; taking a file in may take seconds before that, and so
    may the first answer to a question about all models or boards.
    """

    answers: ThreadPoolExecutor
    queries: ThreadPoolExecutor
    writes: ThreadPoolExecutor
    intake: ThreadPoolExecutor


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
    threads: Threads


def service_of(request: Request) -> Service:
    """The service of the application that a request came to."""
    return cast("Service", request.app.state.service)


def client_of(request: Request) -> str:
    """Who asks, as far as that decides who waits for whom: the address that the request came from."""
    return request.client.host if request.client is not None else ""


async def in_thread(threads: ThreadPoolExecutor, answer: Callable[[], T]) -> T:
    """What a function gives, called in one of these threads."""
    return await get_running_loop().run_in_executor(threads, answer)


ServiceHere = Annotated[Service, Depends(service_of)]
