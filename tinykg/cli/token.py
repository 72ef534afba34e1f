"""tinykg token."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

import click

from tinykg.catalogue.tokens import SCOPES, Tokens
from tinykg.cli.output import note, print_json, print_table
from tinykg.errors import InputError
from tinykg.settings import read_settings
from tinykg.store.folder import RegistryFolder


@click.group("token")
def command() -> None:
    """Tokens for those who write through 'tinykg serve'.

    Only hashes of them are kept, in the registry's folder; a running server sees changes at once.
    """


@command.command("create")
@click.argument("name")
@click.option(
    "--scope",
    type=click.Choice(SCOPES),
    default="write",
    show_default=True,
    help="Each includes those before it.",
)
@click.option(
    "--days",
    type=click.FloatRange(min=0, min_open=True, max=36500),
    help="How long it is valid; default: until it is revoked.",
)
@click.pass_obj
def create(where: str | None, name: str, scope: str, days: float | None) -> None:
    """Make a token and print it; it cannot be shown again."""
    text = _tokens(where).create(name, scope, None if days is None else timedelta(days=days))
    click.echo(text)
    note(f"Token '{name}' of scope '{scope}'. Send it as 'Authorization: Bearer ...'.")


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_obj
def list_(where: str | None, as_json: bool) -> None:
    """The tokens' names, scopes and times."""
    found = _tokens(where).all()
    if as_json:
        print_json([{k: v for k, v in asdict(record).items() if k != "sha256"} for record in found])
    else:
        rows = [(r.name, r.scope, r.created, r.expires or "never") for r in found]
        print_table(("name", "scope", "created", "expires"), rows)


@command.command("revoke")
@click.argument("name")
@click.pass_obj
def revoke(where: str | None, name: str) -> None:
    """Take a token back."""
    _tokens(where).revoke(name)


def _tokens(where: str | None) -> Tokens:
    registry = read_settings(registry=where).registry
    if registry == "memory:":
        raise InputError("A registry in memory has no tokens; name a folder with --registry")
    return Tokens(RegistryFolder(Path(registry).expanduser()).tokens)
