"""tinykg inspect."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tinykg.cli.inspect_arena import explained, on_runtime, print_arena, write_svg
from tinykg.cli.inspect_verify import print_verification, verification_value, verified
from tinykg.cli.output import note, print_json, print_pairs, print_paragraph, print_table, say
from tinykg.quantities import count, size
from tinykg.registry import Registry
from tinykg.report.inspect_json import inspect_value, macs_by_class, operators

if TYPE_CHECKING:
    from tinykg.records.footprint import Footprint
    from tinykg.records.model_file import ModelFile, Tensor


@click.command("inspect")
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.option("--full", is_flag=True, help="With every layer and tensor.")
@click.option("--runtime", metavar="NAME", help="Only this runtime.")
@click.option("--explain-arena", is_flag=True, help="Where the bytes go: plan of the head, tail, sums.")
@click.option(
    "--svg", metavar="FILE", type=click.Path(path_type=Path), help="Write the plan as a picture to this file."
)
@click.option(
    "--vela", is_flag=True, help="Compile for Ethos-U with Vela (extra bench) and say what it needs."
)
@click.option("--verify", is_flag=True, help="Compare with the interpreter of the tflite-micro wheel.")
@click.pass_context
def command(
    context: click.Context,
    path: Path,
    as_json: bool,
    full: bool,
    runtime: str | None,
    explain_arena: bool,
    svg: Path | None,
    vela: bool,
    verify: bool,
) -> None:
    """What a model FILE (.tflite or C array source) says, and what it needs on each runtime.

    --explain-arena and --svg speak of one runtime: NAME, or the reference kernels on 32-bit Arm.
    --verify runs the real interpreter on this machine and ends with 1 where it takes other memory.
    """
    with Registry.open(context.obj) as registry:
        file, footprints = registry.inspect(path, vela=vela)
    if runtime is not None:
        footprints = on_runtime(footprints, runtime)
    verification = verified(path, file) if verify else None
    if as_json:
        value = inspect_value(file, footprints, full=full, arena=explain_arena)
        if verification is not None:
            value["verification"] = verification_value(verification)
        print_json(value)
    elif explain_arena:
        print_arena(file, explained(footprints), full=full)
    elif verification is None or full:
        _print_file(path, file)
        if full:
            _print_layers(file)
        _print_footprints(footprints)
    if svg is not None:
        write_svg(svg, file, explained(footprints), path.name)
        note(f"wrote {svg}")
    if verification is not None:
        if not as_json:
            print_verification(verification)
        if not verification.agrees:
            context.exit(1)


def _print_file(path: Path, file: ModelFile) -> None:
    main = file.main
    classes = ", ".join(f"{name} {count(macs)}" for name, macs in macs_by_class(file).items() if macs)
    print_pairs(
        [
            ("file", f"{path.name}, {size(file.file_bytes)} ({file.file_bytes} B)"),
            ("sha256", file.sha256),
            ("description", file.description),
            ("subgraphs", f"{len(file.subgraphs)}, {sum(len(g.layers) for g in file.subgraphs)} operators"),
            ("operators", ", ".join(_operator(use) for use in operators(file))),
            ("MACs", f"{count(file.macs)} ({file.macs})" + (f": {classes}" if classes else "")),
            ("parameters", f"{count(file.parameters)} ({file.parameters})"),
            *(("input", _tensor(main.tensors[i])) for i in main.inputs),
            *(("output", _tensor(main.tensors[i])) for i in main.outputs),
            *(("metadata", f"{m.name}: {m.text or size(m.data_bytes)}") for m in file.metadata),
        ]
    )


def _operator(use: dict[str, object]) -> str:
    return f"{use['operator']} v{use['version']}" + (f" x{use['count']}" if use["count"] != 1 else "")


def _tensor(tensor: Tensor) -> str:
    shape = "x".join(map(str, tensor.shape or ())) or "scalar"
    text = f"{tensor.name}: {tensor.element_type} {shape}"
    quantization = tensor.quantization
    if quantization and len(quantization.scales) == 1:
        zero = quantization.zero_points[0] if quantization.zero_points else 0
        text += f", scale {quantization.scales[0]:.9g}, zero point {zero}"
    return text


def _print_layers(file: ModelFile) -> None:
    for graph in file.subgraphs:
        say(f"\nsubgraph {graph.index} {graph.name}".rstrip(), bold=True)
        rows = [
            (
                str(layer.index),
                layer.name,
                " ".join(map(str, layer.inputs)),
                " ".join(map(str, layer.outputs)),
                str(layer.macs),
                str(layer.parameters),
            )
            for layer in graph.layers
        ]
        print_table(
            ("layer", "operator", "inputs", "outputs", "MACs", "parameters"), rows, right=("layer", "MACs")
        )


def _print_footprints(footprints: list[Footprint]) -> None:
    click.secho("\nfootprint by runtime, in bytes; ~ is an estimate, ? is not known", bold=True)
    columns = ("runtime", "arena used", "least arena", "RAM", "flash")
    known = [f for f in footprints if not f.refusals and f.arena_bytes is not None]
    if known:
        print_table(columns, [_figures(footprint) for footprint in known], right=columns[1:])
    refusing: dict[tuple[str, ...], list[str]] = {}
    for footprint in footprints:
        if footprint.refusals:
            refusing.setdefault(_refusals(footprint), []).append(footprint.runtime)
    for sentences, runtimes in refusing.items():
        print_paragraph(f"refused by {', '.join(runtimes)}:", first="  ", hanging="    ")
        for sentence in sentences:
            print_paragraph(sentence, first="    - ", hanging="      ")
    missing: dict[str, list[str]] = {}
    for footprint in footprints:
        for fact in footprint.unknowns:
            missing.setdefault(fact, []).append(footprint.runtime)
    for fact, runtimes in missing.items():
        print_paragraph(f"{', '.join(runtimes)}: not known is {fact}", first="  ", hanging="    ")


def _figures(footprint: Footprint) -> tuple[str, ...]:
    """The name and the figures, marked where they are estimated: what has an interval, and its parts."""
    ram = "~" if footprint.ram_bytes_low is not None else ""
    flash = "~" if footprint.flash_bytes_low is not None else ""
    figures = (
        (ram, footprint.arena_used_bytes),
        (ram, footprint.arena_bytes),
        (ram, footprint.ram_bytes),
        (flash, footprint.flash_bytes),
    )
    return (footprint.runtime, *("?" if value is None else f"{about}{value}" for about, value in figures))


def _refusals(footprint: Footprint, most: int = 2) -> tuple[str, ...]:
    """The first different reasons, and how many layers have others."""
    reasons = list(dict.fromkeys(refusal.reason for refusal in footprint.refusals))
    rest = [f"and {len(reasons) - most} more reasons (--json)"] if len(reasons) > most else []
    return (*reasons[:most], *rest)
