"""The devices of a CMSIS pack, each with all that its family, sub-family and itself say.

Properties go down the levels family > subFamily > device > variant (PACK.xsd, element `devices`):
a processor of the same `Pname` takes over attributes one by one, a memory of the same `Pname` and
`id` or `name` is replaced whole, anything else is added. A processor without `Pname` that stands
above named ones holds for each of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tinykg.extract.xml_document import XmlElement

MAX_DEVICES: Final = 5000
"""Devices and variants of one pack; the largest published ones describe some hundreds."""

MAX_MEMORIES: Final = 64
"""Memories of one device; published ones have at most twenty."""

_NUMBER = re.compile(r"\+?(?:0[xX][0-9a-fA-F]{1,16}|[0-9]{1,19})")
_TRUE: Final = frozenset({"1", "true"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """One `memory` element: where it lies, how large it is, and what is said of it."""

    name: str
    processor: str | None
    start: int
    size_bytes: int
    access: str | None
    alias: str | None
    is_default: bool

    @property
    def label(self) -> str:
        """Its name, after that of the processor that sees it where only one does."""
        return f"{self.processor}:{self.name}" if self.processor else self.name

    @property
    def place(self) -> str:
        """The element as a place in the description of its device."""
        return f"memory[{self.label}]"


@dataclass(frozen=True, slots=True, kw_only=True)
class PackProcessor:
    """One processor with the attributes of all levels."""

    name: str | None
    units: int
    core: str | None
    fpu: str | None
    dsp: str | None
    mve: str | None
    trustzone: str | None
    clock_hz: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PackDevice:
    """A device or a variant: its number, its maker, its processors and memories.

    `packages` are the variants whose facts here are the device's own.
    """

    part: str
    vendor: str | None
    vendor_number: str | None
    processors: tuple[PackProcessor, ...]
    regions: tuple[Region, ...]
    packages: tuple[str, ...] = ()

    @property
    def facts(self) -> tuple[tuple[PackProcessor, ...], frozenset[Region]]:
        """What two variants of a device have to share to be one microcontroller."""
        return self.processors, frozenset(self.regions)


class _Level:
    """What holds at one level of the hierarchy."""

    def __init__(self, above: _Level | None, element: XmlElement) -> None:
        self.vendor: str | None = element.get("Dvendor") or (above.vendor if above else None)
        self.processors: dict[str | None, dict[str, str]] = (
            {key: dict(value) for key, value in above.processors.items()} if above else {}
        )
        self.regions: dict[tuple[str | None, str], Region] = dict(above.regions) if above else {}
        self.clock_places: dict[str | None, XmlElement] = dict(above.clock_places) if above else {}
        for processor in element.all("processor"):
            self._take_processor(processor)
        for memory in element.all("memory"):
            region = read_region(memory)
            self.regions[region.processor, region.name] = region
        if len(self.regions) > MAX_MEMORIES:
            raise element.fault(f"{len(self.regions)} memories", f"at most {MAX_MEMORIES}")

    def _take_processor(self, element: XmlElement) -> None:
        key = element.get("Pname")
        common = self.processors.get(None, {}) if key else {}
        known = self.processors.setdefault(key, dict(common))
        known.update({name: value.strip() for name, value in element.attributes.items() if value.strip()})
        self.clock_places[key] = element

    def device(self, part: str) -> PackDevice:
        """The device of that name at this level."""
        vendor, _, number = (self.vendor or "").rpartition(":")
        keys = [key for key in self.processors if key is not None or len(self.processors) == 1]
        return PackDevice(
            part=part,
            vendor=(vendor or number).strip() or None,
            vendor_number=number.strip() if vendor else None,
            processors=tuple(self._processor(key) for key in keys),
            regions=tuple(region for region in self.regions.values() if region.size_bytes),
        )

    def _processor(self, key: str | None) -> PackProcessor:
        attributes = self.processors[key]
        element = self.clock_places[key]
        clock = attributes.get("Dclock")
        units = attributes.get("Punits")
        return PackProcessor(
            name=key,
            units=1 if units is None else max(1, number(element, "Punits", units)),
            core=attributes.get("Dcore"),
            fpu=attributes.get("Dfpu"),
            dsp=attributes.get("Ddsp"),
            mve=attributes.get("Dmve"),
            trustzone=attributes.get("Dtz"),
            clock_hz=None if clock is None else number(element, "Dclock", clock) or None,
        )


def number(element: XmlElement, attribute: str, text: str) -> int:
    """A whole number as the schema's NonNegativeInteger writes it, decimal or with 0x."""
    if not _NUMBER.fullmatch(text):
        raise element.fault(f"{text[:40]!r}", "a whole number, decimal or with 0x, below 2^64", attribute)
    digits = text.lstrip("+")
    return int(digits, 16) if digits[:2] in {"0x", "0X"} else int(digits)


def read_region(element: XmlElement) -> Region:
    """A `memory` element; a size of which only the last offset is given is made whole.

    Some packs write 0x3BFFF where 0x3C000 bytes are meant. No memory has an odd number of bytes
    that is one short of whole KiB, so such a size is the last offset.
    """
    name = element.get("id") or element.required("name")
    start = number(element, "start", element.required("start"))
    size = number(element, "size", element.required("size"))
    if size & 0x3FF == 0x3FF:
        size += 1
    if start + size > 1 << 64:
        raise element.fault(f"{size} bytes from {start:#x}", "an end below 2^64", "size")
    return Region(
        name=name,
        processor=element.get("Pname"),
        start=start,
        size_bytes=size,
        access=element.get("access"),
        alias=element.get("alias"),
        is_default=bool({element.get("default"), element.get("startup")} & _TRUE),
    )


def pack_devices(package: XmlElement) -> Iterator[PackDevice]:
    """Every device of the package, then those of its variants that differ from it, in order."""
    count = 0
    for devices in package.all("devices"):
        for family in devices.all("family"):
            for device in _below(family, _Level(None, family)):
                count += 1 + len(device.packages)
                if count > MAX_DEVICES:
                    raise family.fault(f"more than {MAX_DEVICES} devices", f"at most {MAX_DEVICES}")
                yield device


def _below(element: XmlElement, level: _Level) -> Iterator[PackDevice]:
    for child in element.children:
        if child.tag == "subFamily":
            yield from _below(child, _Level(level, child))
        elif child.tag == "device":
            yield from _device(child, _Level(level, child))


def _device(element: XmlElement, level: _Level) -> Iterator[PackDevice]:
    """The device unless each variant differs from it, and the variants that do."""
    device = level.device(element.required("Dname"))
    elements = list(element.all("variant"))
    if len(elements) > MAX_DEVICES:
        raise element.fault(f"{len(elements)} variants", f"at most {MAX_DEVICES}")
    variants = [_Level(level, variant).device(variant.required("Dvariant")) for variant in elements]
    same = tuple(variant.part for variant in variants if variant.facts == device.facts)
    if same or not variants:
        yield PackDevice(
            part=device.part,
            vendor=device.vendor,
            vendor_number=device.vendor_number,
            processors=device.processors,
            regions=device.regions,
            packages=tuple(part for part in same if part != device.part),
        )
    yield from (variant for variant in variants if variant.facts != device.facts)
