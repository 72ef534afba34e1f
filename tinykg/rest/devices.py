"""Kinds of devices, which are Thing Models, and the devices that are registered of them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi import Body as Body_
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from tinykg.catalogue.thing_models import Unit
from tinykg.records.listing import DeviceSummary, UnitSummary
from tinykg.report.thing_model import TD_MEDIA_TYPE, TM_MEDIA_TYPE
from tinykg.rest.access import READ, WRITE
from tinykg.rest.answers import Kept
from tinykg.rest.bodies import DeviceBody, problems
from tinykg.rest.entities import CURSOR, FORMS, LIMIT, entity, listed, remove, single
from tinykg.rest.examples import DEVICE, DEVICE_LINE, DEVICE_UNIT
from tinykg.rest.parameters import KNOWN
from tinykg.rest.replies import as_json, page, reply
from tinykg.rest.service import Service, ServiceHere

router = APIRouter(tags=["catalogue"], dependencies=[KNOWN])

Slug = Annotated[str, Path(description="A board's name or an alias of it.", examples=["nano33"])]

_FORMS = {**FORMS, TM_MEDIA_TYPE: "thing-model"}
_DERIVED: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {TD_MEDIA_TYPE: {"schema": {"type": "object"}}},
        "description": "The Thing Description of one unit: complete it, then PUT it to /things/{id}",
    }
}


@router.get(
    "/device-types",
    summary="All kinds of devices",
    response_model=list[DeviceSummary],
    responses={**listed(DEVICE_LINE), **problems(400, 401, 403)},
    dependencies=[READ],
)
async def device_types(
    request: Request,
    service: ServiceHere,
    where: Annotated[
        str | None,
        Query(
            max_length=2000,
            description="Conditions, as of `tinykg list devices --where`.",
            examples=["ram>=256KiB and sensor=microphone"],
        ),
    ] = None,
    limit: LIMIT = None,
    cursor: CURSOR = None,
) -> Response:
    """The same as `tinykg list devices --json`, by slug."""

    def made() -> Kept:
        found, headers = page(request, service.registry.devices(where), limit, cursor, lambda d: d.slug)
        return as_json([asdict(device) for device in found], headers)

    return await reply(request, service, ("device-types", where, limit, cursor), made)


@router.get(
    "/device-types/{name}",
    summary="One kind of device",
    response_model=DeviceBody,
    responses={**single(DEVICE, *_FORMS), **problems(400, 401, 403, 404, 406)},
    dependencies=[READ],
)
async def device_type(request: Request, service: ServiceHere, name: Slug) -> Response:
    """The same as `tinykg show --json`; its graph as Turtle or JSON-LD; or a Thing Model."""

    def model() -> Kept:
        return as_json(service.registry.thing_model(name))

    return await entity(
        request, service, "device", name, lambda: _device(service, name), _FORMS, {"thing-model": model}
    )


def _device(service: Service, name: str) -> Kept:
    return as_json(asdict(service.registry.device(name)))


@router.delete(
    "/device-types/{name}",
    summary="Remove a kind of device",
    status_code=204,
    responses=problems(400, 401, 403, 404, 412, 503),
    dependencies=[WRITE],
)
async def remove_device_type(request: Request, service: ServiceHere, name: Slug) -> Response:
    """If-Match guards against a change in between."""
    return await remove(request, service, "device", name, lambda: _device(service, name))


class UnitFacts(BaseModel):
    """What distinguishes a unit from others of its type."""

    model_config = ConfigDict(extra="forbid")

    id: str | None = Field(
        None, max_length=1000, description="The unit's id; else a new UUID.", examples=["urn:dev:desk"]
    )
    title: str | None = Field(None, max_length=1000, examples=["Desk"])
    free_ram_bytes: int | None = Field(
        None, ge=1, le=1 << 50, description="RAM that is free for a model on this unit.", examples=[40_000]
    )
    free_flash_bytes: int | None = Field(
        None, ge=1, le=1 << 50, description="Flash that is free for a model on this unit."
    )


@router.get(
    "/device-types/{name}/td",
    summary="A Thing Description to begin with",
    response_class=Response,
    responses={**_DERIVED, **problems(400, 401, 403, 404)},
    dependencies=[READ],
)
async def derived(
    request: Request, service: ServiceHere, name: Slug, told: Annotated[UnitFacts, Query()]
) -> Response:
    """It links to its type with `rel=type`, so that a unit registered with it is matched like the type."""
    return await _derive(request, service, name, told)


class Derivation(UnitFacts):
    """What a unit has that its Thing Model leaves open (TD 1.1, 10.4)."""

    model_config = ConfigDict(strict=True)

    values: dict[str, Any] = Field({}, description="What replaces the placeholders of these names.")
    optional: list[str] = Field([], description="Pointers to the optional affordances that it has.")
    instance: str | None = Field(None, description="The unit's version.")
    additions: dict[str, Any] = Field(
        {}, description="What the model lacks, such as forms, as a merge patch."
    )


@router.post(
    "/device-types/{name}/td",
    summary="A Thing Description that derives from a Thing Model",
    response_class=Response,
    responses={**_DERIVED, **problems(400, 401, 403, 404, 413, 415)},
    dependencies=[READ],
)
async def derived_with(
    request: Request, service: ServiceHere, name: Slug, told: Annotated[Derivation, Body_()]
) -> Response:
    """Placeholders, optional affordances and what else the model leaves open are in the content."""
    return await _derive(request, service, name, told)


async def _derive(request: Request, service: Service, name: str, told: UnitFacts) -> Response:
    unit = Unit(thing_id=told.id or f"urn:uuid:{uuid4()}", **told.model_dump(exclude={"id"}))
    href = str(request.url_for("device_type", name=name))
    description = await run_in_threadpool(service.registry.thing_description, name, href, unit)
    return Response(as_json(description).content, media_type=TD_MEDIA_TYPE)


@router.get(
    "/devices",
    summary="Registered devices",
    response_model=list[UnitSummary],
    responses={**listed(DEVICE_UNIT), **problems(400, 401, 403)},
    dependencies=[READ],
)
async def devices(
    request: Request, service: ServiceHere, limit: LIMIT = None, cursor: CURSOR = None
) -> Response:
    """Things that are known to be boards: name one to /match by its id or its title."""

    def made() -> Kept:
        found, headers = page(request, service.registry.units(), limit, cursor, lambda d: d.id)
        return as_json([asdict(device) for device in found], headers)

    return await reply(request, service, ("devices", limit, cursor), made)
