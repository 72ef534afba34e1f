"""A stranger's query in a process of its own, which a time or memory limit can end.

Oxigraph has no query time limit and does not return to Python while it evaluates, so
the only way to stop it is to stop its process. A reader's process can be killed at
any time: it holds no more than a shared lock, which ends with it.
"""

from __future__ import annotations

import multiprocessing
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyoxigraph as ox

from tinykg.catalogue.served import ServedStore
from tinykg.catalogue.sessions import open_sessions
from tinykg.errors import (
    QuerySyntaxError,
    QueryTimeout,
    QueryTooBig,
    StoreError,
    TinykgError,
)
from tinykg.store.embedded import EmbeddedStore
from tinykg.store.limits import OUT_OF_MEMORY, limit_cpu, limit_memory, ran_out, silence_the_engine
from tinykg.store.packed_errors import pack, unpack
from tinykg.store.results import GRAPH_FORMS, SOLUTION_FORMS, solutions_as, triples_as
from tinykg.validate.names import PREFIXES, short

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection

    from tinykg.settings import Settings

MEMORY_LIMIT_BYTES = 4 << 30
"""The address space a query may take; the engine's own files and code included."""

_LONGEST_S = 2_000_000
"""What poll(2) can wait for, in milliseconds of 31 bits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A query's result: `content` serialised, or `columns` and `rows` for a table; `truth` of an ASK."""

    content: bytes = b""
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    truth: bool | None = None


def run_bounded(settings: Settings, query: str, form: str | None, timeout_s: float) -> Answer:
    """The answer in a form (None: a table, or Turtle for triples); raises StoreError at a limit."""
    if settings.registry == "memory:":
        return answer(settings, query, form)
    with open_sessions(settings).reading() as store:  # seeding does not count as the query's time
        if isinstance(store, ServedStore):  # a server holds the folder, and has processes for this
            return _expect_answer(store.run(query, form, timeout_s))
    timeout_s = min(_LONGEST_S, timeout_s)
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    worker = context.Process(target=_work, args=(sender, settings, query, form, timeout_s), daemon=True)
    worker.start()
    sender.close()
    try:
        if not receiver.poll(timeout_s):
            raise QueryTimeout(
                f"The query did not end within {timeout_s:g} s and was stopped. "
                "Ask for less, or raise --timeout."
            )
        result = receiver.recv()
    except (EOFError, OSError):
        worker.join()
        raise _stopped(worker.exitcode) from None
    finally:
        worker.kill()
        worker.join()
        receiver.close()
    if isinstance(result, tuple):
        raise unpack(result)
    return _expect_answer(result)


def evaluated(run: Callable[..., object], query: str, form: str | None, timeout_s: float) -> Answer:
    """The answer as `run(function, query, form, timeout_s=...)` has it evaluated, such as a server's pool."""
    return _expect_answer(run(answer_from, query, form, timeout_s=timeout_s))


def _expect_answer(result: object) -> Answer:
    if not isinstance(result, Answer):
        raise StoreError(f"The query's process answered with {type(result).__name__}")
    return result


def _stopped(status: int | None) -> StoreError:
    if ran_out(status):
        most = f"{MEMORY_LIMIT_BYTES >> 20} MiB"
        return QueryTooBig(
            f"The query was stopped: it needed more than {most} of memory, or is nested too deeply. "
            "Ask for less."
        )
    return StoreError(f"The query's process ended with exit status {status} and no answer.")


def _work(sender: Connection, settings: Settings, query: str, form: str | None, timeout_s: float) -> None:
    silence_the_engine()
    limit_memory(MEMORY_LIMIT_BYTES)
    limit_cpu(timeout_s)  # should the parent be killed before it can stop this
    try:
        sender.send(answer(settings, query, form))
    except TinykgError as error:
        sender.send(pack(error))
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    sender.close()


def answer(settings: Settings, query: str, form: str | None) -> Answer:
    """The answer, in this process and without limits."""
    with open_sessions(settings).reading() as store:
        if not isinstance(store, EmbeddedStore):
            raise StoreError("A server has taken the registry meanwhile; try again.")
        return answer_from(store, query, form)


def answer_from(store: EmbeddedStore, query: str, form: str | None) -> Answer:
    """The answer from a store, in this process and without limits."""
    result = store.raw(query)
    try:
        return _solutions(result, form) if isinstance(result, ox.QuerySolutions) else _other(result, form)
    except (OSError, RuntimeError, ValueError) as error:
        raise StoreError(f"The query cannot be evaluated: {error}") from error


def _solutions(result: ox.QuerySolutions, form: str | None) -> Answer:
    if form in (None, "table"):
        columns = tuple(variable.value for variable in result.variables)
        rows = tuple(tuple(_cell(row[i]) for i in range(len(columns))) for row in result)
        return Answer(columns=columns, rows=rows)
    wanted = SOLUTION_FORMS.get(form or "")
    if wanted is None:
        raise QuerySyntaxError(f"A SELECT query has rows; --format {form} is for CONSTRUCT and DESCRIBE")
    return Answer(content=solutions_as(result, wanted))


def _other(result: ox.QueryBoolean | ox.QueryTriples, form: str | None) -> Answer:
    if isinstance(result, ox.QueryBoolean):
        truth = bool(result)
        wanted = SOLUTION_FORMS.get(form or "")
        content = solutions_as(result, wanted) if wanted else f"{str(truth).lower()}\n".encode()
        return Answer(content=content, truth=truth)
    graph_form = GRAPH_FORMS.get(form or "turtle")
    if graph_form is None:
        raise QuerySyntaxError(f"This query has triples; choose one of --format {', '.join(GRAPH_FORMS)}")
    return Answer(content=triples_as(result, graph_form, PREFIXES))


def _cell(term: object) -> str:
    if term is None:
        return ""
    if isinstance(term, ox.Literal):
        return term.value
    return short(term.value) if isinstance(term, ox.NamedNode) else str(term)
