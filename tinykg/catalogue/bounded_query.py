"""A stranger's query in a process of its own, which a time or memory limit can end.

Oxigraph has no query time limit and does not return to Python while it evaluates, so
the only way to stop it is to stop its process. A reader's process can be killed at
any time: it holds no more than a shared lock, which ends with it.
"""

from __future__ import annotations

import faulthandler
import multiprocessing
import os
import resource
import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyoxigraph as ox

from tinykg.catalogue.sessions import open_sessions
from tinykg.errors import InputError, QuerySyntaxError, StoreError, TinykgError
from tinykg.validate.names import PREFIXES, short

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from tinykg.settings import Settings

MEMORY_LIMIT_BYTES = 4 << 30
"""The address space a query may take; the engine's own files and code included."""

_LONGEST_S = 2_000_000
"""What poll(2) can wait for, in milliseconds of 31 bits."""

_OUT_OF_MEMORY = 70
"""The exit status of a query's process that Python could not give memory; the engine aborts."""

SOLUTION_FORMS = {
    "json": ox.QueryResultsFormat.JSON,
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
    "xml": ox.QueryResultsFormat.XML,
}
GRAPH_FORMS = {
    "turtle": ox.RdfFormat.TURTLE,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "jsonld": ox.RdfFormat.JSON_LD,
}


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
    _seed(settings)
    timeout_s = min(_LONGEST_S, timeout_s)
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    worker = context.Process(target=_work, args=(sender, settings, query, form, timeout_s), daemon=True)
    worker.start()
    sender.close()
    try:
        if not receiver.poll(timeout_s):
            raise StoreError(
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
    if isinstance(result, TinykgError):
        raise result
    if not isinstance(result, Answer):
        raise StoreError(f"The query's process answered with {type(result).__name__}")
    return result


def _stopped(status: int | None) -> StoreError:
    if status in (_OUT_OF_MEMORY, -signal.SIGABRT):
        most = f"{MEMORY_LIMIT_BYTES >> 20} MiB"
        return StoreError(f"The query was stopped: it needed more than {most} of memory. Ask for less.")
    return StoreError(f"The query's process ended with exit status {status} and no answer.")


def _seed(settings: Settings) -> None:
    """Bring the registry up to date here, so that seeding does not count as the query's time."""
    with open_sessions(settings).reading():
        pass


def _work(sender: Connection, settings: Settings, query: str, form: str | None, timeout_s: float) -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # the engine says there that it is out of memory
    faulthandler.disable()  # and aborts: the parent tells it
    _limit(resource.RLIMIT_AS, MEMORY_LIMIT_BYTES)
    _limit(resource.RLIMIT_CPU, int(timeout_s) + 2)  # should the parent be killed before it can stop this
    try:
        sender.send(answer(settings, query, form))
    except InputError as error:  # errors of several parts do not survive pickling: their text does
        sender.send(QuerySyntaxError(str(error)))
    except TinykgError as error:
        sender.send(StoreError(str(error)))
    except MemoryError:
        os._exit(_OUT_OF_MEMORY)
    sender.close()


def _limit(kind: int, most: int) -> None:
    _, hard = resource.getrlimit(kind)
    resource.setrlimit(kind, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def answer(settings: Settings, query: str, form: str | None) -> Answer:
    """The answer, in this process and without limits."""
    with open_sessions(settings).reading() as store:
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
    return Answer(content=result.serialize(format=wanted) or b"")


def _other(result: ox.QueryBoolean | ox.QueryTriples, form: str | None) -> Answer:
    if isinstance(result, ox.QueryBoolean):
        truth = bool(result)
        wanted = SOLUTION_FORMS.get(form or "")
        content = (result.serialize(format=wanted) or b"") if wanted else f"{str(truth).lower()}\n".encode()
        return Answer(content=content, truth=truth)
    graph_form = GRAPH_FORMS.get(form or "turtle")
    if graph_form is None:
        raise QuerySyntaxError(f"This query has triples; choose one of --format {', '.join(GRAPH_FORMS)}")
    return Answer(content=ox.serialize(result, format=graph_form, prefixes=PREFIXES) or b"")


def _cell(term: object) -> str:
    if term is None:
        return ""
    if isinstance(term, ox.Literal):
        return term.value
    return short(term.value) if isinstance(term, ox.NamedNode) else str(term)
