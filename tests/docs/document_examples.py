"""Examples in documents, run.

```console
$ tinykg match --device uno
Arduino Uno R3, models: 0 of 54 fit
...
```

A `console` block is a session: a line that begins with `$ ` is a command for the shell, the lines below it
are what it prints, standard error included, to the letter; a line of three dots stands for any lines. A
command that ends with ` &` runs on until the document ends; what it prints first is waited for, and the port
8000 of a server's address is another one, which is free. A
`python` block runs after those above it; what it prints is the `text` block that follows. Blocks of other
languages are not run, nor are commands that fetch or build something (`pip`, `git`, `make`); a command that
needs an extra which is not installed is left out and named.

Each document has a registry of its own with the built-in catalogue, and a working folder that looks like the
repository, so that it can name files of it and write others.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sybil import Sybil
from sybil.parsers.markdown import CodeBlockParser

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sybil import Example

ROOT = Path(__file__).resolve().parent.parent.parent
DOCUMENTS = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", "data/*.md", "ontology/*.md", "shapes/*.md", "training/*.md")
    for path in ROOT.glob(pattern)
)
NOT_RUN = re.compile(r"(pip|git|make)\b|python -m pip\b")
SHOWN_ADDRESS = "127.0.0.1:8000"
NOT_LINKED = {".git", ".venv", "dist", "build"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A command of a session, the lines that it is shown as, and the lines it is said to print."""

    command: str
    shown: tuple[str, ...]
    expected: tuple[str, ...]


def steps(session: str) -> list[Step]:
    """The commands of a `console` block.

    A backslash at the end of a line goes on in the next; a quotation that is open, or a pipe, goes
    on in lines that begin with `> `.
    """
    found: list[tuple[str, list[str], list[str]]] = []
    for line in session.splitlines():
        if found and found[-1][0].endswith("\\"):
            command, shown, printed = found.pop()
            found.append((command.removesuffix("\\") + line.removeprefix("> "), [*shown, line], printed))
        elif found and line.startswith("> ") and _is_open(found[-1][0]):
            command, shown, printed = found.pop()
            found.append((f"{command}\n{line[2:]}", [*shown, line], printed))
        elif line.startswith("$ "):
            found.append((line[2:], [line], []))
        elif found:
            found[-1][2].append(line)
        else:
            raise AssertionError(f"a console block begins with a command, `$ ...`, not with: {line}")
    return [
        Step(command=command, shown=tuple(shown), expected=tuple(_stripped(printed)))
        for command, shown, printed in found
    ]


def _is_open(command: str) -> bool:
    """Whether a quotation in a command is not closed, or a pipe leads to nothing yet."""
    if command.endswith("|"):
        return True
    try:
        shlex.split(command)
    except ValueError:
        return True
    return False


def _stripped(lines: Sequence[str]) -> list[str]:
    """Lines without blanks at their ends and without empty lines at the end of all."""
    return "\n".join(line.rstrip() for line in lines).rstrip("\n").splitlines()


def agrees(expected: Sequence[str], printed: Sequence[str]) -> bool:
    """Whether lines are those expected, where `...` stands for any lines."""
    pattern = "".join("(?:.*\n)*?" if line == "..." else re.escape(line) + "\n" for line in expected)
    return re.fullmatch(pattern, "".join(line + "\n" for line in printed)) is not None


class Runner:
    """Runs the examples of one document, or writes anew what they print."""

    def __init__(self, workplace: Path, registry: Path, *, check: bool = True) -> None:
        self.workplace = workplace
        self.environment = {
            **os.environ,
            "TINYKG_REGISTRY": str(registry),
            "PATH": self._path(),
            "COLUMNS": "80",
            "PYTHONIOENCODING": "utf-8",
        }
        self.check = check
        self.left_out: list[str] = []
        self.address = f"127.0.0.1:{_free_port()}"
        self._running = contextlib.ExitStack()
        self.printed = ""
        self.anew: list[tuple[int, int, str]] = []
        folder = workplace / "repository"
        folder.mkdir()
        for path in ROOT.iterdir():
            if path.name not in NOT_LINKED:
                (folder / path.name).symlink_to(path)
        self.folder = folder

    def _path(self) -> str:
        programs = self.workplace / "bin"
        programs.mkdir()
        for name, words in (("tinykg", "-m tinykg"), ("python", "")):
            (programs / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {words} "$@"\n')
            (programs / name).chmod(0o755)
        return f"{programs}{os.pathsep}{os.environ['PATH']}"

    def run(self, document: Path) -> int:
        """Evaluate each example in order; their number."""
        languages: Mapping[str, Callable[[Example], str | None]] = {
            "console": self._console,
            "python": self._python,
            "text": self._text,
        }
        parsers = [CodeBlockParser(language, evaluate) for language, evaluate in languages.items()]
        examples = list(Sybil(parsers=parsers, path=str(ROOT)).parse(document).examples())
        with contextlib.chdir(self.folder), _environment(self.environment), self._running:
            for example in examples:
                example.evaluate()
        assert not self.printed or not self.check, (
            f"a text block with what is printed is missing: {self.printed}"
        )
        return len(examples)

    def _console(self, example: Example) -> str | None:
        lines: list[str] = []
        for step in steps(example.parsed):
            printed = list(step.expected) if NOT_RUN.match(step.command) else self._shell(step.command)
            if any("needs an extra: pip install" in line for line in printed):
                self.left_out.append(step.command)
                printed = list(step.expected)
            if self.check and not agrees(step.expected, printed):
                expected, found = "\n".join(step.expected), "\n".join(printed)
                return f"$ {step.command}\nis said to print\n{expected}\nand prints\n{found}\n{REPAIR}"
            keep = agrees(step.expected, printed) and "..." in step.expected
            lines += [*step.shown, *(step.expected if keep else printed)]
        self._remember(example, lines)
        return None

    def _shell(self, command: str) -> list[str]:
        if command.endswith(" &"):
            return self._in_background(command.removesuffix(" &"))
        command = command.replace(SHOWN_ADDRESS, self.address)
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return _stripped(done.stdout.replace(self.address, SHOWN_ADDRESS).splitlines())

    def _in_background(self, command: str) -> list[str]:
        """The first line that a command prints; it runs on."""
        process = subprocess.Popen(
            ["bash", "-c", f"exec {command}"],
            cwd=self.folder,
            env={**self.environment, "TINYKG_SERVE_PORT": self.address.rpartition(":")[2]},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._running.callback(_end, process)
        assert process.stdout is not None
        return _stripped([process.stdout.readline().replace(self.address, SHOWN_ADDRESS)])

    def _python(self, example: Example) -> str | None:
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            code = compile("\n" * example.line + example.parsed, example.path, "exec")
            exec(code, example.namespace)
        self.printed = printed.getvalue()
        return None

    def _text(self, example: Example) -> str | None:
        if not self.printed:
            return None
        expected, printed = _stripped(example.parsed.splitlines()), _stripped(self.printed.splitlines())
        self.printed = ""
        self._remember(example, printed)
        if self.check and not agrees(expected, printed):
            return "the Python above prints\n" + "\n".join(printed) + f"\n{REPAIR}"
        return None

    def _remember(self, example: Example, lines: Sequence[str]) -> None:
        self.anew.append((example.start, example.end, "".join(line + "\n" for line in lines)))


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    process.communicate(timeout=60)


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


REPAIR = "`python tests/docs/rewrite_examples.py` writes what is printed into the documents."


@contextlib.contextmanager
def _environment(values: Mapping[str, str]):  # type: ignore[no-untyped-def]  # a generator, as contextlib wants it
    before = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
