"""The extractors of this installation, built in and plugged in, and which of them reads a file."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint
from typing import TYPE_CHECKING, Final

from tinykg import plugins
from tinykg.errors import UnknownFormat
from tinykg.extract.protocol import Extractor, ModelCarrier

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

GROUP: Final = "tinykg.extractors"

BUILT_IN: Final = (
    EntryPoint("arduino", "tinykg.extract.arduino:EXTRACTOR", GROUP),
    EntryPoint("c-array", "tinykg.extract.c_array:EXTRACTOR", GROUP),
    EntryPoint("cmsis-pack", "tinykg.extract.cmsis_pack:EXTRACTOR", GROUP),
    EntryPoint("curated-device", "tinykg.extract.curated_device:EXTRACTOR", GROUP),
    EntryPoint("curated-model", "tinykg.extract.curated_model:EXTRACTOR", GROUP),
    EntryPoint("micropython", "tinykg.extract.micropython:EXTRACTOR", GROUP),
    EntryPoint("mlperf-tiny", "tinykg.extract.mlperf_tiny:EXTRACTOR", GROUP),
    EntryPoint("platformio", "tinykg.extract.platformio:EXTRACTOR", GROUP),
    EntryPoint("tflite", "tinykg.extract.tflite:EXTRACTOR", GROUP),
    EntryPoint("thing-description", "tinykg.extract.thing_description:EXTRACTOR", GROUP),
    EntryPoint("zephyr", "tinykg.extract.zephyr:EXTRACTOR", GROUP),
)
"""The package's own entry points, for a checkout on the path that nothing has installed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extractors:
    """Extractors by entry point name, and why others could not be loaded."""

    working: Mapping[str, Extractor]
    broken: Mapping[str, str]

    def accepting(self, path: Path) -> tuple[str, ...]:
        """The names of the extractors that accept the file, in alphabetical order."""
        return tuple(name for name, extractor in self.working.items() if extractor.accepts(path))

    def choose(self, path: Path) -> Extractor:
        """The one extractor that accepts the file; `UnknownFormat` where it is none or several."""
        names = self.accepting(path)
        if len(names) == 1:
            return self.working[names[0]]
        error = UnknownFormat(path, names or tuple(self.working))
        if names:
            error.args = (
                f"{path}: {len(names)} extractors accept it ({', '.join(names)}); remove all but one.",
            )
        raise error


def load(points: Iterable[EntryPoint]) -> Extractors:
    """The extractors that entry points name. A faulty plug-in is noted and stops no other one."""
    working, broken = plugins.load(points, Extractor, "it needs name, accepts and extract")  # type: ignore[type-abstract]  # instances are compared
    return Extractors(working=working, broken=broken)


@cache
def extractors() -> Extractors:
    """The extractors of this installation."""
    return load(plugins.announced(GROUP, BUILT_IN))


def extractor_for(path: Path) -> Extractor:
    """The one installed extractor that accepts the file; `UnknownFormat` where it is none or several."""
    return extractors().choose(path)


def model_bytes(path: Path) -> bytes:
    """The bytes of the model that the file holds: its own, or those of the array in a source."""
    extractor = extractor_for(path)
    return extractor.model_bytes(path) if isinstance(extractor, ModelCarrier) else path.read_bytes()
