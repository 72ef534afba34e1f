"""Published-like files of boards and parts, written by hand."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


def write_manifest(folder: Path, identifier: str = "acme_one", **changes: Any) -> Path:
    """A PlatformIO manifest in a folder; `upload` and `build` replace parts of these, None leaves one out."""
    manifest: dict[str, Any] = {
        "build": {"core": "nRF5", "cpu": "cortex-m4", "f_cpu": "64000000L", "mcu": "nrf52840"}
        | changes.pop("build", {}),
        "connectivity": ["bluetooth"],
        "frameworks": ["arduino"],
        "name": "Acme One",
        "upload": {"maximum_ram_size": 200_704, "maximum_size": 786_432} | changes.pop("upload", {}),
        "url": "https://acme.example/one",
        "vendor": "Acme",
    } | changes
    manifest["build"] = {name: value for name, value in manifest["build"].items() if value is not None}
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{identifier}.json"
    path.write_text(json.dumps(manifest), encoding="utf-8")
    return path


def write_pack(
    path: Path,
    *parts: str,
    clock_hz: int = 64_000_000,
    sram_bytes: int = 0x40000,
    flash_bytes: int = 0x100000,
) -> Path:
    """A CMSIS-Pack description with parts that have one Cortex-M4 with FPU and DSP."""
    devices = "\n".join(f'<device Dname="{name}"/>' for name in parts)
    path.write_text(
        f"""<?xml version="1.0" encoding="UTF-8"?>
<package schemaVersion="1.7.7">
  <vendor>Acme</vendor><name>{path.stem.split(".", 1)[1]}</name><description>Parts</description>
  <devices><family Dfamily="Acme Series" Dvendor="Acme:1">
    <processor Dcore="Cortex-M4" DcoreVersion="r0p1" Dfpu="SP_FPU" Ddsp="DSP" Dmpu="MPU"
      Dendian="Little-endian" Dclock="{clock_hz}"/>
    <memory name="IRAM1" access="rwx" start="0x20000000" size="{sram_bytes:#x}" default="1"/>
    <memory name="IROM1" access="rx" start="0x00000000" size="{flash_bytes:#x}" default="1" startup="1"/>
    {devices}
  </family></devices>
</package>
""",
        encoding="utf-8",
    )
    return path


def write_sheet(path: Path, more: str = "", **facts: str) -> Path:
    """A board's sheet with a core, no memories and no sensors stated."""
    lines = {"name": "Acme One", "source": "a data sheet", "system": "bare-metal"} | facts
    text = "\n".join(f'{name} = "{value}"' for name, value in lines.items())
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'{text}\n{more}\n[[processor]]\ncore = "cortex-m4f"\n', encoding="utf-8")
    return path
