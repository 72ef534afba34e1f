"""What all tests share."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

from tinykg.catalogue.builtin import digest_of, rules_digest, runtimes
from tinykg.catalogue.identity import LOCK
from tinykg.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytest.register_assert_rewrite("store_contract")

hypothesis.settings.register_profile("same-each-time", derandomize=True)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

ROOT = Path(__file__).resolve().parent.parent

SMALL_CATALOGUE = (
    "devices/arduino-nano-33-ble-sense",
    "devices/arduino-uno-r3",
    "devices/raspberry-pi-pico",
    "models/digits-mlp-int8",
    "models/hello-world-int8",
    "models/micro-speech-forward-backward",  # these two have one file
    "models/micro-speech-yes-no-3",
)
SMALL_BOARDS = ("raspberry-pi-pico",)
SMALL_PARTS = ("nRF52840_xxAA",)
CUT = ("boards/boards.jsonl", "boards/parts.jsonl", "measurements/sources.toml")
SMALL_TABLE = "bakenn"
ANYTHING = "SELECT * {}"
"""A question that only a whole registry answers: what sources say is put in for it."""
SMALL_RUNTIMES = ("tflm-ref-arm32", "tflm-ref-int-enum32", "tflm-cmsis-nn-arm32")


@pytest.fixture(scope="session", autouse=True)
def interruptible() -> None:
    """A shell lets what runs in its background ignore Ctrl-C, and processes of tests would inherit that."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def test_data() -> Path:
    """The folder of published models, boards and tables, which is not part of the repository."""
    folder = Path(os.environ.get("TINYKG_TEST_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there; set TINYKG_TEST_DATA to the folder with models/ and boards/")
    return folder


@pytest.fixture(scope="session", autouse=True)
def away_from_the_users_registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nothing that a test opens without naming it is the registry of whoever runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TINYKG_REGISTRY", str(tmp_path_factory.mktemp("unnamed") / "registry"))
        patch.delenv("TINYKG_WAIT_S", raising=False)
        yield


@pytest.fixture(scope="session")
def registry() -> Registry:
    """The built-in catalogue in memory, shared by all tests: read it, never write to it."""
    return Registry.open("memory:")


@pytest.fixture(scope="session")
def seeded_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry's folder that holds the built-in catalogue: copy it, never open it."""
    folder = tmp_path_factory.mktemp("seeded") / "registry"
    Registry.open(folder).select(ANYTHING)
    return folder


@pytest.fixture
def fresh_registry(seeded_folder: Path, tmp_path: Path) -> Registry:
    """A registry of one's own in a folder, which holds the built-in catalogue."""
    folder = tmp_path / "registry"
    shutil.copytree(seeded_folder, folder)
    return Registry.open(folder)


@pytest.fixture(scope="session")
def small_share(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a TinyKG of three boards, four models and three runtimes ships: copy it to change it."""
    share, rules = tmp_path_factory.mktemp("share"), rules_digest()
    for name in ("ontology", "shapes"):
        (share / name).symlink_to(ROOT / name)
    shutil.copytree(ROOT / "data" / "runtimes", share / "data" / "runtimes")
    for path in (share / "data" / "runtimes").glob("*.toml"):
        if path.stem not in SMALL_RUNTIMES:
            path.unlink()
    shutil.copytree(ROOT / "data" / "estimates", share / "data" / "estimates")
    _copy_measurements(share / "data" / "measurements")
    _copy_boards(share / "data" / "boards")
    shutil.copy(ROOT / "data" / LOCK, share / "data")
    for kind in ("devices", "models", "models/facts"):
        (share / "data" / kind).mkdir()
    for name in SMALL_CATALOGUE:
        shutil.copy(ROOT / "data" / f"{name}.toml", share / "data" / f"{name}.toml")
        kind, stem = name.split("/")
        if kind == "models":
            shutil.copy(ROOT / "data/models/facts" / f"{stem}.json", share / "data/models/facts")
    with shipping() as ship:
        ship(share)
        lock = json.loads((share / "data" / LOCK).read_text(encoding="utf-8"))
        if lock["rules"] == rules:  # what is left of runtimes, boards and tables is as sound as all of them
            for name in CUT:
                lock["files"][name] = digest_of(share / "data" / name)
            (share / "data" / LOCK).write_text(
                json.dumps({**lock, "rules": rules_digest()}), encoding="utf-8"
            )
    return share


def _copy_boards(folder: Path) -> None:
    """Put a few boards and parts into a new folder, as lines of the shipped files."""
    shutil.copytree(ROOT / "data" / "boards", folder)
    for name, wanted in (("boards.jsonl", SMALL_BOARDS), ("parts.jsonl", SMALL_PARTS)):
        lines = (folder / name).read_text(encoding="utf-8").splitlines(keepends=True)
        kept = [line for line in lines if any(f'"{one}"' in line for one in wanted)]
        (folder / name).write_text("".join(kept), encoding="utf-8")


def _copy_measurements(folder: Path) -> None:
    """Put the smallest table of published measurements into a new folder."""
    folder.mkdir()
    shutil.copy(ROOT / "data" / "measurements" / f"{SMALL_TABLE}.csv", folder)
    every = (ROOT / "data" / "measurements" / "sources.toml").read_text(encoding="utf-8")
    head, *sources = every.split("[[source]]")
    (source,) = (text for text in sources if f'name = "{SMALL_TABLE}"' in text)
    (folder / "sources.toml").write_text(f"{head}[[source]]{source}", encoding="utf-8")


@contextlib.contextmanager
def shipping() -> Iterator[Callable[[Path], None]]:
    """Lets a folder be what this TinyKG ships, for as long as the block runs."""
    with pytest.MonkeyPatch.context() as patch:

        def ship(share: Path) -> None:
            patch.setattr("tinykg.files.share", lambda: share)
            runtimes.cache_clear()

        yield ship
    runtimes.cache_clear()


@pytest.fixture
def ship() -> Iterator[Callable[[Path], None]]:
    """`ship(folder)` makes a folder like `small_share` the one that TinyKG ships, until the test ends."""
    with shipping() as ship:
        yield ship


@pytest.fixture(scope="session")
def small_seeded_folder(small_share: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry's folder that holds the small catalogue: copy it, never open it."""
    folder = tmp_path_factory.mktemp("small") / "registry"
    with shipping() as ship:
        ship(small_share)
        Registry.open(folder).select(ANYTHING)
    return folder


@pytest.fixture(scope="session")
def small_memory(small_share: Path) -> Registry:
    """The small catalogue in memory, shared by all tests: never add what it would take."""
    registry = Registry.open("memory:")
    with shipping() as ship:
        ship(small_share)
        registry.models()
    return registry


@pytest.fixture
def small_registry(
    small_share: Path, small_seeded_folder: Path, tmp_path: Path, ship: Callable[[Path], None]
) -> Registry:
    """A registry of one's own with the small catalogue, which is built in for as long as the test runs."""
    ship(small_share)
    folder = tmp_path / "registry"
    shutil.copytree(small_seeded_folder, folder)
    return Registry.open(folder)
