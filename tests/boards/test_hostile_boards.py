"""Hostile files of boards through `tinykg add`: a clear error each, in bounded time and memory.

The command runs in a process of its own, whose address space and processor time are limited, so that a file
that unfolds ends the test and not the machine.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from board_inputs import write_manifest, write_pack

if TYPE_CHECKING:
    from pathlib import Path

    from tinykg.registry import Registry

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits of a process as Linux has them")

MIB = 1 << 20
ADDRESS_SPACE_BYTES = 2048 * MIB
"""Ordinary files take about half of it, most of it what the store reserves."""
SPARSE_BYTES = 3072 * MIB
"""More than the process may have, so that it cannot be read as a whole."""
PROCESSOR_S = 60
MOST_S = 45.0

TWISTER = "identifier: {name}\nname: Board\ntype: mcu\narch: arm\nram: 48\nflash: 256\n"


def limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE_BYTES, ADDRESS_SPACE_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_S, PROCESSOR_S))


def added(registry: Registry, *paths: Path) -> dict[str, dict[str, str]]:
    """What became of each file, by name, within the limits."""
    command = [sys.executable, "-m", "tinykg", "add", "--json", *map(str, paths)]
    start = time.monotonic()
    with subprocess.Popen(
        command,
        env=os.environ | {"TINYKG_REGISTRY": str(registry.where)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=limit,  # noqa: PLW1509 - no thread of this process holds a lock that the child needs
    ) as process:
        out, err = process.communicate(timeout=120)
    taken_s = time.monotonic() - start
    assert process.returncode in {0, 2}, err.decode()
    assert b"Traceback" not in err
    assert taken_s < MOST_S
    return {one["path"].rsplit("/", 1)[-1]: one for one in json.loads(out)}


def board_folder(top: Path, name: str, **files: str) -> Path:
    """A Zephyr board's folder; a double underscore in a name stands for a dot."""
    folder = top / "boards" / "arm" / name
    folder.mkdir(parents=True)
    (folder / f"{name}.yaml").write_text(TWISTER.format(name=name))
    for file, text in files.items():
        (folder / file.replace("__", ".")).write_text(text)
    return folder


def laughs(path: Path) -> Path:
    """A pack whose name would be 10^9 words."""
    entities = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))
    path.write_text(
        f'<?xml version="1.0"?><!DOCTYPE package [<!ENTITY l0 "lol">{entities}]>'
        "<package><vendor>V</vendor><name>&l9;</name></package>"
    )
    return path


def yaml_bomb(name: str) -> str:
    """A twister file whose list of features would be 9^9 words."""
    rows = [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 10)]
    return "\n".join([TWISTER.format(name=name), "a0: &a0 [x, x]", *rows, "supported: *a9\n"])


def sparse(path: Path, beginning: bytes) -> Path:
    """A file of 3 GiB that takes no room on the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(beginning)
        file.truncate(SPARSE_BYTES)
    return path


MANIFEST = b'{"name": "Big", "vendor": "V", "build": {"mcu": "x"}, "frameworks": [], "upload": {}, "pad": "'


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A folder with every hostile file that is read as part of a folder, and one good manifest."""
    folder, secret = tmp_path / "in", tmp_path / "secret.txt"
    secret.write_text("root:x:0:0\n")
    write_manifest(folder / "p")
    write_manifest(tmp_path / "out", "stolen")
    laughs(folder / "Evil.Bomb.pdsc")
    sparse(folder / "p" / "big.json", MANIFEST)
    sparse(folder / "Evil.Big.pdsc", b"<?xml version='1.0'?><package>")
    (folder / "p" / "deep.json").write_bytes(MANIFEST[:-1] + b"[" * 1_000_000)
    tree = folder / "tree"
    (board_folder(tree, "bomb") / "bomb.yaml").write_text(yaml_bomb("bomb"))
    (board_folder(tree, "nest") / "nest.yaml").write_text(
        TWISTER.format(name="nest") + "supported: " + "[" * 100_000
    )
    board_folder(tree, "loop", loop__dts='#include "a.dtsi"\n', a__dtsi='#include "loop.dts"\n')
    double = {f"a{i}__dtsi": f'#include "a{i + 1}.dtsi"\n' * 2 for i in range(31)}
    board_folder(tree, "twice", twice__dts='#include "a0.dtsi"\n', **double)
    board_folder(tree, "climb", climb__dts='#include "../../../../../secret.txt"\n')
    leak = board_folder(tree, "leak", leak__dts='#include "link.dtsi"\n')
    (leak / "link.dtsi").symlink_to(secret)
    (folder / "p" / "link.json").symlink_to("../../out/stolen.json")
    (folder / "p" / "zero.json").symlink_to("/dev/zero")
    return folder


EXPECTED = {
    "Evil.Bomb.pdsc": "a document type declaration",
    "big.json": "3221225472 bytes; expected at most 4194304",
    "Evil.Big.pdsc": "3221225472 bytes",
    "deep.json": "levels of nesting",
    "bomb": "alias",
    "nest": "nesting",
    "loop": "includes itself",
    "twice": "more than",
    "climb": "leads out of",
    "leak": "leads out of",
    "link.json": "a link out of",
}


def test_each_hostile_file_of_a_folder_is_refused_with_its_reason_and_the_good_one_is_taken(
    fresh_registry: Registry, hostile: Path
) -> None:
    found = added(fresh_registry, hostile)
    problems = {name: one["problem"] for name, one in found.items() if one["status"] == "refused"}
    assert set(problems) - {"zero.json"} == set(EXPECTED)
    for name, words in EXPECTED.items():
        assert words in problems[name]
        assert "\n" not in problems[name]
        assert len(problems[name]) < 500
    assert "root:x:0:0" not in json.dumps(found), "nothing of a file outside is told"
    assert found["acme_one.json"]["status"] == "added"
    assert fresh_registry.device("acme-one").vendor == "Acme"


@pytest.mark.parametrize("name", ["big.json", "big.pdsc", "boards.txt", "big.toml", "board.json", "big.cc"])
def test_a_file_of_3_gib_that_is_named_is_refused_before_it_is_read(
    fresh_registry: Registry, tmp_path: Path, name: str
) -> None:
    path = sparse(tmp_path / name, MANIFEST if name == "big.json" else b"name = 'x'\n")
    (one,) = added(fresh_registry, path).values()
    assert one["status"] == "refused"
    assert path.name in one["problem"]


def test_a_pack_with_an_external_entity_reads_no_file(fresh_registry: Registry, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("root:x:0:0")
    path = write_pack(tmp_path / "Acme.Xxe_DFP.pdsc", "ACME1")
    text = path.read_text().replace(
        "<package", f'<!DOCTYPE package [<!ENTITY s SYSTEM "file://{tmp_path}/secret">]>\n<package', 1
    )
    path.write_text(text.replace("ACME1", "&s;"))
    found = added(fresh_registry, path)
    assert found[path.name]["status"] == "refused"
    assert "root:x" not in json.dumps(found)


def test_a_thousand_parts_of_one_pack_are_read_in_time(fresh_registry: Registry, tmp_path: Path) -> None:
    path = write_pack(tmp_path / "Acme.Many_DFP.pdsc", *(f"ACME{i}" for i in range(1000)))
    assert added(fresh_registry, path)[path.name]["status"] == "added"
