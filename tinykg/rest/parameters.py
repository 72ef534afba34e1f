"""A look-up refuses query parameters that it has not got: a slip narrows nothing in silence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel

if TYPE_CHECKING:
    from fastapi.routing import APIRoute


async def only_known(request: Request) -> None:
    """Raise RequestValidationError, which is answered with 400, where a parameter is not the route's."""
    known = _names(request.scope["route"])
    said = f"is no parameter here; there are {', '.join(sorted(known))}" if known else "is no parameter here"
    faults = [
        {"type": "extra_forbidden", "loc": ("query", name), "msg": said}
        for name in sorted(request.query_params.keys() - known)
    ]
    if faults:
        raise RequestValidationError(faults)


def _names(route: APIRoute) -> set[str]:
    """The names of a route's query parameters, which may be the fields of a model."""
    names: set[str] = set()
    for parameter in route.dependant.query_params:
        kind = parameter.field_info.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            names.update(kind.model_fields)
        else:
            names.add(parameter.alias)
    return names


KNOWN = Depends(only_known)
