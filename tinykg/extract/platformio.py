"""A PlatformIO board manifest (JSON, one board a file) -> BoardDescription.

A manifest lies in `<platform>/boards/`; LibreTiny's name fragments that they inherit from. It says
neither sensors nor, but for the flags of its compiler, whether there is a floating-point unit.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import msgspec

from tinykg.errors import ExtractError
from tinykg.extract.core_names import core_slug
from tinykg.extract.document import converted
from tinykg.extract.json_document import beginning, read_object, top_members
from tinykg.extract.platformio_fragments import FOLDER, KEY, with_fragments
from tinykg.extract.platformio_memory import Upload, figures
from tinykg.extract.platformio_parts import core_of, folded_part, is_bare_chip, part_by_name
from tinykg.records.board import BoardDescription
from tinykg.records.device import Processor

if TYPE_CHECKING:
    from pathlib import Path


class _Build(msgspec.Struct, kw_only=True):
    mcu: str | None = None
    cpu: str | None = None
    march: str | None = None
    fabi: str | None = None
    f_cpu: int | str | None = None
    extra_flags: str | list[str] | None = None


class _Manifest(msgspec.Struct, kw_only=True):
    name: str
    vendor: str | None = None
    url: str | None = None
    frameworks: list[str] | None = None
    connectivity: list[str] | None = None
    build: _Build
    upload: Upload | None = None


CONNECTIVITY: Final = {
    "6lowpan": "ieee802154",
    "802.15.4": "ieee802154",
    "ble": "ble",
    "bluetooth": "bluetooth",
    "can": "can",
    "cellular": "cellular",
    "ethernet": "ethernet",
    "gsm": "cellular",
    "ieee802154": "ieee802154",
    "lora": "lora",
    "lte": "cellular",
    "lte-m": "lte-m",
    "nb-iot": "nb-iot",
    "nfc": "nfc",
    "subghz": "subghz",
    "thread": "ieee802154",
    "wi-fi": "wifi",
    "wifi": "wifi",
    "zigbee": "ieee802154",
}
"""Words of the member `connectivity` in lower case. The others, such as "gps", connect to no network."""

LINUX_FRAMEWORKS: Final = frozenset({"wiringpi"})
"""Frameworks of programs for Linux; all the others build an image that runs alone."""

_LOW_ENERGY_ONLY: Final = re.compile(r"nrf5|esp32(?:s3|c\d|h\d)|bk72[35]|ln882|rtl87|efr32|stm32wb")
"""Parts that do no other Bluetooth than Low Energy, by their datasheets; manifests call both "bluetooth"."""

_ADDRESS: Final = re.compile(r"https?://[^\s<>\"{}|\\^`]+")

PSRAM_FLAG: Final = "BOARD_HAS_PSRAM"
_PSRAM: Final = re.compile(rf"(?:^|\s)-D\s*{PSRAM_FLAG}(?!=0)\b")
_ONE_CORE_USED: Final = "CONFIG_FREERTOS_UNICORE"
_HARD_FLOAT: Final = re.compile(r"-mfloat-abi=(?:hard|softfp)\b")
_INTEGER: Final = re.compile(
    r"\(*\s*(0x[0-9a-f]{1,12}|\d{1,15})\s*(?:ul{0,2}|l{1,2}u?)?\s*\)*", re.IGNORECASE
)


def read_manifest(path: Path) -> BoardDescription:
    """The board of a manifest; raises ExtractError."""
    manifest = converted(path, with_fragments(path, read_object(path, is_ambiguous=False)), _Manifest)
    name, build = _name(path, manifest.name), manifest.build
    collection = collection_of(path)
    is_linux = not LINUX_FRAMEWORKS.isdisjoint(manifest.frameworks or []) or (collection or "").startswith(
        "linux"
    )
    flags = build.extra_flags if isinstance(build.extra_flags, str) else " ".join(build.extra_flags or [])
    named_part = (build.mcu or "").strip() or part_by_name(name) or ""
    part = "" if core_slug(named_part) else named_part  # some write the core in the part's place
    memory = figures(path, manifest.upload or Upload(), part=folded_part(part), name=name, is_linux=is_linux)
    has_psram = _PSRAM.search(flags) is not None
    unsized = has_psram and not any(figure.memory == "psram" for figure in memory)
    vendor = (manifest.vendor or "").strip() or None
    words = [word.strip() for word in manifest.connectivity or [] if word.strip()]
    return BoardDescription(
        source="platformio",
        collection=collection,
        identifier=path.stem,
        name=name,
        vendor=vendor,
        part=part or None,
        is_chip=is_bare_chip(path.stem, name, vendor, named_part),
        system="linux" if is_linux else "bare-metal",
        processors=(_processor(path, build, part, named_part, flags),),
        figures=memory,
        connectivity=_connectivity(words, folded_part(part)),
        tags=tuple(sorted({*_further_words(words), *((PSRAM_FLAG,) if has_psram else ())})),
        address=_address(manifest.url),
        note=f"{PSRAM_FLAG}: external RAM of a size that the manifest does not say" if unsized else None,
    )


def collection_of(path: Path) -> str | None:
    """The platform that a manifest belongs to: its folder, or the one above where it is called boards."""
    folder = path.absolute().parent
    return (folder.parent if folder.name == "boards" else folder).name or None


def clock_hz(path: Path, text: int | str | None) -> int | None:
    """The clock in Hz that `build.f_cpu` sets: "64000000L", 8000000UL, 16*1000000; None for none and zero.

    It is what a program is built for, which may be less than the part can do.
    """
    value = 1
    for factor in [] if text is None else str(text).split("*"):
        match = _INTEGER.fullmatch(factor.strip())
        if match is None:
            raise ExtractError(
                path, "`$.build.f_cpu`", f"'{str(text)[:40]}'", "a clock in Hz such as 64000000L"
            )
        value *= int(match[1], 16) if match[1][:2].lower() == "0x" else int(match[1])
    if value >= 1 << 40:
        raise ExtractError(path, "`$.build.f_cpu`", f"'{str(text)[:40]}'", "a clock below 1 THz")
    return None if text is None else value or None


def _processor(path: Path, build: _Build, part: str, named_part: str, flags: str) -> Processor:
    """The part with the core that `cpu` names, else the one that parts of this name have, else by `march`.

    `march` is what the compiler may use, which can be less than the part has.

    Code for the hard-float interface runs on a core with a floating-point unit only. A program for one core
    of an ESP32 does not say how many its version has.
    """
    has_fpu = True if build.fabi in {"hard", "softfp"} or _HARD_FLOAT.search(flags) else None
    known, count = core_of(part)
    if _ONE_CORE_USED in flags:
        count = None
    core = (
        core_slug(build.cpu or "", has_fpu=has_fpu)
        or known
        or core_slug(build.march or "")
        or core_slug(named_part, has_fpu=has_fpu)
    )
    clock = clock_hz(path, build.f_cpu)
    return Processor(part=part or None, core=core, core_count=count, clock_hz=clock, has_fpu=has_fpu)


def _connectivity(words: list[str], part: str) -> tuple[str, ...] | None:
    """The interfaces that are named; an empty list is a form that nobody filled in, so it says nothing."""
    found = {CONNECTIVITY[word.lower()] for word in words if word.lower() in CONNECTIVITY}
    if "bluetooth" in found and _LOW_ENERGY_ONLY.match(part):
        found = found - {"bluetooth"} | {"ble"}
    return tuple(sorted(found)) or None


def _further_words(words: list[str]) -> set[str]:
    """The words that say more than the interface they stand for, or that stand for none."""
    return {word for word in words if CONNECTIVITY.get(word.lower()) != word.lower()}


def _name(path: Path, text: str) -> str:
    if not text.strip():
        raise ExtractError(path, "`$.name`", "an empty text", "the board's name")
    return text.strip()


def _address(text: str | None) -> str | None:
    """The web address that a text is; the few that are none help nobody."""
    stripped = (text or "").strip()
    return stripped if _ADDRESS.fullmatch(stripped) else None


class PlatformioManifests:
    """JSON files with a board's name and how to build and upload, or the fragments that say so."""

    name = "platformio"

    def accepts(self, path: Path) -> bool:
        """Whether the file is a board's manifest; a fragment of manifests is not."""
        if path.suffix != ".json" or FOLDER in path.parts[:-1]:
            return False
        keys = top_members(beginning(path)).keys()
        is_built = "build" in keys and not keys.isdisjoint({"upload", "frameworks"})
        return "name" in keys and "@context" not in keys and (KEY in keys or is_built)

    def extract(self, path: Path) -> tuple[BoardDescription, ...]:
        """The board of a manifest."""
        return (read_manifest(path),)


EXTRACTOR = PlatformioManifests()
