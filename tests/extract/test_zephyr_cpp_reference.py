"""The preprocessor against the compiler's own, where this machine has one."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tinykg.extract.devicetree_source import ARITHMETIC, preprocessed
from tinykg.extract.zephyr_tree import tree_of

if TYPE_CHECKING:
    from pathlib import Path

FLAGS: Final = ("-nostdinc", "-undef", "-P", "-x", "assembler-with-cpp")


@pytest.fixture(scope="module")
def cpp() -> str:
    """The compiler's preprocessor."""
    found = shutil.which("cpp")
    if found is None:
        pytest.skip("no cpp on this machine")
    return found


def by_cpp(cpp: str, path: Path, *arguments: str) -> str:
    """What cpp makes of a file, without its white space."""
    done = subprocess.run([cpp, *FLAGS, *arguments, str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[:400]
    return "".join(done.stdout.split())


def test_published_sources_come_out_as_the_compiler_makes_them(
    cpp: str, test_data: Path, tmp_path: Path
) -> None:
    """Every seventh of the 559 sources; missing headers are empty for the compiler."""
    root = test_data / "boards" / "zephyr"
    arithmetic = tmp_path / "arithmetic.h"
    arithmetic.write_text("".join(f"#define {one}\n" for one in ARITHMETIC))
    paths = sorted(root.glob("boards/*/*/*.dts"))[::7]
    assert len(paths) == 80
    for path in paths:
        folders = tree_of(path.parent).folders(path.parts[-3])
        source = preprocessed(path, root, folders)
        for name in source.missing:
            (tmp_path / "stubs" / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "stubs" / name).touch()
        places = [part for folder in (*folders, tmp_path / "stubs") for part in ("-I", str(folder))]
        expected = by_cpp(cpp, path, *places, "-include", str(arithmetic))
        assert "".join(source.text.split()) == expected, path.name


NAMES = st.sampled_from(["A", "B", "C", "F", "G"])
BODIES = st.lists(
    st.sampled_from(["A", "B", "C", "x", "y", "1", "+", "F(1, 2)", "G(A)", "(", ")", "x ## y", "c ## 1"]),
    max_size=4,
).filter(lambda parts: parts.count("(") == parts.count(")") == 0)
USES = st.lists(
    st.sampled_from(
        ["A", "B", "C", "F(A, B)", "F(1, G(2))", "G(F(A, 3))", "G", '"A"', "A@6a", "6A", "G(\n1)"]
    ),
    max_size=5,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(
    st.dictionaries(NAMES, BODIES, max_size=5), USES, st.sampled_from(["", "A", "defined(B)", "C + 1 > 1"])
)
def test_small_macros_come_out_as_the_compiler_makes_them(
    cpp: str, tmp_path: Path, bodies: dict[str, list[str]], uses: list[str], condition: str
) -> None:
    lists = {"F": "(x, y)", "G": "(x)"}
    lines = []
    for name, body in bodies.items():
        known = [part for part in body if name in lists or "##" not in part or part == "c ## 1"]
        usable = [part for part in known if name == "F" or part != "x ## y"]
        lines.append(f"#define {name}{lists.get(name, '')} {' '.join(usable)}")
    inner = "\n".join(uses)
    lines += [
        f"#ifdef {condition or 'A'}" if condition in {"", "A"} else "#if 1",
        inner,
        "#else",
        "no",
        "#endif",
    ]
    path = tmp_path / "a.dts"
    path.write_text("\n".join(lines) + "\n")
    ours = "".join(preprocessed(path, tmp_path, [tmp_path]).text.split())
    assert ours == by_cpp(cpp, path)


OPERATORS: Final = ["+", "*", "-", "|", "&", "^", "<<", "==", "!=", "<", ">", "<=", ">=", "&&", "||"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(
    st.recursive(
        st.sampled_from(["0", "1", "2", "7", "0x10", "N", "defined(N)", "defined D"]),
        lambda inner: st.one_of(
            st.tuples(inner, st.sampled_from(OPERATORS), inner).map(" ".join),
            inner.map("({})".format),
            inner.map("!{}".format),
        ),
        max_leaves=6,
    )
)
def test_conditions_hold_where_they_hold_for_the_compiler(cpp: str, tmp_path: Path, condition: str) -> None:
    path = tmp_path / "a.dts"
    path.write_text(f"#define D 3\n#if ({condition}) != 0\nyes\n#else\nno\n#endif\n")
    assert "".join(preprocessed(path, tmp_path, [tmp_path]).text.split()) == by_cpp(cpp, path)
