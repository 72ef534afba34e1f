"""tinykg list."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from tinykg.cli.names import TASK
from tinykg.cli.output import print_json, print_table
from tinykg.quantities import count, percent, size
from tinykg.queries.load import question
from tinykg.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tinykg.records.listing import DeviceSummary, ModelSummary, RuntimeSummary


@click.command("list")
@click.argument("kind", type=click.Choice(["models", "devices", "runtimes", "queries"]))
@click.option("--task", metavar="TASK", type=TASK, help="Only models for this task or a narrower one.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_obj
def command(where: str | None, kind: str, task: str | None, as_json: bool) -> None:
    """Models, devices, runtimes in the registry, or the built-in queries."""
    if kind == "queries":
        _print_queries(as_json=as_json)
        return
    with Registry.open(where) as registry:
        if kind == "models":
            models = registry.models(task)
            print_json([asdict(m) for m in models]) if as_json else _print_models(models)
        elif kind == "devices":
            devices = registry.devices()
            print_json([asdict(d) for d in devices]) if as_json else _print_devices(devices)
        else:
            runtimes = registry.runtimes()
            print_json([asdict(r) for r in runtimes]) if as_json else _print_runtimes(runtimes)


def _print_models(models: Sequence[ModelSummary]) -> None:
    columns = ("model", "task", "accuracy", "file", "MACs", "parameters", "senses")
    rows = [
        (
            m.name,
            m.task or "-",
            "-" if m.accuracy is None else percent(m.accuracy),
            size(m.file_bytes),
            count(m.macs),
            count(m.parameters),
            ", ".join(m.senses),
        )
        for m in models
    ]
    print_table(columns, rows, right=columns[2:6])


def _print_devices(devices: Sequence[DeviceSummary]) -> None:
    columns = ("device", "name", "core", "MHz", "RAM", "flash", "sensors")
    rows = [
        (
            d.slug,
            d.name,
            d.core or "?",
            "?" if d.clock_hz is None else f"{d.clock_hz / 1e6:g}",
            "?" if d.ram_bytes is None else size(d.ram_bytes),
            "?" if d.flash_bytes is None else size(d.flash_bytes),
            ", ".join(d.sensors),
        )
        for d in devices
    ]
    print_table(columns, rows, right=columns[3:6])


def _print_runtimes(runtimes: Sequence[RuntimeSummary]) -> None:
    columns = ("runtime", "title", "version", "kernels", "ABI", "operators")
    rows = [(r.name, r.title, r.version, r.kernel_set, r.abi, str(r.operators)) for r in runtimes]
    print_table(columns, rows, right=columns[5:])


def _print_queries(*, as_json: bool) -> None:
    from tinykg.files import query_names

    found = [(name, question(name)) for name in query_names()]
    if as_json:
        print_json([{"name": name, "question": text} for name, text in found])
    else:
        print_table(("query", "question"), found)
