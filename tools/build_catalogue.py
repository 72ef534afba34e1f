"""Writing what the package ships: extracted facts, and the lock that says they passed the gate.

    python tools/build_catalogue.py [--models FOLDER] [--check]

Facts of a model are extracted anew where its file is found in FOLDER or in
data/models/files; other facts stay as they are.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tinykg.catalogue.builtin import BuiltGraph, built_graphs, digest_of, facts_path, rules_digest, to_check
from tinykg.catalogue.facts import facts_text
from tinykg.catalogue.identity import LOCK
from tinykg.errors import ExtractError, TinykgError
from tinykg.extract.curated_model import read_model_sheet
from tinykg.extract.tflite import read_model
from tinykg.files import data_folder
from tinykg.store.folder import write_whole
from tinykg.validate.batch import check_all

if TYPE_CHECKING:
    from collections.abc import Iterable


def model_files(folders: Iterable[Path]) -> dict[str, Path]:
    """The .tflite files below folders, by sha256."""
    paths = (path for folder in folders if folder.is_dir() for path in sorted(folder.rglob("*.tflite")))
    return {hashlib.sha256(path.read_bytes()).hexdigest(): path for path in paths}


def write_facts(models: Iterable[Path]) -> tuple[int, list[str]]:
    """Extract facts for every sheet whose file is found; how many, and the sheets that have none at all."""
    files = model_files([data_folder() / "models" / "files", *models])
    written, without = 0, []
    for sheet in sorted((data_folder() / "models").glob("*.toml")):
        model = read_model_sheet(sheet)
        path = files.get(model.file_sha256)
        target = facts_path(sheet)
        if path is not None:
            target.parent.mkdir(exist_ok=True)
            write_whole(target, facts_text(read_model(path.read_bytes(), path.name)))
            written += 1
        elif not target.is_file():
            without.append(sheet.name)
    return written, without


def content_digest(records: Iterable[BuiltGraph]) -> str:
    """What the records come to: a registry that was seeded by other code is brought up to date by it."""
    total = hashlib.sha256()
    for built in records:
        for line in sorted(map(str, built.triples)):
            total.update(f"{built.name} {line}\n".encode())
    return total.hexdigest()


def lock_text() -> bytes:
    """The lock of the catalogue as it stands; raises ShapeViolation where a record breaks a rule."""
    records = [built for built in built_graphs() if built.files]
    check_all(to_check(records), "the built-in catalogue")
    files = sorted({path for built in records for path in built.files})
    lock = {
        "rules": rules_digest(),
        "content": content_digest(records),
        "graphs": len(records),
        "files": {path.relative_to(data_folder()).as_posix(): digest_of(path) for path in files},
    }
    return (json.dumps(lock, indent=1) + "\n").encode()


@click.command()
@click.option("--models", multiple=True, type=click.Path(path_type=Path), help="A folder of .tflite files.")
@click.option(
    "--check", "only_check", is_flag=True, help="Fail where the lock is out of date; write nothing."
)
def main(models: tuple[Path, ...], only_check: bool) -> None:
    """Extract facts, run every record through the gate, write data/catalogue.lock.json."""
    path = data_folder() / LOCK
    try:
        if not only_check:
            written, without = write_facts(models)
            click.echo(f"facts of {written} models extracted")
            if without:
                raise ExtractError(", ".join(without), "sha256", "no facts and no file", "--models FOLDER")
        text = lock_text()
    except TinykgError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    if only_check and (not path.is_file() or path.read_bytes() != text):
        click.echo("data/catalogue.lock.json is out of date; run 'make catalogue'", err=True)
        sys.exit(1)
    if not only_check:
        write_whole(path, text)
        click.echo(f"{json.loads(text)['graphs']} graphs passed the shapes")


if __name__ == "__main__":
    main()
