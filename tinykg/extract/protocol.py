"""What a plug-in of the group `tinykg.extractors` satisfies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeAlias, runtime_checkable

from tinykg.records.board import BoardDescription, Microcontroller
from tinykg.records.device import DeviceType
from tinykg.records.model import Model
from tinykg.records.model_file import ModelFile

if TYPE_CHECKING:
    from pathlib import Path

Record: TypeAlias = ModelFile | Model | DeviceType | BoardDescription | Microcontroller
"""What a file can say: what a model file contains, facts about a model, a board's own sheet, what one source
says of a board or of a part."""


@runtime_checkable
class ModelCarrier(Protocol):
    """An extractor whose files hold a model's bytes among others, or in another form."""

    def model_bytes(self, path: Path) -> bytes:
        """The bytes of the model in the file, of which the record's sha256 is made."""


@runtime_checkable
class Extractor(Protocol):
    """Reads one format of files or folders; an entry point of the group `tinykg.extractors` names one."""

    @property
    def name(self) -> str:
        """The format's name, lower case."""

    def accepts(self, path: Path) -> bool:
        """Whether the file or folder is in this format, told from name and beginning; raises nothing.

        A folder is taken whole or not at all: what is below one that is accepted is not looked at.
        """

    def extract(self, path: Path) -> tuple[Record, ...]:
        """All that the file says; an `ExtractError` that names the place where it cannot be read."""
