"""tinykg serve."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tinykg.cli.output import note
from tinykg.errors import MissingExtra
from tinykg.settings import ServeSettings, read_settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from tinykg.settings import Settings

T = TypeVar("T", bound="Callable[..., object]")

_DEFAULT = ServeSettings()
_NEEDED = (
    "fastapi",
    "uvicorn",
    "limits",
    "prometheus_client",
    "sse_starlette",
    "jsonpath_rfc9535",
    "elementpath",
)


def _web_addresses(
    context: click.Context, parameter: click.Parameter, value: tuple[str, ...]
) -> tuple[str, ...]:
    """The addresses as they are; BadParameter where one is not absolute, of http or https."""
    for address in value:
        if not re.fullmatch(r"https?://[^\s<>\"{}|^`\\/?#]+[^\s<>\"{}|^`\\]*", address):
            raise click.BadParameter(
                f"{address!r} is no web address; expected one such as https://example.org/sparql",
                context,
                parameter,
            )
    return value


_OPTIONS = (
    click.option(
        "--host",
        default=_DEFAULT.host,
        help="The address to listen on; 0.0.0.0 lets other machines in.",
    ),
    click.option("--port", type=click.IntRange(0, 65535), default=_DEFAULT.port, help="0 takes a free one."),
    click.option("--no-auth", is_flag=True, help="Let everybody write who reaches the server."),
    click.option("--read-only", is_flag=True, help="Let nobody write, with a token or without."),
    click.option("--private", is_flag=True, help="Reading needs a token, too."),
    click.option(
        "--cors",
        "cors_origins",
        metavar="ORIGIN",
        multiple=True,
        help="A web origin whose pages may ask; repeatable.",
    ),
    click.option(
        "--max-body",
        "max_body_mib",
        type=click.IntRange(1),
        default=_DEFAULT.max_body_bytes >> 20,
        help="The longest content of a request, in MiB.",
    ),
    click.option(
        "--max-query",
        "max_query_kib",
        type=click.IntRange(1),
        default=_DEFAULT.max_query_bytes >> 10,
        help="The longest SPARQL text, in KiB.",
    ),
    click.option(
        "--max-result",
        "max_result_mib",
        type=click.IntRange(1),
        default=_DEFAULT.max_result_bytes >> 20,
        help="The longest result of a query, in MiB.",
    ),
    click.option(
        "--query-timeout",
        "query_timeout_s",
        type=click.FloatRange(min=0.1),
        default=_DEFAULT.query_timeout_s,
        help="How long a query may take, in seconds.",
    ),
    click.option(
        "--query-memory",
        "query_memory_mib",
        type=click.IntRange(256),
        default=_DEFAULT.query_memory_bytes >> 20,
        help="The address space of a query's process, in MiB.",
    ),
    click.option(
        "--query-workers",
        type=click.IntRange(1, 64),
        default=_DEFAULT.query_workers,
        help="How many queries run at once.",
    ),
    click.option(
        "--rate",
        "rate_per_s",
        type=click.FloatRange(min=0),
        default=_DEFAULT.rate_per_s,
        help="Requests of one client each second, on average, this machine's not counted; 0 for any.",
    ),
    click.option(
        "--max-ttl",
        "max_ttl_s",
        type=click.FloatRange(min=0, min_open=True),
        help="The longest time that a Thing may be registered for, in seconds.",
        show_default="any",
    ),
    click.option(
        "--keep-changes",
        "kept_changes",
        type=click.IntRange(1),
        default=_DEFAULT.kept_changes,
        help="How many changes of Things are kept for those who were away.",
    ),
    click.option(
        "--federate",
        "federated",
        metavar="URL",
        multiple=True,
        callback=_web_addresses,
        help="A SPARQL endpoint that SERVICE may ask, by this very address; repeatable.",
    ),
    click.option("--announce", is_flag=True, help="Announce the directory in the local network by DNS-SD."),
)


def _with_options(command: T) -> T:
    """A command's function with all options of the server."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@click.command("serve", context_settings={"auto_envvar_prefix": "TINYKG_SERVE", "show_default": True})
@_with_options
@click.pass_obj
def command(where: str | None, /, *, no_auth: bool, read_only: bool, private: bool, **options: Any) -> None:
    """Serve the registry: REST, a Thing Description Directory, SPARQL.

    Listens on this machine only, unless --host says otherwise. Reading is open; writing needs a token (see
    'tinykg token'). While it runs, the other commands work through it. Each option is also an environment
    variable, such as TINYKG_SERVE_PORT.
    """
    if no_auth and read_only:
        raise click.UsageError("--no-auth and --read-only exclude each other")
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        raise MissingExtra(f"Serving (it lacks {', '.join(missing)})", "serve")
    registry = read_settings(registry=where)
    _say_what_takes_time(registry)
    from tinykg.rest.run import serve

    settings = ServeSettings(
        reads="token" if private else "open",
        writes="none" if read_only else "open" if no_auth else "token",
        **_in_bytes(options),
    )
    if no_auth and settings.host not in ("127.0.0.1", "::1", "localhost"):
        note(f"Everybody who reaches {settings.host} can write to this registry (--no-auth).")
    serve(registry, settings, _say_ready)


def _in_bytes(options: dict[str, Any]) -> dict[str, Any]:
    """The options as settings: sizes in bytes, no limit where the rate is 0."""
    shift = {"_mib": 20, "_kib": 10}
    found: dict[str, Any] = {}
    for name, value in options.items():
        unit = name[-4:]
        if unit in shift:
            found[name[:-4] + "_bytes"] = value << shift[unit]
        else:
            found[name] = value
    return {**found, "rate_per_s": found["rate_per_s"] or None}


def _say_what_takes_time(settings: Settings) -> None:
    """A line before the seconds in which a registry that is new, or of another version, is filled."""
    from tinykg.catalogue.sessions import MEMORY, is_current
    from tinykg.store.folder import RegistryFolder

    folder = settings.registry
    if folder == MEMORY or not is_current(RegistryFolder(Path(folder).expanduser()), sources=True):
        where = "a registry in memory" if folder == MEMORY else f"the registry {folder}"
        note(f"Filling {where} with the built-in catalogue...")


def _say_ready(address: str) -> None:
    note(f"TinyKG serves on {address} (OpenAPI: {address}/openapi.json). Ctrl-C stops it.")
