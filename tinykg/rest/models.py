"""Models and runtimes: lists, single ones in several forms, the files' bytes."""

from __future__ import annotations

from dataclasses import asdict
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import FileResponse
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers

from tinykg.catalogue.model_bytes import path_of
from tinykg.rest.access import READ, WRITE
from tinykg.rest.bodies import ModelBody, ModelLine, RuntimeLine, problems
from tinykg.rest.entities import CURSOR, FORMS, LIMIT, LIST, ONE, entity, remove
from tinykg.rest.problems import Problem
from tinykg.rest.replies import as_json, names, page, reply
from tinykg.rest.service import Service, ServiceHere

if TYPE_CHECKING:
    from pathlib import Path as PathOnDisk

    from starlette.types import Message, Receive, Scope, Send

    from tinykg.records.model import Model
    from tinykg.records.model_file import ModelFile
    from tinykg.rest.answers import Kept

router = APIRouter(tags=["catalogue"])

ModelName = Annotated[str, Path(description="A model's name or an alias of it.", examples=["kws_ref_model"])]


@router.get(
    "/models",
    summary="All models",
    response_model=list[ModelLine],
    responses={**LIST, **problems(400, 401, 403, 404)},
    dependencies=[READ],
)
async def models(
    request: Request,
    service: ServiceHere,
    task: Annotated[str | None, Query(description="A task or a wider one.")] = None,
    limit: LIMIT = None,
    cursor: CURSOR = None,
) -> Response:
    """The same as `tinykg list models --json`, by name."""

    def made() -> Kept:
        found, headers = page(request, service.registry.models(task), limit, cursor, lambda m: m.name)
        return as_json([asdict(model) for model in found], headers)

    return await reply(request, service, ("models", task, limit, cursor), made)


@router.get(
    "/models/{name}",
    summary="One model",
    response_model=ModelBody,
    responses={**ONE, **problems(401, 403, 404, 406)},
    dependencies=[READ],
)
async def model(request: Request, service: ServiceHere, name: ModelName) -> Response:
    """The same as `tinykg show --json`; as Turtle or JSON-LD, its graph."""
    return await entity(request, service, "model", name, lambda: _model(service, name), FORMS)


def _model(service: Service, name: str) -> Kept:
    found, file = service.registry.model(name)
    return as_json({**asdict(found), "file": asdict(file)})


@router.delete(
    "/models/{name}",
    summary="Remove a model",
    status_code=204,
    responses=problems(401, 403, 404, 412, 503),
    dependencies=[WRITE],
)
async def remove_model(request: Request, service: ServiceHere, name: ModelName) -> Response:
    """Its file goes too, if no other model has it; If-Match guards against a change in between."""
    return await remove(request, service, "model", name, lambda: _model(service, name))


@router.get(
    "/models/{name}/file",
    summary="The bytes of a model's file",
    response_class=Response,
    responses={
        200: {"content": {"application/octet-stream": {}}, "description": "The .tflite file"},
        206: {"content": {"application/octet-stream": {}}, "description": "The ranges that were asked for"},
        304: {"description": "The client has the file: If-None-Match names its sha256"},
        **problems(400, 401, 403, 404, 416),
    },
    dependencies=[READ],
)
async def model_file(request: Request, service: ServiceHere, name: ModelName) -> Response:
    """Byte ranges are served (RFC 9110, 14); the entity tag is the file's sha256."""
    found, file, path = await run_in_threadpool(_file, service, name)
    headers = {"ETag": f'"{file.sha256}"', "Cache-Control": "no-cache", "Accept-Ranges": "bytes"}
    asked = request.headers.get("if-none-match")
    if asked is not None and names(asked, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return RangedFile(
        path, media_type="application/octet-stream", headers=headers, filename=f"{found.name}.tflite"
    )


class RangedFile(FileResponse):
    """A file of which parts can be asked for; a wrong Range is answered with problem details."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the file, its parts, or the problem."""
        refused: Message | None = None

        async def watched(message: Message) -> None:
            nonlocal refused
            if message["type"] == "http.response.start" and message["status"] >= HTTPStatus.BAD_REQUEST:
                refused = message
            if refused is None:
                await send(message)

        await super().__call__(scope, receive, watched)
        if refused is not None:
            range_ = Headers(raw=refused["headers"]).get("content-range")
            problem = Problem(
                refused["status"],
                "The Range cannot be given; a range is such as 'bytes=0-1023', within the file.",
                {} if range_ is None else {"Content-Range": range_},
            )
            await problem(scope, receive, send)


def _file(service: Service, name: str) -> tuple[Model, ModelFile, PathOnDisk]:
    found, file = service.registry.model(name)
    return found, file, path_of(found, service.held.files())


@router.get(
    "/runtimes",
    summary="All runtimes",
    response_model=list[RuntimeLine],
    responses={**LIST, **problems(400, 401, 403)},
    dependencies=[READ],
)
async def runtimes(
    request: Request, service: ServiceHere, limit: LIMIT = None, cursor: CURSOR = None
) -> Response:
    """The same as `tinykg list runtimes --json`."""

    def made() -> Kept:
        found, headers = page(request, service.registry.runtimes(), limit, cursor, lambda r: r.name)
        return as_json([asdict(runtime) for runtime in found], headers)

    return await reply(request, service, ("runtimes", limit, cursor), made)
