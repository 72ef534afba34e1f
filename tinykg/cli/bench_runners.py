"""tinykg bench runners and simulate-dut."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tinykg.cli.names import MODEL
from tinykg.cli.output import note, print_json, print_paragraph, say
from tinykg.registry import Registry


@click.command("runners")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def runners_(as_json: bool) -> int:
    """What can run models here, what each measures and what not, and its options.

    Exit code 1 if a runner cannot be loaded.
    """
    from tinykg.bench.installed import runners

    installed = runners()
    if as_json:
        print_json(
            [
                {
                    "name": name,
                    "measures": runner.measures,
                    "leaves_out": runner.leaves_out,
                    "options": dict(runner.options),
                }
                for name, runner in installed.working.items()
            ]
        )
        return 1 if installed.broken else 0
    for name, runner in installed.working.items():
        say(name, bold=True)
        print_paragraph(runner.measures, first="  measures    ", hanging=" " * 14)
        print_paragraph(runner.leaves_out, first="  leaves out  ", hanging=" " * 14)
        for option, meaning in runner.options.items():
            print_paragraph(meaning, first=f"  {option}=  ", hanging=" " * 6)
    for name, why in installed.broken.items():
        say(f"{name} cannot be loaded: {why}", err=True)
    return 1 if installed.broken else 0


@click.command("simulate-dut")
@click.option(
    "--model", required=True, metavar="NAME|FILE", type=MODEL, help="The model that the device runs."
)
@click.option("--model-id", metavar="ID", help="What it answers to 'profile', such as kws01.")
@click.option(
    "--clock-factor",
    type=click.FloatRange(min=0, min_open=True),
    default=1.0,
    show_default=True,
    help="The model takes so many times as long by the device's own counter.",
)
@click.option("--energy", is_flag=True, help="With a simulated energy monitor on a port of its own.")
@click.pass_obj
def simulate_dut(where: str | None, /, model: str, **settings: Any) -> None:
    """Be a device under test of MLPerf Tiny on a pseudo-terminal, until interrupted.

    It speaks the serial protocol and runs the model with the tflite-micro wheel on this host. Its figures are
    those of a simulation, are marked so, and never rank.
    """
    from tinykg.bench.simulated_dut import serve_dut

    with Registry.open(where) as registry:
        path = Path(model)
        content = registry.model_bytes(path if path.is_file() else model)
    serve_dut(
        content,
        settings["model_id"],
        lambda port: say(f"a simulated device answers on {port}; Ctrl-C ends it"),
        clock_factor=settings["clock_factor"],
        energy=settings["energy"],
        on_monitor=lambda port: note(f"its energy monitor answers on {port}"),
    )
