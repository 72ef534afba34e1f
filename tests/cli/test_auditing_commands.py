"""`tinykg validate`, `tinykg export` and `tinykg doctor`."""

from __future__ import annotations

import json
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from tinykg.files import share

if TYPE_CHECKING:
    from pathlib import Path

    from command_line import Tinykg

EXAMPLE = str(share() / "ontology" / "examples" / "device-type.ttl")


def test_a_valid_file(tinykg: Tinykg) -> None:
    done = tinykg("validate", EXAMPLE)
    assert (done.code, done.out, done.err) == (0, "", "valid\n")


def test_a_file_that_breaks_rules(tinykg: Tinykg, tmp_path: Path) -> None:
    broken = tmp_path / "broken.ttl"
    broken.write_text(
        "@prefix tk: <https://w3id.org/tinykg#> .\n"
        "<https://w3id.org/tinykg/device-type/x> a tk:DeviceType ; tk:colour 'red' .\n"
    )
    done = tinykg("validate", str(broken))
    assert done.code == 1
    assert done.err.endswith(" findings\n")
    assert all(line.split(":")[0] in ("violation", "warning", "info") for line in done.out.splitlines())
    found = tinykg("validate", "--json", str(broken))
    assert found.code == 1
    assert len(found.json) == len(done.out.splitlines())
    assert {"severity", "message"} <= set(found.json[0])


def test_a_file_that_is_no_rdf(tinykg: Tinykg, tmp_path: Path) -> None:
    for name, content in (("notes.txt", "hello"), ("broken.ttl", "<a> <b>")):
        (tmp_path / name).write_text(content)
        done = tinykg("validate", str(tmp_path / name))
        assert (done.code, done.out) == (2, "")
        assert name in done.err


def test_the_registry_is_valid(
    small_registry: object, monkeypatch: pytest.MonkeyPatch, tinykg: Tinykg
) -> None:
    monkeypatch.setenv("TINYKG_REGISTRY", str(small_registry.where))  # type: ignore[attr-defined]
    done = tinykg("validate")
    assert done.code == 0
    assert "violation" not in done.out


@pytest.mark.parametrize(
    ("form", "format_"),
    [
        ("turtle", ox.RdfFormat.TURTLE),
        ("jsonld", ox.RdfFormat.JSON_LD),
        ("ntriples", ox.RdfFormat.N_TRIPLES),
        ("rdfxml", ox.RdfFormat.RDF_XML),
        ("trig", ox.RdfFormat.TRIG),
        ("nquads", ox.RdfFormat.N_QUADS),
    ],
)
def test_one_board_in_every_form(tinykg: Tinykg, form: str, format_: ox.RdfFormat) -> None:
    done = tinykg("export", "nano33", "--format", form)
    assert (done.code, done.err) == (0, "")
    triples = {quad.triple for quad in ox.parse(done.out.encode(), format=format_)}
    turtle = tinykg("export", "nano33").out.encode()
    assert triples == {quad.triple for quad in ox.parse(turtle, format=ox.RdfFormat.TURTLE)}
    assert len(triples) > 50


def test_a_model_comes_with_its_file(tinykg: Tinykg) -> None:
    out = tinykg("export", "Magic_Wand_1").out
    assert "tk:Model ;" in out or "a tk:Model" in out
    assert "tk:ModelFile" in out
    assert "tk:Footprint" in out


def test_into_a_file(tinykg: Tinykg, tmp_path: Path) -> None:
    target = tmp_path / "board.ttl"
    done = tinykg("export", "nano33", "-o", str(target))
    assert (done.code, done.out) == (0, "")
    assert target.read_text(encoding="utf-8") == tinykg("export", "nano33").out


def test_into_a_folder_that_is_not_there(tinykg: Tinykg, tmp_path: Path) -> None:
    done = tinykg("export", "nano33", "--output", str(tmp_path / "no" / "x.ttl"))
    assert (done.code, done.out) == (3, "")
    assert "cannot be written: No such file or directory" in done.err


def test_doctor_names_what_it_looked_at(tinykg: Tinykg) -> None:
    done = tinykg("doctor")
    assert (done.code, done.err) == (0, "")
    looked_at = {line[8:].split(":")[0] for line in done.out.splitlines()}
    assert {"tinykg", "click", "pyoxigraph", "owlready2", "ontology", "shapes", "catalogue"} <= looked_at
    assert {"extractor tflite", "extractor c-array", "registry", "registry's store", "java"} <= looked_at


def test_doctor_as_json(tinykg: Tinykg) -> None:
    checks = tinykg("doctor", "--json").json
    assert all(set(check) == {"name", "status", "found"} for check in checks)
    assert {check["status"] for check in checks} <= {"ok", "missing"}


def test_doctor_tells_a_missing_package_from_a_missing_option(
    tinykg: Tinykg, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent(name: str) -> str:
        if name in ("msgspec", "owlready2"):
            raise PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr("tinykg.cli.doctor.version", absent)
    done = tinykg("doctor", "--json")
    found = {check["name"]: (check["status"], check["found"]) for check in json.loads(done.out)}
    assert done.code == 1
    assert found["msgspec"] == ("broken", "not installed: pip install 'tinykg'")
    assert found["owlready2"] == ("missing", "not installed: pip install 'tinykg[reason]'")


def test_doctor_tells_of_a_registry_that_cannot_be_opened(
    tinykg: Tinykg, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    place = tmp_path / "a file"
    place.write_text("not a folder")
    monkeypatch.setenv("TINYKG_REGISTRY", str(place))
    done = tinykg("doctor", "--json")
    assert done.code == 1
    [store] = [check for check in done.json if check["name"] == "registry's store"]
    assert store["status"] == "broken"
    assert str(place) in store["found"]
