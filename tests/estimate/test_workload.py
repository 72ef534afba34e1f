"""The work of a file, counted over its layers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tinykg.catalogue.facts import read_facts
from tinykg.estimate.workload import macs_by_class, workload
from tinykg.files import data_folder
from tinykg.records.estimate import MacCount

if TYPE_CHECKING:
    from pathlib import Path

    from tinykg.records.model_file import ModelFile

FACTS = sorted((data_folder() / "models" / "facts").glob("*.json"))


def file(name: str) -> ModelFile:
    return read_facts(data_folder() / "models" / "facts" / f"{name}.json")


def test_there_are_files() -> None:
    assert len(FACTS) == 54


@pytest.mark.parametrize("path", FACTS, ids=lambda path: path.stem)
def test_the_classes_add_up_to_all_operations_of_the_file(path: Path) -> None:
    found = read_facts(path)
    work = workload(found)
    assert work.macs == found.macs
    assert work.operators == sum(len(graph.layers) for graph in found.subgraphs)
    assert [count for count in work.counts if count.macs <= 0] == []
    keys = [(count.mac_class, count.types) for count in work.counts]
    assert keys == sorted(set(keys))


def test_classes_of_a_separable_network() -> None:
    assert macs_by_class(file("kws-ref-model")) == (
        MacCount(mac_class="conv_1x1", types="int8,int8", macs=2_048_000),
        MacCount(mac_class="conv_kxk", types="int8,int8", macs=320_000),
        MacCount(mac_class="depthwise_conv", types="int8,int8", macs=288_000),
        MacCount(mac_class="fully_connected", types="int8,int8", macs=768),
    )


def test_arithmetic_is_told_apart_within_a_file() -> None:
    """Its weights are int8 in some layers, while the data are float32 in all."""
    types = {count.mac_class: count.types for count in macs_by_class(file("kws-ref-model-float32"))}
    assert types["conv_1x1"] == "float32,int8"
    assert types["depthwise_conv"] == "float32,float32"


def test_other_elements_are_those_of_layers_without_operations() -> None:
    """The average pool reads 25 x 5 x 64 values and the softmax 12; a reshape moves nothing."""
    assert workload(file("kws-ref-model")).other_elements == 25 * 5 * 64 + 12


def test_custom_operators_are_opaque() -> None:
    work = workload(file("audio-preprocessor-int8"))
    assert work.macs == 0
    assert "SignalFftAutoScale" in work.opaque
    assert list(work.opaque) == sorted(set(work.opaque))


def test_loops_are_opaque_and_reading_a_variable_is_not() -> None:
    spoken = file("okay-nabu")
    assert workload(spoken).opaque == ()
    main = spoken.main
    looped = replace(main.layers[0], operator="WHILE", custom_name=None)
    changed = replace(main, layers=(looped, *main.layers[1:]))
    assert workload(replace(spoken, subgraphs=(changed, *spoken.subgraphs[1:]))).opaque == ("WHILE",)
