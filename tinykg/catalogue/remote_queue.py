"""The queue of benchmarks of a server elsewhere, to a worker: plain HTTP with a token."""

from __future__ import annotations

import contextlib
import hashlib
import json
import urllib.error
import urllib.request
from dataclasses import asdict
from datetime import datetime  # noqa: TC003 - the decoder looks at the annotations
from http import HTTPStatus
from http.client import HTTPException, IncompleteRead
from typing import TYPE_CHECKING, Annotated, Any, Final
from urllib.parse import quote, urlsplit

import msgspec

from tinykg.bench.protocol import Task
from tinykg.catalogue.benchmarks import read_facts
from tinykg.catalogue.jobs import LEASE_S
from tinykg.catalogue.places import Own, check_trusted
from tinykg.errors import BenchmarkCancelled, BenchmarkError, InputError, Refused, StoreError
from tinykg.records.benchmark import BenchmarkRequest, Job, JobState

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from tinykg.records.benchmark import BenchmarkResult

TIMEOUT_S: Final = 30.0
MOST_BYTES: Final = 256 << 20
"""No answer is longer; models for small devices are far smaller."""


class _SentJob(msgspec.Struct, frozen=True, kw_only=True):
    """A job as servers tell it; members that are not known here are left out."""

    id: str
    state: JobState
    model: str
    file_sha256: str
    runner: str
    created: datetime
    attempts: int
    device: str | None = None
    runtime: str | None = None
    options: dict[str, str] = {}
    data: str | None = None
    started: datetime | None = None
    ended: datetime | None = None
    worker: str | None = None
    lease_until: datetime | None = None
    progress: float | None = None
    doing: str | None = None
    reason: str | None = None
    run: str | None = None


class _Claimed(msgspec.Struct, frozen=True, kw_only=True):
    """A job that is the worker's now, with all that its runner is told but the file's bytes."""

    job: _SentJob
    facts: str
    model_file: str
    lease_s: Annotated[float, msgspec.Meta(ge=0.1, le=86_400)] = LEASE_S


class RemoteQueue:
    """The jobs of a server. Raises StoreError where it cannot be reached, Refused where it lets us not."""

    def __init__(self, address: str, token: str | None, own: Own | None = None) -> None:
        if urlsplit(address).scheme not in {"http", "https"} or not urlsplit(address).hostname:
            raise InputError(f"'{address}' is not the address of a server, such as http://127.0.0.1:8000")
        self._address = address.rstrip("/")
        self._token = token
        self._own = Own() if own is None else own
        self._claimed: _Claimed | None = None
        self._opener = urllib.request.build_opener(_NoRedirect)

    @property
    def lease_s(self) -> float:
        """How long the server believes in a worker without a sign of life, in seconds."""
        return LEASE_S if self._claimed is None else self._claimed.lease_s

    def claim(self, worker: str, runners: Collection[str], job_id: str | None = None) -> Job | None:
        """A job that waits for one of some runners, now the worker's; None where there is none."""
        asked = {"worker": worker, "runners": sorted(runners), "job": job_id}
        content = self._ask("POST", "/benchmarks/claim", asked)
        if not content:
            return None
        self._claimed = _read(content, _Claimed)
        return _job(self._claimed.job)

    def task(self, job: Job, workplace: Path) -> Task:
        """What the runner of a claimed job is given; raises BenchmarkError where the server's word is odd."""
        claimed = self._claimed
        if claimed is None or claimed.job.id != job.id:
            raise BenchmarkError(f"job {job.id} is not the one that was claimed last")
        check_trusted(job.request, self._own)
        facts = read_facts(claimed.facts)
        if not claimed.model_file.startswith("/"):
            raise BenchmarkError(
                f"the server names '{claimed.model_file}' as the model's file; expected a path"
            )
        content = self._ask("GET", claimed.model_file)
        if hashlib.sha256(content).hexdigest() != job.request.file_sha256:
            raise BenchmarkError(
                "the server's bytes of the model's file have another sha256 than the job says"
            )
        return Task(
            model=facts.model,
            file=facts.file,
            content=content,
            workplace=workplace,
            device=facts.device,
            runtime=job.request.runtime,
            data=self._own.data,
            options=self._own.options_for(job.request),
        )

    def beat(self, job_id: str, worker: str, done: float, doing: str) -> Job:
        """Give a sign of life; raises BenchmarkCancelled where the job is not the worker's now."""
        said = {"worker": worker, "progress": min(max(0.0, done), 1.0), "doing": doing}
        return self._step("PUT", job_id, "progress", said)

    def finish(self, job_id: str, worker: str, result: BenchmarkResult) -> Job:
        """End a job with its result; the job has failed where the result breaks a rule."""
        return self._step("POST", job_id, "result", {"worker": worker, "result": sent_result(result)})

    def fail(self, job_id: str, worker: str, reason: str) -> Job:
        """End a job that came to nothing."""
        return self._step("POST", job_id, "failure", {"worker": worker, "reason": reason})

    def give_back(self, job_id: str, worker: str) -> Job:
        """Let a job wait again."""
        return self._step("POST", job_id, "return", {"worker": worker})

    def _step(self, method: str, job_id: str, what: str, said: dict[str, object]) -> Job:
        content = self._ask(method, f"/benchmarks/{quote(job_id, safe='')}/{what}", said)
        return _job(_read(content, _SentJob))

    def _ask(self, method: str, path: str, said: object = None) -> bytes:
        """The content of an answer; a problem becomes the error that it is of."""
        content = None if said is None else json.dumps(said, allow_nan=False).encode()
        headers = {"Accept": "application/json, application/octet-stream;q=0.9"}
        if content is not None:
            headers["Content-Type"] = "application/json"
        if self._token is not None:
            headers["Authorization"] = f"Bearer {self._token}"
        request = urllib.request.Request(  # noqa: S310 - the scheme was looked at when the queue was made
            self._address + path, data=content, headers=headers, method=method
        )
        try:
            with self._opener.open(request, timeout=TIMEOUT_S) as answer:
                found: bytes = answer.read(MOST_BYTES + 1)
                if answer.length and len(found) <= MOST_BYTES:
                    raise IncompleteRead(found, answer.length)
        except urllib.error.HTTPError as error:
            with error:
                raise _as_error(error.code, error.read(1 << 16), self._address) from error
        except (OSError, HTTPException) as error:
            why = getattr(error, "reason", error)
            raise StoreError(f"The server {self._address} cannot be reached: {why}") from error
        if len(found) > MOST_BYTES:
            raise BenchmarkError(f"the server's answer is longer than {MOST_BYTES} bytes")
        return found


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follows no redirection: the token is for the one server that was named."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Nothing to follow, so that the answer is an error."""
        return


def _as_error(status: int, content: bytes, address: str) -> Exception:
    """The error that an answer stands for, with its detail (RFC 9457)."""
    detail = f"the server {address} answered with status {status}"
    with contextlib.suppress(ValueError, KeyError, TypeError):
        told = json.loads(content)["detail"]
        detail = told if isinstance(told, str) else detail
    if status in {HTTPStatus.CONFLICT, HTTPStatus.NOT_FOUND}:
        return BenchmarkCancelled(detail)
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return Refused(f"{detail} (TINYKG_TOKEN is the token of scope 'write' that is sent)")
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS:
        return StoreError(detail)
    return BenchmarkError(detail)


def _read(content: bytes, kind: type[Any]) -> Any:
    try:
        return msgspec.json.decode(content, type=kind)
    except msgspec.DecodeError as error:
        raise BenchmarkError(f"the server's answer is not what was agreed: {error}") from error


def _job(sent: _SentJob) -> Job:
    named = {name: getattr(sent, name) for name in ("model", "file_sha256", "runner", "device", "runtime")}
    request = BenchmarkRequest(**named, options=sent.options, data=sent.data)
    kept = {name: getattr(sent, name) for name in _OF_JOBS}
    return Job(request=request, **kept)


_OF_JOBS: Final = (
    "id", "state", "created", "attempts", "worker", "lease_until", "started", "ended", "progress", "doing",
    "reason", "run",
)  # fmt: skip


def sent_result(result: BenchmarkResult) -> dict[str, object]:
    """A result as a JSON value, under the record's own names."""
    said = asdict(result)
    return {**said, "started": result.started.isoformat(), "ended": result.ended.isoformat()}
