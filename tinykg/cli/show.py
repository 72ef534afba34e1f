"""tinykg show."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from tinykg.cli.names import MODEL_OR_DEVICE
from tinykg.cli.output import note, print_json, print_pairs, print_paragraph, print_table, say
from tinykg.errors import AmbiguousName, UnknownName
from tinykg.join.statements import disagreements
from tinykg.quantities import count, size
from tinykg.registry import Registry
from tinykg.report.sources import cited, sources_value, value_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tinykg.records.board import Statement
    from tinykg.records.device import DeviceType, Memory
    from tinykg.records.model import Model, SensorRequirement
    from tinykg.records.model_file import ModelFile


@click.command("show")
@click.argument("name", type=MODEL_OR_DEVICE)
@click.option(
    "--sources", is_flag=True, help="Each source's word on each fact of a board; where they differ."
)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_obj
def command(where: str | None, name: str, sources: bool, as_json: bool) -> None:
    """All that is known of one model or board, with its sources."""
    with Registry.open(where) as registry:
        if sources:
            said = registry.sources(name)
            print_json(sources_value(said)) if as_json else _print_sources(said)
            return
        try:
            device = registry.device(name)
        except UnknownName as unknown:
            _show_model(registry, name, unknown, as_json=as_json)
            return
    if as_json:
        print_json(asdict(device))
    else:
        _print_device(device)


def _show_model(registry: Registry, name: str, unknown: UnknownName, *, as_json: bool) -> None:
    try:
        model, file = registry.model(name)
    except UnknownName as error:
        if isinstance(unknown, AmbiguousName):
            raise unknown from error
        if isinstance(error, AmbiguousName):
            raise
        raise UnknownName("model or device", name, (*error.near, *unknown.near)) from error
    if as_json:
        print_json({**asdict(model), "file": asdict(file)})
    else:
        _print_model(model, file)


def _print_device(device: DeviceType) -> None:
    say(device.name, bold=True)
    print_pairs(
        [
            ("name", device.slug),
            ("aliases", ", ".join(device.aliases) or None),
            ("vendor", device.vendor),
            ("system", device.system),
            *(
                (
                    "processor",
                    f"{p.part or 'unknown part'}: {p.core_count or 1} x {p.core or 'unknown core'}"
                    + (f", {p.clock_hz / 1e6:g} MHz" if p.clock_hz else ""),
                )
                for p in device.processors
            ),
            *(("memory", _memory(m)) for m in device.memories),
            ("sensors", _sensors(device)),
            ("accelerators", _list(device.accelerators)),
            ("connectivity", _list(device.connectivity)),
            ("note", device.note),
            ("source", device.evidence.source),
            ("confidence", device.evidence.confidence),
        ]
    )


def _print_sources(said: Sequence[Statement]) -> None:
    """A table of who says what, and the facts on which sources differ."""
    rows = [("*" if s.taken else "", s.fact, value_text(s), cited(s)) for s in said]
    print_table(("", "fact", "value", "source"), rows)
    differing = disagreements(said)
    click.echo()
    for fact, about in differing.items():
        values = dict.fromkeys(value_text(s) for s in about)
        print_paragraph(f"{fact}: {' or '.join(values)}", first="sources differ on ", hanging="  ")
    note("* is the word that the board's record has" + ("" if differing else "; no sources differ"))


def _list(values: tuple[str, ...] | None) -> str:
    return "unknown" if values is None else ", ".join(values) or "none"


def _sensors(device: DeviceType) -> str:
    if device.sensors is None:
        return "unknown"
    return ", ".join(f"{s.kind} ({s.part})" if s.part else s.kind for s in device.sensors) or "none"


def _memory(memory: Memory) -> str:
    figures = [
        f"{label} {size(value)} [{source}]"
        for label, value, source in (
            ("total", memory.total_bytes, memory.source),
            ("largest block", memory.contiguous_bytes, memory.contiguous_source),
            ("free for the application", memory.free_bytes, memory.free_source),
        )
        if value is not None
    ]
    place = f" ({memory.location})" if memory.location else ""
    return f"{memory.kind}{place}: {'; '.join(figures) or 'unknown size'}"


def _print_model(model: Model, file: ModelFile) -> None:
    say(model.title or model.name, bold=True)
    print_pairs(
        [
            ("name", model.name),
            ("aliases", ", ".join(model.aliases) or None),
            ("description", model.description),
            ("task", model.task),
            ("creator", model.creator),
            ("created", model.created),
            ("licence", model.licence),
            ("published at", model.source_address),
            ("dataset", model.dataset.name if model.dataset else None),
            *(
                (
                    e.metric,
                    f"{e.value:g} ({e.evidence.kind.value}: {e.evidence.source})",
                )
                for e in model.evaluations
            ),
            *(("senses", _requirement(s)) for s in model.sensors or ()),
            ("senses", None if model.sensors else "not stated" if model.sensors is None else "nothing"),
            ("file", f"{size(file.file_bytes)}, sha256 {file.sha256}"),
            ("MACs", count(file.macs)),
            ("parameters", count(file.parameters)),
            ("note", model.note),
            ("source", model.evidence.source),
            ("confidence", model.evidence.confidence),
        ]
    )


def _requirement(need: SensorRequirement) -> str:
    parts = [
        need.observes,
        None if need.rate_hz is None else f"{need.rate_hz:g} Hz",
        None if need.window_s is None else f"{need.window_s:g} s window",
        None
        if need.minimum is None or need.maximum is None
        else f"{need.minimum:g} to {need.maximum:g} {need.unit or ''}".rstrip(),
        None if need.source is None else f"[{need.source}]",
    ]
    return ", ".join(part for part in parts if part)
