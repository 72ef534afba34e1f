"""RDF files checked by the shapes: every form, and a typed error for what is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from tinykg.catalogue.audit import FORMATS, audit_files, read_rdf
from tinykg.catalogue.builtin import built_graphs
from tinykg.errors import ExtractError, InputError
from tinykg.graph.datatypes import as_encoded

if TYPE_CHECKING:
    from pathlib import Path

    from tinykg.registry import Registry

BAD = """
@prefix tk: <https://w3id.org/tinykg#> .
@prefix schema: <http://schema.org/> .
_:m a tk:Evaluation .
[] a tk:Dataset ; schema:name "d" ; schema:url "no address" .
"""


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_form_is_read(tmp_path: Path, suffix: str) -> None:
    quads = list(ox.parse(BAD, format=ox.RdfFormat.TURTLE))
    form = FORMATS[suffix]
    content = ox.serialize(quads if form.supports_datasets else [quad.triple for quad in quads], format=form)
    path = tmp_path / f"file{suffix.upper()}"
    path.write_bytes(content or b"")
    assert len(read_rdf(path)) == len(quads)
    assert {finding.path for finding in audit_files([path])} == {
        "schema:url",
        "tk:evidence",
        "tk:evidenceSource",
        "tk:metric",
        "tk:value",
    }


def test_findings_on_blank_nodes_are_the_same_each_time(tmp_path: Path) -> None:
    path = tmp_path / "bad.ttl"
    path.write_text(BAD)
    first = audit_files([path])
    assert {finding.focus[:2] for finding in first} == {"_:"}
    assert audit_files([path]) == first


def test_a_blank_node_of_one_file_is_none_of_another(tmp_path: Path) -> None:
    head = (
        "@prefix tk: <https://w3id.org/tinykg#> . @prefix schema: <http://schema.org/> . _:x a tk:Dataset ; "
    )
    (tmp_path / "one.ttl").write_text(head + 'schema:name "one" .')
    (tmp_path / "two.ttl").write_text(head + 'schema:name "two" .')
    assert audit_files([tmp_path / "one.ttl", tmp_path / "two.ttl"]) == []


def test_a_broken_file_is_a_typed_error_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "broken.ttl"
    path.write_text("@prefix tk: <https://w3id.org/tinykg#> .\n\ntk:a tk:b .\n")
    with pytest.raises(ExtractError, match="line 3") as caught:
        audit_files([path])
    assert caught.value.path == str(path)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ExtractError):
        audit_files([path])


def test_what_is_no_rdf_file_is_a_typed_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"expected an RDF file \(\.ttl, "):
        read_rdf(tmp_path / "table.csv")
    with pytest.raises(ExtractError, match="No such file"):
        read_rdf(tmp_path / "absent.ttl")
    (tmp_path / "folder.ttl").mkdir()
    with pytest.raises(ExtractError, match="directory"):
        read_rdf(tmp_path / "folder.ttl")


def test_a_registry_is_sound_after_seeding(small_registry: Registry) -> None:
    found = small_registry.validate()
    assert [finding.sentence for finding in found if finding.severity == "violation"] == []


def test_a_registry_holds_the_catalogue_as_it_passed_the_gate(registry: Registry) -> None:
    """So that what is exported passes, too; `make generated` sends the catalogue itself through the gate."""
    with registry._sessions.reading() as store:
        for built in built_graphs():
            if built.files:
                assert set(as_encoded(store.graph(built.name))) == set(built.triples), built.name
