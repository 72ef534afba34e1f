"""Operator codes and operators of a TFLite file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from tinykg.errors import ExtractError
from tinykg.extract import flatbuffer as fb
from tinykg.extract import tflite_schema as schema
from tinykg.extract.flatbuffer import within
from tinykg.extract.flexbuffer import MAX_BYTES, read_flexbuffer
from tinykg.extract.macs import Constants, count_macs
from tinykg.extract.tflite_options import NEEDED, field_names, options_type_of, read_options
from tinykg.extract.tflite_tensors import outside_span
from tinykg.records.model_file import Layer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tinykg.extract.flatbuffer import Table
    from tinykg.records.model_file import OptionValue, Tensor

_SUBGRAPH_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "CallOptions": ("subgraph",),
    "CallOnceOptions": ("init_subgraph_index",),
    "IfOptions": ("then_subgraph_index", "else_subgraph_index"),
    "WhileOptions": ("cond_subgraph_index", "body_subgraph_index"),
}
"""Option fields that name another subgraph of the file."""


CUSTOM_OPTIONS_COST: Final = 4
"""Budget units for a byte of custom options, whose decoding takes several steps a byte."""


class OperatorCode(NamedTuple):
    """An operator that a file uses: schema name, name of a custom operator, version."""

    operator: str
    custom_name: str | None
    version: int


class Context(NamedTuple):
    """What the operators of one file refer to."""

    codes: Sequence[OperatorCode]
    subgraph_count: int
    constants: Constants


def read_codes(model: Table) -> list[OperatorCode]:
    """The operators that the file lists for its layers to refer to."""
    codes = []
    for index, table in enumerate(model.tables(schema.MODEL_OPERATOR_CODES, schema.OPERATOR_CODE)):
        try:
            codes.append(_read_code(table))
        except ExtractError as fault:
            raise within(fault, f"operator_codes[{index}]") from None
    return codes


def _read_code(table: Table) -> OperatorCode:
    """One operator code; files from before schema 3a state its number in a byte field of its own."""
    old = table.integer(schema.OPERATOR_CODE_DEPRECATED_BUILTIN_CODE, fb.INT8)
    new = table.integer(schema.OPERATOR_CODE_BUILTIN_CODE, fb.INT32)
    operator = schema.BUILTIN_OPERATORS.get(max(old, new))
    if operator is None:
        found = f"operator {max(old, new)}"
        expected = f"one of the schema's operators (0 to {max(schema.BUILTIN_OPERATORS)})"
        raise table.fault(schema.OPERATOR_CODE_BUILTIN_CODE, found, expected)
    version = table.integer(schema.OPERATOR_CODE_VERSION, fb.INT32, 1)
    custom_name = None
    if operator == "CUSTOM":
        custom_name = table.text(schema.OPERATOR_CODE_CUSTOM_CODE)
        if not custom_name:
            raise table.fault(schema.OPERATOR_CODE_CUSTOM_CODE, "a custom operator without a name")
    return OperatorCode(operator, custom_name, version)


def read_layers(
    table: Table, subgraph: int, tensors: Sequence[Tensor], context: Context
) -> tuple[Layer, ...]:
    """The operators of a subgraph in execution order, with their MACs and parameters."""
    layers = []
    for index, operator in enumerate(table.tables(schema.SUBGRAPH_OPERATORS, schema.OPERATOR)):
        try:
            layers.append(_read_layer(index, operator, subgraph, tensors, context))
        except ExtractError as fault:
            raise within(fault, f"operators[{index}]") from None
    return tuple(layers)


def _read_layer(
    index: int, table: Table, subgraph: int, tensors: Sequence[Tensor], context: Context
) -> Layer:
    code_index = table.integer(schema.OPERATOR_OPCODE_INDEX, fb.UINT32)
    if code_index >= len(context.codes):
        expected = f"one of the {len(context.codes)} operator codes"
        raise table.fault(schema.OPERATOR_OPCODE_INDEX, f"operator code {code_index}", expected)
    code = context.codes[code_index]
    inputs = tensor_indices(table, schema.OPERATOR_INPUTS, len(tensors), lowest=-1)
    outputs = tensor_indices(table, schema.OPERATOR_OUTPUTS, len(tensors), lowest=0)
    intermediates = tensor_indices(table, schema.OPERATOR_INTERMEDIATES, len(tensors), lowest=-1)
    options_type, options = _read_builtin_options(table, code.operator, context.subgraph_count)
    custom_options, custom_options_bytes = _read_custom_options(table)
    ins = [tensors[i] if i >= 0 else None for i in inputs]
    mac_class, macs = count_macs(code.operator, options, ins, [tensors[i] for i in outputs])
    return Layer(
        index=index,
        operator=code.operator,
        version=code.version,
        inputs=inputs,
        outputs=outputs,
        intermediates=intermediates,
        custom_name=code.custom_name,
        options_type=options_type,
        options=options,
        custom_options=custom_options,
        custom_options_bytes=custom_options_bytes,
        macs=macs,
        mac_class=mac_class,
        parameters=context.constants.count(code.operator, subgraph, ins),
    )


def tensor_indices(table: Table, slot: int, count: int, *, lowest: int) -> tuple[int, ...]:
    """A vector of tensor indices, all from `lowest` (-1 allows an absent tensor) to `count` - 1."""
    indices = table.integers(slot)
    if indices and (min(indices) < lowest or max(indices) >= count):
        wrong = next(i for i in indices if not lowest <= i < count)
        position = f"element {indices.index(wrong)} is tensor {wrong}"
        raise table.fault(slot, position, f"{lowest} to {count - 1}, as the subgraph has {count} tensors")
    return indices


def _read_builtin_options(
    table: Table, operator: str, subgraph_count: int
) -> tuple[str | None, dict[str, OptionValue]]:
    """Type and fields of the operator's options, from the first union or the second."""
    number = table.integer(schema.OPERATOR_BUILTIN_OPTIONS_TYPE, fb.UINT8)
    slot, types = schema.OPERATOR_BUILTIN_OPTIONS, schema.BUILTIN_OPTIONS
    second = table.integer(schema.OPERATOR_BUILTIN_OPTIONS2_TYPE, fb.UINT8)
    if second and not number:
        number = second
        slot, types = schema.OPERATOR_BUILTIN_OPTIONS2, schema.BUILTIN_OPTIONS_2
    foreseen = options_type_of(operator)
    options_type = types.get(number)
    if number and (options_type is None or (foreseen and options_type != foreseen)):
        raise table.fault(
            slot, f"{options_type or number} for {operator}", foreseen or "a type of the schema"
        )
    options_table = table.table(slot, field_names(options_type)) if options_type else None
    if options_type is None or options_table is None:
        if operator in NEEDED:
            raise table.fault(slot, f"{operator} without options", foreseen)
        return None, {}
    try:
        options = read_options(options_table, options_type)
        for name in _SUBGRAPH_FIELDS.get(options_type, ()):
            target = options[name]
            if not isinstance(target, int) or not 0 <= target < subgraph_count:
                field = options_table.names.index(name)
                raise options_table.fault(field, f"subgraph {target}", f"0 to {subgraph_count - 1}")
    except ExtractError as fault:
        raise within(fault, table.names[slot]) from None
    return options_type, options


def _read_custom_options(table: Table) -> tuple[Mapping[str, OptionValue] | None, int]:
    """A custom operator's options where they are a FlexBuffer map, and their length in bytes."""
    start, length = table.span(schema.OPERATOR_CUSTOM_OPTIONS, 1) or (0, 0)
    if not length and table.has(schema.OPERATOR_LARGE_CUSTOM_OPTIONS_OFFSET):
        slots = schema.OPERATOR_LARGE_CUSTOM_OPTIONS_OFFSET, schema.OPERATOR_LARGE_CUSTOM_OPTIONS_SIZE
        start, length = outside_span(table, *slots)
    if not length or length > MAX_BYTES:
        return None, length
    table.file.spend(CUSTOM_OPTIONS_COST * length, "custom_options", start)
    return read_flexbuffer(table.file.data[start : start + length]), length
