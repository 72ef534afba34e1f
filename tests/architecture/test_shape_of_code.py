"""What the style guide says of the shape of the code, measured."""

from __future__ import annotations

import ast
import re
import statistics
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGE = ROOT / "tinykg"
GENERATED = {"extract/tflite_schema.py", "vocab/tinykg.py"}
"""Written by a generator and compared with its sources: `make generated`."""

FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "misc", "base"}
BROAD_HANDLERS = {"cli/main.py", "plugins.py", "bench/attempt.py"}
"""Where `except Exception` stands: the edge to the shell; plug-ins, which are foreign code, as they are
imported and as a runner runs."""

MODULES = sorted(
    path for path in PACKAGE.rglob("*.py") if path.relative_to(PACKAGE).as_posix() not in GENERATED
)
FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)


def name(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def functions(path: Path) -> list[tuple[str, int]]:
    """Name and lines of each function and method, decorators included."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [
        (node.name, (node.end_lineno or 0) - min([node.lineno, *(d.lineno for d in node.decorator_list)]) + 1)
        for node in ast.walk(tree)
        if isinstance(node, FUNCTION)
    ]


def tracked_files() -> list[Path]:
    """What is in the repository, new files included, ignored ones not."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [path for part in listed.stdout.decode().split("\0") if part and (path := ROOT / part).is_file()]


def test_there_is_code_to_measure() -> None:
    assert len(MODULES) > 80
    assert all((PACKAGE / path).is_file() for path in (*GENERATED, *BROAD_HANDLERS))


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_module_has_at_most_400_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_function_has_at_most_60_lines(path: Path) -> None:
    assert [(function, lines) for function, lines in functions(path) if lines > 60] == []


def test_functions_are_short() -> None:
    lengths = [lines for path in MODULES for _, lines in functions(path)]
    assert len(lengths) > 500
    assert statistics.median(lengths) <= 15
    assert statistics.quantiles(lengths, n=10)[-1] <= 40


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_module_is_named_after_the_thing_in_it(path: Path) -> None:
    assert not FORBIDDEN_NAMES & {path.stem, path.parent.name}


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_only_named_places_catch_everything(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    broad = [
        handler.lineno
        for handler in ast.walk(tree)
        if isinstance(handler, ast.ExceptHandler)
        and (handler.type is None or ast.unparse(handler.type) in ("Exception", "BaseException"))
    ]
    assert len(broad) == (name(path) in BROAD_HANDLERS), f"lines {broad}"


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_every_module_begins_with_what_it_is(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstring = ast.get_docstring(tree)
    assert docstring
    assert docstring.splitlines()[0].rstrip()


def test_a_switched_off_rule_says_why() -> None:
    for path in (*MODULES, *sorted((ROOT / "tools").glob("*.py"))):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if "noqa" in line or "type: ignore" in line:
                assert re.search(r"(noqa: [\w, ]+|type: ignore\[[\w,-]+\])\s*[-#]* \w+ \w+", line), (
                    f"{path}:{number}"
                )


def test_no_open_ends() -> None:
    words = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "X" * 3, "HA" + "CK")) + r")\b")
    for path in sorted([*MODULES, *(ROOT / "tests").rglob("*.py"), *(ROOT / "tools").glob("*.py")]):
        assert not words.search(path.read_text(encoding="utf-8")), path


PATHS = re.compile(r"(?<![\w.\-/$}])/(work|home|root|tmp|Users)/\w")


def test_no_file_names_a_place_on_somebodys_machine() -> None:
    found = []
    for path in tracked_files():
        if path.parent.name == "file-address-not-web":  # the case that proves that such an address is refused
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{path.relative_to(ROOT)}: {match.group()}" for match in PATHS.finditer(text)]
    assert found == []
