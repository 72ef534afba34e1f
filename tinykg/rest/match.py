"""Which models fit which devices, and why not: /match and /explain."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter, HTTPException, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from tinykg.endpoint.media_types import MULTIPART, parsed
from tinykg.records.match import Verdict
from tinykg.report.match_json import explanation_value, match_value
from tinykg.rest.access import READ
from tinykg.rest.bodies import ExplanationBody, MatchBody, problems
from tinykg.rest.entities import listed, single
from tinykg.rest.examples import EXPLANATION, MATCH
from tinykg.rest.parameters import KNOWN
from tinykg.rest.problems import unexpected_type
from tinykg.rest.replies import as_json, conditional, page, reply
from tinykg.rest.service import Service, ServiceHere
from tinykg.rest.uploads import check_is_name, file_name, uploaded

if TYPE_CHECKING:
    from tinykg.records.match import Match
    from tinykg.rest.answers import Kept

router = APIRouter(tags=["deployment"], dependencies=[READ, KNOWN])

MODEL_TYPES = ("application/octet-stream", "application/x-tflite", "application/vnd.tflite")
"""Media types of a model's bytes; none is registered for TFLite, so the general one is the usual one."""


class Filters(BaseModel):
    """What narrows a match, as on the command line."""

    model_config = ConfigDict(extra="forbid")

    device: str | None = Field(None, description="A board or a registered device.", examples=["nano33"])
    runtime: str | None = Field(None, description="Only this runtime; else the best for each pair.")
    task: str | None = Field(None, description="A task or a wider one.", examples=["keyword-spotting"])
    min_accuracy: float | None = Field(None, ge=0, le=1, description="The least top-1 accuracy.")
    max_latency_us: float | None = Field(
        None, gt=0, allow_inf_nan=False, description="The longest time of one inference, in microseconds."
    )
    ignore_sensors: bool = Field(False, description="Leave sensors out of the verdict.")
    sort: Literal["task", "accuracy", "ram", "flash", "macs", "latency", "energy", "margin", "name"] = "task"
    verdict: Literal["fits", "does not fit", "unknown"] | None = Field(
        None, description="Only pairs with this verdict; else all, with reasons."
    )
    limit: int | None = Field(None, ge=1, le=10_000, description="So many in a page; else all.")
    cursor: str | None = Field(None, max_length=2000, description="Where the page before ended.")


class Question(Filters):
    """A match of registered models."""

    model: str | None = Field(None, description="A registered model.", examples=["kws_ref_model"])


class FileQuestion(Filters):
    """A match of a file that need not be registered."""

    senses: list[str] = Field([], description="Observable properties that it needs.", examples=[["sound"]])


_PROBLEMS = problems(400, 401, 403, 404, 503)
_ANSWERS = {
    **listed(MATCH, "Every pair, best first; a pair that does not fit has `reasons`."),
    **_PROBLEMS,
}
_FILE = {"type": "string", "format": "binary"}


@router.get("/match", summary="Pairs that fit", response_model=list[MatchBody], responses=_ANSWERS)
async def match(request: Request, service: ServiceHere, q: Annotated[Question, Query()]) -> Response:
    """The same as `tinykg match --json`: name a device, a model, or both."""
    if q.device is None and q.model is None:
        raise HTTPException(400, "Name a board with 'device', a model with 'model', or both.")
    if q.model is not None:
        check_is_name(q.model)
    question = ("match", q.model_dump_json(), request.url.query if q.limit else "")
    return await reply(request, service, question, lambda: _matches(request, service, q, q.model, None))


@router.post(
    "/match",
    summary="Boards for a file that is not registered",
    response_model=list[MatchBody],
    responses={**_ANSWERS, **problems(413, 415, 422)},
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                **{kind: {"schema": _FILE} for kind in MODEL_TYPES},
                MULTIPART: {
                    "schema": {"type": "object", "properties": {"file": _FILE}, "required": ["file"]}
                },
            },
        }
    },
)
async def match_file(request: Request, service: ServiceHere, q: Annotated[FileQuestion, Query()]) -> Response:
    """The content is the bytes of a .tflite file, or a form with a `file`; nothing is registered."""
    name, content = await _sent_file(request)

    def made() -> Kept:
        with uploaded() as folder:
            path = folder / file_name(name)
            path.write_bytes(content)
            return _matches(request, service, q, path, q.senses or None)

    return conditional(request, await run_in_threadpool(made))


async def _sent_file(request: Request) -> tuple[str | None, bytes]:
    """The name, where it has one, and the bytes of a model in a request's content.

    Raises 415 for another media type, 400 for no bytes.
    """
    media_type, _ = parsed(request.headers.get("content-type"))
    name = None
    if media_type == MULTIPART:
        async with request.form() as form:
            file = form.get("file")
            if not isinstance(file, UploadFile):
                raise HTTPException(400, "The form has no file in its field 'file'.")
            name, content = file.filename, await file.read()
    elif media_type in MODEL_TYPES:
        content = await request.body()
    else:
        raise HTTPException(415, unexpected_type(media_type, *MODEL_TYPES, MULTIPART))
    if not content:
        raise HTTPException(400, "The content is empty; expected the bytes of a .tflite file.")
    return name, content


def _matches(
    request: Request, service: Service, q: Filters, model: str | Path | None, senses: list[str] | None
) -> Kept:
    found = service.registry.match(
        device=q.device,
        model=model,
        runtime=q.runtime,
        task=q.task,
        min_accuracy=q.min_accuracy,
        max_latency_us=q.max_latency_us,
        senses=senses,
        ignore_sensors=q.ignore_sensors,
        sort=q.sort,
        all_verdicts=True,
    )
    if q.verdict is not None:
        found = [m for m in found if m.verdict is Verdict(q.verdict)]
    shown, headers = page(request, found, q.limit, q.cursor, _key)
    return as_json([match_value(m) for m in shown], headers)


def _key(match: Match) -> str:
    return f"{match.model}\n{match.device}"


@router.get(
    "/explain",
    summary="Why a pair fits or not",
    response_model=list[ExplanationBody],
    responses={**single([EXPLANATION]), **_PROBLEMS},
)
async def explain(
    request: Request,
    service: ServiceHere,
    model: Annotated[str, Query(examples=["kws_ref_model"])],
    device: Annotated[str, Query(examples=["nano33"])],
    runtime: str | None = None,
) -> Response:
    """The same as `tinykg explain --json`: each runtime's verdict, and what would change it."""
    check_is_name(model)

    def made() -> Kept:
        found = service.registry.explain(model, device, runtime=runtime)
        return as_json([explanation_value(e) for e in found])

    return await reply(request, service, ("explain", model, device, runtime), made)
