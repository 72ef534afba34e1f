"""How much SRAM and program flash a device of a CMSIS pack has, from its list of address ranges.

A pack lists every range a linker or debugger may want: the same memory at a second address, windows
onto chips outside, boot code, user rows. The figures count each byte of the chip's own memory once.

What a range is, in this order
    1. an `alias` attribute names the range that it repeats;
    2. the name: `IRAMn` and `IROMn` of the old form, words such as SRAM, TCM, FLASH, MRAM; a name
       that says neither is RAM where `access` allows writing, else ROM.
Left out
    * what its name says is something else: external (SDRAM, QSPI, FMC ...), a view (alias, XIP,
      GFXMM ...), backup RAM (real, yet lost to a program that keeps time with it), peripherals' RAM,
      and for flash OTP, EEPROM, option bytes, user rows, boot ROM;
    * 16 MiB and more: no microcontroller holds that much inside, so it is a window (the 128 MiB
      window of the nRF52840, the 16 MiB of the STM32U5's GFXMM). The largest has 13.5 MiB of RAM;
    * by the address map of Armv7-M and Armv8-M (Architecture Reference Manuals, "The system address
      map"), for devices with an M core: 0x40000000 to 0x5FFFFFFF are peripherals, from 0x60000000 on
      lies external memory. A range there counts only if its name says that it is the chip's own
      SRAM, MRAM or program flash, as makers do who put theirs there;
    * the secure view of a memory: the same offset with address bit 28 set, where a core has
      TrustZone (Armv8-M with an IDAU); flash at 0x0C000000 that is also at 0x08000000 (bit 26:
      secure view of STM32, uncached view of XMC4000);
    * views that a maker's manual tells of (`_VIEWS`);
    * a ROM whose name says TCM, beside another ROM: the flash seen through the TCM bus;
    * a ROM of at most 8 KiB or a sixteenth of the largest that the linker does not use by default:
      user rows and loaders, as the read-while-write rows of the SAM D21.
Counted
    * instruction and data TCM, and RAM coupled to the core: they are SRAM of the chip. How much of
      a sum is instruction TCM is said in the figure's note, because makers differ in counting it;
    * memory of every core, once: ranges are joined by address, but for a TCM that belongs to one
      core, which others may have at the same address.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tinykg.extract.intervals import Interval, covered, longest_run, union
from tinykg.records.board import FigureKind, MemoryFigure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tinykg.extract.cmsis_pack_devices import PackDevice, Region

APERTURE_BYTES: Final = 16 << 20
SMALL_ROM_BYTES: Final = 8 << 10
SMALL_ROM_SHARE: Final = 16
ARM_VENDOR_NUMBER: Final = "82"
"""Arm's number in the schema's list of device vendors; its devices are cores to build chips with."""

PERIPHERALS: Final = Interval(0x4000_0000, 0x6000_0000)
OUTSIDE: Final = Interval(0x6000_0000, 1 << 64)
SECURE_BIT: Final = 1 << 28
FLASH_VIEW: Final = (0x0800_0000, 0x0C00_0000)

_VIEWS: Final = (
    # maker's number in the schema, memory, base of the view, what it shows; from the makers' manuals
    ("54", "sram", 0x0080_0000, 0x2000_0000),  # nRF52 "Code RAM"
    ("97", "sram", 0x1000_0000, 0x2000_0000),  # EFM32 "RAM (code space)", Energy Micro
    ("21", "sram", 0x1000_0000, 0x2000_0000),  # the same, Silicon Labs
    ("16", "sram", 0x0100_0000, 0x2000_0000),  # MSP432 "SRAM code zone"
    ("13", "flash", 0x0020_0000, 0x0800_0000),  # STM32F7 flash on the ITCM bus
    ("13", "flash", 0x0000_0000, 0x0800_0000),  # STM32 boot view
)


def _words(*words: str) -> re.Pattern[str]:
    """A pattern for words at the beginning of a word of a name in capitals."""
    return re.compile(rf"(?<![A-Z])(?:{'|'.join(words)})")


_ROM_WORDS: Final = re.compile(r"FLASH|ROM|NVM|(?<![A-Z])(?:MRAM|RRAM|FRAM)")
_RAM_WORDS: Final = re.compile(r"RAM|TCM|CCM|OCM|STACK|HEAP")
_VIEW_WORDS: Final = _words(
    "ALIAS", "MIRROR", r"BIT[ _-]?BAND", "GFXMM", "XIP", "WINDOW", "APERTURE", "CACHE"
)
_OUTSIDE_WORDS: Final = _words(
    r"EXT(?![A-Z])", "EXTERNAL", "SDRAM", "PSRAM", r"L?P?DDR", "HYPER", r"[DQOX]?SPI", "OCTO", "OCTA",
    "FLEXSPI", r"FS?MC", r"S?EMC(?![A-Z])", "EBI(?![A-Z])", "SMIF", "NOR(?![A-Z])", "NAND", "BOARD",
)  # fmt: skip
_SPECIAL_RAM: Final = _words(
    "BACKUP", "BKP", "BKUP", r"BB[_-]?RAM", "VBAT", "USB", "ETH", "CAN(?![A-Z])", "MSG", "PACKET", "DPRAM",
    "PKA", r"FLEX[ _-]?RAM", "EERAM",
)  # fmt: skip
_SPECIAL_ROM: Final = _words(
    "OTP", "EE(?![A-Z])", "E2", "EEPROM", "UICR", "FICR", "OPTION", "OPT(?![A-Z])", r"OB(?![A-Z])",
    r"USER[ _-]?(?:ROW|PAGE|SIG|CFG|CONFIG|OTP)", "INFO", r"DATA[ _-]?FLASH", "DFLASH", r"FLEX[ _-]?NVM",
    "LDROM", "BOOT", "SYS(?:TEM)?[ _-]?(?:MEM|ROM)", "FUSE", "CONFIG", "CFG", "CALIB", "FACTORY", "AUX",
    "SUPERV", "SFLASH", "WORK", "NVR", "EM[ _-]?EEPROM", "UNIQUE", "TOC", "DEVICE[ _-]?ID", "EMULATED",
)  # fmt: skip
_MASK_ROM: Final = re.compile(r"(?:BOOT[ _-]?)?ROM(?:[ _-]?CODE)?\d*")
_OWN_RAM: Final = re.compile(r"(?<![A-Z])(?:[A-Z]?SRAM|[ID]?TCM)")
_OWN_ROM: Final = re.compile(r"(?<![A-Z])[MR]RAM|(?:PROGRAM|CODE|MAIN|INTERNAL|ON[ _-]?CHIP)[ _-]?FLASH")


@dataclass(frozen=True, slots=True)
class _Kept:
    """A range that counts, as the record's memory kind says."""

    memory: str
    region: Region

    @property
    def interval(self) -> Interval:
        return Interval(self.region.start, self.region.start + self.region.size_bytes)

    @property
    def space(self) -> str | None:
        """The core that alone sees the range at its address; None where all do."""
        return self.region.processor if "TCM" in self.region.name.upper() else None


def memory_figures(device: PackDevice) -> tuple[MemoryFigure, ...]:
    """The device's SRAM and flash: all of it and its longest run; of Arm's own cores, placeholders."""
    kept, left_out = sort_regions(device)
    figures: list[MemoryFigure] = []
    for memory in ("sram", "flash"):
        chosen = [item for item in kept if item.memory == memory]
        if chosen:
            absent = [name for kind, name in left_out if kind == memory]
            figures += _figures(
                memory, chosen, absent, is_reference=device.vendor_number == ARM_VENDOR_NUMBER
            )
    return tuple(figures)


def _figures(
    memory: str, kept: Sequence[_Kept], absent: Sequence[str], *, is_reference: bool
) -> list[MemoryFigure]:
    spaces = {item.space for item in kept}
    ranges = [[item.interval for item in kept if item.space == space] for space in spaces]
    total = sum(covered(intervals) for intervals in ranges)
    place = " + ".join(dict.fromkeys(item.region.place for item in kept))
    if is_reference:
        note = "a memory to simulate with; the core is not a chip"
        return [
            MemoryFigure(memory=memory, kind=FigureKind.PLACEHOLDER, size_bytes=total, place=place, note=note)
        ]
    instruction = sum(item.region.size_bytes for item in kept if "ITCM" in item.region.name.upper())
    remarks = [f"{instruction} bytes of it are instruction TCM"] if instruction and memory == "sram" else []
    remarks += [f"not counted: {', '.join(absent)}"] if absent else []
    return [
        MemoryFigure(
            memory=memory,
            kind=FigureKind.CHIP_TOTAL,
            size_bytes=total,
            place=place,
            note="; ".join(remarks) or None,
        ),
        MemoryFigure(
            memory=memory,
            kind=FigureKind.LARGEST_BLOCK,
            size_bytes=max(longest_run(intervals) for intervals in ranges),
            place=place,
        ),
    ]


def sort_regions(device: PackDevice) -> tuple[list[_Kept], list[tuple[str, str]]]:
    """The ranges that count, and the others as memory kind and "NAME (why it does not count)"."""
    has_m_map = not device.processors or any(_is_m_profile(p.core) for p in device.processors)
    kept: list[_Kept] = []
    left_out: list[tuple[str, str]] = []
    repeated = _named_aliases(device.regions)
    has_tcm = any("TCM" in region.name.upper() for region in device.regions)
    for region in device.regions:
        memory = memory_of(region)
        reason = (
            "repeats another"
            if region in repeated
            else _why_not(region, memory, has_m_map=has_m_map, has_tcm=has_tcm)
        )
        if reason:
            left_out.append((memory, f"{region.label} ({reason})"))
        else:
            kept.append(_Kept(memory, region))
    for view in _view_rules(device):
        runs = _Runs(kept)
        views = {item for item in kept if view(item, runs)}
        left_out += [
            (item.memory, f"{item.region.label} (a view of another)") for item in kept if item in views
        ]
        kept = [item for item in kept if item not in views]
    return _without_rows(kept, left_out), left_out


def memory_of(region: Region) -> str:
    """Whether a range is `sram` or `flash`, by its name, else by its access."""
    name = region.name.upper()
    if _ROM_WORDS.search(name):
        return "flash"
    if _RAM_WORDS.search(name):
        return "sram"
    return "sram" if "w" in (region.access or "") else "flash"


def _is_m_profile(core: str | None) -> bool:
    """Whether a core has the address map of Armv6-M to Armv8-M, as all in packs but A and R have."""
    return not re.match(r"Cortex-[AR]", core or "", re.IGNORECASE)


def _why_not(region: Region, memory: str, *, has_m_map: bool, has_tcm: bool) -> str | None:
    """Why a range is no SRAM or program flash of the chip; None where it is."""
    reason = _said_to_be(region, memory)
    if reason is None and region.size_bytes >= APERTURE_BYTES:
        reason = "a window"
    if reason is None and has_m_map:
        reason = _lies_in(region, memory, has_tcm=has_tcm)
    return reason


def _said_to_be(region: Region, memory: str) -> str | None:
    """What else a range is by its name or its access."""
    name = region.name.upper()
    if _VIEW_WORDS.search(name):
        return "a view"
    if _OUTSIDE_WORDS.search(name):
        return "outside the chip"
    special = (_SPECIAL_RAM if memory == "sram" else _SPECIAL_ROM).search(name)
    if special or (memory == "flash" and _MASK_ROM.fullmatch(name)) or "p" in (region.access or ""):
        return "for another use"
    return None


def _lies_in(region: Region, memory: str, *, has_tcm: bool) -> str | None:
    """The part of the address map that is not for the chip's memories, unless the name tells otherwise.

    Where another range is a TCM at its core's address, its address on the system bus is a view.
    """
    name = region.name.upper()
    interval = Interval(region.start, region.start + region.size_bytes)
    own = (_OWN_RAM if memory == "sram" else _OWN_ROM).search(name)
    if interval.overlap(OUTSIDE) and not own:
        return "in the range of external memory"
    if interval.overlap(PERIPHERALS) and (not own or (has_tcm and "TCM" not in name)):
        return "in the range of peripherals"
    return None


def _named_aliases(regions: Sequence[Region]) -> set[Region]:
    """The ranges that repeat another by their `alias` attribute; of a circle, all but the first."""
    by_name = {region.name: region for region in reversed(regions)}
    repeated: set[Region] = set()
    for region in regions:
        chain = [region]
        while (target := by_name.get(chain[-1].alias or "")) is not None and target not in chain:
            chain.append(target)
        if target is region:
            if min(chain, key=regions.index) is not region:
                repeated.add(region)
        elif len(chain) > 1:
            repeated.add(region)
    return repeated


def _view_rules(device: PackDevice) -> list[_Rule]:
    """Tests for a range that shows another of the device's, each over the ranges the last one left."""
    rules: list[_Rule] = [_is_flash_on_tcm_bus, _shifted("flash", *reversed(FLASH_VIEW))]
    if any(_has_trustzone(p.core, p.trustzone) for p in device.processors):
        rules.append(_is_secure_view)
    rules += [
        _shifted(memory, view, shown)
        for maker, memory, view, shown in _VIEWS
        if maker == device.vendor_number
    ]
    return rules


def _is_flash_on_tcm_bus(item: _Kept, kept: _Runs) -> bool:
    return item.memory == "flash" and "TCM" in item.region.name.upper() and kept.has_other_flash


def _is_secure_view(item: _Kept, kept: _Runs) -> bool:
    return bool(item.region.start & SECURE_BIT) and kept.cover(item, item.region.start ^ SECURE_BIT)


def _has_trustzone(core: str | None, trustzone: str | None) -> bool:
    if trustzone is not None:
        return trustzone in {"TZ", "1"}
    return bool(re.match(r"(?:Cortex-M(?:23|33|35P|52|55|85)|ARMV8|Star-MC)", core or "", re.IGNORECASE))


def _shifted(memory: str, view: int, shown: int) -> _Rule:
    """Whether a range of that memory lies at the view's base, and what it shows is there too."""

    def rule(item: _Kept, kept: _Runs) -> bool:
        offset = item.region.start - view
        return item.memory == memory and 0 <= offset < APERTURE_BYTES and kept.cover(item, shown + offset)

    return rule


class _Runs:
    """The addresses of the ranges that count, joined, by memory."""

    def __init__(self, kept: Sequence[_Kept]) -> None:
        self._runs = {m: union(o.interval for o in kept if o.memory == m) for m in ("sram", "flash")}
        self.has_other_flash = any(o.memory == "flash" and "TCM" not in o.region.name.upper() for o in kept)

    def cover(self, view: _Kept, start: int) -> bool:
        """Whether all that the view shows, from `start` on, is there at its own address.

        A view is at least as far from what it shows as it is long, so it never covers itself.
        """
        shown = Interval(start, start + view.region.size_bytes)
        return any(run.overlap(shown) == shown.size for run in self._runs[view.memory])


_Rule = Callable[[_Kept, _Runs], bool]


def _without_rows(kept: list[_Kept], left_out: list[tuple[str, str]]) -> list[_Kept]:
    """The ranges without small ROMs beside the program's, which `left_out` then names."""
    roms = [item for item in kept if item.memory == "flash"]
    largest = max((item.region.size_bytes for item in roms), default=0)
    limit = max(SMALL_ROM_BYTES, largest // SMALL_ROM_SHARE)
    rows = {
        item
        for item in roms
        if not item.region.is_default and item.region.size_bytes <= limit and item.region.size_bytes < largest
    }
    left_out += [
        ("flash", f"{item.region.label} (a small row beside the program's)") for item in roms if item in rows
    ]
    return [item for item in kept if item not in rows]
