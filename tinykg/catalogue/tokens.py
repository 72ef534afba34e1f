"""Tokens for those who write through a server: made here, kept as hashes."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import secrets
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from tinykg.errors import InputError, StoreError, StoreFormatError
from tinykg.store.folder import write_whole

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SCOPES = ("read", "write", "admin")

_PREFIX = "tinykg_"
_RANDOM_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRecord:
    """What is kept of a token; `sha256` is of its text, which has 256 random bits and so needs no salt."""

    name: str
    scope: str
    sha256: str
    created: str
    expires: str | None = None

    def __post_init__(self) -> None:
        """Raise ValueError for a scope that there is not and for a time without a time zone."""
        if self.scope not in SCOPES:
            raise ValueError(f"'{self.scope}' is no scope")
        for moment in (self.created, self.expires):
            if moment is not None and datetime.fromisoformat(moment).tzinfo is None:
                raise ValueError(f"'{moment}' has no time zone")

    @property
    def is_over(self) -> bool:
        """Whether its time is over."""
        return self.expires is not None and datetime.fromisoformat(self.expires) <= datetime.now(UTC)


class _Kept(msgspec.Struct):
    """What the file holds."""

    tokens: list[TokenRecord]


class Tokens:
    """The tokens in a registry's folder; what another process changes is seen at once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._read: tuple[tuple[int, int, int], dict[str, TokenRecord]] | None = None

    def create(self, name: str, scope: str, valid_for: timedelta | None = None) -> str:
        """Make a token and return its text, which is nowhere kept."""
        if scope not in SCOPES:
            raise InputError(f"'{scope}' is no scope; choose one of {', '.join(SCOPES)}")
        if not name.strip() or not name.isprintable():
            raise InputError(f"{name!r} is no name of a token; expected characters that can be seen")
        text = _PREFIX + secrets.token_urlsafe(_RANDOM_BYTES)
        now = datetime.now(UTC).replace(microsecond=0)
        try:
            over = None if valid_for is None else (now + valid_for).isoformat()
        except OverflowError:
            raise InputError("A token cannot be valid beyond the year 9999; leave its time out") from None
        record = TokenRecord(
            name=name,
            scope=scope,
            sha256=_digest(text),
            created=now.isoformat(),
            expires=over,
        )
        with self._changing() as known:
            if any(other.name == name for other in known):
                raise InputError(f"A token named '{name}' exists; revoke it first, or choose another name")
            known.append(record)
        return text

    def revoke(self, name: str) -> None:
        """Take a token back; raises InputError where there is none of that name."""
        with self._changing() as known:
            left = [record for record in known if record.name != name]
            if len(left) == len(known):
                raise InputError(f"No token '{name}'. See: tinykg token list")
            known[:] = left

    def all(self) -> list[TokenRecord]:
        """What is kept of each token, by name."""
        return sorted(self._records().values(), key=lambda record: record.name)

    def scope_of(self, text: str) -> str | None:
        """The scope of a token; None where it is not known or its time is over."""
        record = self._records().get(_digest(text))
        return None if record is None or record.is_over else record.scope

    def _records(self) -> dict[str, TokenRecord]:
        """By hash: a look-up by it tells nothing about the text, however long it takes."""
        try:
            stat = self._path.stat()
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise StoreError(f"{self._path} cannot be read: {error.strerror}") from error
        state = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
        with self._lock:
            if self._read is None or self._read[0] != state:
                self._read = (state, {record.sha256: record for record in self._load()})
            return self._read[1]

    def _load(self) -> list[TokenRecord]:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=_Kept).tokens
        except FileNotFoundError:
            return []
        except OSError as error:
            raise StoreError(f"{self._path} cannot be read: {error.strerror}") from error
        except (ValueError, RecursionError) as error:
            raise StoreFormatError(
                f"{self._path} is not a list of tokens ({error}); remove it and make new ones"
            ) from error

    @contextlib.contextmanager
    def _changing(self) -> Iterator[list[TokenRecord]]:
        """The records, to change them while no other process does; kept when the context ends well."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            lock = self._path.with_name(f".{self._path.name}.lock").open("a+b")
        except OSError as error:
            raise StoreError(f"{self._path.parent} cannot be written: {error.strerror}") from error
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            records = self._load()
            yield records
            content = msgspec.json.format(msgspec.json.encode(_Kept(tokens=records)))
            write_whole(self._path, content, private=True)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
