"""A CMSIS pack's description (.pdsc) -> the microcontrollers and the boards it describes.

Read are `package/devices` and `package/boards`; everything else in a pack is software. Which address
ranges count as a device's memory is told in `cmsis_pack_memory`, how its levels inherit in
`cmsis_pack_devices`, what a board's features mean in `cmsis_pack_boards`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tinykg.extract.cmsis_pack_boards import pack_boards
from tinykg.extract.cmsis_pack_devices import pack_devices
from tinykg.extract.cmsis_pack_memory import ARM_VENDOR_NUMBER, memory_figures
from tinykg.extract.core_names import core_slug
from tinykg.extract.xml_document import read_xml
from tinykg.records.board import Microcontroller
from tinykg.records.device import Processor

if TYPE_CHECKING:
    from pathlib import Path

    from tinykg.extract.cmsis_pack_devices import PackDevice, PackProcessor
    from tinykg.extract.xml_document import XmlElement
    from tinykg.records.board import BoardDescription

LABELS: Final = ("Dname", "Dvariant", "DsubFamily", "Dfamily", "id", "name", "Pname", "type")
"""The attributes by which a place names an element."""

_FPU: Final = {"NO_FPU": False, "0": False, "FPU": True, "SP_FPU": True, "DP_FPU": True, "1": True}
_ALWAYS_DSP: Final = re.compile(r"Cortex-M(?:4|7|55|85)", re.IGNORECASE)
_NEVER_DSP: Final = re.compile(r"Cortex-M(?:0\+?|1|3|23)|SC000|SC300|ARMV8MBL", re.IGNORECASE)


class CmsisPacks:
    """Descriptions of CMSIS packs: devices with processors and memories, boards with features."""

    name = "cmsis-pack"

    def accepts(self, path: Path) -> bool:
        """Whether the file is a pack's description, told from its name."""
        return path.suffix.lower() == ".pdsc" and path.is_file()

    def extract(self, path: Path) -> tuple[Microcontroller | BoardDescription, ...]:
        """The microcontrollers and then the boards of a pack; raises ExtractError."""
        package = read_xml(path, LABELS)
        if package.tag != "package":
            raise package.fault(f"<{package.tag[:40]}>", "<package>")
        collection = f"{_text(package, 'vendor')}.{_text(package, 'name')}"
        return (*_microcontrollers(package, collection), *pack_boards(package, collection))


def _text(package: XmlElement, tag: str) -> str:
    """The text of an element that a package must have."""
    element = package.first(tag)
    if element is None or not element.text:
        raise package.fault(f"no <{tag}>", f"the pack's {tag}")
    return element.text


def _microcontrollers(package: XmlElement, collection: str) -> list[Microcontroller]:
    """A record for each device number; of one that is described twice, the first."""
    found: dict[str, Microcontroller] = {}
    for device in pack_devices(package):
        if device.part not in found:
            found[device.part] = _microcontroller(device, collection)
    return list(found.values())


def _microcontroller(device: PackDevice, collection: str) -> Microcontroller:
    is_reference = device.vendor_number == ARM_VENDOR_NUMBER
    remarks = [f"variants: {', '.join(device.packages)}"] if device.packages else []
    if is_reference:
        remarks.append("a reference core, no chip: its clock and memories are for simulation")
    return Microcontroller(
        part=device.part,
        source="cmsis-pack",
        collection=collection,
        vendor=device.vendor,
        processors=tuple(_processor(device.part, p, has_clock=not is_reference) for p in device.processors),
        figures=memory_figures(device),
        note="; ".join(remarks) or None,
    )


def _processor(part: str, processor: PackProcessor, *, has_clock: bool) -> Processor:
    has_fpu = _FPU.get(processor.fpu or "")
    return Processor(
        part=part,
        core=core_slug(processor.core, has_fpu=has_fpu) if processor.core else None,
        core_count=processor.units,
        clock_hz=processor.clock_hz if has_clock else None,
        has_fpu=has_fpu,
        simd=simd(processor),
    )


def simd(processor: PackProcessor) -> str | None:
    """The vector or DSP extension, or "none"; None where neither the pack nor the architecture says.

    Armv7E-M (M4, M7), M55 and M85 always have the DSP extension, Armv6-M, Armv7-M and Armv8-M
    baseline never (Arm's Architecture Reference Manuals); for the others it is the maker's choice.
    """
    if processor.mve and processor.mve not in {"NO_MVE", "0"}:
        return "MVE"
    if processor.dsp:
        return "DSP" if processor.dsp in {"DSP", "1"} else "none"
    if _ALWAYS_DSP.fullmatch(processor.core or ""):
        return "DSP"
    return "none" if _NEVER_DSP.fullmatch(processor.core or "") else None


EXTRACTOR = CmsisPacks()
