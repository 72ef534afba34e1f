"""Writes docs/cli.md from the commands and docs/queries.md from the queries; `--check` compares only."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

import click

from tinykg import errors
from tinykg.cli import main as command_line
from tinykg.cli.main import COMMANDS, EXIT_CODES, group
from tinykg.files import query_names, shape_files
from tinykg.match.rank import SORTS
from tinykg.queries.load import parameters, query_text, question
from tinykg.settings import Settings

DOCS = Path(__file__).resolve().parent.parent / "docs"
WRITTEN_BY = "<!-- written by tools/generate_docs.py; change the code, then run it again -->"

CLI_INTRODUCTION = f"""\
# The command line

{WRITTEN_BY}

Results go to standard output, the rest to standard error. On a terminal, lines are folded to its width;
into a file or a pipe they stay whole. Commands that read take `--json`. Names of boards and models are found
by aliases and in any spelling: `nano33`, `NANO-33`.

`tinykg completion bash` (or `zsh`, `fish`) prints the completion script of a shell; names of boards, models,
tasks and queries complete, too: `eval "$(tinykg completion bash)"`. `python -m tinykg` is `tinykg`.
"""

QUERIES_INTRODUCTION = f"""\
# The built-in queries

{WRITTEN_BY}

Each question is one file in `tinykg/queries/`, in SPARQL 1.1, and runs as it stands in any tool:
`tinykg query NAME`, or over what `tinykg export` gives. A line `VALUES ?x {{ UNDEF }}` is a parameter: write
a term in place of `UNDEF`, wherever the line stands, to ask about one thing. From Python:

```python
from tinykg import Registry
from tinykg.queries.load import iri, sparql

nano33 = iri("https://w3id.org/tinykg/device-type/arduino-nano-33-ble-sense")
with Registry.open("memory:") as registry:
    for row in registry.select(sparql("device_cores", device=nano33)):
        print(row["core"].value)
```

prints

```text
Cortex-M4F
```
"""


def cli_page() -> str:
    """Every command with its arguments and options, exit codes and settings."""
    parts = [
        CLI_INTRODUCTION,
        "## Exit codes\n",
        _table_in(command_line.__doc__ or ""),
        "## Errors\n",
        "In Python the same cases are classes of `tinykg.errors`; catch classes, not texts.\n",
        _errors(),
        "## Settings\n",
        _table_in(Settings.__doc__ or ""),
        "## tinykg\n",
        _options(group, "tinykg [OPTIONS] COMMAND [ARGS]..."),
    ]
    context = click.Context(group, info_name="tinykg")
    for name in COMMANDS:
        command = group.get_command(context, name)
        if command is not None:
            parts += [f"## tinykg {name}\n", _command(command, click.Context(command, context, name))]
    return "\n".join(parts)


def _command(command: click.Command, context: click.Context) -> str:
    usage = " ".join(command.collect_usage_pieces(context))
    lines = [_paragraphs(command.help or ""), _options(command, f"{context.command_path} {usage}")]
    if command.name == "validate":
        lines.append(_shapes())
    if command.name == "match":
        lines += [
            "Orders of `--sort`:\n",
            *(f"* `{name}`: {meaning}" for name, (meaning, _) in SORTS.items()),
            "",
        ]
    return "\n".join(lines)


def _errors() -> str:
    """Each class of error, what it says and its exit code."""
    rows = []
    for name, kind in vars(errors).items():
        if isinstance(kind, type) and issubclass(kind, errors.TinykgError):
            code = next(code for family, code in EXIT_CODES.items() if issubclass(kind, family))
            rows.append(f"| `{name}` | {_cell((kind.__doc__ or '').partition(chr(10))[0])} | {code} |")
    return "\n".join(["| class | | exit code |", "| --- | --- | --- |", *rows, ""])


def _shapes() -> str:
    """Each file of shapes with its title."""
    rows = []
    for path in shape_files():
        title = re.search(r'dcterms:title "([^"]*)"', path.read_text(encoding="utf-8"))
        rows.append(f"| `{path.name}` | {title.group(1).removeprefix('TinyKG shapes: ') if title else ''} |")
    return "\n".join(["| file of `shapes/` | |", "| --- | --- |", *rows, ""])


def _paragraphs(text: str) -> str:
    """Help as paragraphs, each one line."""
    return "\n\n".join(" ".join(part.split()) for part in re.split(r"\n\s*\n", text.strip())) + "\n"


def _options(command: click.Command, usage: str) -> str:
    """Usage, and a table of the options."""
    context = click.Context(command)
    rows = [
        f"| `{_cell(flags)}` | {_cell(text)} |"
        for option in command.params
        if isinstance(option, click.Option) and (record := option.get_help_record(context))
        for flags, text in [record]
    ]
    head = ["| option | |", "| --- | --- |"] if rows else []
    return "\n".join([f"    {usage}\n", *head, *rows, *([""] if rows else [])])


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _table_in(docstring: str) -> str:
    """The table that stands in a docstring."""
    rows = [line.strip() for line in docstring.splitlines() if line.strip().startswith("|")]
    return "\n".join(rows) + "\n"


def queries_page() -> str:
    """Every built-in query: its question, its parameters, what it gives."""
    names = query_names()
    return "\n".join(
        [
            QUERIES_INTRODUCTION,
            "| query | question |",
            "| --- | --- |",
            *(f"| [{name}](#{name}) | {question(name)} |" for name in names),
            "",
            *(_query(name) for name in names),
        ]
    )


def _query(name: str) -> str:
    text = query_text(name)
    lines = [f"## {name}\n", f"{question(name)}\n"]
    if parameters(name):
        lines += ["| parameter | |", "| --- | --- |"]
        lines += [f"| `?{parameter}` | {_meaning(text, parameter)} |" for parameter in parameters(name)]
        lines.append("")
    head = text.partition("SELECT")[2].partition("WHERE")[0]
    variables = re.findall(r"AS (\?\w+)\)|(?<![\w(])(\?\w+)", re.sub(r"\((?!.*?AS)", "", head))
    given = [renamed or plain for renamed, plain in variables if renamed or plain]
    if given:
        lines.append("Gives " + ", ".join(f"`{variable}`" for variable in dict.fromkeys(given)) + ".\n")
    elif "CONSTRUCT" in text:
        lines.append("Gives triples.\n")
    return "\n".join(lines)


def _meaning(text: str, parameter: str) -> str:
    found = re.search(rf"VALUES \?{parameter} {{ UNDEF }}\s*# parameter: (.*)", text)
    return found.group(1) if found else ""


PAGES = {"cli.md": cli_page, "queries.md": queries_page}


def main() -> int:
    """Write the pages, or with `--check` say which of them are not what they should be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit code 1 where a page differs"
    )
    check = parser.parse_args().check
    stale = []
    for name, page in PAGES.items():
        path, text = DOCS / name, page().rstrip() + "\n"
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
            if not check:
                path.write_text(text, encoding="utf-8")
    if stale:
        verb = "is not up to date; run: python tools/generate_docs.py" if check else "written"
        sys.stdout.write("".join(f"docs/{name} {verb}\n" for name in stale))
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
