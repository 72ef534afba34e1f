"""TinyKG: which TinyML model runs on which board, why, and what would make it fit.

from tinykg import Registry

with Registry.open() as registry:
    for match in registry.match(device="nano33", task="keyword-spotting"):
        print(match.model, match.ram_required_bytes, match.ram_available_bytes)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinykg.version import __version__

if TYPE_CHECKING:
    from tinykg.errors import (
        AmbiguousName,
        BenchmarkCancelled,
        BenchmarkError,
        DeviceError,
        DeviceGarbled,
        DeviceGone,
        DeviceRefused,
        DeviceSilent,
        EndpointFailed,
        ExtractError,
        InputError,
        InvalidThing,
        ModelNotKept,
        NotAcceptable,
        PreconditionFailed,
        QueryStopped,
        QuerySyntaxError,
        QueryTimeout,
        QueryTooBig,
        Refused,
        ShapeViolation,
        StoreBusy,
        StoreError,
        ThingNotFound,
        TinykgError,
        TooBusy,
        UnknownFormat,
        UnknownName,
        UnsupportedMediaType,
    )
    from tinykg.records.device import DeviceType
    from tinykg.records.footprint import Footprint
    from tinykg.records.match import Constraint, Explanation, Match, Verdict
    from tinykg.records.model import Model
    from tinykg.records.model_file import ModelFile
    from tinykg.registry import Registry

_HOMES = {
    "Registry": "tinykg.registry",
    "Constraint": "tinykg.records.match",
    "Explanation": "tinykg.records.match",
    "Match": "tinykg.records.match",
    "Verdict": "tinykg.records.match",
    "DeviceType": "tinykg.records.device",
    "Footprint": "tinykg.records.footprint",
    "Model": "tinykg.records.model",
    "ModelFile": "tinykg.records.model_file",
    **dict.fromkeys(
        (
            "AmbiguousName",
            "BenchmarkCancelled",
            "BenchmarkError",
            "DeviceError",
            "DeviceGarbled",
            "DeviceGone",
            "DeviceRefused",
            "DeviceSilent",
            "EndpointFailed",
            "ExtractError",
            "InputError",
            "InvalidThing",
            "ModelNotKept",
            "NotAcceptable",
            "PreconditionFailed",
            "QueryStopped",
            "QuerySyntaxError",
            "QueryTimeout",
            "QueryTooBig",
            "Refused",
            "ShapeViolation",
            "StoreBusy",
            "StoreError",
            "ThingNotFound",
            "TinykgError",
            "TooBusy",
            "UnknownFormat",
            "UnknownName",
            "UnsupportedMediaType",
        ),
        "tinykg.errors",
    ),
}

__all__ = [
    "AmbiguousName",
    "BenchmarkCancelled",
    "BenchmarkError",
    "Constraint",
    "DeviceError",
    "DeviceGarbled",
    "DeviceGone",
    "DeviceRefused",
    "DeviceSilent",
    "DeviceType",
    "EndpointFailed",
    "Explanation",
    "ExtractError",
    "Footprint",
    "InputError",
    "InvalidThing",
    "Match",
    "Model",
    "ModelFile",
    "ModelNotKept",
    "NotAcceptable",
    "PreconditionFailed",
    "QueryStopped",
    "QuerySyntaxError",
    "QueryTimeout",
    "QueryTooBig",
    "Refused",
    "Registry",
    "ShapeViolation",
    "StoreBusy",
    "StoreError",
    "ThingNotFound",
    "TinykgError",
    "TooBusy",
    "UnknownFormat",
    "UnknownName",
    "UnsupportedMediaType",
    "Verdict",
    "__version__",
]


def __getattr__(name: str) -> object:
    """Load a public name when it is first used, so that `import tinykg` costs nothing."""
    if name in _HOMES:
        from importlib import import_module  # on use

        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'tinykg' has no attribute '{name}'")
