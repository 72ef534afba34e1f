"""The machine that this process runs on, in words: never its name, its user or its addresses."""

from __future__ import annotations

import os
import platform
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tinykg.records.device import DeviceType

CPU_INFO: Final = Path("/proc/cpuinfo")
BOARD_MODEL: Final = Path("/proc/device-tree/model")
"""Where Linux says which board it runs on, if the board's firmware hands over a devicetree."""

_CPU: Final = re.compile(r"^(?:model name|Hardware|cpu model)\s*:\s*(.+)$", re.MULTILINE)
_REVISION: Final = re.compile(r"\s+rev(?:ision)?\.?\s*[\w.]+$", re.IGNORECASE)


def board_model() -> str | None:
    """The board's own name by its devicetree, such as `Raspberry Pi 4 Model B Rev 1.4`; None on a PC."""
    try:
        said = BOARD_MODEL.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    return said.strip("\0 \n") or None


def cpu_name() -> str:
    """The processor in the words of the system."""
    try:
        found = _CPU.search(CPU_INFO.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        found = None
    name = found[1] if found else platform.processor() or platform.machine() or "unknown processor"
    return " ".join(name.split())


def host_words() -> str:
    """This host as a result names it: its board or else its processor, and the system's architecture."""
    return f"{board_model() or cpu_name()} ({platform.system()} {platform.machine()})"


def environment() -> Mapping[str, str]:
    """What else a reader needs to judge times that were taken here."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    found = {
        "processor": cpu_name(),
        "usable cores": str(usable),
        "system": f"{platform.system()} {platform.release()}",
        "architecture": platform.machine(),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
    }
    load = f"{os.getloadavg()[0]:.2f}" if hasattr(os, "getloadavg") else None
    more = {"board": board_model(), "load before the run": load}
    return found | {name: value for name, value in more.items() if value is not None}


def is_this_host(device: DeviceType) -> bool:
    """Whether this host says of itself that it is a board of that type: the same name, revision apart."""
    said = board_model()
    if said is None:
        return False
    own = _folded(_REVISION.sub("", said))
    return own in {_folded(name) for name in (device.name, *device.aliases)}


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())
