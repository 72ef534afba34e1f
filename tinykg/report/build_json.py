"""What a firmware's build needs, as JSON values; what is not known has no member."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from tinykg.records.match import Verdict
from tinykg.report.build_c_array import ALIGNMENT_BYTES, array_name
from tinykg.report.inspect_json import tensor_value
from tinykg.report.match_json import constraint_value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tinykg.records.firmware import FirmwareBuild, Port, ResolverEntry, SensedProperty


def build_value(build: FirmwareBuild) -> dict[str, object]:
    """The build as one object."""
    match = build.match
    value: dict[str, object] = {
        "model": _model(build),
        "device": {"slug": match.device, "name": match.device_name},
        "runtime": _runtime(build),
        "verdict": match.verdict.value,
        "reasons": [constraint_value(c) for c in match.reasons]
        if match.verdict is not Verdict.FITS
        else None,
        "ram_required_bytes": match.ram_required_bytes,
        "ram_available_bytes": match.ram_available_bytes,
        "flash_required_bytes": match.flash_required_bytes,
        "flash_available_bytes": match.flash_available_bytes,
        "stack_reserve_bytes": match.stack_reserve_bytes,
        "arena": _arena(build),
        "file": {
            "sha256": build.file.sha256,
            "file_bytes": build.file.file_bytes,
            "format": build.file.format,
            "schema_version": build.file.schema_version,
        },
        "resolver": _resolver(build),
        "inputs": [_port(port) for port in build.inputs],
        "outputs": [_port(port) for port in build.outputs],
        "senses": None if build.senses is None else [_sensed(sensed) for sensed in build.senses],
        "c_array": {"name": array_name(build.model), "alignment_bytes": ALIGNMENT_BYTES},
    }
    return _known(value)


def _known(value: Mapping[str, object]) -> dict[str, object]:
    return {name: found for name, found in value.items() if found is not None}


def _model(build: FirmwareBuild) -> dict[str, object]:
    model = build.model
    return _known(
        {
            "name": model.name,
            "title": model.title,
            "description": model.description,
            "task": model.task,
            "creator": model.creator,
            "licence": model.licence,
            "source_address": model.source_address,
            "file_address": model.file_address,
        }
    )


def _runtime(build: FirmwareBuild) -> dict[str, object]:
    runtime = build.runtime
    return {
        "name": runtime.name,
        "title": runtime.title,
        "family": runtime.family,
        "version": runtime.version,
        "kernel_set": runtime.kernel_set,
        "abi": runtime.abi,
    }


def _arena(build: FirmwareBuild) -> dict[str, object] | None:
    if build.arena_bytes is None:
        return None
    return {
        "arena_bytes": build.arena_bytes,
        "alignment_bytes": build.arena_alignment_bytes,
        "evidence": build.match.evidence,
        "evidence_source": build.runtime.evidence.source,
    }


def _resolver(build: FirmwareBuild) -> dict[str, object] | None:
    if build.resolver is None:
        return None
    return {
        "operator_count": len(build.resolver),
        "operators": [_entry(entry) for entry in build.resolver],
        "resource_variables": build.resource_variables,
    }


def _entry(entry: ResolverEntry) -> dict[str, object]:
    return _known(
        {
            "operator": entry.operator,
            "versions": list(entry.versions),
            "custom": entry.custom,
            "add_method": entry.add_method,
        }
    )


def _port(port: Port) -> dict[str, object]:
    """A tensor; a quantization whose scales are no numbers is none."""
    value = tensor_value(port.tensor)
    quantization = port.tensor.quantization
    if quantization is None or not quantization.scales or not all(map(math.isfinite, quantization.scales)):
        value["quantization"] = None
    return _known({**value, "bytes": port.size_bytes, "argument": port.argument})


def _sensed(sensed: SensedProperty) -> dict[str, object]:
    need, by = sensed.need, sensed.observed_by
    return _known(
        {
            "observes": need.observes,
            "rate_hz": need.rate_hz,
            "window_s": need.window_s,
            "window_samples": sensed.window_samples,
            "minimum": need.minimum,
            "maximum": need.maximum,
            "unit": need.unit,
            "source": need.source,
            "observed_by": None if by is None else [_known({"kind": s.kind, "part": s.part}) for s in by],
        }
    )
