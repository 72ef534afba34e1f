"""The options of an operator as a dictionary: schema names, enumerations as their names."""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from tinykg.extract import flatbuffer as fb
from tinykg.extract import tflite_schema as schema

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from struct import Struct

    from tinykg.extract.flatbuffer import Table
    from tinykg.records.model_file import OptionValue

Reader: TypeAlias = "Callable[[Table, int], OptionValue]"


_SHARED_TYPES: Final[Mapping[str, str]] = {
    "AVERAGE_POOL_2D": "Pool2DOptions",
    "L2_POOL_2D": "Pool2DOptions",
    "MAX_POOL_2D": "Pool2DOptions",
    "CONV_3D_TRANSPOSE": "Conv3DOptions",
    "L2_NORMALIZATION": "L2NormOptions",
    "MAXIMUM": "MaximumMinimumOptions",
    "MINIMUM": "MaximumMinimumOptions",
    "MEAN": "ReducerOptions",
    "SUM": "ReducerOptions",
    "REDUCE_ALL": "ReducerOptions",
    "REDUCE_ANY": "ReducerOptions",
    "REDUCE_MAX": "ReducerOptions",
    "REDUCE_MIN": "ReducerOptions",
    "REDUCE_PROD": "ReducerOptions",
    "MULTINOMIAL": "RandomOptions",
    "RANDOM_STANDARD_NORMAL": "RandomOptions",
    "RANDOM_UNIFORM": "RandomOptions",
    "UNIDIRECTIONAL_SEQUENCE_RNN": "SequenceRNNOptions",
}
"""Option types that are not called as their operator."""

NEEDED: Final = frozenset({
    "CONV_2D", "DEPTHWISE_CONV_2D", "TRANSPOSE_CONV", "CONV_3D", "CONV_3D_TRANSPOSE",
    "AVERAGE_POOL_2D", "MAX_POOL_2D", "L2_POOL_2D", "CALL", "CALL_ONCE", "IF", "WHILE",
})  # fmt: skip
"""Operators that mean nothing without their options; of others the schema's defaults hold."""

_AT_LEAST_ONE: Final = frozenset({
    "stride_w", "stride_h", "stride_d", "filter_width", "filter_height",
    "dilation_w_factor", "dilation_h_factor", "dilation_d_factor",
})  # fmt: skip
"""Fields that no convolution or pooling can have below 1."""


class _Field(NamedTuple):
    """A field of an options table, ready to be read."""

    name: str
    slot: int
    read: Reader
    default: OptionValue
    names: Mapping[int, str] | None


def _read_scalar(form: Struct, table: Table, slot: int) -> OptionValue:
    return table.integer(slot, form)


def _read_vector(code: str, width: int, table: Table, slot: int) -> OptionValue:
    return table.numbers(slot, code, width)


def _read_hexadecimal(table: Table, slot: int) -> OptionValue:
    return table.blob(slot).hex()


def _read_text(table: Table, slot: int) -> OptionValue:
    return table.text(slot)


_READERS: Final[Mapping[str, Reader]] = {
    "bool": partial(_read_scalar, fb.BOOL),
    "int8": partial(_read_scalar, fb.INT8),
    "uint8": partial(_read_scalar, fb.UINT8),
    "int32": partial(_read_scalar, fb.INT32),
    "uint32": partial(_read_scalar, fb.UINT32),
    "int64": partial(_read_scalar, fb.INT64),
    "float32": partial(_read_scalar, fb.FLOAT32),
    "bools": partial(_read_vector, "?", 1),
    "int32s": partial(_read_vector, "i", 4),
    "uint32s": partial(_read_vector, "I", 4),
    "int64s": partial(_read_vector, "q", 8),
    "float32s": partial(_read_vector, "f", 4),
    "uint8s": _read_hexadecimal,
    "string": _read_text,
}


@cache
def _fields(options_type: str) -> tuple[_Field, ...]:
    """The fields of an options table, in schema order."""
    fields = []
    for name, slot, kind, default, enum in schema.OPTIONS[options_type]:
        names = schema.ENUMS[enum] if enum else None
        absent: OptionValue = default
        if kind == "string":
            absent = None
        elif kind == "uint8s":
            absent = ""
        elif kind.endswith("s"):
            absent = ()
        elif names is not None:
            absent = names[int(default)]
        fields.append(_Field(name, slot, _READERS[kind], absent, names))
    return tuple(fields)


@cache
def field_names(options_type: str) -> tuple[str, ...]:
    """The names of an options table's fields by slot, for errors."""
    fields = _fields(options_type)
    names = [""] * (max((field.slot for field in fields), default=-1) + 1)
    for field in fields:
        names[field.slot] = field.name
    return tuple(names)


@cache
def options_type_of(operator: str) -> str | None:
    """The options table that the schema foresees for an operator, None where it has none by that name.

    >>> options_type_of("DEPTHWISE_CONV_2D"), options_type_of("MAX_POOL_2D"), options_type_of("RELU")
    ('DepthwiseConv2DOptions', 'Pool2DOptions', None)
    """
    plain = operator.replace("_", "").lower() + "options"
    return _SHARED_TYPES.get(operator) or next(
        (name for name in schema.OPTIONS if name.lower() == plain), None
    )


def read_options(table: Table, options_type: str) -> dict[str, OptionValue]:
    """All fields of an options table, the schema's default where the file leaves one out.

    Vectors are tuples, byte vectors hexadecimal text, enumerations the schema's
    names (element types in lower case, as for tensors).
    """
    options: dict[str, OptionValue] = {}
    offsets = table.offsets
    for name, slot, read, default, names in _fields(options_type):
        if not offsets[slot]:
            if name in _AT_LEAST_ONE and default == 0:
                raise table.fault(slot, "no value", "1 or more")
            options[name] = default
            continue
        value = read(table, slot)
        if name in _AT_LEAST_ONE and isinstance(value, int) and value < 1:
            raise table.fault(slot, f"value {value}", "1 or more")
        options[name] = value if names is None else _named(table, slot, value, names)
    return options


def _named(table: Table, slot: int, value: OptionValue, names: Mapping[int, str]) -> OptionValue:
    """The names of one enumeration value, or of a tuple of them."""
    if isinstance(value, tuple):
        return tuple(_named(table, slot, part, names) for part in value)
    name = names.get(value) if isinstance(value, int) else None
    if name is None:
        raise table.fault(slot, f"value {value}", f"one of {', '.join(names.values())}")
    return name
