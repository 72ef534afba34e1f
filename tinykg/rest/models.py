"""Models and runtimes: lists, single ones in several forms, the files' bytes."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, BinaryIO
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from tinykg.catalogue.model_bytes import path_of
from tinykg.errors import ModelNotKept
from tinykg.records.listing import ModelSummary, RuntimeSummary
from tinykg.rest.access import READ, WRITE
from tinykg.rest.bodies import ModelBody, problems
from tinykg.rest.entities import CURSOR, FORMS, LIMIT, entity, listed, remove, single
from tinykg.rest.examples import MODEL, MODEL_LINE, RUNTIME_LINE
from tinykg.rest.parameters import KNOWN
from tinykg.rest.ranges import file_response, ranges_in
from tinykg.rest.replies import as_json, check_precondition, is_known, page, reply
from tinykg.rest.service import Service, ServiceHere

if TYPE_CHECKING:
    from tinykg.records.model import Model
    from tinykg.rest.answers import Kept

router = APIRouter(tags=["catalogue"], dependencies=[KNOWN])

ModelName = Annotated[str, Path(description="A model's name or an alias of it.", examples=["kws_ref_model"])]


@router.get(
    "/models",
    summary="All models",
    response_model=list[ModelSummary],
    responses={**listed(MODEL_LINE), **problems(400, 401, 403, 404)},
    dependencies=[READ],
)
async def models(
    request: Request,
    service: ServiceHere,
    task: Annotated[
        str | None, Query(description="A task or a wider one.", examples=["keyword-spotting"])
    ] = None,
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
    responses={**single(MODEL, *FORMS), **problems(400, 401, 403, 404, 406)},
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
    responses=problems(400, 401, 403, 404, 412, 503),
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
        **problems(400, 401, 403, 404, 412, 416),
    },
    dependencies=[READ],
)
async def model_file(request: Request, service: ServiceHere, name: ModelName) -> Response:
    """Byte ranges are served (RFC 9110, 14); the entity tag is the file's sha256."""
    found, file = await run_in_threadpool(service.registry.model, name)
    etag = f'"{file.sha256}"'
    headers = {"ETag": etag, "Cache-Control": "no-cache", "Accept-Ranges": "bytes"}
    check_precondition(request, etag)
    if is_known(request, etag):
        return Response(status_code=304, headers=headers)
    asked = request.headers.get("range", "")
    if request.headers.get("if-range", etag) != etag:
        asked = ""
    ranges = ranges_in(asked, file.file_bytes)
    content = await run_in_threadpool(_opened, service, found)
    headers["Content-Disposition"] = f"attachment; filename*=utf-8''{quote(found.name, safe='')}.tflite"
    return file_response(content, ranges, headers)


def _opened(service: Service, model: Model) -> BinaryIO:
    """A model's file, which can be read to its end even where the model is removed meanwhile."""
    try:
        return path_of(model, service.held.files()).open("rb")
    except FileNotFoundError as error:
        raise ModelNotKept(model.name, model.file_sha256, model.file_address) from error


@router.get(
    "/runtimes",
    summary="All runtimes",
    response_model=list[RuntimeSummary],
    responses={**listed(RUNTIME_LINE), **problems(400, 401, 403)},
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
