"""What a plug-in of the group `tinykg.extractors` satisfies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeAlias, runtime_checkable

from tinykg.records.device import DeviceType
from tinykg.records.model import Model
from tinykg.records.model_file import ModelFile

if TYPE_CHECKING:
    from pathlib import Path

Record: TypeAlias = ModelFile | Model | DeviceType
"""What a file can say: what a model file contains, facts about a model, or a device type."""


@runtime_checkable
class ModelCarrier(Protocol):
    """An extractor whose files hold a model's bytes among others, or in another form."""

    def model_bytes(self, path: Path) -> bytes:
        """The bytes of the model in the file, of which the record's sha256 is made."""


@runtime_checkable
class Extractor(Protocol):
    """Reads one file format. An entry point of the group `tinykg.extractors` names an instance."""

    @property
    def name(self) -> str:
        """The format's name, lower case."""

    def accepts(self, path: Path) -> bool:
        """Whether the file is in this format, told from its beginning or its name; raises nothing."""

    def extract(self, path: Path) -> Record:
        """All that the file says; an `ExtractError` that names the place where it cannot be read."""
