"""tinykg build."""

from __future__ import annotations

import json
from pathlib import Path

import click

from tinykg.cli.names import DEVICE, MODEL_OR_FILE, RUNTIME
from tinykg.cli.output import note
from tinykg.records.match import Verdict
from tinykg.registry import Registry
from tinykg.report.build_c_array import c_array
from tinykg.report.build_header import header
from tinykg.report.build_json import build_value
from tinykg.store.folder import write_whole

FORMS = ("json", "header", "c-array")


@click.command("build")
@click.argument("model", type=MODEL_OR_FILE)
@click.option("--on", "device", metavar="DEVICE", type=DEVICE, required=True, help="The board.")
@click.option(
    "--runtime", metavar="NAME", type=RUNTIME, help="This runtime. Default: the one that serves best."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMS),
    default="json",
    show_default=True,
    help="header: constants and operators for C and C++; c-array: the model's bytes.",
)
@click.option("--json", "form", flag_value="json", help="As --format json.")
@click.option(
    "--output", "-o", type=click.Path(path_type=Path, dir_okay=False), help="A file; default: stdout."
)
@click.pass_obj
def command(
    where: str | None, model: str | Path, device: str, runtime: str | None, form: str, output: Path | None
) -> int:
    """What the build of a firmware needs of MODEL: arena, operators, tensors, sensors, the model's bytes.

    MODEL may be a .tflite file that is not registered. Exit code 1 if it does not fit, or nobody knows.
    """
    with Registry.open(where) as registry:
        found = registry.build(model, device, runtime=runtime)
        content = registry.model_bytes(model) if form == "c-array" else b""
    text = json.dumps(build_value(found), indent=2, ensure_ascii=False) + "\n"
    if form != "json":
        text = header(found) if form == "header" else c_array(found.model, content)
    if output is None:
        click.echo(text, nl=False)
    else:
        write_whole(output, text.encode())
    for reason in found.match.reasons:
        note(f"{reason.verdict.value}: {reason.message}")
    return 0 if found.match.verdict is Verdict.FITS else 1
