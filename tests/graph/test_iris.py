"""Identifiers are minted so that names can be read back from them."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinykg.graph import iris

names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@given(name=names)
def test_a_concept_gives_its_name_back(name: str) -> None:
    assert iris.concept_name(iris.concept("task", name).value) == name


@given(one=names, other=names)
def test_different_names_have_different_iris(one: str, other: str) -> None:
    assert (iris.model(one) == iris.model(other)) is (one == other)


@given(name=names)
def test_every_name_makes_an_iri_of_one_segment(name: str) -> None:
    for made in (iris.model(name), iris.device_type(name), iris.runtime(name)):
        kind, slug = made.value.removeprefix(iris.BASE).split("/")
        assert made == ox.NamedNode(f"{iris.BASE}{kind}/{slug}")
    assert iris.source_graph("model", name) == iris.model(name).value.replace("/model/", "/graph/model/", 1)


def test_the_identifiers_are_those_that_the_documentation_names() -> None:
    base = "https://w3id.org/tinykg/"
    assert iris.model("Hello_World").value == base + "model/Hello_World"
    assert iris.model_file("0" * 64).value == base + "file/" + "0" * 64
    assert iris.device_type("raspberry-pi-pico").value == base + "device-type/raspberry-pi-pico"
    assert iris.runtime("tflm-ref-arm32").value == base + "runtime/tflm-ref-arm32"
    assert iris.footprint("0" * 64, "r").value == base + "file/" + "0" * 64 + "/footprint/r"
    assert iris.source_graph("file", "0" * 64) == base + "graph/file/" + "0" * 64
    assert iris.model("a/b ü").value == base + "model/a%2Fb%20%C3%BC"


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("Nano33", "nano33"),
        ("nano-33", "nano33"),
        (" NANO_33 ", "nano33"),
        ("Arduino Nano 33 BLE Sense (rev1)", "arduinonano33blesenserev1"),
        ("模型", "模型"),
        ("---", "---"),
        ("", ""),
    ],
)
def test_names_are_folded_as_people_type_them(typed: str, key: str) -> None:
    assert iris.lookup_key(typed) == key


@given(name=names)
def test_folding_twice_is_folding_once(name: str) -> None:
    assert iris.lookup_key(iris.lookup_key(name)) == iris.lookup_key(name)
    assert iris.lookup_key(name), "an empty key would find everything and nothing"
