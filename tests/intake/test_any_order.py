"""Files come, come again, replace others and go in any order; what is left knows nothing of it."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from intake_files import BOARD, digest, model_bytes, write_board, write_model, write_model_sheet

from tinykg.catalogue.held import HeldRegistry
from tinykg.errors import UnknownName
from tinykg.registry import Registry
from tinykg.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyoxigraph as ox

    Graphs = Mapping[str, frozenset[ox.Triple]]

SHARED, FIRST, SECOND, PLAIN = (digest(model_bytes(n)) for n in (3, 4, 5, 1))
FILES = {
    "plain": (PLAIN,),
    "sheet-x": (SHARED,),
    "sheet-y": (SHARED,),
    "w-first": (FIRST,),
    "w-second": (SECOND,),
    "my-board": (),
    "other-board": (),
}
"""The model files that each thing to add brings along; two of them have one file."""

NAMES = {name: name for name in FILES} | {"w-first": "w", "w-second": "w"}
RIVALS = {"w-first": "w-second", "w-second": "w-first"}
"""Two that have one name."""


def write_all(folder: Path) -> dict[str, list[Path]]:
    """The files of each thing to add."""
    shared = write_model(folder / "shared.tflite", 3)
    sheets = {
        name: write_model_sheet(folder / f"{name}.toml", SHARED, name=name, more=f'aliases = ["the {name}"]')
        for name in ("sheet-x", "sheet-y")
    }
    other = BOARD.replace('"My board"', '"Other board"').replace('["mb"]', "[]")
    return {
        "plain": [write_model(folder / "plain.tflite", 1)],
        **{name: [shared, sheet] for name, sheet in sheets.items()},
        "w-first": [write_model(folder / "a" / "w.tflite", 4)],
        "w-second": [write_model(folder / "b" / "w.tflite", 5)],
        "my-board": [write_board(folder / "my-board.toml")],
        "other-board": [write_board(folder / "other-board.toml", other)],
    }


class Comings(RuleBasedStateMachine):
    """The registry beside the set of what is in it."""

    held: ClassVar[HeldRegistry]
    paths: ClassVar[dict[str, list[Path]]]
    base: ClassVar[Graphs]
    alone: ClassVar[dict[str, Graphs]]

    def __init__(self) -> None:
        super().__init__()
        self.registry = Registry.over(self.held, "held")
        self.present: set[str] = set()

    @classmethod
    def prepare(cls, held: HeldRegistry, folder: Path) -> None:
        """What each thing brings to a registry without the others."""
        cls.held, cls.paths, cls.base, cls.alone = held, write_all(folder), content(held), {}
        registry = Registry.over(held, "held")
        for name, paths in cls.paths.items():
            registry.add(*paths)
            cls.alone[name] = {
                graph: triples for graph, triples in content(held).items() if cls.base.get(graph) != triples
            }
            registry.remove(NAMES[name])

    @rule(names=st.lists(st.sampled_from(sorted(FILES)), min_size=1, max_size=3, unique=True))
    def add(self, names: list[str]) -> None:
        """All in one go, in this order; of two with one name the first is taken."""
        taken = [n for i, n in enumerate(names) if RIVALS.get(n) not in names[:i]]
        found = self.registry.add(*(p for name in names for p in self.paths[name]), replace=True)
        refused = {Path(one.path) for one in found if one.status == "refused"}
        assert refused == {path for name in set(names) - set(taken) for path in self.paths[name]}
        self.present = {n for n in self.present if RIVALS.get(n) not in taken} | set(taken)

    @rule(name=st.sampled_from(sorted(RIVALS)))
    def add_without_replacing(self, name: str) -> None:
        found = self.registry.add(*self.paths[name])
        if RIVALS[name] in self.present:
            assert [(one.status, one.is_conflict) for one in found] == [("refused", True)]
        else:
            assert [one.status for one in found] == ["unchanged" if name in self.present else "added"]
            self.present.add(name)

    @rule(name=st.sampled_from(sorted(FILES)))
    def try_out(self, name: str) -> None:
        found = self.registry.add(*self.paths[name], dry_run=True, replace=True)
        expected = "unchanged" if name in self.present else None
        assert all(one.status == expected for one in found) == (expected is not None)

    @precondition(lambda self: self.present)
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        names = data.draw(
            st.lists(st.sampled_from(sorted(self.present)), min_size=1, max_size=2, unique=True)
        )
        self.registry.remove_all([NAMES[name] for name in names])
        self.present -= set(names)

    @rule(name=st.sampled_from(sorted(FILES)))
    def remove_with_one_that_is_not_there(self, name: str) -> None:
        with pytest.raises(UnknownName):
            self.registry.remove_all([*(NAMES[n] for n in sorted(self.present)), NAMES[name], "no-such-one"])

    @invariant()
    def it_holds_what_is_in_it_and_nothing_else(self) -> None:
        expected = dict(self.base)
        for name in self.present:
            expected.update(self.alone[name])
        found = content(self.held)
        assert found.keys() == expected.keys()
        assert [graph for graph in found if found[graph] != expected[graph]] == []
        files = self.held.files()
        assert files is not None
        kept = {path.name for path in files.iterdir()} if files.is_dir() else set()
        assert kept == {sha256 for name in self.present for sha256 in FILES[name]}

    def teardown(self) -> None:
        if self.present:
            self.registry.remove_all([NAMES[name] for name in self.present])
        assert content(self.held) == self.base


def content(held: HeldRegistry) -> Graphs:
    with held.reading() as store:
        return {name: frozenset(store.graph(name)) for name in store.graph_names()}


def test_any_order_of_files_comes_to_the_same(small_registry: Registry) -> None:
    with ExitStack() as stack:
        held = stack.enter_context(HeldRegistry.hold(Settings(registry=small_registry.where)))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        Comings.prepare(held, folder)
        assert all(graphs for graphs in Comings.alone.values())
        run_state_machine_as_test(
            Comings,
            settings=settings(
                max_examples=12,
                stateful_step_count=8,
                deadline=None,
                suppress_health_check=[HealthCheck.too_slow],
            ),
        )
