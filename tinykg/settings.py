"""What the environment decides, as one frozen record; read only at the edges."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where the registry lies and how long to wait for it.

    | variable | meaning | default |
    | --- | --- | --- |
    | `TINYKG_REGISTRY` | folder of the registry, or `memory:` | the user's data folder |
    | `TINYKG_WAIT_S` | seconds to wait for a registry that another process holds | 10 |
    """

    registry: str
    wait_s: float = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeSettings:
    """How `tinykg serve` serves; every field is an option of the command.

    `writes` and `reads` are `open`, `token` (a token of that scope is needed) or, for writes, `none`.
    `rate_per_s` is how many requests one client may make each second on average, with bursts of ten times
    that; clients on the same machine are not counted. None is no limit. `federated` are the addresses of
    SPARQL endpoints that a query's SERVICE may ask.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    reads: str = "open"
    writes: str = "token"
    cors_origins: tuple[str, ...] = ()
    max_body_bytes: int = 64 << 20
    max_query_bytes: int = 256 << 10
    max_result_bytes: int = 64 << 20
    query_memory_bytes: int = 4 << 30
    query_timeout_s: float = 30.0
    query_workers: int = 2
    rate_per_s: float | None = 50.0
    max_ttl_s: float | None = None
    kept_changes: int = 10_000
    federated: tuple[str, ...] = ()
    announce: bool = False


def default_registry() -> str:
    """The registry's folder in the user's data folder, as the system wants it."""
    import platformdirs

    return str(Path(platformdirs.user_data_dir("tinykg", appauthor=False)) / "registry")


def read_settings(environment: Mapping[str, str] | None = None, registry: str | None = None) -> Settings:
    """The settings in force; `registry` is what the command line said, which wins."""
    values = os.environ if environment is None else environment
    where = registry or values.get("TINYKG_REGISTRY") or default_registry()
    if "://" in where:
        from tinykg.errors import InputError

        raise InputError(f"'{where}' is an address; a registry is a folder on this machine, or memory:")
    wait = values.get("TINYKG_WAIT_S", "10")
    return Settings(registry=where, wait_s=_seconds(wait))


def _seconds(text: str) -> float:
    """A time that one can wait for; InputError where it is none."""
    with contextlib.suppress(ValueError):
        if (seconds := float(text)) >= 0:
            return seconds
    from tinykg.errors import InputError

    raise InputError(f"TINYKG_WAIT_S is '{text}'; expected a number of seconds, such as 10")
