"""How far a benchmark is: a line that rewrites itself on a terminal, and nothing where it is none."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING, Self

import click

from tinykg.report.table import printable

if TYPE_CHECKING:
    from types import TracebackType

_BAR = 24


class ProgressLine:
    """Tells the person at the terminal what is being done; a watch's `told`."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._is_terminal = sys.stderr.isatty()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._is_terminal:
            click.echo("\r" + " " * self._width() + "\r", nl=False, err=True)

    def tell(self, done: float, doing: str) -> None:
        """Show that so much is done."""
        if not self._is_terminal:
            return
        filled = round(_BAR * min(max(done, 0.0), 1.0))
        text = f"[{'#' * filled}{'.' * (_BAR - filled)}] {done * 100:3.0f} % {self._title}: {doing}"
        width = self._width()
        click.echo(f"\r{printable(text)[:width]:<{width}}", nl=False, err=True)

    @staticmethod
    def _width() -> int:
        return max(shutil.get_terminal_size().columns - 1, 20)
