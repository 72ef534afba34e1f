"""Tokens: made once, kept as hashes, gone when they are revoked or over."""

from __future__ import annotations

import stat
import threading
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tinykg.catalogue.tokens import SCOPES, Tokens
from tinykg.errors import InputError, StoreError, StoreFormatError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def tokens(tmp_path: Path) -> Tokens:
    return Tokens(tmp_path / "registry" / "tokens.json")


@pytest.mark.parametrize("scope", SCOPES)
def test_a_token_has_its_scope(tokens: Tokens, scope: str) -> None:
    assert tokens.scope_of(tokens.create("one", scope)) == scope


def test_the_text_of_a_token_is_nowhere_in_the_file_which_only_its_owner_reads(
    tokens: Tokens, tmp_path: Path
) -> None:
    text = tokens.create("one", "write")
    path = tmp_path / "registry" / "tokens.json"
    assert text.removeprefix("tinykg_") not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_tokens_differ_and_cannot_be_guessed(tokens: Tokens) -> None:
    texts = {tokens.create(f"t{n}", "read") for n in range(20)}
    assert len(texts) == 20
    assert all(len(text) > 40 for text in texts)


@pytest.mark.parametrize("text", ["", "tinykg_", "tinykg_AAAA", "\udcff", "x" * 10_000])
def test_other_texts_are_no_tokens(tokens: Tokens, text: str) -> None:
    tokens.create("one", "write")
    assert tokens.scope_of(text) is None


def test_a_revoked_token_is_known_no_more_at_once_and_by_all(tokens: Tokens, tmp_path: Path) -> None:
    text = tokens.create("one", "write")
    elsewhere = Tokens(tmp_path / "registry" / "tokens.json")
    assert elsewhere.scope_of(text) == "write"
    tokens.revoke("one")
    assert elsewhere.scope_of(text) is None
    with pytest.raises(InputError, match="No token 'one'"):
        tokens.revoke("one")


def test_a_token_is_valid_for_its_time(tokens: Tokens) -> None:
    assert tokens.scope_of(tokens.create("long", "write", timedelta(days=1))) == "write"
    assert tokens.scope_of(tokens.create("over", "write", timedelta(seconds=-1))) is None
    assert [record.name for record in tokens.all()] == ["long", "over"]


def test_a_name_is_given_once_and_scopes_are_known(tokens: Tokens) -> None:
    tokens.create("one", "read")
    with pytest.raises(InputError, match="'one' exists"):
        tokens.create("one", "write")
    with pytest.raises(InputError, match="read, write, admin"):
        tokens.create("two", "root")
    assert len(tokens.all()) == 1


def test_tokens_made_at_once_are_all_kept(tokens: Tokens) -> None:
    threads = [threading.Thread(target=tokens.create, args=(f"t{n}", "write")) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(tokens.all()) == 16


@pytest.mark.parametrize("content", ["{", "[]", '{"tokens": [{"name": "x"}]}', '{"tokens": 3}'])
def test_a_damaged_file_lets_nobody_in(tokens: Tokens, tmp_path: Path, content: str) -> None:
    text = tokens.create("one", "write")
    (tmp_path / "registry" / "tokens.json").write_text(content)
    with pytest.raises(StoreFormatError, match="not a list of tokens"):
        tokens.scope_of(text)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="file"):
        Tokens(tmp_path / "file" / "tokens.json").create("one", "write")
