"""core_slug: which core a source's words mean, and which words mean none."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinykg.extract.core_names import CORTEX, core_slug, core_slugs
from tinykg.files import share

if TYPE_CHECKING:
    from pathlib import Path


def vocabulary() -> set[str]:
    """The slugs of the core vocabulary."""
    text = (share() / "ontology" / "vocabularies" / "cores.ttl").read_text(encoding="utf-8")
    return set(re.findall(r"^core:(\S+) a skos:Concept", text, re.MULTILINE))


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("cortex-m4", "cortex-m4"),
        ("Cortex-M4F", "cortex-m4f"),
        ("cortex_m4f", "cortex-m4f"),
        ("CortexM7", "cortex-m7"),
        ("ARM Cortex M 33", "cortex-m33"),
        ("Arm® Cortex®-M33 32-bit RISC core", "cortex-m33"),
        ("32-bit Arm(R) Cortex(TM)-M85", "cortex-m85"),
        ("Cortex-M0", "cortex-m0"),
        ("Cortex-M0+", "cortex-m0plus"),
        ("cortex-m0plus", "cortex-m0plus"),
        ("Cortex-M0P", "cortex-m0plus"),
        ("cortex-m0+ at 48 MHz", "cortex-m0plus"),
        ("cortex-m33+nodsp", "cortex-m33"),
        ("cortex-m0+nofp", "cortex-m0"),
        ("Cortex-M35P", "cortex-m35p"),
        ("cortex-m7f", "cortex-m7"),
        ("Cortex-R52", "cortex-r52"),
        ("quad-core Cortex-A53 (ARM v8)", "cortex-a53"),
        ("ARM1176JZF-S", "arm1176"),
        ("ARM7TDMI-S", "arm7tdmi"),
        ("Xtensa LX6", "xtensa-lx6"),
        ("xtensa_lx7", "xtensa-lx7"),
        ("Tensilica Xtensa LX106", "xtensa-lx106"),
        ("Cadence HiFi 4", "xtensa-hifi4"),
        ("AVR", "avr"),
        ("avr8", "avr"),
        ("ARC EM9D", "arc-em9d"),
        ("arc", "arc"),
        ("Renesas RXv2", "rxv2"),
        ("TI C28x", "c28x"),
        ("Hazard3 RV32IMAC", "hazard3"),
        ("RV32IMC", "rv32imc"),
        ("rv32imac_zicsr_zifencei", "rv32imac"),
        ("RV32 IMACP", "rv32imac"),
        ("rv32gc", "rv32imafc"),
        ("RV32I", "rv32"),
        ("rv32ec", "rv32ec"),
        ("RISC-V 64GCVB Core", "rv64gc"),
        ("RV64IMACV", "rv64"),
        ("rv32imc xpulp", "rv32imc-xpulp"),
        ("32-bit RISC-V", "rv32"),
        ("RISC-V 64-bit", "rv64"),
        ("x86_64", "x86-64"),
        ("x86", "x86"),
        ("32-Bit ARM® Cortex®-M7", "cortex-m7"),
        ("8051", "mcs51"),
        ("ARC", "arc"),
        ("ARM Cortex A9 Based", "cortex-a9"),
        ("ARM Cortex M7", "cortex-m7"),
        ("ARM968E-S", "arm968e-s"),
        ("AndesCore™ D25F, 5-stage, single-issue, RV32 IMACP", "rv32imac"),
        ("Arm Cortex-M4F", "cortex-m4f"),
        ("Arm(R) Cortex(TM)-M33", "cortex-m33"),
        ("CORTEX_M55", "cortex-m55"),
        ("Cortex-A53", "cortex-a53"),
        ("Hazard3 (RV32IMAC)", "hazard3"),
        ("LEON3", "sparc"),
        ("MIPS32 M4K", "mips32"),
        ("MSP430X", "msp430"),
        ("Nios II", "nios2"),
        ("RISC-V RV32IMC", "rv32imc"),
        ("RISC-V, 64 bits", "rv64"),
        ("RV32GC", "rv32imafc"),
        ("Star-MC1", "star-mc1"),
        ("TMS320 C28x", "c28x"),
        ("Tensilica HiFi 4", "xtensa-hifi4"),
        ("Xtensa® dual-core 32-bit LX7", "xtensa-lx7"),
        ("arm1176jzf-s", "arm1176"),
        ("cortex-m0", "cortex-m0"),
        ("cortex-m4f", "cortex-m4f"),
        ("cortex-r4f", "cortex-r4"),
        ("cortexm0plus", "cortex-m0plus"),
        ("ia32", "x86"),
        ("mcs51", "mcs51"),
        ("rv32i", "rv32"),
        ("rv32imcxpulpv2", "rv32imc-xpulp"),
        ("rv64imac", "rv64"),
        ("stm8", "stm8"),
        ("xtensa lx6", "xtensa-lx6"),
        ("xtensa_lx106", "xtensa-lx106"),
    ],
)
def test_a_core_by_its_name(text: str, slug: str) -> None:
    assert core_slug(text) == slug
    assert slug in vocabulary()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Arm",
        "Xtensa",
        "RISC-V",
        "32-bit",
        "nRF52840",
        "STM32L4R5ZI",
        "Cortex",
        "Cortex-M",
        "Cortex-M444",
        "Cortex-M9",
        "Cortex-A78AE",
        "Cortex-M99",
        "GAP9 Risc-v",
        "XC2000",
        "marcx",
        "nrf52840",
        "stm32f103c8t6",
        "vortex-m4f4x",
        "search for x",
        "HiFi3 + M0",
        "32-bit RH850G3KH2.0",
        "Qualcomm Kryo CPU",
        "Microblaze",
        "leaving",
        "Cortex-M7 and Cortex-M4",
    ],
)
def test_words_that_name_no_core_or_several(text: str) -> None:
    assert core_slug(text) is None


@pytest.mark.parametrize(
    ("text", "has_fpu", "slug"),
    [
        ("cortex-m4", None, "cortex-m4"),
        ("cortex-m4", False, "cortex-m4"),
        ("cortex-m4", True, "cortex-m4f"),
        ("cortex-m4f", None, "cortex-m4f"),
        ("cortex-m33", True, "cortex-m33"),
        ("cortex-m7", False, "cortex-m7"),
        ("cortex-m0plus", True, "cortex-m0plus"),
        ("avr", True, "avr"),
    ],
)
def test_only_of_a_cortex_m4_the_unit_makes_another_core(text: str, has_fpu: bool | None, slug: str) -> None:
    assert core_slug(text, has_fpu=has_fpu) == slug


@pytest.mark.parametrize(
    ("text", "slugs"),
    [
        ("Cortex-M7 + Cortex-M4F", ("cortex-m7", "cortex-m4f")),
        ("Cortex-M4 and Cortex-M7, Cortex-M4", ("cortex-m4", "cortex-m7")),
        ("Dual Cortex-M33 or Hazard3 (RV32IMAC)", ("cortex-m33", "hazard3")),
        ("Cortex-A55, Cortex-M33, Ethos-U65", ("cortex-a55", "cortex-m33")),
        ("none of them", ()),
    ],
)
def test_several_cores_in_their_order(text: str, slugs: tuple[str, ...]) -> None:
    assert core_slugs(text) == slugs


def test_every_cortex_of_the_table_is_in_the_vocabulary() -> None:
    assert vocabulary() >= CORTEX


@given(st.sampled_from(sorted(CORTEX)), st.sampled_from(["-", " ", "_", ""]), st.booleans())
def test_spelling_and_case_do_not_matter(slug: str, mark: str, upper: bool) -> None:
    family, letter = "cortex", slug.removeprefix("cortex-")
    text = f"Arm {family}{mark}{letter} core"
    assert core_slug(text.upper() if upper else text) == slug


@given(st.sampled_from(["32", "64"]), st.text("eigmafdcbvpnq", max_size=8))
def test_a_core_has_no_extension_that_its_instruction_set_lacks(bits: str, letters: str) -> None:
    slug = core_slug(f"RV{bits}{letters}") or ""
    assert slug.startswith(f"rv{bits}")
    assert set(slug[4:].replace("g", "imafd")) <= set(letters.replace("g", "imafd"))


words = st.sampled_from(
    [
        "cortex",
        "-",
        "m4",
        "m0",
        "+",
        "plus",
        "f",
        "rv32",
        "imac",
        "gc",
        "risc-v",
        "64",
        "bit",
        "lx6",
        "avr",
        " ",
    ]
)


@given(st.text() | st.lists(words).map("".join), st.none() | st.booleans())
def test_any_text_names_cores_of_the_vocabulary_or_none(text: str, has_fpu: bool | None) -> None:
    slugs = core_slugs(text, has_fpu=has_fpu)
    assert set(slugs) <= vocabulary()
    assert len(set(slugs)) == len(slugs)
    slug = core_slug(text, has_fpu=has_fpu)
    assert slug == (slugs[0] if len(slugs) == 1 else None)


def test_cores_of_published_manifests_are_named(test_data: Path) -> None:
    folder = test_data / "boards" / "platformio"
    found = set()
    for path in folder.rglob("*.json"):
        found |= set(re.findall(r'"cpu"\s*:\s*"([^"]+)"', path.read_text(encoding="utf-8", errors="replace")))
    cortex = {text for text in found if text.startswith("cortex-")}
    assert len(cortex) >= 8
    assert {core_slug(text) for text in cortex} <= vocabulary()
