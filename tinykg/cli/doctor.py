"""tinykg doctor."""

from __future__ import annotations

import platform
import re
import shutil
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

import click

from tinykg.cli.output import print_json
from tinykg.errors import TinykgError
from tinykg.registry import Registry
from tinykg.settings import read_settings
from tinykg.version import __version__

_NAME = re.compile(r"^[\w.-]+")
_EXTRA = re.compile(r"""extra == ["']([\w.-]+)""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at: `ok`, `missing` (an option) or `broken`, and what was found."""

    name: str
    status: str
    found: str


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_obj
def command(where: str | None, as_json: bool) -> int:
    """What works here and what does not. Exit code 1 if something is broken."""
    checks = [*_packages(), *_rules(), *_extractors(), *_runners(), *_registry(where), _java()]
    if as_json:
        print_json([{"name": c.name, "status": c.status, "found": c.found} for c in checks])
    else:
        colours = {"ok": "green", "missing": "yellow", "broken": "red"}
        for check in checks:
            status = click.style(f"{check.status:<8}", fg=colours[check.status])
            click.echo(f"{status}{check.name}: {check.found}")
    return 1 if any(check.status == "broken" for check in checks) else 0


def _packages() -> list[Check]:
    found = [Check(name="tinykg", status="ok", found=f"{__version__} on Python {platform.python_version()}")]
    try:
        needs = requires("tinykg") or []
    except PackageNotFoundError:
        return [Check(name="tinykg", status="broken", found="not installed: pip install tinykg")]
    return found + [_package(need) for need in needs]


def _package(need: str) -> Check:
    """Whether one requirement, such as `owlready2>=0.47; extra == "reason"`, is there."""
    name = _NAME.findall(need)[0]
    extra = _EXTRA.findall(need)
    try:
        return Check(name=name, status="ok", found=version(name))
    except PackageNotFoundError:
        what = f"tinykg[{extra[0]}]" if extra else "tinykg"
        status = "missing" if extra else "broken"
        return Check(name=name, status=status, found=f"not installed: pip install '{what}'")


def _rules() -> list[Check]:
    from tinykg.files import data_folder, ontology_files, shape_files

    devices = len(list((data_folder() / "devices").glob("*.toml")))
    models = len(list((data_folder() / "models").glob("*.toml")))
    missing = [path.name for path in ontology_files() if not path.is_file()]
    return [
        Check(
            name="ontology",
            status="broken" if missing else "ok",
            found=f"missing {', '.join(missing)}" if missing else f"{len(ontology_files())} files",
        ),
        Check(name="shapes", status="ok" if shape_files() else "broken", found=f"{len(shape_files())} files"),
        Check(
            name="catalogue",
            status="ok" if devices and models else "broken",
            found=f"{devices} boards, {models} models",
        ),
    ]


def _extractors() -> list[Check]:
    from tinykg.extract.installed import extractors

    installed = extractors()
    working = [
        Check(name=f"extractor {name}", status="ok", found=type(extractor).__name__)
        for name, extractor in installed.working.items()
    ]
    broken = [
        Check(name=f"extractor {name}", status="broken", found=why) for name, why in installed.broken.items()
    ]
    return working + broken


def _runners() -> list[Check]:
    from tinykg.bench.installed import runners

    installed = runners()
    working = [
        Check(name=f"runner {name}", status="ok", found=type(runner).__name__)
        for name, runner in installed.working.items()
    ]
    return working + [
        Check(name=f"runner {name}", status="broken", found=why) for name, why in installed.broken.items()
    ]


def _registry(where: str | None) -> list[Check]:
    settings = read_settings(registry=where)
    checks = [Check(name="registry", status="ok", found=settings.registry)]
    try:
        with Registry.open(where, wait_s=1.0) as registry:
            counts = f"{len(registry.models())} models, {len(registry.devices())} boards"
    except TinykgError as error:
        return [*checks, Check(name="registry's store", status="broken", found=str(error))]
    folder = Path(settings.registry).expanduser()
    kept = len(list((folder / "files").glob("*"))) if folder.is_dir() else 0
    return [*checks, Check(name="registry's store", status="ok", found=f"{counts}, {kept} model files")]


def _java() -> Check:
    java = shutil.which("java")
    return Check(
        name="java",
        status="ok" if java else "missing",
        found=java or "not found; only the ontology's consistency check needs it",
    )
