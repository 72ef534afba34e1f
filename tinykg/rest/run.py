"""Run a server until it is told to stop."""

from __future__ import annotations

import logging
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING

import uvicorn

from tinykg.catalogue.bounded_query import evaluated
from tinykg.catalogue.held import PURPOSE, HeldRegistry
from tinykg.catalogue.lease_keeper import LeaseKeeper
from tinykg.catalogue.served import Serving, address_in
from tinykg.catalogue.tokens import Tokens
from tinykg.directory.announce import announced
from tinykg.directory.directory import Directory
from tinykg.endpoint.pool import Pool
from tinykg.errors import StoreError, TinykgError
from tinykg.registry import Registry
from tinykg.rest.answers import Answers
from tinykg.rest.app import create_app
from tinykg.rest.service import Service, Threads
from tinykg.validate.targets import targets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from socket import socket

    from tinykg.settings import ServeSettings, Settings

_GOODBYE_S = 3
"""How long connections that stay open, such as event streams, get when the server stops."""

_BACKLOG = 2048

_REFUSING_THREADS = 8
"""Threads beyond those that work or wait, so that there is one to say that the server is too busy."""

_WRITING_THREADS = 4
"""Things are written one after the other; what comes before, such as checking them, may overlap."""

_ANSWERING_THREADS = 8
"""Making an answer takes a processor for most of the time: more threads help nobody."""

_INTAKE_THREADS = 2
"""Reading a model's file or a board's takes a processor for up to seconds."""

_TURN_S = 0.0005

_LOG = logging.getLogger("tinykg.rest")


def open_service(
    stack: ExitStack, settings: Settings, serve_settings: ServeSettings, *, empty: bool = False
) -> Service:
    """What a server serves, open until the stack is closed; `empty` leaves the built-in catalogue out."""
    held = stack.enter_context(HeldRegistry.hold(settings, empty=empty))
    pool = stack.enter_context(
        Pool(
            held,
            workers=serve_settings.query_workers,
            memory_bytes=serve_settings.query_memory_bytes,
            result_bytes=serve_settings.max_result_bytes,
        )
    )
    registry = Registry.over(held, str(held.folder.path))
    stack.enter_context(LeaseKeeper(registry.benchmarks))
    return Service(
        held=held,
        registry=registry,
        pool=pool,
        directory=stack.enter_context(Directory(held, pool, serve_settings)),
        tokens=Tokens(held.folder.tokens),
        answers=Answers(lambda: held.answers_version),
        settings=serve_settings,
        threads=Threads(
            answers=stack.enter_context(ThreadPoolExecutor(_ANSWERING_THREADS, "tinykg-answer")),
            queries=stack.enter_context(
                ThreadPoolExecutor(pool.capacity + _REFUSING_THREADS, "tinykg-query")
            ),
            writes=stack.enter_context(ThreadPoolExecutor(_WRITING_THREADS, "tinykg-write")),
            intake=stack.enter_context(ThreadPoolExecutor(_INTAKE_THREADS, "tinykg-intake")),
        ),
    )


def serve(
    settings: Settings,
    serve_settings: ServeSettings,
    ready: Callable[[str], None] | None = None,
    *,
    empty: bool = False,
) -> None:
    """Serve a registry until SIGINT or SIGTERM; `ready` is told the address once it is answered.

    An `empty` one is not filled with the built-in catalogue. Raises StoreBusy where another process holds
    the registry, StoreError where the address is taken.
    """
    with ExitStack() as stack:
        service = open_service(stack, settings, serve_settings, empty=empty)
        held = service.held
        address = stack.enter_context(address_in(held.folder.path))
        stack.enter_context(Serving(held, address, partial(evaluated, service.pool.run)))
        held.folder.announce(PURPOSE, address)
        config = uvicorn.Config(
            create_app(service),
            host=serve_settings.host,
            port=serve_settings.port,
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=_GOODBYE_S,
            backlog=_BACKLOG,
        )
        threading.Thread(target=targets, name="tinykg-warming", daemon=True).start()  # a second's work
        server = _Server(config, partial(_answering, stack, serve_settings, ready))
        try:
            with _short_turns(), _quiet_signals():
                server.run()
        except SystemExit as error:  # uvicorn ends so where it cannot listen, after it has said why
            raise StoreError(
                f"The server cannot listen on {serve_settings.host}:{serve_settings.port}; "
                "choose another --host or --port."
            ) from error


def _answering(
    stack: ExitStack, settings: ServeSettings, ready: Callable[[str], None] | None, host: str, port: int
) -> None:
    """What is done once the server answers: it is announced where that is wanted, and its address told."""
    if settings.announce:
        threading.Thread(target=_announce, args=(stack, host, port), daemon=True).start()
    if ready is not None:
        name = f"[{host}]" if ":" in host else host
        ready(f"http://{name}:{port}")


def _announce(stack: ExitStack, host: str, port: int) -> None:
    """Announce the directory until the stack is closed; it is served all the same where that fails."""
    try:
        stack.enter_context(announced(host, port))
    except TinykgError as error:
        _LOG.error("%s", error)


@contextmanager
def _short_turns() -> Iterator[None]:
    """Threads that compute let the one that talks to clients come in sooner than Python's 5 ms."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(_TURN_S)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


@contextmanager
def _quiet_signals() -> Iterator[None]:
    """Signals end the server, which raises them again at its end: then nothing is left for them to do."""
    before = {one: signal.signal(one, signal.SIG_IGN) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


class _Server(uvicorn.Server):
    """A server that says when it answers, and where."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[str, int], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Listen, then tell at which address."""
        await super().startup(sockets)
        if self.started:
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            self._ready(host, port)
