"""Benchmarks: asking for them, following them, and the queue that workers elsewhere take them from.

The server runs none itself.
"""

from __future__ import annotations

import asyncio
import json
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Path, Query, Request, Response

from tinykg.catalogue.benchmarks import facts_for, facts_text
from tinykg.catalogue.places import places_in
from tinykg.errors import BenchmarkCancelled, TinykgError
from tinykg.records.benchmark import ENDED, BenchmarkRequest, JobState
from tinykg.report.benchmark_json import job_value, run_value
from tinykg.rest.access import READ, WRITE
from tinykg.rest.benchmark_bodies import (
    ClaimBody,
    ClaimedBody,
    FailureBody,
    FinishBody,
    JobBody,
    JobWithRun,
    ProgressBody,
    RequestBody,
    WorkerBody,
)
from tinykg.rest.bodies import problems
from tinykg.rest.entities import Responses, single
from tinykg.rest.event_stream import EventStream
from tinykg.rest.examples import JOB, shown
from tinykg.rest.parameters import KNOWN
from tinykg.rest.replies import as_json, conditional
from tinykg.rest.service import Service, ServiceHere, in_thread

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from tinykg.records.benchmark import Job

router = APIRouter(prefix="/benchmarks", tags=["benchmarks"], dependencies=[KNOWN])

_LOOK_EVERY_S = 0.25
"""How often a stream looks whether anything was written; that is one comparison of numbers."""

JobId = Annotated[
    str, Path(description="A job's id, or a beginning of it that only one job has.", examples=["5d41402abc"])
]
_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "One event for each change of the job, which it holds as JSON; ends with the job",
        "content": {
            "text/event-stream": {
                "example": 'event: running\ndata: {"id": "5d41402abc", "progress": 0.25}\nid: 3\n\n',
            }
        },
    }
}
_STEPPED: Responses = {200: shown(JOB)}
_OF_WORKERS = {**_STEPPED, **problems(400, 401, 403, 404, 409, 413, 415, 503)}


@router.post(
    "",
    summary="Ask for a benchmark",
    status_code=201,
    response_model=JobBody,
    responses={
        201: {
            "description": "Queued; `Location` is the job",
            **shown(JOB),
            "headers": {"Location": {"schema": {"type": "string"}}},
        },
        **problems(400, 401, 403, 404, 413, 415, 503),
    },
    dependencies=[WRITE],
)
async def ask(service: ServiceHere, body: RequestBody) -> Response:
    """It waits until a worker takes it that has its runner: `tinykg bench --worker URL`."""
    job = await in_thread(service.threads.writes, partial(_asked, service, body))
    return _reply(job, 201, {"Location": f"/benchmarks/{job.id}"})


def _asked(service: Service, body: RequestBody) -> Job:
    registry = service.registry
    request = registry.benchmarks.request(**body.model_dump())
    places = places_in(request)
    if places:
        raise HTTPException(
            400,
            f"'{places[0]}' is a place on the worker's machine, which the worker names: "
            f"tinykg bench --worker URL --option {places[0]}=...",
        )
    return registry.benchmarks.create(request)


@router.get(
    "",
    summary="All benchmarks that were asked for",
    response_model=list[JobBody],
    responses={**single([JOB]), **problems(400, 401, 403)},
    dependencies=[READ],
)
def jobs(
    request: Request,
    service: ServiceHere,
    state: Annotated[list[JobState] | None, Query(description="Only jobs in one of these states.")] = None,
) -> Response:
    """In the order of asking."""
    found = service.registry.benchmarks.all(state or ())
    return conditional(request, as_json([job_value(job) for job in found]))


@router.get(
    "/{job_id}",
    summary="One benchmark",
    response_model=JobWithRun,
    responses={**single({**JOB, "result": None}), **problems(400, 401, 403, 404)},
    dependencies=[READ],
)
def job(request: Request, service: ServiceHere, job_id: JobId) -> Response:
    """Where it stands, and its result where it is done."""
    found = service.registry.benchmarks.get(job_id)
    run = next((run for run in _runs_of(service, found) if run.id == found.run), None)
    value = {**job_value(found), "result": None if run is None else run_value(run)}
    return conditional(request, as_json(value))


def _runs_of(service: Service, job: Job) -> list[Any]:
    return [] if job.run is None else service.registry.results(runner=job.request.runner)


@router.get(
    "/{job_id}/events",
    summary="One benchmark's events",
    response_class=Response,
    responses={**_STREAM, **problems(400, 401, 403, 404)},
    dependencies=[READ],
)
async def events(service: ServiceHere, job_id: JobId) -> Response:
    """Where it stands now, then each change, named by the job's state; the stream ends with the job."""
    first = await in_thread(service.threads.answers, partial(service.registry.benchmarks.get, job_id))
    return EventStream(_changes(service, first))


async def _changes(service: Service, job: Job) -> AsyncIterator[dict[str, str]]:
    number = 0
    while True:
        seen = service.held.version  # before looking: what is written meanwhile is looked at next
        latest = job if not number else await _latest(service, job)
        if latest is None:
            return
        if latest != job or not number:
            number, job = number + 1, latest
            yield {"event": job.state.value, "data": json.dumps(job_value(job)), "id": str(number)}
        if job.state in ENDED:
            return
        while service.held.version == seen:
            await asyncio.sleep(_LOOK_EVERY_S)


async def _latest(service: Service, job: Job) -> Job | None:
    """A job as it is now; None where it is there no more."""
    try:
        return await in_thread(service.threads.answers, partial(service.registry.benchmarks.get, job.id))
    except TinykgError:
        return None


@router.post(
    "/{job_id}/cancel",
    summary="Cancel a benchmark",
    response_model=JobBody,
    responses={**_STEPPED, **problems(400, 401, 403, 404, 503)},
    dependencies=[WRITE],
)
async def cancel(service: ServiceHere, job_id: JobId) -> Response:
    """A worker that runs it learns of it at its next sign of life. What has ended stays as it is."""
    return await _step(service, lambda: service.registry.benchmarks.cancel(job_id))


@router.post(
    "/claim",
    summary="Take a benchmark to run it",
    response_model=ClaimedBody,
    responses={
        **_OF_WORKERS,
        200: {"description": "The job, and all that its runner is told"},
        204: {"description": "Nothing waits for these runners"},
    },
    dependencies=[WRITE],
)
async def claim(service: ServiceHere, body: ClaimBody) -> Response:
    """The one that has waited longest for one of the runners; no other worker gets it."""
    claimed = await in_thread(service.threads.writes, partial(_claimed, service, body))
    if claimed is None:
        return Response(status_code=204)
    return Response(as_json(claimed).content, media_type="application/json")


def _claimed(service: Service, body: ClaimBody) -> dict[str, object] | None:
    """A claimed job with what its runner is told; one of which that is not known any more fails at once."""
    queue = service.registry.benchmarks
    while (job := queue.claim(body.worker, body.runners, body.job)) is not None:
        try:
            facts = _facts(service, job.request)
        except TinykgError as error:
            queue.fail(job.id, body.worker, str(error))
            continue
        return {
            "job": job_value(job),
            "facts": facts,
            "model_file": f"/models/{quote(job.request.model, safe='')}/file",
            "lease_s": queue.lease_s,
        }
    return None


def _facts(service: Service, request: BenchmarkRequest) -> str:
    with service.held.reading() as store:
        return facts_text(facts_for(store, request))


@router.put(
    "/{job_id}/progress",
    summary="A worker's sign of life",
    response_model=JobBody,
    responses=_OF_WORKERS,
    dependencies=[WRITE],
)
async def progress(service: ServiceHere, job_id: JobId, body: ProgressBody) -> Response:
    """409 where the job is not, or no longer, the worker's: it was cancelled, or given to another."""
    queue = service.registry.benchmarks
    return await _step(service, lambda: queue.beat(job_id, body.worker, body.progress, body.doing))


@router.post(
    "/{job_id}/result",
    summary="A worker's result",
    response_model=JobBody,
    responses=_OF_WORKERS,
    dependencies=[WRITE],
)
async def result(service: ServiceHere, job_id: JobId, body: FinishBody) -> Response:
    """The job is done; or failed, for a reason that it has, where the result breaks a rule."""
    record = body.result.record()
    return await _step(service, lambda: service.registry.benchmarks.finish(job_id, body.worker, record))


@router.post(
    "/{job_id}/failure",
    summary="A worker's failure",
    response_model=JobBody,
    responses=_OF_WORKERS,
    dependencies=[WRITE],
)
async def failure(service: ServiceHere, job_id: JobId, body: FailureBody) -> Response:
    """The job came to nothing; it is not tried again."""
    return await _step(service, lambda: service.registry.benchmarks.fail(job_id, body.worker, body.reason))


@router.post(
    "/{job_id}/return",
    summary="A worker gives a benchmark back",
    response_model=JobBody,
    responses=_OF_WORKERS,
    dependencies=[WRITE],
)
async def give_back(service: ServiceHere, job_id: JobId, body: WorkerBody) -> Response:
    """The job waits again, as if it had not been begun."""
    return await _step(service, lambda: service.registry.benchmarks.give_back(job_id, body.worker))


async def _step(service: Service, step: Callable[[], Job]) -> Response:
    """A job after a step; 409 where the step is not the caller's to do."""
    try:
        return _reply(await in_thread(service.threads.writes, step))
    except BenchmarkCancelled as error:
        raise HTTPException(409, str(error)) from error


def _reply(job: Job, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(as_json(job_value(job)).content, status, headers, "application/json")
