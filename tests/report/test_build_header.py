"""The C header: strict compilers of C and C++ take it, and read what is known out of it."""

from __future__ import annotations

import math
import re
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from build_case import BUILD, INPUT, MATCH, RAM_SHORT
from compilers import compiled, printed

from tinykg.files import data_folder
from tinykg.footprint import load_runtime
from tinykg.records.firmware import Port, ResolverEntry, SensedProperty
from tinykg.records.match import Verdict
from tinykg.records.model import SensorRequirement
from tinykg.records.model_file import ELEMENT_BITS, Quantization
from tinykg.report.build_header import C_TYPES, TYPES, header

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tinykg.records.firmware import FirmwareBuild

BOTH = pytest.mark.parametrize("standard", ["c99", "c++11"])
WITH_RUNTIME = pytest.mark.skipif(shutil.which("g++") is None, reason="g++ is not installed")

RUNTIME_HEADER = """\
#pragma once
#include <cstdio>
enum TfLiteStatus { kTfLiteOk = 0, kTfLiteError = 1 };
namespace tflite {
template <unsigned int tOpCount>
class MicroMutableOpResolver {
 public:
  unsigned int added = 0;
METHODS
 private:
  TfLiteStatus Add(const char* name) {
    if (added == tOpCount) return kTfLiteError;
    added++;
    puts(name);
    return kTfLiteOk;
  }
};
}
"""


def build(**changes: Any) -> FirmwareBuild:
    return replace(BUILD, **changes)


def port(**changes: Any) -> tuple[Port, ...]:
    return (Port(tensor=replace(INPUT, **changes)),)


def macros(text: str) -> dict[str, str]:
    """The object-like macros of a header: name without its prefix -> what it stands for."""
    return dict(re.findall(r"^#define TINYKG_SMALL_NET_(\w+) (.*)$", text, re.MULTILINE))


def write_runtime(folder: Path, methods: Iterable[str]) -> None:
    """A runtime's header of the real one's shape: its resolver prints what is added, and counts."""
    path = folder / "tensorflow" / "lite" / "micro" / "micro_mutable_op_resolver.h"
    path.parent.mkdir(parents=True)
    lines = [f'  TfLiteStatus {method}() {{ return Add("{method}"); }}' for method in methods]
    path.write_text(RUNTIME_HEADER.replace("METHODS", "\n".join(lines)))


@BOTH
def test_a_program_reads_what_is_known(tmp_path: Path, standard: str) -> None:
    (tmp_path / "build.h").write_text(header(BUILD), encoding="ascii")
    p = "TINYKG_SMALL_NET"
    numbers = [
        "FITS",
        "ARENA_BYTES",
        "ARENA_ALIGNMENT_BYTES",
        "MODEL_BYTES",
        "SCHEMA_VERSION",
        "OPERATOR_COUNT",
    ]
    numbers += [
        "RESOURCE_VARIABLE_COUNT",
        "INPUT_COUNT",
        "OUTPUT_COUNT",
        "INPUT_0_TENSOR_INDEX",
        "INPUT_0_BYTES",
    ]
    numbers += ["INPUT_0_RANK", "INPUT_0_ELEMENTS", "INPUT_0_ZERO_POINT", "OUTPUT_0_BYTES", "SENSED_COUNT"]
    numbers += ["SENSED_0_RATE_HZ", "SENSED_0_WINDOW_S", "SENSED_0_WINDOW_SAMPLES"]
    texts = ["VERDICT", "DEVICE", "RUNTIME", "RUNTIME_VERSION", "KERNEL_SET", "MODEL_NAME", "TASK", "LICENCE"]
    texts += ["MODEL_SHA256", "INPUT_0_NAME", "INPUT_0_ARGUMENT", "OUTPUT_0_NAME", "SENSED_0_PROPERTY"]
    texts += ["SENSED_0_OBSERVED_BY"]
    body = "\n".join(f'  printf("%d\\n", {p}_{name});' for name in numbers)
    body += "\n".join(f"\n  puts({p}_{name});" for name in texts)
    body += f"\n  {{ static const int shape[{p}_INPUT_0_RANK] = {p}_INPUT_0_SHAPE;\n"
    body += f"    static {p}_INPUT_0_C_TYPE in[1];\n"
    body += '    printf("%d %d %d %d\\n", shape[0], shape[1], shape[2], (int)sizeof in); }\n'
    body += f'  printf("%.9g\\n", {p}_INPUT_0_SCALE);'
    found = printed(tmp_path, standard, body, head='#include "build.h"')
    expected = [1, 4000, 16, 2000, 3, 2, 0, 1, 1, 3, 490, 3, 490, 83, 48, 1, 16000, 1, 16000]
    assert [int(line) for line in found[: len(numbers)]] == expected
    assert found[len(numbers) : -2] == [
        *("fits", "board", "tflm", "1 (2026-08-20)", "reference", "Small Net", "keyword-spotting", "MIT"),
        *(BUILD.file.sha256, "serving_default_x:0", "x", "Identity", "sound", "MP34DT05 (microphone)"),
    ]
    assert found[-2] == "1 49 10 1"
    assert float(found[-1]) == pytest.approx(0.5847029089927673, rel=1e-8)


@BOTH
def test_operators_are_a_macro_that_a_program_applies(tmp_path: Path, standard: str) -> None:
    (tmp_path / "build.h").write_text(header(BUILD), encoding="ascii")
    body = '#define SHOW(method, name) puts(#method " " name);\n  TINYKG_SMALL_NET_OPERATORS(SHOW)'
    found = printed(tmp_path, standard, body, head='#include "build.h"\n#include "build.h"')
    assert found == ["AddConv2D CONV_2D", "AddSoftmax SOFTMAX"]


@WITH_RUNTIME
@pytest.mark.parametrize("standard", ["c++11", "c++17"])
def test_a_function_fills_the_resolver_where_the_runtime_is(tmp_path: Path, standard: str) -> None:
    write_runtime(tmp_path, ["AddConv2D", "AddSoftmax", "AddReshape"])
    (tmp_path / "build.h").write_text(header(BUILD), encoding="ascii")
    body = (
        "  tinykg::small_net_resolver exact;\n"
        '  printf("%d\\n", tinykg::small_net_add_operators(exact));\n'
        "  tflite::MicroMutableOpResolver<1> small;\n"
        '  printf("%d\\n", tinykg::small_net_add_operators(small));'
    )
    found = printed(tmp_path, standard, body, head='#include "build.h"')
    assert found == ["AddConv2D", "AddSoftmax", "0", "AddConv2D", "1"]


@WITH_RUNTIME
def test_c_does_not_look_for_the_runtime(tmp_path: Path) -> None:
    write_runtime(tmp_path, [])
    (tmp_path / "build.h").write_text(header(BUILD), encoding="ascii")
    assert printed(tmp_path, "c99", '  puts("C");', head='#include "build.h"') == ["C"]


def test_an_operator_without_a_kernel_is_counted_and_named() -> None:
    own = ResolverEntry(operator="My*/Op", versions=(1,), custom=True, add_method=None)
    lacking = ResolverEntry(operator="HASHTABLE", versions=(1,), custom=False, add_method=None)
    text = header(build(resolver=(*(BUILD.resolver or ()), own, lacking)))
    assert macros(text)["OPERATOR_COUNT"] == "4"
    assert "/* This runtime has no kernel of its own for the custom operator My* /Op. */" in text
    assert "/* This runtime has no kernel of its own for HASHTABLE. */" in text
    assert text.count("X(Add") == 2


@BOTH
def test_operators_that_all_lack_a_kernel_leave_an_empty_list(tmp_path: Path, standard: str) -> None:
    own = ResolverEntry(operator="own", versions=(1,), custom=True, add_method=None)
    text = header(build(resolver=(own,)))
    (tmp_path / "build.h").write_text(text, encoding="ascii")
    assert "add_operators" not in text
    body = '#define SHOW(method, name) puts(name);\n  TINYKG_SMALL_NET_OPERATORS(SHOW)\n  puts("end");'
    assert printed(tmp_path, standard, body, head='#include "build.h"') == ["end"]


def test_what_is_not_known_has_no_macro() -> None:
    model = replace(BUILD.model, title=None, task=None, licence=None)
    nothing = build(
        model=model,
        arena_bytes=None,
        resolver=None,
        resource_variables=None,
        senses=None,
        inputs=(),
        outputs=(),
    )
    found = macros(header(nothing))
    assert set(found) == {
        *("FITS", "VERDICT", "DEVICE", "RUNTIME", "RUNTIME_FAMILY", "RUNTIME_VERSION", "KERNEL_SET"),
        *("MODEL_NAME", "MODEL_SHA256", "MODEL_BYTES", "SCHEMA_VERSION", "INPUT_COUNT", "OUTPUT_COUNT"),
    }


def test_known_to_sense_nothing_and_not_known_differ() -> None:
    assert macros(header(build(senses=())))["SENSED_COUNT"] == "0"
    assert "SENSED_COUNT" not in macros(header(build(senses=None)))


def test_a_need_without_figures_or_sensors_has_its_name_alone() -> None:
    need = SensedProperty(need=SensorRequirement(observes="sound"), observed_by=None)
    found = macros(header(build(senses=(need,))))
    assert [name for name in found if name.startswith("SENSED_0")] == ["SENSED_0_PROPERTY"]


def test_ranges_and_units_of_what_is_sensed() -> None:
    requirement = SensorRequirement(observes="acceleration", rate_hz=62.5, minimum=-4, maximum=4, unit="g")
    found = macros(header(build(senses=(SensedProperty(need=requirement, observed_by=()),))))
    assert (found["SENSED_0_RATE_HZ"], found["SENSED_0_MINIMUM"], found["SENSED_0_MAXIMUM"]) == (
        "62.5",
        "-4",
        "4",
    )
    assert found["SENSED_0_UNIT"] == '"g"'
    assert "SENSED_0_OBSERVED_BY" not in found


def test_a_misfit_says_so_and_why() -> None:
    match = replace(MATCH, verdict=Verdict.DOES_NOT_FIT, constraints=(RAM_SHORT,))
    text = header(build(match=match))
    assert (macros(text)["FITS"], macros(text)["VERDICT"]) == ("0", '"does not fit"')
    assert "ram: needs more * / than there is" in text
    assert macros(header(build(match=replace(MATCH, verdict=Verdict.UNKNOWN))))["FITS"] == "0"


@BOTH
def test_quantization_by_channel(tmp_path: Path, standard: str) -> None:
    quantization = Quantization(scales=(0.5, 0.1, 3.0), zero_points=(0, -7, 5), quantized_dimension=2)
    text = header(build(inputs=port(quantization=quantization)))
    (tmp_path / "build.h").write_text(text, encoding="ascii")
    p = "TINYKG_SMALL_NET_INPUT_0"
    body = (
        f"  static const float s[{p}_SCALE_COUNT] = {p}_SCALES;\n"
        f"  static const int z[] = {p}_ZERO_POINTS;\n  int i;\n"
        f'  for (i = 0; i < {p}_SCALE_COUNT; i++) printf("%.9g %d\\n", s[i], z[i]);\n'
        f'  printf("%d\\n", {p}_QUANTIZED_DIMENSION);'
    )
    found = printed(tmp_path, standard, body, head='#include "build.h"')
    assert found == ["0.5 0", "0.100000001 -7", "3 5", "2"]
    assert "INPUT_0_SCALE" not in macros(text)


@pytest.mark.parametrize("scale", [math.nan, math.inf, 1e300])
def test_a_scale_that_c_cannot_write_is_said_and_left_out(scale: float) -> None:
    text = header(build(inputs=port(quantization=Quantization(scales=(scale,), zero_points=(0,)))))
    assert not {"INPUT_0_SCALE", "INPUT_0_ZERO_POINT"} & set(macros(text))
    assert "Its scales are not numbers that C can write." in text


def test_ranges_alone_are_no_quantization() -> None:
    quantization = Quantization(scales=(), zero_points=(), minimums=(0.0,), maximums=(6.0,))
    assert "INPUT_0_SCALE" not in macros(header(build(inputs=port(quantization=quantization))))


@BOTH
@pytest.mark.parametrize(
    "changes",
    [
        {"shape": None},
        {"shape": ()},
        {"shape": (-1, 3)},
        {"shape": (0,)},
        {"shape": (2**31 - 1, 2**31 - 1, 4)},
        {"element_type": "string"},
        {"element_type": "a type of tomorrow"},
        {"name": "a;" * 2000},
        {"name": '"; int evil; // ??/\n*/\\'},
        {"index": 2**31},
        {"quantization": Quantization(scales=(1e-45,), zero_points=(-(2**63),))},
    ],
    ids=[
        "no-shape",
        "scalar",
        "open",
        "empty",
        "huge",
        "text",
        "new-type",
        "long",
        "hostile",
        "index",
        "far",
    ],
)
def test_odd_tensors_leave_a_header_that_compiles(
    tmp_path: Path, standard: str, changes: dict[str, Any]
) -> None:
    text = header(build(inputs=port(**changes)))
    (tmp_path / "build.h").write_text(text, encoding="ascii")
    names = [
        name for name in macros(text) if name.startswith("INPUT_0_") and name.endswith(("_BYTES", "_POINT"))
    ]
    body = "\n".join(f'  printf("%lld\\n", (long long)TINYKG_SMALL_NET_{name});' for name in names)
    printed(tmp_path, standard, body, head='#include "build.h"')


def test_of_an_open_shape_neither_elements_nor_bytes_are_said() -> None:
    found = macros(header(build(inputs=port(shape=(-1, 3)))))
    assert found["INPUT_0_SHAPE"] == "{-1, 3}"
    assert not {"INPUT_0_BYTES", "INPUT_0_ELEMENTS"} & set(found)


@BOTH
def test_hostile_words_stay_words(tmp_path: Path, standard: str) -> None:
    evil = '*/\n#error evil\n/* ??/ \\ " 模型'
    model = replace(BUILD.model, name=evil, title=evil, task=evil, licence=evil)
    match = replace(MATCH, verdict=Verdict.UNKNOWN, device_name=evil, device=evil)
    match = replace(match, constraints=(replace(RAM_SHORT, message=evil),))
    release = replace(BUILD.runtime, name=evil, title=evil, version=evil)
    wild = build(model=model, match=match, runtime=release, inputs=port(name=evil))
    (tmp_path / "build.h").write_text(header(wild), encoding="ascii")
    prefix = re.findall(r"^#define (\w+)_MODEL_NAME", header(wild), re.MULTILINE)[0]
    body = f'  const char *t = {prefix}_MODEL_NAME;\n  while (*t) printf("%02x", (unsigned char)*t++);'
    [found] = printed(tmp_path, standard, body, head='#include "build.h"')
    assert bytes.fromhex(found).decode() == evil


def test_every_element_type_has_its_name_and_size() -> None:
    """Enumerators of TfLiteType are the names of the schema in another spelling."""
    assert set(TYPES) == set(ELEMENT_BITS)
    for element_type, name in TYPES.items():
        assert name.casefold() == element_type.replace("_", "").casefold()
    for element_type, c_type in C_TYPES.items():
        bits = re.search(r"\d+", c_type)
        assert ELEMENT_BITS[element_type] == (
            int(bits[0]) if bits else {"float": 32, "double": 64}.get(c_type, 8)
        )


CUSTOM_METHODS = {
    "CIRCULAR_BUFFER": "CircularBuffer",
    "TFLM_DECODE": "Decode",
    "TFLite_Detection_PostProcess": "DetectionPostprocess",
    "ethos-u": "EthosU",
}
SPELT = {
    "BATCH_MATMUL": "BatchMatMul",
    "CONV_2D": "Conv2D",
    "CUMSUM": "CumSum",
    "DEPTHWISE_CONV_2D": "DepthwiseConv2D",
    "ELU": "Elu",
    "L2_POOL_2D": "L2Pool2D",
    "LOGISTIC": "Logistic",
    "PADV2": "PadV2",
    "PRELU": "Prelu",
    "RELU6": "Relu6",
    "SELECT_V2": "SelectV2",
    "SPLIT_V": "SplitV",
    "SVDF": "Svdf",
    "UNIDIRECTIONAL_SEQUENCE_LSTM": "UnidirectionalSequenceLSTM",
}
"""As micro_mutable_op_resolver.h of the runtimes' commits spells those that no rule gives."""


@pytest.mark.parametrize(
    ("runtime", "least"), [("tflm-ref-arm32", 117), ("tflm-2020-ref-arm32", 56), ("ethos-u55", 118)]
)
def test_methods_are_those_of_the_runtimes_resolver(runtime: str, least: int) -> None:
    """A built-in operator's method is its name in camel case; a signal operator's its name without Signal."""
    operators = load_runtime(data_folder() / "runtimes" / f"{runtime}.toml").operators
    assert len(operators) == least
    for name, support in operators.items():
        if support.custom:
            assert support.resolver == CUSTOM_METHODS.get(name, name.removeprefix("Signal"))
        else:
            assert support.resolver.casefold() == name.replace("_", "").casefold()
            assert support.resolver == SPELT.get(name, support.resolver)
            starts = [part[0] for part in name.split("_") if name not in SPELT]
            assert all(letter in support.resolver for letter in starts)
    assert len({support.resolver for support in operators.values()}) == len(operators)


def test_two_headers_can_be_in_one_program(tmp_path: Path) -> None:
    other = replace(BUILD.model, name="Other Net")
    for place, one in enumerate((BUILD, build(model=other))):
        (tmp_path / f"build{place}.h").write_text(header(one), encoding="ascii")
    body = "  puts(TINYKG_SMALL_NET_MODEL_NAME);\n  puts(TINYKG_OTHER_NET_MODEL_NAME);"
    for standard in ("c99", "c++11"):
        found = printed(tmp_path, standard, body, head='#include "build0.h"\n#include "build1.h"')
        assert found == ["Small Net", "Other Net"]


def test_it_compiles_alone(tmp_path: Path) -> None:
    source = tmp_path / "alone.c"
    source.write_text(header(BUILD), encoding="ascii")
    for standard in ("c11", "c++11", "c++17"):
        compiled(source, standard)
