"""Registering over HTTP: a model's file with what its file cannot say, and a kind of device."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, HTTPException, Query, Request, Response, UploadFile
from pydantic import BaseModel, ConfigDict, Field

from tinykg.endpoint.media_types import MULTIPART, parsed, utf_8
from tinykg.errors import InvalidThing
from tinykg.records.listing import Intake
from tinykg.records.thing import ThingFault
from tinykg.report.thing_model import TM_MEDIA_TYPE
from tinykg.rest.access import WRITE
from tinykg.rest.bodies import problems
from tinykg.rest.examples import INTAKE, SHEET, THING_MODEL, shown
from tinykg.rest.metadata import sheet_beside
from tinykg.rest.parameters import KNOWN
from tinykg.rest.problems import Problem, unexpected_type, validation_errors
from tinykg.rest.replies import as_json
from tinykg.rest.service import Service, ServiceHere, in_thread
from tinykg.rest.uploads import file_name, uploaded

if TYPE_CHECKING:
    from collections.abc import Sequence

router = APIRouter(tags=["registering"], dependencies=[WRITE])

DEVICE_TYPES = {
    "application/tm+json": ".tm.jsonld",
    "application/td+json": ".td.jsonld",
    "application/ld+json": ".jsonld",
    "application/json": ".json",
    "application/toml": ".toml",
    "application/yaml": ".yaml",
}
"""The suffix of a board's file by its media type; what is in it decides which format it is."""

SHEETS = (".toml", ".yaml")


_TAKEN = {
    200: {
        "description": "It is registered just so already",
        "model": list[Intake],
        **shown([{**INTAKE, "status": "unchanged"}]),
    },
    201: {
        "description": "Registered; `Location` is its resource",
        "model": list[Intake],
        **shown([INTAKE]),
        "headers": {"Location": {"schema": {"type": "string"}}},
    },
    **problems(400, 401, 403, 409, 413, 415, 422, 503),
}


class ModelForm(BaseModel):
    """A model's file and what it cannot say itself."""

    model_config = ConfigDict(extra="forbid")

    file: UploadFile = Field(description="The .tflite file, or a C array of its bytes")
    metadata: str | UploadFile | None = Field(
        None,
        description="What the file cannot say: a sheet in TOML, YAML or JSON; `sha256` may be left out.",
        examples=['name = "my_kws"\ntask = "keyword-spotting"\nsource = "me"\nsensors = []'],
    )


@router.post("/models", summary="Register a model", status_code=201, responses=_TAKEN, dependencies=[KNOWN])
async def add_model(
    service: ServiceHere,
    form: Annotated[ModelForm, Form(media_type=MULTIPART)],
    replace: Annotated[bool, Query(description="Let it replace another file of the same name")] = False,
) -> Response:
    """A file without metadata is registered under its file's name."""
    content, metadata = await form.file.read(), form.metadata
    if metadata is not None and not isinstance(metadata, str):
        metadata = utf_8(await metadata.read(), None, "metadata")
    add = partial(_add_model, service, file_name(form.file.filename), content, metadata, replace)
    return await in_thread(service.threads.intake, add)


def _add_model(service: Service, name: str, content: bytes, metadata: str | None, replace: bool) -> Response:
    with uploaded() as folder:
        path = folder / name
        path.write_bytes(content)
        paths = [path]
        if metadata is not None:
            paths.append(sheet_beside(folder, metadata, content))
            # the file alone would be taken where its metadata is refused
            tried = service.registry.add(*paths, replace=replace, dry_run=True)
            if any(intake.status == "refused" for intake in tried):
                return _taken(tried)
        intakes = service.registry.add(*paths, replace=replace)
    return _taken(intakes)


@router.post(
    "/device-types",
    summary="Register a kind of device",
    status_code=201,
    responses=_TAKEN,
    dependencies=[KNOWN],
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                **{kind: {"schema": {}} for kind in DEVICE_TYPES},
                TM_MEDIA_TYPE: {"schema": {}, "example": THING_MODEL},
                "application/toml": {"schema": {}, "example": SHEET},
            },
        }
    },
)
async def add_device_type(
    request: Request,
    service: ServiceHere,
    slug: Annotated[
        str | None,
        Query(
            pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$",
            max_length=100,
            description="The name of the board, which a sheet has not got in it; others name it themselves.",
            examples=["my-board"],
        ),
    ] = None,
    address: Annotated[
        str | None,
        Query(
            min_length=1,
            max_length=2000,
            description="Where a Thing Model is published: others that extend it name it so.",
            examples=["https://example.org/models/board.tm.jsonld"],
        ),
    ] = None,
) -> Response:
    """The content is a Thing Model, a board's sheet (TOML or YAML) or a PlatformIO manifest."""
    kind, _ = parsed(request.headers.get("content-type"))
    suffix = DEVICE_TYPES.get(kind)
    if suffix is None:
        accepted = {"Accept-Post": ", ".join(DEVICE_TYPES)}
        raise HTTPException(415, unexpected_type(kind, *DEVICE_TYPES), accepted)
    if slug is None and suffix in SHEETS:
        raise HTTPException(400, "A sheet is named by the parameter 'slug', such as ?slug=my-board")
    content = await request.body()
    if kind == TM_MEDIA_TYPE:
        return await in_thread(service.threads.intake, partial(_add_thing_model, service, content, address))
    add = partial(_add_device_type, service, f"{slug or 'device-type'}{suffix}", content)
    return await in_thread(service.threads.intake, add)


def _add_thing_model(service: Service, content: bytes, address: str | None) -> Response:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        fault = ThingFault(field="(root)", description=f"is no UTF-8: {error.reason} at byte {error.start}")
        raise InvalidThing("The Thing Model", [fault]) from error
    return _taken(service.registry.add_thing_model(text, address))


def _add_device_type(service: Service, name: str, content: bytes) -> Response:
    with uploaded() as folder:
        path = folder / name
        path.write_bytes(content)
        intakes = service.registry.add(path)
    return _taken(intakes)


def _taken(intakes: Sequence[Intake]) -> Response:
    """201 where something is new, 200 where nothing is; the first refusal as a problem."""
    if not intakes:
        return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "Nothing in the content is a model or a board.")
    refused = [intake for intake in intakes if intake.status == "refused"]
    if refused:
        text = "\n".join(_without_folder(intake.problem or "", intake.path) for intake in refused)
        conflict = any(intake.is_conflict for intake in refused)
        status = HTTPStatus.CONFLICT if conflict else HTTPStatus.UNPROCESSABLE_ENTITY
        return Problem(status, text, members=validation_errors(f for i in refused for f in i.faults))
    named = [intake for intake in intakes if intake.name is not None]
    is_new = any(intake.status != "unchanged" for intake in intakes)
    body = as_json([{**asdict(i), "path": Path(i.path).name} for i in intakes])
    headers = {"Location": _resource(named[-1].kind, named[-1].name or "")} if named else {}
    return Response(body.content, HTTPStatus.CREATED if is_new else HTTPStatus.OK, headers, body.media_type)


def _resource(kind: str | None, name: str) -> str:
    return f"/{'models' if kind == 'model' else 'device-types'}/{quote(name, safe='')}"


def _without_folder(text: str, path: str) -> str:
    """A problem's text without where on this machine the content lay for a moment."""
    return text.replace(str(Path(path).parent) + "/", "")
