"""Everything that can be used is named in a document, and what documents name is there."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import import_module
from typing import TYPE_CHECKING

import click
import pytest
from document_examples import DOCUMENTS, ROOT

from tinykg import errors
from tinykg.cli.main import COMMANDS, EXIT_CODES
from tinykg.files import query_names, shape_files

if TYPE_CHECKING:
    from pathlib import Path

TEXTS = {path: path.read_text(encoding="utf-8") for path in DOCUMENTS}
ALL = "\n".join(TEXTS.values())
LINK = re.compile(r"\]\(([^)\s]+)\)")
SETTING = re.compile(r"\bTINYKG_[A-Z_]+\b")


def missing(names: list[str], text: str = ALL) -> list[str]:
    return [name for name in names if not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text)]


def test_every_command_is_named() -> None:
    assert missing([f"tinykg {name}" for name in COMMANDS]) == []


def test_every_option_is_named() -> None:
    options = [
        flag
        for name in COMMANDS
        for parameter in import_module(f"tinykg.cli.{name}").command.params
        if isinstance(parameter, click.Option)
        for flag in parameter.opts
        if flag.startswith("--")
    ]
    assert len(options) > 30
    assert missing(sorted(set(options))) == []


def test_every_setting_is_named() -> None:
    """Environment variables that the package reads, and those that its tests do."""
    sources = [*(ROOT / "tinykg").rglob("*.py"), ROOT / "tests" / "conftest.py"]
    found = {name for path in sources for name in SETTING.findall(path.read_text(encoding="utf-8"))}
    assert {"TINYKG_REGISTRY", "TINYKG_WAIT_S", "TINYKG_TEST_DATA"} <= found
    assert missing(sorted(found)) == []


def test_every_query_is_named() -> None:
    assert missing(query_names()) == []


def test_every_error_is_named() -> None:
    classes = [
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, errors.TinykgError)
    ]
    assert len(classes) >= 10
    assert missing(classes) == []


def test_every_exit_code_is_named() -> None:
    page = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    codes = page.partition("## Exit codes")[2].partition("##")[0]
    assert all(f"| {code} |" in codes for code in {0, *EXIT_CODES.values(), 70, 130, 141})


def test_every_file_of_shapes_is_named() -> None:
    assert missing([path.name for path in shape_files()]) == []


def test_every_decision_record_is_reachable() -> None:
    records = sorted((ROOT / "docs" / "adr").glob("*.md"))
    numbers = [int(path.name[:4]) for path in records]
    assert numbers == list(range(1, len(records) + 1))
    assert "docs/adr" in TEXTS[ROOT / "README.md"]


def test_every_package_is_in_the_picture_of_the_architecture() -> None:
    packages = [path.parent.name for path in (ROOT / "tinykg").glob("*/__init__.py")]
    assert missing([f"`{name}`" for name in packages], TEXTS[ROOT / "docs" / "architecture.md"]) == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(path: Path) -> None:
    for target in LINK.findall(TEXTS[path]):
        if not re.match(r"https?:|mailto:", target):
            file, _, anchor = target.partition("#")
            linked = (path.parent / file).resolve() if file else path
            assert linked.exists(), target
            if anchor and linked.suffix == ".md":
                assert anchor in anchors(linked), target


def anchors(path: Path) -> set[str]:
    """Headings as GitHub links them."""
    headings = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_commands_and_options_in_documents_exist() -> None:
    """`tinykg inspect --explain-arena`, wherever it stands, is a command with that option."""
    checked = 0
    for path, text in TEXTS.items():
        for name, rest in re.findall(r"(?:^|[`$( ])tinykg ([a-z]+)\b([^`\n|#]*)", text):
            if path.name == "CHANGELOG.md" or name not in COMMANDS:
                continue
            command = import_module(f"tinykg.cli.{name}").command
            known = {flag for one in _commands(command) for flag in _flags(one)} | {"--help"}
            assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", rest)) <= known, (
                f"{path.name}: tinykg {name}{rest}"
            )
            checked += 1
    assert checked > 20


def _commands(command: click.Command) -> list[click.Command]:
    """A command and those below it."""
    below = command.commands.values() if isinstance(command, click.Group) else ()
    return [command, *below]


def _flags(command: click.Command) -> list[str]:
    return [flag for parameter in command.params for flag in parameter.opts]


def test_make_targets_in_documents_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {
        target
        for text in TEXTS.values()
        for target in re.findall(r"(?:^|`)make ([a-z]+)", text, re.MULTILINE)
    }
    assert {"match", "test"} <= named
    assert named <= targets


def test_files_in_documents_exist() -> None:
    """A path in backquotes that begins with a folder of the repository is there; `NAME` stands for any."""
    folders = "benchmarks|data|docs|ontology|shapes|tests|tinykg|tools|training"
    pattern = re.compile(rf"`((?:{folders})/[\w./-]*)`")
    lost = [
        f"{path.name}: {found}"
        for path, text in TEXTS.items()
        for found in pattern.findall(text)
        if path.name != "CHANGELOG.md" and not re.search(r"\b[A-Z]{4}", found) and not (ROOT / found).exists()
    ]
    assert lost == []


def test_generated_pages_are_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, "tools/generate_docs.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
