"""What a job may not say of the machine of whoever runs it: where things lie is the worker's to say."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tinykg.errors import BenchmarkError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tinykg.records.benchmark import BenchmarkRequest

PLACES: Final = ("port", "monitor")
"""Options that name a device or an address on the worker's machine."""

NO_PLACE: Final = "simulated"
"""What a port may be that is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """What a worker itself says, which goes before what a job says: options, and where labelled data are."""

    options: Mapping[str, str] = field(default_factory=dict)
    data: Path | None = None

    def options_for(self, request: BenchmarkRequest) -> dict[str, str]:
        """The options of a request as this worker has them."""
        return {**request.options, **self.options}


def places_in(request: BenchmarkRequest) -> list[str]:
    """What a request says of places on the worker's machine: names of options, and `data`."""
    named = [name for name in PLACES if request.options.get(name, NO_PLACE) != NO_PLACE]
    return [*named, *(["data"] if request.data is not None else [])]


def check_trusted(request: BenchmarkRequest, own: Own) -> None:
    """Raise BenchmarkError where a stranger's request names a place that the worker has not named itself."""
    for name in places_in(request):
        said = own.data is not None if name == "data" else name in own.options
        if not said:
            how = "--data PATH" if name == "data" else f"--option {name}=..."
            raise BenchmarkError(
                f"the job says where '{name}' is on the worker's machine, which only the worker may: "
                f"begin it with {how}"
            )
