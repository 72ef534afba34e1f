"""The examples of docs/deployment.md, against a server: what they fetch compiles, and is the model."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from document_examples import ROOT

from tinykg.extract.c_array import EXTRACTOR

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TEXT = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"^`([\w./]+)`:\n\n```\w+\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL))
"""What the page shows as the content of a file, by its name."""

SCRIPTS = re.findall(r"^```sh\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
SHA256 = "691b0183aa122866186fd8823ca3e2744cc0ce1da1257d039c3fbca7b160665e"
READY_S = 60

PROGRAM = """\
#include <stdio.h>
#include "model.h"
#if !TINYKG_DIGITS_MLP_INT8_FITS
#error "it does not fit"
#endif
int main() {
  printf("%d %u\\n", TINYKG_DIGITS_MLP_INT8_ARENA_BYTES, digits_mlp_int8_tflite_bytes);
  return 0;
}
"""
ZEPHYR = """\
project(Zephyr-Kernel C CXX)
add_executable(app)
"""
"""What a find_package(Zephyr) leaves behind, as far as the page's CMakeLists.txt uses it: a target `app`."""


@pytest.fixture(scope="module")
def server(seeded_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of `tinykg serve` in a process of its own."""
    pytest.importorskip("uvicorn", reason="the extra `serve` is not installed")
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    place = tmp_path_factory.mktemp("served")
    shutil.copytree(seeded_folder, place / "registry")
    words = [sys.executable, "-m", "tinykg", "--registry", str(place / "registry"), "serve", "--port", "0"]
    with (place / "log").open("w") as log, subprocess.Popen(words, stdout=log, stderr=log) as process:
        try:
            yield address_in(place / "log", process)
        finally:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
            process.kill()


def address_in(log: Path, process: subprocess.Popen[bytes]) -> str:
    """The address that a server says it answers at."""
    end = time.monotonic() + READY_S
    while time.monotonic() < end and process.poll() is None:
        found = re.search(r"http://[\d.]+:\d+", log.read_text())
        if found:
            return found[0]
        time.sleep(0.05)
    raise AssertionError(f"the server did not start: {log.read_text()}")


def run(folder: Path, server: str, *words: str | Path, **more: str) -> str:
    """What a command prints in a folder, with the server's address in TINYKG; it must succeed."""
    environment = {**os.environ, "TINYKG": server, **more}
    done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def write(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(FILES[name], encoding="utf-8")


def check_model(folder: Path) -> None:
    """The files are those of the model."""
    [file] = EXTRACTOR.extract(folder / "model.c")
    assert file.sha256 == SHA256
    assert f'_MODEL_SHA256 "{SHA256}"' in (folder / "model.h").read_text()


def test_the_page_has_the_files_that_are_tried() -> None:
    assert set(FILES) == {
        *("src/main.cpp", "platformio.ini", "tinykg_model.py"),
        *("tinykg_model.cmake", "CMakeLists.txt", "prj.conf"),
    }
    assert len(SCRIPTS) == 2
    assert "extra_scripts = pre:tinykg_model.py\n" in FILES["platformio.ini"]


def test_curl_fetches_json_header_and_file(server: str, tmp_path: Path) -> None:
    for script in SCRIPTS:
        run(tmp_path, server, "bash", "-euc", script)
    found = json.loads((tmp_path / "model.json").read_text())
    assert (found["verdict"], found["file"]["sha256"]) == ("fits", SHA256)
    assert f"_ARENA_BYTES {found['arena']['arena_bytes']}\n" in (tmp_path / "model.h").read_text()
    assert hashlib.sha256((tmp_path / "model.tflite").read_bytes()).hexdigest() == SHA256
    assert (tmp_path / "model.etag").read_text().strip().strip('"') == SHA256


def test_nothing_is_fetched_where_nothing_changed(server: str, tmp_path: Path) -> None:
    again = SCRIPTS[1]
    run(tmp_path, server, "bash", "-euc", again)
    (tmp_path / "model.tflite").write_bytes(b"left alone")
    run(tmp_path, server, "bash", "-euc", again)
    assert (tmp_path / "model.tflite").read_bytes() == b"left alone"


def test_a_wrong_name_ends_the_build(server: str, tmp_path: Path) -> None:
    script = SCRIPTS[0].replace("digits_mlp_int8", "no_such_model")
    environment = {**os.environ, "TINYKG": server}
    done = subprocess.run(
        ["bash", "-euc", script], cwd=tmp_path, env=environment, capture_output=True, check=False
    )
    assert done.returncode == 22, "curl's exit code for an HTTP status of 400 and above"
    assert not (tmp_path / "model.json").exists()


def test_the_script_of_platformio_fills_a_library(server: str, tmp_path: Path) -> None:
    """PlatformIO runs such a script in the project's folder; it needs nothing else of it."""
    write(tmp_path, "tinykg_model.py")
    run(tmp_path, server, sys.executable, "tinykg_model.py")
    library = tmp_path / "lib" / "model"
    check_model(library)
    if shutil.which("gcc") is None:
        pytest.skip("gcc is not installed")
    (tmp_path / "main.c").write_text(PROGRAM)
    run(
        tmp_path,
        server,
        "gcc",
        "-Wall",
        "-Werror",
        "-I",
        library,
        "main.c",
        library / "model.c",
        "-o",
        "main",
    )
    assert run(tmp_path, server, tmp_path / "main") == "1984 6936\n"


def test_the_cmake_files_of_zephyr_build_a_program(server: str, tmp_path: Path) -> None:
    """Zephyr's own package is replaced by one with the same target; the page's files stand as they are."""
    if None in map(shutil.which, ("cmake", "make", "gcc", "g++")):
        pytest.skip("cmake, make or a compiler is not installed")
    write(tmp_path, "tinykg_model.cmake", "CMakeLists.txt", "prj.conf")
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "main.cpp").write_text(PROGRAM)
    package = tmp_path / "zephyr" / "ZephyrConfig.cmake"
    package.parent.mkdir()
    package.write_text(ZEPHYR)
    base = str(package.parent)
    run(tmp_path, server, "cmake", "-G", "Unix Makefiles", "-B", "build", ".", ZEPHYR_BASE=base)
    run(tmp_path, server, "cmake", "--build", "build", ZEPHYR_BASE=base)
    check_model(tmp_path / "build" / "tinykg")
    assert run(tmp_path, server, tmp_path / "build" / "app") == "1984 6936\n"


def test_without_a_server_cmake_stops(tmp_path: Path) -> None:
    if None in map(shutil.which, ("cmake", "make", "curl")):
        pytest.skip("cmake, make or curl is not installed")
    write(tmp_path, "tinykg_model.cmake")
    (tmp_path / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.20)\nproject(nothing NONE)\nadd_custom_target(app)\n"
        "include(tinykg_model.cmake)\ntinykg_model(app digits_mlp_int8 nano33)\n"
    )
    environment = {**os.environ, "TINYKG": "http://127.0.0.1:1"}
    words = ["cmake", "-G", "Unix Makefiles", "-B", "build", "."]
    done = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "execute_process failed" in done.stderr


def test_the_program_uses_names_that_the_header_has(server: str, tmp_path: Path) -> None:
    run(tmp_path, server, "bash", "-euc", SCRIPTS[0])
    known = (tmp_path / "model.h").read_text()
    used = set(re.findall(r"TINYKG_\w+|digits_mlp_int8_\w+", FILES["src/main.cpp"]))
    assert len(used) >= 7
    assert {name for name in used if not re.search(rf"\b{name}\b", known)} == set()
