"""A look-up refuses query parameters that it has not got, or has only once: none is left out in silence."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args, get_origin

from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fastapi.routing import APIRoute


async def only_known(request: Request) -> None:
    """Raise RequestValidationError, which is answered with 400, where a parameter is not the route's."""
    known = _known(request.scope["route"])
    said = f"is no parameter here; there are {', '.join(sorted(known))}" if known else "is no parameter here"
    unknown = sorted(request.query_params.keys() - known.keys())
    _refuse([*(_fault("extra_forbidden", name, said) for name in unknown), *_doubled(request, known)])


async def only_once(request: Request) -> None:
    """The same where a parameter of one value is there twice: nobody can tell which one is meant."""
    _refuse(list(_doubled(request, _known(request.scope["route"]))))


def _refuse(faults: list[dict[str, object]]) -> None:
    if faults:
        raise RequestValidationError(faults)


def _fault(kind: str, name: str, said: str) -> dict[str, object]:
    return {"type": kind, "loc": ("query", name), "msg": said}


def _doubled(request: Request, known: Mapping[str, bool]) -> Iterator[dict[str, object]]:
    for name in request.query_params:
        values = request.query_params.getlist(name)
        if len(values) > 1 and not known.get(name, True):
            yield _fault("ambiguous", name, f"is there {len(values)} times; it has one value")


def _known(route: APIRoute) -> dict[str, bool]:
    """The names of a route's query parameters, each with whether it is a list."""
    known: dict[str, bool] = {}
    for parameter in route.dependant.query_params:
        kind = parameter.field_info.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            known.update((name, _is_list(field.annotation)) for name, field in kind.model_fields.items())
        else:
            known[parameter.alias] = _is_list(kind)
    return known


def _is_list(kind: object) -> bool:
    """Whether a type is that of a list, also of one that may be left out."""
    return any(get_origin(one) is list for one in (kind, *get_args(kind)))


KNOWN = Depends(only_known)
ONCE = Depends(only_once)
