"""Writes `tinykg/extract/tflite_schema.py` from the classes of the PyPI package `tflite`.

    python tools/generate_tflite_schema.py            write the module
    python tools/generate_tflite_schema.py --check    exit 1 if the module is out of date

The package holds what the FlatBuffers compiler made of the TFLite schema. Slots,
types and defaults are read from the accessors' syntax trees. Two things the
accessors do not tell are stated here: which numbers are enumerations (ENUM_FIELDS;
a byte field that is missing there stops the generator), and what the schema gained
after the package's release (NEWER_*).
"""

from __future__ import annotations

import argparse
import ast
import importlib
import importlib.metadata
import inspect
import re
import sys
from dataclasses import dataclass
from pathlib import Path

TARGET = Path(__file__).resolve().parent.parent / "tinykg" / "extract" / "tflite_schema.py"
COMMAND = "python tools/generate_tflite_schema.py"

CORE_TABLES = (
    "Model", "OperatorCode", "SubGraph", "Tensor", "QuantizationParameters", "Operator",
    "Buffer", "Metadata", "SignatureDef", "TensorMap",
)  # fmt: skip

ENUM_FIELDS = {
    "algorithm": "RngAlgorithm",
    "combiner": "CombinerType",
    "compare_type": "StablehloComparisonType",
    "comparison_direction": "StablehloComparisonDirection",
    "composite_attributes_format": "CustomOptionsFormat",
    "fused_activation_function": "ActivationFunctionType",
    "idx_out_type": "TensorType",
    "in_data_type": "TensorType",
    "kernel_type": "LSTMKernelType",
    "key_dtype": "TensorType",
    "mode": "MirrorPadMode",
    "out_data_type": "TensorType",
    "out_type": "TensorType",
    "output_type": "TensorType",
    "padding": "Padding",
    "precision_config": "StablehloPrecisionConfig",
    "quantized_bias_type": "TensorType",
    "reduce_function": "ReduceWindowFunction",
    "type": "LSHProjectionType",
    "value_dtype": "TensorType",
    "weights_format": "FullyConnectedOptionsWeightsFormat",
}
"""Option fields that hold an enumeration, where they are a number or numbers of the enumeration's type."""

# https://github.com/tensorflow/tflite-micro/blob/1ed28607/tensorflow/compiler/mlir/lite/schema/schema.fbs
NEWER_ENUM_VALUES = {
    "TensorType": {"INT2": 19, "UINT4": 20, "FLOAT8_E4M3FN": 21, "FLOAT8_E5M2": 22},
    "BuiltinOperator": {"STABLEHLO_CASE": 209},
    "BuiltinOptions2": {"StablehloCaseOptions": 23},
}
NEWER_FIELDS = {"Tensor": {"external_buffer": 10}}
NEWER_TABLES = {"StablehloCaseOptions": (("branch_subgraph_indices", 0, "int32s", 0),)}

EXTENDED_ACCESSORS = {"BuiltinCode"}
"""Accessors that the package's author extended beyond reading the field; its default is 0."""

SCALARS = {
    "BoolFlags": "bool", "Int8Flags": "int8", "Uint8Flags": "uint8", "Int32Flags": "int32",
    "Uint32Flags": "uint32", "Int64Flags": "int64", "Uint64Flags": "uint64", "Float32Flags": "float32",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field of a table.

    `kind` is a scalar's name, with a final s for a vector of them, or `string`, `table`, `tables`.
    """

    name: str
    slot: int
    kind: str
    default: bool | int | float


def snake(name: str) -> str:
    """The schema's name of a field from that of its accessor: `DilationWFactor` -> `dilation_w_factor`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def attributes(tree: ast.AST) -> set[str]:
    """The names of all attributes that a syntax tree uses."""
    return {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


def slot_of(method: ast.FunctionDef) -> int | None:
    """The slot that an accessor reads, None for other methods: `Offset(4)` is slot 0, `Offset(6)` slot 1."""
    for node in ast.walk(method):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "Offset":
            argument = node.args[0]
            if isinstance(argument, ast.Constant) and isinstance(argument.value, int):
                return (argument.value - 4) // 2
    return None


def kind_of(method: ast.FunctionDef) -> str:
    """The kind of the field that an accessor reads, as in `Field`."""
    used = attributes(method)
    scalars = [SCALARS[name] for name in used & SCALARS.keys()]
    is_vector = len(method.args.args) > 1
    if "String" in used:
        return "strings" if is_vector else "string"
    if scalars:
        return scalars[0] + ("s" if is_vector else "")
    return "tables" if is_vector else "table"


def default_of(method: ast.FunctionDef) -> bool | int | float:
    """The value that an accessor gives for an absent field; 0 where that is None."""
    if method.name in EXTENDED_ACCESSORS:
        return 0
    last = method.body[-1]
    if not isinstance(last, ast.Return):
        sys.exit(f"{method.name}: an accessor that does not end with return")
    value = ast.literal_eval(last.value) if last.value is not None else None
    return value if isinstance(value, (bool, int, float)) else 0


def fields_of(table: str) -> list[Field]:
    """The fields of a table by slot."""
    if table in NEWER_TABLES:
        return [Field(name=n, slot=s, kind=k, default=d) for n, s, k, d in NEWER_TABLES[table]]
    module = importlib.import_module(f"tflite.{table}")
    body = ast.parse(inspect.getsource(getattr(module, table))).body[0]
    found: dict[int, Field] = {}
    for method in ast.walk(body):
        if not isinstance(method, ast.FunctionDef) or re.search(r"(AsNumpy|Length|IsNone)$", method.name):
            continue
        slot = slot_of(method)
        if slot is not None:
            kind = kind_of(method)
            default = default_of(method)
            value = bool(default) if kind == "bool" else float(default) if kind == "float32" else default
            found[slot] = Field(name=snake(method.name), slot=slot, kind=kind, default=value)
    for name, slot in NEWER_FIELDS.get(table, {}).items():
        found.setdefault(slot, Field(name=name, slot=slot, kind="uint32", default=0))
    return [found[slot] for slot in sorted(found)]


def enum(name: str) -> dict[int, str]:
    """The names of an enumeration by value, in order of the values."""
    module = importlib.import_module(f"tflite.{name}")
    values = {key: value for key, value in vars(getattr(module, name)).items() if isinstance(value, int)}
    for key, value in NEWER_ENUM_VALUES.get(name, {}).items():
        if values.setdefault(key, value) != value:
            sys.exit(f"{name}.{key} is {values[key]} in the package, {value} in NEWER_ENUM_VALUES")
    return {value: key for key, value in sorted(values.items(), key=lambda pair: pair[1])}


def enum_of(table: str, field: Field) -> str | None:
    """The enumeration that an option field holds; stops the generator where it may be forgotten."""
    numeric = field.kind in {"int8", "uint8", "int32", "uint32", "uint32s"}
    if field.name in ENUM_FIELDS and numeric:
        return ENUM_FIELDS[field.name]
    if field.kind in {"int8", "uint8", "uint32", "uint32s"} and (table, field.name) != (
        "CallOptions",
        "subgraph",
    ):
        sys.exit(f"{table}.{field.name} ({field.kind}): name its enumeration in ENUM_FIELDS")
    return None


def core_lines() -> list[str]:
    """For each core table its field names by slot, and a constant for each slot."""
    lines = []
    for table in CORE_TABLES:
        fields = fields_of(table)
        names = [""] * (fields[-1].slot + 1)
        for field in fields:
            names[field.slot] = field.name
        prefix = snake(table.replace("SubGraph", "Subgraph")).upper()
        lines.append(f"{prefix}: Final[Names] = {tuple(names)!r}")
        lines += [f"{prefix}_{field.name.upper()}: Final = {field.slot}" for field in fields]
        lines.append("")
    return lines


def option_lines(tables: list[str]) -> list[str]:
    """The table of option fields."""
    lines = ["OPTIONS: Final[dict[str, tuple[OptionField, ...]]] = {"]
    for table in tables:
        fields = [(f.name, f.slot, f.kind, f.default, enum_of(table, f)) for f in fields_of(table)]
        rows = "".join(f"\n        {field!r}," for field in fields)
        lines.append(f"    {table!r}: ({rows}\n    )," if rows else f"    {table!r}: (),")
    return [*lines, "}", '"""Fields of each options table: name, slot, kind, default, enumeration."""', ""]


def mapping(name: str, values: dict[int, str], meaning: str) -> list[str]:
    """A dictionary from number to name."""
    lines = [f"{name}: Final[dict[int, str]] = {{"]
    lines += [f"    {value}: {text!r}," for value, text in values.items()]
    return [*lines, "}", f'"""{meaning}."""', ""]


def module_text() -> str:
    """The whole module."""
    version = importlib.metadata.version("tflite")
    unions = {
        name: {v: k for v, k in enum(name).items() if v} for name in ("BuiltinOptions", "BuiltinOptions2")
    }
    element_types = {value: name.lower() for value, name in enum("TensorType").items()}
    enums = {name: enum(name) for name in sorted(set(ENUM_FIELDS.values()) - {"TensorType"})}
    enums["TensorType"] = element_types
    enum_lines = ["ENUMS: Final[dict[str, dict[int, str]]] = {"]
    enum_lines += [f"    {name!r}: {values!r}," for name, values in enums.items()]
    lines = [
        '"""Tables and enumerations of the TFLite schema, for the reader in `tflite.py`.',
        "",
        f"Generated by `{COMMAND}` from the PyPI package tflite {version}; do not edit.",
        '"""',
        "# fmt: off",
        "",
        "from __future__ import annotations",
        "",
        "from typing import Final, TypeAlias",
        "",
        "Names: TypeAlias = tuple[str, ...]",
        "OptionField: TypeAlias = tuple[str, int, str, bool | int | float, str | None]",
        "",
        *core_lines(),
        *mapping("ELEMENT_TYPES", element_types, "Element types of tensors by number"),
        *mapping("BUILTIN_OPERATORS", enum("BuiltinOperator"), "Operators by number"),
        *mapping("BUILTIN_OPTIONS", unions["BuiltinOptions"], "Option tables by number in the first union"),
        *mapping(
            "BUILTIN_OPTIONS_2", unions["BuiltinOptions2"], "Option tables by number in the second union"
        ),
        *[*enum_lines, "}", '"""Enumerations that option fields hold: value -> name."""', ""],
        *option_lines([*unions["BuiltinOptions"].values(), *unions["BuiltinOptions2"].values()]),
    ]
    return "\n".join(lines).rstrip() + "\n"


def main() -> None:
    """Write or check the module."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit 1 if the module is out of date"
    )
    check = parser.parse_args().check
    text = module_text()
    if not check:
        TARGET.write_text(text, encoding="utf-8")
    elif not TARGET.exists() or TARGET.read_text(encoding="utf-8") != text:
        sys.exit(f"{TARGET.name} is out of date; run: {COMMAND}")


if __name__ == "__main__":
    main()
