"""One fault that validation found, for a person and for a machine."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A broken rule: the node, the property, the value, the shape and its message."""

    severity: str
    focus: str
    path: str | None
    value: str | None
    shape: str | None
    message: str

    @property
    def sentence(self) -> str:
        """One line: where, what was found, what to do."""
        place = f"{self.focus} {self.path}" if self.path else self.focus
        found = f" (found {self.value})" if self.value is not None else ""
        return f"{place}: {self.message}{found}"
