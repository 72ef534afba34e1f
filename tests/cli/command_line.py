"""The command line, run in this process."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Protocol

from click.testing import CliRunner

from tinykg.cli.main import run


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a command line gave: exit code, and what it wrote to stdout and stderr."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Tinykg(Protocol):
    """`tinykg(...)` runs a command line."""

    def __call__(self, *words: str, stdin: str | bytes | None = None) -> Done: ...


def call(*words: str, stdin: str | bytes | None = None) -> Done:
    with CliRunner().isolation(input=stdin) as (out, err, _):
        code = run(words)
        return Done(code=code, out=out.getvalue().decode(), err=err.getvalue().decode())
