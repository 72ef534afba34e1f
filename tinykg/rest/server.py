"""About the server itself: health, numbers, what there is."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from tinykg.rest.access import READ
from tinykg.rest.bodies import Health, problems
from tinykg.rest.numbers import MEDIA_TYPE
from tinykg.rest.service import ServiceHere
from tinykg.version import __version__

router = APIRouter(tags=["server"])


@router.get("/health", summary="Whether the server answers")
async def health(service: ServiceHere) -> Health:
    """The number of quads and Things that it holds; 200 as soon as it answers at all."""
    return await run_in_threadpool(_health, service)


def _health(service: ServiceHere) -> Health:
    quads, things = service.held.size(), service.directory.size()
    return Health(status="ok", version=__version__, quads=quads, things=things)


@router.get(
    "/metrics",
    summary="Numbers for Prometheus",
    dependencies=[READ],
    response_class=Response,
    responses={
        200: {"content": {"text/plain": {}}, "description": "Text format 0.0.4"},
        **problems(401, 403),
    },
)
def metrics(request: Request) -> Response:
    """Answers by route and status, their times, the registry's size."""
    return Response(request.app.state.numbers.text(), headers={"Content-Type": MEDIA_TYPE})
