"""tinykg add."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import asdict
from pathlib import Path

import click

from tinykg.cli.output import note, print_json, say
from tinykg.registry import Registry


@click.command("add")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Read and check everything, write nothing.")
@click.option("--replace", is_flag=True, help="Let a model replace another file of the same name.")
@click.option("--json", "as_json", is_flag=True, help="What became of each file, as JSON.")
@click.pass_obj
def command(where: str | None, paths: tuple[Path, ...], dry_run: bool, replace: bool, as_json: bool) -> int:
    """Register models and boards from files and folders.

    Takes .tflite files, C array sources, TinyKG's own sheets (TOML or YAML), PlatformIO manifests, Zephyr
    board folders, CMSIS-Packs (.pdsc), Arduino boards.txt, MLPerf Tiny system descriptions, MicroPython
    board.json, Thing Models and Thing Descriptions. Adding a file again changes nothing. Exit code 2 if a
    file was refused.
    """
    with Registry.open(where) as registry:
        intakes = registry.add(*paths, dry_run=dry_run, replace=replace, progress=_progress)
    if as_json:
        print_json([asdict(intake) for intake in intakes])
    else:
        for intake in intakes:
            say(intake.problem or f"{intake.status}: {intake.kind} {intake.name}")
        totals = Counter(intake.status for intake in intakes)
        summary = ", ".join(f"{n} {status}" for status, n in totals.items()) or "no file that TinyKG reads"
        note(summary + (" (dry run: nothing was written)" if dry_run else ""))
    return 2 if any(intake.status == "refused" for intake in intakes) else 0


def _progress(done: int, total: int, name: str) -> None:
    """A line that rewrites itself, on a terminal and where there is enough to wait for."""
    if total < 5 or not sys.stderr.isatty():
        return
    width = 30
    filled = width * done // total
    click.echo(
        f"\r[{'#' * filled}{'.' * (width - filled)}] {done}/{total} {name[:40]:<40}", nl=False, err=True
    )
    if done == total:
        click.echo("\r" + " " * 90 + "\r", nl=False, err=True)
