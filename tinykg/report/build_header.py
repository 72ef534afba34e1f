"""What a firmware's build needs, as a C header that C99 and C++11 take.

Constants are macros with the model's name in theirs: they cost no memory, and a missing one is a fact that is
not known, which stops the compiler where it is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tinykg.records.match import Verdict
from tinykg.report.build_c_array import c_name, declarations
from tinykg.report.c_source import (
    comment,
    count,
    float_literal,
    initializer,
    integer,
    number,
    remark,
    string,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tinykg.records.device import Sensor
    from tinykg.records.firmware import FirmwareBuild, Port, ResolverEntry, SensedProperty
    from tinykg.records.model_file import Quantization

RESOLVER_HEADER: Final = "tensorflow/lite/micro/micro_mutable_op_resolver.h"

TYPES: Final = {
    "float32": "Float32", "int32": "Int32", "uint8": "UInt8", "int64": "Int64", "string": "String",
    "bool": "Bool", "int16": "Int16", "complex64": "Complex64", "int8": "Int8", "float16": "Float16",
    "float64": "Float64", "complex128": "Complex128", "uint64": "UInt64", "resource": "Resource",
    "variant": "Variant", "uint32": "UInt32", "uint16": "UInt16", "int4": "Int4", "bfloat16": "BFloat16",
    "int2": "Int2", "uint4": "UInt4", "float8_e4m3fn": "Float8E4M3FN", "float8_e5m2": "Float8E5M2",
}  # fmt: skip
"""Enumerators of TfLiteType (tensorflow/lite/core/c/c_api_types.h) without their `kTfLite`."""

C_TYPES: Final = {
    "float32": "float", "float64": "double", "bool": "unsigned char",
    **{f"{sign}int{bits}": f"{sign}int{bits}_t" for sign in ("", "u") for bits in (8, 16, 32, 64)},
}  # fmt: skip
"""C types of one element, where C99 has one of that size."""


def header(build: FirmwareBuild) -> str:
    """The header's text."""
    prefix = f"TINYKG_{c_name(build.model).upper()}"
    guard = f"{prefix}_BUILD_H"
    lines = [
        *comment(_about(build)),
        f"#ifndef {guard}",
        f"#define {guard}",
        "",
        "#include <stdint.h>",
        "",
        *_verdict(prefix, build),
        *_file(prefix, build),
        *_memory(prefix, build),
        *_resolver(prefix, build),
        *_ports(f"{prefix}_INPUT", build.inputs),
        *_ports(f"{prefix}_OUTPUT", build.outputs),
        *_senses(prefix, build),
        remark("Defined by the C array of the model's file."),
        *declarations(build.model),
        "",
        *_resolver_function(prefix, build),
        f"#endif {remark(guard)}",
    ]
    return "\n".join(lines) + "\n"


def _about(build: FirmwareBuild) -> list[str]:
    match, model, runtime = build.match, build.model, build.runtime
    return [
        f"{model.name} on {match.device_name}",
        *([model.title] if model.title else []),
        "",
        f"Runtime: {runtime.name}, {runtime.title}, version {runtime.version}",
        *([f"Licence of the model: {model.licence}"] if model.licence else []),
        f"Verdict: {match.verdict.value}",
        *(f"  {reason.name}: {reason.message}" for reason in match.reasons),
        "",
        "Written by TinyKG. The sizes hold for this file on this version of the runtime.",
        "A macro that is missing is a fact that is not known.",
    ]


def _define(name: str, value: str | None) -> list[str]:
    return [] if value is None else [f"#define {name} {value}"]


def _text(name: str, value: str | None) -> list[str]:
    return [] if value is None else _define(name, string(value))


def _count(name: str, value: int | None) -> list[str]:
    return [] if value is None else _define(name, count(value))


def _figure(name: str, value: float | None) -> list[str]:
    return [] if value is None else _define(name, number(value))


def _verdict(prefix: str, build: FirmwareBuild) -> list[str]:
    match, runtime = build.match, build.runtime
    return [
        remark("1 where everything that the model needs is known to be there, else 0."),
        *_count(f"{prefix}_FITS", int(match.verdict is Verdict.FITS)),
        *_text(f"{prefix}_VERDICT", match.verdict.value),
        *_text(f"{prefix}_DEVICE", match.device),
        *_text(f"{prefix}_RUNTIME", runtime.name),
        *_text(f"{prefix}_RUNTIME_FAMILY", runtime.family),
        *_text(f"{prefix}_RUNTIME_VERSION", runtime.version),
        *_text(f"{prefix}_KERNEL_SET", runtime.kernel_set),
        "",
    ]


def _file(prefix: str, build: FirmwareBuild) -> list[str]:
    model, file = build.model, build.file
    return [
        *_text(f"{prefix}_MODEL_NAME", model.name),
        *_text(f"{prefix}_TASK", model.task),
        *_text(f"{prefix}_LICENCE", model.licence),
        *_text(f"{prefix}_MODEL_SHA256", file.sha256),
        *_count(f"{prefix}_MODEL_BYTES", file.file_bytes),
        *_count(f"{prefix}_SCHEMA_VERSION", file.schema_version),
        "",
    ]


def _memory(prefix: str, build: FirmwareBuild) -> list[str]:
    if build.arena_bytes is None:
        return []
    return [
        remark("The smallest tensor arena in which allocation succeeds, of this alignment."),
        *_count(f"{prefix}_ARENA_BYTES", build.arena_bytes),
        *_count(f"{prefix}_ARENA_ALIGNMENT_BYTES", build.arena_alignment_bytes),
        "",
    ]


def _registered(build: FirmwareBuild) -> list[ResolverEntry]:
    """The operators that a method of the resolver registers."""
    return [entry for entry in build.resolver or () if entry.add_method is not None]


def _resolver(prefix: str, build: FirmwareBuild) -> list[str]:
    if build.resolver is None:
        return []
    others = [entry for entry in build.resolver if entry.add_method is None]
    lines = [
        remark("X(method, operator) for each operator that a method of MicroMutableOpResolver registers."),
        *_count(f"{prefix}_OPERATOR_COUNT", len(build.resolver)),
        *_each(f"{prefix}_OPERATORS", ((e.add_method or "", e.operator) for e in _registered(build))),
        remark("How many resource variables MicroResourceVariables has to provide for."),
        *_count(f"{prefix}_RESOURCE_VARIABLE_COUNT", build.resource_variables),
        "",
    ]
    lines += [remark(f"This runtime has no kernel of its own for {_called(entry)}.") for entry in others]
    return [*lines, ""] if others else lines


def _called(entry: ResolverEntry) -> str:
    return f"the custom operator {entry.operator}" if entry.custom else entry.operator


def _each(name: str, pairs: Iterable[tuple[str, str]]) -> list[str]:
    rows = [f"  X({method}, {string(operator)})" for method, operator in pairs]
    return [" \\\n".join([f"#define {name}(X)", *rows])]


def _resolver_function(prefix: str, build: FirmwareBuild) -> list[str]:
    """A C++ function that fills a resolver, where the runtime's headers are on the path."""
    entries = _registered(build)
    if not entries:
        return []
    name = c_name(build.model)
    calls = [f"  if (resolver.{entry.add_method}() != kTfLiteOk) return kTfLiteError;" for entry in entries]
    return [
        "#if defined(__cplusplus) && !defined(TINYKG_WITH_TFLM) && defined(__has_include)",
        f'#if __has_include("{RESOLVER_HEADER}")',
        "#define TINYKG_WITH_TFLM",
        "#endif",
        "#endif",
        "#if defined(__cplusplus) && defined(TINYKG_WITH_TFLM)",
        f'#include "{RESOLVER_HEADER}"',
        "namespace tinykg {",
        f"using {name}_resolver = tflite::MicroMutableOpResolver<{prefix}_OPERATOR_COUNT>;",
        "template <unsigned int kOperatorCount>",
        f"inline TfLiteStatus {name}_add_operators(",
        "    tflite::MicroMutableOpResolver<kOperatorCount>& resolver) {",
        *calls,
        "  return kTfLiteOk;",
        "}",
        f"}}  {remark('namespace tinykg')}",
        "#endif",
        "",
    ]


def _ports(prefix: str, ports: tuple[Port, ...]) -> list[str]:
    return [
        *_count(f"{prefix}_COUNT", len(ports)),
        *(line for place, port in enumerate(ports) for line in _port(f"{prefix}_{place}", port)),
        "",
    ]


def _port(prefix: str, port: Port) -> list[str]:
    tensor = port.tensor
    shape = tensor.shape or ()
    known = TYPES.get(tensor.element_type)
    return [
        *_text(f"{prefix}_NAME", tensor.name),
        *_text(f"{prefix}_ARGUMENT", port.argument),
        *_count(f"{prefix}_TENSOR_INDEX", tensor.index),
        *_define(f"{prefix}_TYPE", known and f"kTfLite{known}"),
        *_define(f"{prefix}_C_TYPE", C_TYPES.get(tensor.element_type)),
        *_count(f"{prefix}_RANK", len(shape)),
        *_define(f"{prefix}_SHAPE", initializer(map(integer, shape)) if shape else None),
        *_count(f"{prefix}_ELEMENTS", None if any(d < 0 for d in shape) else tensor.elements),
        *_count(f"{prefix}_BYTES", port.size_bytes),
        *_quantization(prefix, tensor.quantization),
    ]


def _quantization(prefix: str, quantization: Quantization | None) -> list[str]:
    """The pairs of real = scale * (quantized - zero point): one, or one for each index of a dimension."""
    if quantization is None or not quantization.scales:
        return []
    scales = [float_literal(scale) for scale in quantization.scales]
    kept = [scale for scale in scales if scale is not None]
    if len(kept) < len(scales):
        return [remark("Its scales are not numbers that C can write.")]
    zero_points = [integer(zero_point) for zero_point in quantization.zero_points]
    if not quantization.per_channel:
        zero_point = zero_points[0] if zero_points else None
        return [*_define(f"{prefix}_SCALE", kept[0]), *_define(f"{prefix}_ZERO_POINT", zero_point)]
    return [
        *_count(f"{prefix}_QUANTIZED_DIMENSION", quantization.quantized_dimension),
        *_count(f"{prefix}_SCALE_COUNT", len(kept)),
        *_define(f"{prefix}_SCALES", initializer(kept)),
        *_define(f"{prefix}_ZERO_POINTS", initializer(zero_points) if zero_points else None),
    ]


def _senses(prefix: str, build: FirmwareBuild) -> list[str]:
    if build.senses is None:
        return []
    return [
        *_count(f"{prefix}_SENSED_COUNT", len(build.senses)),
        *(
            line
            for place, sensed in enumerate(build.senses)
            for line in _sensed(f"{prefix}_SENSED_{place}", sensed)
        ),
        "",
    ]


def _sensed(prefix: str, sensed: SensedProperty) -> list[str]:
    need = sensed.need
    return [
        *_text(f"{prefix}_PROPERTY", need.observes),
        *_figure(f"{prefix}_RATE_HZ", need.rate_hz),
        *_figure(f"{prefix}_WINDOW_S", need.window_s),
        *_count(f"{prefix}_WINDOW_SAMPLES", sensed.window_samples),
        *_figure(f"{prefix}_MINIMUM", need.minimum),
        *_figure(f"{prefix}_MAXIMUM", need.maximum),
        *_text(f"{prefix}_UNIT", need.unit),
        *_text(f"{prefix}_OBSERVED_BY", _names(sensed.observed_by)),
    ]


def _names(sensors: tuple[Sensor, ...] | None) -> str | None:
    """The sensors by part and kind; None where there is none, or nobody said."""
    return ", ".join(f"{s.part} ({s.kind})" if s.part else s.kind for s in sensors or ()) or None
