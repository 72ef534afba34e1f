"""Tokens: made once, kept as hashes, gone when they are revoked or over."""

from __future__ import annotations

import json
import stat
import tempfile
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tinykg.catalogue.tokens import SCOPES, Tokens
from tinykg.errors import InputError, StoreError, StoreFormatError


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


@pytest.mark.parametrize(
    "change",
    [
        {"expires": "tomorrow"},
        {"expires": "2999-01-01T00:00:00"},
        {"expires": 5},
        {"created": "2999"},
        {"scope": "root"},
        {"name": None},
        {"sha256": 7},
    ],
    ids=str,
)
def test_a_record_that_somebody_changed_by_hand_lets_nobody_in(
    tokens: Tokens, tmp_path: Path, change: dict[str, object]
) -> None:
    text = tokens.create("one", "write", timedelta(days=1))
    path = tmp_path / "registry" / "tokens.json"
    content = json.loads(path.read_text())
    path.write_text(json.dumps({"tokens": [{**content["tokens"][0], **change}]}))
    for use in (lambda: tokens.scope_of(text), tokens.all, lambda: tokens.create("two", "read")):
        with pytest.raises(StoreFormatError, match=r"tokens\[0\]"):
            use()


def test_what_a_later_release_keeps_of_a_token_is_passed_over(tokens: Tokens, tmp_path: Path) -> None:
    text = tokens.create("one", "write")
    path = tmp_path / "registry" / "tokens.json"
    content = json.loads(path.read_text())
    path.write_text(json.dumps({"tokens": [{**content["tokens"][0], "owner": "ana"}]}))
    assert tokens.scope_of(text) == "write"


@pytest.mark.parametrize("name", ["", " ", "a\nb", "\udcff", "\x1b[2J", "a\0"])
def test_a_name_that_cannot_be_seen_is_refused(tokens: Tokens, name: str) -> None:
    with pytest.raises(InputError, match="is no name of a token"):
        tokens.create(name, "read")
    assert tokens.all() == []


def test_a_time_that_no_calendar_has_is_refused(tokens: Tokens) -> None:
    with pytest.raises(InputError, match="beyond the year 9999"):
        tokens.create("one", "read", timedelta.max)
    assert tokens.all() == []


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "folder" / "tokens.json").mkdir(parents=True)
    for path in (tmp_path / "file" / "tokens.json", tmp_path / "folder" / "tokens.json"):
        with pytest.raises(StoreError, match=r"tokens\.json cannot be read"):
            Tokens(path).all()


class TokensMachine(RuleBasedStateMachine):
    """Tokens made and taken back in any order through two objects: each is known while it is there."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        path = Path(self.folder.name) / "registry" / "tokens.json"
        self.views = (Tokens(path), Tokens(path))
        self.texts: dict[str, tuple[str, str | None]] = {}
        self.revoked: list[str] = []

    @rule(
        view=st.integers(0, 1),
        name=st.sampled_from(["ana", "ben", "日本"]),
        scope=st.sampled_from(SCOPES),
        days=st.sampled_from([None, 1, -1]),
    )
    def create(self, view: int, name: str, scope: str, days: int | None) -> None:
        valid_for = None if days is None else timedelta(days=days)
        if name in self.texts:
            with pytest.raises(InputError, match="exists"):
                self.views[view].create(name, scope, valid_for)
        else:
            text = self.views[view].create(name, scope, valid_for)
            self.texts[name] = (text, None if days == -1 else scope)

    @rule(view=st.integers(0, 1), name=st.sampled_from(["ana", "ben", "日本"]))
    def revoke(self, view: int, name: str) -> None:
        if name in self.texts:
            self.views[view].revoke(name)
            self.revoked.append(self.texts.pop(name)[0])
        else:
            with pytest.raises(InputError, match="No token"):
                self.views[view].revoke(name)

    @invariant()
    def both_views_know_what_is_there_and_nothing_else(self) -> None:
        for view in self.views:
            assert [record.name for record in view.all()] == sorted(self.texts)
            assert all(view.scope_of(text) == scope for text, scope in self.texts.values())
            assert all(view.scope_of(text) is None for text in self.revoked)

    def teardown(self) -> None:
        self.folder.cleanup()


TokensMachine.TestCase.settings = settings(max_examples=25, stateful_step_count=15, deadline=None)
TestTokens = TokensMachine.TestCase


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="file"):
        Tokens(tmp_path / "file" / "tokens.json").create("one", "write")
