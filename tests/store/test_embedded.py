"""Oxigraph in this process keeps the contract, in memory and in a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from store_contract import EX, StoreContract, node, triple

from tinykg.errors import StoreError
from tinykg.store.embedded import EmbeddedStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class TestMemory(StoreContract):
    """In memory."""

    @pytest.fixture
    def store(self) -> Iterator[EmbeddedStore]:
        store = EmbeddedStore()
        yield store
        store.close()


class TestFolder(StoreContract):
    """In a folder."""

    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[EmbeddedStore]:
        store = EmbeddedStore(tmp_path / "store")
        yield store
        store.close()


def test_what_was_written_is_there_after_opening_again(tmp_path: Path) -> None:
    first = EmbeddedStore(tmp_path / "store")
    first.replace_graphs({EX + "g": [triple("a", "p", "x")]})
    first.close()
    for read_only in (True, False):
        again = EmbeddedStore(tmp_path / "store", read_only=read_only)
        assert again.graph(EX + "g") == [triple("a", "p", "x")]
        again.close()


def test_a_store_for_reading_refuses_to_write(tmp_path: Path) -> None:
    EmbeddedStore(tmp_path / "store").close()
    store = EmbeddedStore(tmp_path / "store", read_only=True)
    for write in (
        lambda: store.update("DROP ALL"),
        lambda: store.replace_graphs({EX + "g": [triple("a", "p", "x")]}),
        lambda: store.load_new({EX + "g": [triple("a", "p", "x")]}),
    ):
        with pytest.raises(StoreError, match="reading only"):
            write()
    assert store.size() == 0


def test_several_may_read_one_folder(tmp_path: Path) -> None:
    first = EmbeddedStore(tmp_path / "store")
    first.replace_graphs({EX + "g": [triple("a", "p", "x")]})
    first.close()
    readers = [EmbeddedStore(tmp_path / "store", read_only=True) for _ in range(3)]
    assert [reader.size() for reader in readers] == [1, 1, 1]


def test_a_folder_that_is_no_store_is_a_typed_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(StoreError, match="cannot be opened"):
        EmbeddedStore(tmp_path / "file")
    with pytest.raises(StoreError, match="tinykg doctor"):
        EmbeddedStore(tmp_path / "absent", read_only=True)


def test_a_damaged_store_is_a_typed_error(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path / "store")
    store.replace_graphs({EX + "g": [triple("a", "p", "x")]})
    store.close()
    (tmp_path / "store" / "CURRENT").write_text("MANIFEST-999999\n")
    with pytest.raises(StoreError, match="cannot be opened"):
        EmbeddedStore(tmp_path / "store", read_only=True)


@pytest.mark.parametrize("read_only", [True, False])
def test_a_store_whose_files_were_cut_is_a_typed_error(tmp_path: Path, *, read_only: bool) -> None:
    store = EmbeddedStore(tmp_path / "store")
    store.load_new({EX + "g": [triple("a", "p", str(number)) for number in range(1000)]})
    store.close()
    tables = list((tmp_path / "store").glob("*.sst"))
    assert tables
    for table in tables:
        table.write_bytes(table.read_bytes()[:-100])
    with pytest.raises(StoreError, match="cannot be opened"):
        EmbeddedStore(tmp_path / "store", read_only=read_only)


def test_a_new_store_is_filled_at_once() -> None:
    store = EmbeddedStore()
    store.load_new(
        {EX + "g": [triple("a", "p", "x"), triple("a", "p", "x")], EX + "h": [triple("b", "p", "y")]}
    )
    assert store.size() == 2
    assert store.graph_names() == [EX + "g", EX + "h"]


def test_the_engines_own_result_is_given_for_serialising() -> None:
    store = EmbeddedStore()
    store.replace_graphs({EX + "g": [triple("a", "p", "x")]})
    result = store.raw("SELECT ?s { ?s ?p ?o }")
    assert isinstance(result, ox.QuerySolutions)
    assert [solution["s"] for solution in result] == [node("a")]
