"""Every example of every document does what it says."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from document_examples import DOCUMENTS, ROOT, Runner, agrees, steps

if TYPE_CHECKING:
    from pathlib import Path


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def runner(seeded_folder: Path, tmp_path: Path) -> Runner:
    registry = tmp_path / "registry"
    shutil.copytree(seeded_folder, registry)
    return Runner(tmp_path, registry)


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_examples(document: Path, seeded_folder: Path, tmp_path: Path) -> None:
    if "```" in document.read_text(encoding="utf-8"):
        examples = runner(seeded_folder, tmp_path)
        examples.run(document)
        if examples.left_out:
            pytest.skip(f"run but for what needs an extra: {'; '.join(examples.left_out)}")


def test_the_readme_has_examples() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert text.count("```console") >= 4
    assert text.count("```python") >= 1
    assert {ROOT / "README.md", ROOT / "docs" / "queries.md", ROOT / "docs" / "cli.md"} <= set(DOCUMENTS)


def document(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "document.md"
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    "text",
    [
        "```console\n$ echo one\ntwo\n```\n",
        "```console\n$ echo one\n```\n",
        "```console\n$ tinykg --version\ntinykg, version 99\n```\n",
        "```python\nassert 1 == 2\n```\n",
        "```python\nprint('one')\n```\n\n```text\ntwo\n```\n",
        "```python\nprint('one')\n```\n",
        "```console\nno command\n```\n",
    ],
    ids=["other-line", "silence", "other-version", "python-fails", "other-text", "no-text", "no-command"],
)
def test_a_wrong_example_fails(tmp_path: Path, text: str) -> None:
    """The machinery can fail: otherwise it would prove nothing."""
    registry = tmp_path / "registry"
    with pytest.raises((AssertionError, Exception)) as raised:
        Runner(tmp_path, registry).run(document(tmp_path, text))
    assert raised.type.__name__ in ("AssertionError", "SybilFailure")


def test_a_right_example_passes(tmp_path: Path) -> None:
    text = (
        "```console\n$ printf 'one\\ntwo\\nthree\\n'\none\n...\nthree\n$ echo four\nfour\n```\n"
        "```python\nx = 5\n```\n```python\nprint(x)\n```\n\n```text\n5\n```\n"
    )
    assert Runner(tmp_path, tmp_path / "registry").run(document(tmp_path, text)) == 4


@pytest.mark.parametrize(
    ("expected", "printed", "same"),
    [
        (["a", "..."], ["a"], True),
        (["a", "..."], ["a", "b", "c"], True),
        (["...", "c"], ["a", "b", "c"], True),
        (["a", "...", "c"], ["a", "c"], True),
        (["a", "...", "c"], ["a", "b"], False),
        (["a"], ["a", "b"], False),
        (["a.c"], ["abc"], False),
        ([], [], True),
        (["..."], [], True),
    ],
)
def test_three_dots_stand_for_any_lines(expected: list[str], printed: list[str], same: bool) -> None:
    assert agrees(expected, printed) is same


def test_a_command_may_go_on_in_the_next_line() -> None:
    [step] = steps("$ tinykg match \\\n  --device uno\nout\n")
    assert step.command == "tinykg match   --device uno"
    assert step.expected == ("out",)
