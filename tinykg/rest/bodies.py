"""The shapes of JSON bodies, for the OpenAPI document; the values themselves come from `tinykg.report`."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Body(BaseModel):
    """An object that may have further members."""

    model_config = ConfigDict(extra="allow")


class FieldFault(Body):
    """One fault of what was sent."""

    field: str = Field(min_length=1, examples=["properties.status.forms.0.href"])
    description: str = Field(min_length=1)


class ProblemBody(Body):
    """Problem details (RFC 9457)."""

    type: str | None = None
    title: str = Field(examples=["Not Found"])
    status: int = Field(ge=400, le=599, examples=[404])
    detail: str = Field(examples=["No device 'nano3'. Did you mean nano33? See: tinykg list devices"])
    instance: str | None = None
    validationErrors: list[FieldFault] | None = None  # noqa: N815 - WoT Discovery 6.2.1 names it so
    near: list[str] | None = None


class Health(Body):
    """Whether the server answers, and what it holds."""

    status: Literal["ok"]
    version: str
    quads: int = Field(ge=0)
    things: int = Field(ge=0)


class ModelBody(Body):
    """All that is known of a model and its file."""

    name: str
    file_sha256: str
    file: dict[str, Any]


class DeviceBody(Body):
    """All that is known of a device type; null is unknown, an empty list is known to have none."""

    slug: str
    name: str


class ConstraintBody(Body):
    """One constraint of a pair, with what is required and available."""

    constraint: str
    verdict: Literal["fits", "does not fit", "unknown"]
    message: str


class MatchBody(Body):
    """One pair of model and device on its best runtime."""

    model: str
    device: str
    runtime: str
    verdict: Literal["fits", "does not fit", "unknown"]
    ram_required_bytes: int | None
    ram_available_bytes: int | None
    flash_required_bytes: int | None
    flash_available_bytes: int | None
    arena_bytes: int | None
    stack_reserve_bytes: int | None
    task: str | None
    accuracy: float | None = Field(description="The best stated top-1 accuracy, 0 to 1.")
    macs: int | None
    evidence: str | None = Field(description="How the arena is known.")
    latency: dict[str, Any] | None
    energy: dict[str, Any] | None
    constraints: list[ConstraintBody]
    reasons: list[ConstraintBody] = Field(default=[], description="Where the verdict is not `fits`.")


class ExplanationBody(MatchBody):
    """A pair on one runtime, and what would change its verdict."""

    remedies: list[str]


PROBLEM: dict[str, Any] = {
    "model": ProblemBody,
    "content": {"application/problem+json": {}},
    "description": "What is wrong, as problem details",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The statuses of problems that a route answers with, for its `responses`."""
    return dict.fromkeys(statuses, PROBLEM)
