"""tinykg list."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from tinykg.cli.names import TASK
from tinykg.cli.output import print_json, print_table
from tinykg.graph.iris import concept_name
from tinykg.quantities import count, percent, size
from tinykg.queries.load import question, sparql
from tinykg.registry import Registry
from tinykg.store.protocol import text_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tinykg.records.listing import DeviceSummary, ModelSummary, RuntimeSummary
    from tinykg.store.protocol import Term


@click.command("list")
@click.argument(
    "kind", type=click.Choice(["models", "devices", "runtimes", "tasks", "properties", "queries"])
)
@click.option("--task", metavar="TASK", type=TASK, help="Only models for this task or a narrower one.")
@click.option(
    "--where",
    "conditions",
    metavar="CONDITIONS",
    help="Only boards that meet these, such as 'ram>=256KiB and sensor=microphone and core=Cortex-M4F'.",
)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_obj
def command(where: str | None, kind: str, task: str | None, conditions: str | None, as_json: bool) -> None:
    """Models, devices, runtimes in the registry; tasks and observable properties; the built-in queries.

    --where takes conditions on ram, flash, psram, storage, clock (with units: KiB, kB, MHz), sensor, core,
    vendor, part, link, accelerator, system and fpu, joined by 'and'; 'a|b' is either.
    """
    if task is not None and kind != "models":
        raise click.UsageError("--task is for 'tinykg list models'")
    if conditions is not None and kind != "devices":
        raise click.UsageError("--where is for 'tinykg list devices'")
    if kind == "queries":
        _list_queries(as_json=as_json)
        return
    with Registry.open(where) as registry:
        if kind == "models":
            models = registry.models(task)
            print_json([asdict(m) for m in models]) if as_json else _print_models(models)
        elif kind == "devices":
            devices = registry.devices(conditions)
            print_json([asdict(d) for d in devices]) if as_json else _print_devices(devices)
        elif kind == "runtimes":
            runtimes = registry.runtimes()
            print_json([asdict(r) for r in runtimes]) if as_json else _print_runtimes(runtimes)
        elif kind == "tasks":
            _list_concepts(registry, ("task", "wider", "definition"), "wider", as_json=as_json)
        else:
            _list_concepts(
                registry, ("property", "sensorKind", "definition"), "sensor kinds", as_json=as_json
            )


def _print_models(models: Sequence[ModelSummary]) -> None:
    columns = ("model", "task", "top-1", "file", "MACs", "parameters", "senses")
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


def _list_concepts(
    registry: Registry, variables: tuple[str, str, str], related_as: str, *, as_json: bool
) -> None:
    """The concepts of a vocabulary, each with those that are related to it and its definition."""
    kind, related, definition = variables
    found: dict[str, tuple[list[str], str]] = {}
    for row in registry.select(sparql({"task": "tasks", "property": "properties"}[kind])):
        others, _ = found.setdefault(_slug(row[kind]), ([], text_of(row[definition]) or ""))
        others += [_slug(row[related])] if row[related] is not None else []
    if as_json:
        names = (kind, related_as.replace(" ", "_"), "definition")
        print_json([dict(zip(names, (slug, *rest), strict=True)) for slug, rest in found.items()])
    else:
        rows = [(slug, ", ".join(others), meaning) for slug, (others, meaning) in found.items()]
        print_table((kind, related_as, definition), rows)


def _slug(term: Term | None) -> str:
    return concept_name(text_of(term) or "")


def _list_queries(*, as_json: bool) -> None:
    from tinykg.files import query_names

    found = [(name, question(name)) for name in query_names()]
    if as_json:
        print_json([{"name": name, "question": text} for name, text in found])
    else:
        print_table(("query", "question"), found)
