"""What a firmware's build needs of a model on a device: /models/{name}/build."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from tinykg.endpoint.media_types import chosen
from tinykg.report.build_c_array import c_array
from tinykg.report.build_header import header
from tinykg.report.build_json import build_value
from tinykg.rest.access import READ
from tinykg.rest.answers import Kept
from tinykg.rest.bodies import Body, problems
from tinykg.rest.entities import single
from tinykg.rest.examples import BUILD, HEADER
from tinykg.rest.models import ModelName
from tinykg.rest.parameters import KNOWN
from tinykg.rest.replies import JSON, as_json, reply
from tinykg.rest.service import Service, ServiceHere
from tinykg.rest.uploads import check_is_name

if TYPE_CHECKING:
    from collections.abc import Mapping

router = APIRouter(tags=["deployment"], dependencies=[READ, KNOWN])

C_TYPE = "text/x-c"

_OFFERED: Mapping[str, str] = {JSON: "json", C_TYPE: "header"}
_ANSWERS = single(BUILD)
_ANSWERS[200]["content"][C_TYPE] = {"schema": {"type": "string"}, "example": HEADER}


class BuildBody(Body):
    """What the build of a firmware needs; what is not known has no member."""

    verdict: Literal["fits", "does not fit", "unknown"]


@router.get(
    "/models/{name}/build",
    summary="What a firmware's build needs",
    response_model=BuildBody,
    responses={**_ANSWERS, **problems(400, 401, 403, 404, 406, 503)},
)
async def build(
    request: Request,
    service: ServiceHere,
    name: ModelName,
    device: Annotated[str, Query(description="A board or a registered device.", examples=["nano33"])],
    runtime: Annotated[str | None, Query(description="This runtime; else the one that serves best.")] = None,
    form: Annotated[
        Literal["json", "header", "c-array"] | None,
        Query(description="Instead of Accept: JSON, a C header, or the model's bytes as a C array."),
    ] = None,
) -> Response:
    """The same as `tinykg build`: arena bytes to reserve, a resolver's operators, tensors, sensors, bytes."""
    check_is_name(name)
    wanted = form or chosen(request.headers.get("accept"), _OFFERED).form
    question = ("build", name, device, runtime, wanted)
    return await reply(request, service, question, lambda: _made(service, name, device, runtime, wanted))


def _made(service: Service, name: str, device: str, runtime: str | None, form: str) -> Kept:
    registry = service.registry
    vary = (("Vary", "Accept"),)
    found = registry.build(name, device, runtime=runtime)
    if form == "json":
        return as_json(build_value(found), vary)
    text = header(found) if form == "header" else c_array(found.model, registry.model_bytes(name))
    return Kept(text.encode(), f"{C_TYPE}; charset=utf-8", vary)
