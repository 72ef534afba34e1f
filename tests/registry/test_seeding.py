"""First use fills a registry in one step, whoever dies while it does."""

from __future__ import annotations

import hashlib
import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from seeding_process import MOMENTS

from tinykg.catalogue.identity import identity
from tinykg.errors import ExtractError, ShapeViolation, StoreBusy, StoreError, StoreFormatError
from tinykg.graph.iris import ONTOLOGY_GRAPH
from tinykg.registry import Registry
from tinykg.store.embedded import EmbeddedStore
from tinykg.store.folder import RegistryFolder

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    import pyoxigraph as ox

    Ship: TypeAlias = Callable[[Path], None]


PROCESS = Path(__file__).parent / "seeding_process.py"
SHIPPED = Path(__file__).resolve().parents[2] / "data" / "models" / "files"
SEEDING = ["before anything is built", "half of it is loaded", "all of it is loaded"]
SEEDING += ["it is in place and nobody says so", "it is whole"]
RENEWING = ["before it is renewed", "it is renewed and nobody says so", "it is whole"]


def start(share: Path, folder: Path, *moment: str) -> subprocess.Popen[str]:
    command = [sys.executable, str(PROCESS), str(share), str(folder), *moment]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def content(folder: Path) -> dict[str, set[ox.Triple]]:
    """All graphs of a registry but the ontology, whose blank nodes have other labels each time."""
    store = EmbeddedStore(folder / "store", read_only=True)
    found = {name: set(store.graph(name)) for name in store.graph_names() if name != ONTOLOGY_GRAPH}
    store.close()
    return found


def essential(content: dict[str, set[ox.Triple]]) -> dict[str, set[ox.Triple]]:
    """What questions are decided by: all but each source's own words on boards and parts."""
    words = ("/graph/board-description/", "/graph/microcontroller/")
    return {name: triples for name, triples in content.items() if not any(w in name for w in words)}


def ask_for_all(folder: Path) -> None:
    """Ask what only a whole registry answers."""
    Registry.open(folder, wait_s=1).select("SELECT * {}")


@pytest.fixture
def seen(small_seeded_folder: Path) -> dict[str, set[ox.Triple]]:
    """What a whole registry holds."""
    return content(small_seeded_folder)


@pytest.fixture
def use_small(small_share: Path, ship: Ship) -> None:
    """The small catalogue is the built-in one."""
    ship(small_share)


def changed_share(small_share: Path, target: Path) -> Path:
    """A later release: one board less, one board's name and the lock's identity changed."""
    share = target / "later"
    shutil.copytree(small_share, share, symlinks=True)
    (share / "data/devices/arduino-uno-r3.toml").unlink()
    sheet = share / "data/devices/raspberry-pi-pico.toml"
    sheet.write_text(
        sheet.read_text().replace('name = "Raspberry Pi Pico"', 'name = "Pico of a later release"')
    )
    write_lock(share, "devices/raspberry-pi-pico.toml")
    return share


def write_lock(share: Path, *changed: str) -> None:
    """Give the catalogue another identity; files that changed count as checked."""
    path = share / "data" / "catalogue.lock.json"
    lock = json.loads(path.read_text())
    for name in changed:
        lock["files"][name] = hashlib.sha256((share / "data" / name).read_bytes()).hexdigest()
    path.write_text(json.dumps(lock) + " ")


@pytest.mark.usefixtures("use_small")
def test_the_first_question_fills_a_new_folder(tmp_path: Path, seen: dict[str, set[ox.Triple]]) -> None:
    folder = tmp_path / "deep" / "registry"
    assert len(Registry.open(folder).models()) == 4
    assert content(folder) == essential(seen)
    ask_for_all(folder)
    assert content(folder) == seen
    assert sorted(path.name for path in folder.iterdir()) == ["lock", "store", "tinykg.json"]
    state = RegistryFolder(folder).state()
    assert state is not None
    assert state.catalogue == identity()


@pytest.mark.usefixtures("use_small")
def test_a_registry_that_is_current_is_not_filled_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = Registry.open(tmp_path / "registry")
    registry.models()
    monkeypatch.setattr("tinykg.catalogue.seed.checked_graphs", lambda: pytest.fail("seeded twice"))
    assert len(registry.models()) == 4


def test_memory_holds_the_same_as_a_folder(
    small_share: Path, seen: dict[str, set[ox.Triple]], ship: Ship
) -> None:
    ship(small_share)
    rows = Registry.open("memory:").select(
        "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } FILTER(?g != <https://w3id.org/tinykg>) }"
    )
    assert int(getattr(rows.rows[0][0], "value", "0")) == sum(map(len, seen.values()))


@pytest.mark.usefixtures("use_small")
@pytest.mark.parametrize("moment", SEEDING)
def test_what_a_killed_process_left_is_completed(
    small_share: Path, tmp_path: Path, seen: dict[str, set[ox.Triple]], moment: str
) -> None:
    folder = tmp_path / "registry"
    process = start(small_share, folder, moment)
    assert process.wait(30) == -signal.SIGKILL
    process.communicate()
    if (folder / "store").exists():
        assert content(folder) == essential(seen), "a kill leaves no store or one that answers"
    assert len(Registry.open(folder, wait_s=1).models()) == 4
    ask_for_all(folder)
    assert content(folder) == seen
    assert sorted(path.name for path in folder.iterdir()) == ["lock", "store", "tinykg.json"]


@pytest.mark.usefixtures("use_small")
@pytest.mark.parametrize("moment", ["half of it is loaded", "it is in place and nobody says so"])
def test_what_sources_say_is_completed_after_a_kill(
    small_share: Path, tmp_path: Path, seen: dict[str, set[ox.Triple]], moment: str
) -> None:
    folder = tmp_path / "registry"
    assert len(Registry.open(folder).models()) == 4
    process = start(small_share, folder, moment, "all")
    assert process.wait(30) == -signal.SIGKILL
    process.communicate()
    assert len(Registry.open(folder, wait_s=1).models()) == 4
    state = RegistryFolder(folder).state()
    assert state is not None
    assert not state.sources
    ask_for_all(folder)
    assert content(folder) == seen


@pytest.mark.usefixtures("use_small")
def test_what_processes_left_that_were_killed_at_any_time_is_completed(
    small_share: Path, tmp_path: Path, seen: dict[str, set[ox.Triple]]
) -> None:
    """The same folder is hit again and again, each time a little later."""
    folder = tmp_path / "registry"
    begun = time.monotonic()
    assert start(small_share, tmp_path / "measure").communicate(timeout=60) == ("4\n", "")
    whole_s = time.monotonic() - begun
    killed = 0
    for part in (0.4, 0.55, 0.7, 0.8, 0.9):
        process = start(small_share, folder)
        time.sleep(whole_s * part)
        process.kill()
        killed += process.wait(5) == -signal.SIGKILL
        process.communicate()
    assert killed >= 1
    assert len(Registry.open(folder, wait_s=1).models()) == 4
    ask_for_all(folder)
    assert content(folder) == seen


def test_processes_that_fill_a_new_folder_at_once_all_succeed(
    small_share: Path, tmp_path: Path, seen: dict[str, set[ox.Triple]]
) -> None:
    processes = [start(small_share, tmp_path / "registry") for _ in range(3)]
    answers = [process.communicate(timeout=60) for process in processes]
    assert answers == [("4\n", "")] * 3
    assert content(tmp_path / "registry") == essential(seen)
    together = [start(small_share, tmp_path / "registry", "", "all") for _ in range(3)]
    assert [process.communicate(timeout=60) for process in together] == [("4\n", "")] * 3
    assert content(tmp_path / "registry") == seen


@pytest.mark.usefixtures("use_small")
def test_a_folder_in_work_is_waited_for_and_then_named(tmp_path: Path) -> None:
    folder = RegistryFolder(tmp_path / "registry")
    with (
        folder.held(write=True, wait_s=0, purpose="seeding the registry"),
        pytest.raises(StoreBusy, match="seeding the registry"),
    ):
        Registry.open(folder.path, wait_s=0.05).models()
    assert len(Registry.open(folder.path).models()) == 4


# -- a later release


def test_a_later_release_renews_what_it_ships(
    small_registry: Registry, small_share: Path, tmp_path: Path, ship: Ship
) -> None:
    assert small_registry.device("pico").name == "Raspberry Pi Pico"
    later = changed_share(small_share, tmp_path)
    ship(later)
    assert small_registry.device("pico").name == "Pico of a later release"
    assert [device.slug for device in small_registry.devices()] == [
        "arduino-nano-33-ble-sense",
        "raspberry-pi-pico",
    ]
    assert RegistryFolder(Path(small_registry.where)).state() is not None
    assert len(small_registry.models()) == 4


def test_an_earlier_release_finds_its_own_catalogue_again(
    small_registry: Registry,
    small_share: Path,
    tmp_path: Path,
    ship: Ship,
    seen: dict[str, set[ox.Triple]],
) -> None:
    later = changed_share(small_share, tmp_path)
    ship(later)
    assert len(small_registry.devices()) == 2
    ship(small_share)
    assert len(small_registry.devices()) == 3
    assert content(Path(small_registry.where)) == seen


@pytest.mark.parametrize("moment", RENEWING)
def test_a_renewal_that_was_killed_is_completed(
    small_registry: Registry, small_share: Path, tmp_path: Path, ship: Ship, moment: str
) -> None:
    later = changed_share(small_share, tmp_path)
    process = start(later, Path(small_registry.where), moment)
    assert process.wait(30) == -signal.SIGKILL
    process.communicate()
    ship(later)
    assert small_registry.device("pico").name == "Pico of a later release"
    assert len(small_registry.devices()) == 2


def test_what_the_user_added_survives_a_renewal(
    small_registry: Registry, small_share: Path, tmp_path: Path, ship: Ship
) -> None:
    board = tmp_path / "my-board.toml"
    board.write_text('name = "My board"\nsource = "me"\nsystem = "bare-metal"\n')
    pico = tmp_path / "raspberry-pi-pico.toml"
    pico.write_text('name = "My Pico"\nsource = "me"\nsystem = "bare-metal"\n')
    assert [intake.status for intake in small_registry.add(board, pico)] == ["added", "updated"]
    later = changed_share(small_share, tmp_path)
    ship(later)
    assert [(device.slug, device.name) for device in small_registry.devices()][1:] == [
        ("my-board", "My board"),
        ("raspberry-pi-pico", "My Pico"),
    ]


def test_a_model_that_the_user_added_runs_on_the_runtimes_of_a_later_release(
    small_share: Path, tmp_path: Path, ship: Ship
) -> None:
    earlier = tmp_path / "earlier"
    shutil.copytree(small_share, earlier, symlinks=True)
    (earlier / "data/runtimes/tflm-ref-int-enum32.toml").unlink()
    (earlier / "data/runtimes/tflm-cmsis-nn-arm32.toml").unlink()
    write_lock(earlier)
    model = tmp_path / "mine.tflite"
    model.write_bytes((SHIPPED / "waves_cnn1d_int8.tflite").read_bytes() + bytes(4))
    registry = Registry.open(tmp_path / "registry")
    for share, expected in ((earlier, 1), (small_share, 3), (earlier, 1)):
        ship(share)
        names = [runtime.name for runtime in registry.runtimes()]
        assert len(names) == expected
        if share is earlier:
            registry.add(model)
        tried = registry.explain("mine", "nano33")
        assert sorted(explanation.match.runtime for explanation in tried) == names
    assert registry.add(model)[0].status == "unchanged"
    assert registry.remove("mine") == ["model"]


def test_a_file_that_the_catalogue_gave_up_stays_while_a_model_of_the_user_has_it(
    small_registry: Registry, small_share: Path, tmp_path: Path, ship: Ship
) -> None:
    sha256 = small_registry.model("digits-mlp")[0].file_sha256
    sheet = tmp_path / "my-digits.toml"
    sheet.write_text(f'name = "my_digits"\nsource = "me"\nsha256 = "{sha256}"\n')
    assert [intake.status for intake in small_registry.add(sheet)] == ["added"]
    later = changed_share(small_share, tmp_path)
    (later / "data/models/digits-mlp-int8.toml").unlink()
    (later / "data/models/facts/digits-mlp-int8.json").unlink()
    ship(later)
    assert [model.name for model in small_registry.models() if model.sha256 == sha256] == ["my_digits"]
    assert small_registry.model("my_digits")[1].sha256 == sha256
    assert any(small_registry.match(model="my_digits", device="nano33"))
    small_registry.remove("my_digits")
    assert sha256 not in small_registry.export(form="nquads").decode()


# -- the gate


def test_a_record_that_is_not_the_locks_goes_through_the_gate(
    small_share: Path, tmp_path: Path, ship: Ship, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[str] = []
    monkeypatch.setattr("tinykg.catalogue.seed.check_all", lambda _, subject: checked.append(subject))
    ship(small_share)
    Registry.open(tmp_path / "proven").models()
    assert checked == [], "what the lock names has been checked"
    later = changed_share(small_share, tmp_path)
    write_lock(later, "devices/arduino-nano-33-ble-sense.toml")
    sheet = later / "data/devices/arduino-nano-33-ble-sense.toml"
    sheet.write_text(sheet.read_text() + "\n")
    ship(later)
    Registry.open(tmp_path / "changed").models()
    assert checked == ["the built-in catalogue"]
    Registry.open(tmp_path / "changed").select("SELECT * {}")
    assert checked == ["the built-in catalogue"], "the words of sources have not changed"


def test_other_rules_than_the_locks_send_all_records_through_the_gate(
    small_share: Path, tmp_path: Path, ship: Ship
) -> None:
    share = tmp_path / "share"
    shutil.copytree(small_share, share)
    (share / "shapes" / "more.ttl").write_text(
        "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix tk: <https://w3id.org/tinykg#> .\n"
        "[] a sh:NodeShape ; sh:targetClass tk:Model ; sh:property [ sh:path tk:task ; sh:minCount 2 ;"
        ' sh:message "Name two tasks." ] .\n'
    )
    ship(share)
    from tinykg.validate import shapes

    shapes.shapes.cache_clear()
    try:
        with pytest.raises(ShapeViolation, match="Name two tasks"):
            Registry.open(tmp_path / "registry").models()
    finally:
        shapes.shapes.cache_clear()
    assert not (tmp_path / "registry" / "store").exists()
    assert not (tmp_path / "registry" / "tinykg.json").exists()


def test_a_bad_record_is_refused_and_nothing_changes(
    small_registry: Registry, small_share: Path, tmp_path: Path, ship: Ship
) -> None:
    folder = Path(small_registry.where)
    before, state = content(folder), (folder / "tinykg.json").read_text()
    later = changed_share(small_share, tmp_path)
    sheet = later / "data/models/hello-world-int8.toml"
    sheet.write_text(sheet.read_text().replace('task = "', 'task = "no-such-'))
    ship(later)
    for registry in (small_registry, Registry.open("memory:")):
        with pytest.raises(ShapeViolation, match="the built-in catalogue: breaks 1 rule") as caught:
            registry.models()
        assert "task/no-such-" in str(caught.value)
    assert content(folder) == before
    assert (folder / "tinykg.json").read_text() == state


def test_a_catalogue_that_cannot_be_read_is_a_typed_error(
    small_registry: Registry, small_share: Path, tmp_path: Path, ship: Ship
) -> None:
    share = changed_share(small_share, tmp_path)
    ship(share)
    (share / "data" / "catalogue.lock.json").rename(share / "lock")
    with pytest.raises(StoreError, match=r"catalogue\.lock\.json cannot be read"):
        small_registry.models()
    (share / "lock").rename(share / "data" / "catalogue.lock.json")
    (share / "data/models/facts/hello-world-int8.json").write_text("{}")
    with pytest.raises(ExtractError, match=r"hello-world-int8\.json"):
        small_registry.models()


# -- folders that are no registries


@pytest.mark.usefixtures("use_small")
def test_a_registry_of_a_newer_release_is_left_alone(small_registry: Registry) -> None:
    folder = Path(small_registry.where)
    before = content(folder)
    (folder / "tinykg.json").write_text(json.dumps({"layout": 99, "catalogue": "of the future"}))
    for act in (small_registry.models, lambda: small_registry.remove("pico")):
        with pytest.raises(StoreFormatError, match="newer TinyKG"):
            act()
    assert content(folder) == before


@pytest.mark.usefixtures("use_small")
def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "project"
    (folder / "store").mkdir(parents=True)
    (folder / "store" / "shop.db").write_text("somebody else's")
    with pytest.raises(StoreFormatError, match="name another folder"):
        Registry.open(folder).models()
    assert [path.name for path in (folder / "store").iterdir()] == ["shop.db"]


@pytest.mark.usefixtures("use_small")
def test_a_store_that_lost_its_files_is_a_typed_error(small_registry: Registry) -> None:
    (Path(small_registry.where) / "store" / "CURRENT").unlink()
    with pytest.raises(StoreError, match="tinykg doctor"):
        small_registry.models()


@pytest.mark.usefixtures("use_small")
def test_a_registry_without_its_store_is_filled_again(
    small_registry: Registry, seen: dict[str, set[ox.Triple]]
) -> None:
    shutil.rmtree(Path(small_registry.where) / "store")
    assert len(small_registry.models()) == 4
    assert content(Path(small_registry.where)) == essential(seen)
    ask_for_all(Path(small_registry.where))
    assert content(Path(small_registry.where)) == seen


def test_every_moment_is_used() -> None:
    assert {*SEEDING, *RENEWING} == MOMENTS.keys()
