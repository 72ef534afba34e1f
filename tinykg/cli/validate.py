"""tinykg validate."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from tinykg.cli.output import note, print_json, say
from tinykg.registry import Registry


@click.command("validate")
@click.argument("paths", nargs=-1, metavar="[FILE...]", type=click.Path(path_type=Path, exists=True))
@click.option("--json", "as_json", is_flag=True, help="The findings as JSON.")
@click.pass_obj
def command(where: str | None, paths: tuple[Path, ...], as_json: bool) -> int:
    """Check RDF files, or the whole registry where none is named, against the shapes.

    Exit code 1 if there is a violation.
    """
    with Registry.open(where) as registry:
        found = registry.validate(paths)
    if as_json:
        print_json([asdict(finding) for finding in found])
    else:
        for finding in found:
            say(f"{finding.severity}: {finding.sentence}")
        note("valid" if not found else f"{len(found)} findings")
    return 1 if any(finding.severity == "violation" for finding in found) else 0
