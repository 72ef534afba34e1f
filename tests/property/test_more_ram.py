"""A model that fits a device fits one with more RAM, whatever its sources say of it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tinykg.catalogue.assemble import device_graph, file_graph, graph_name, model_graph, runtime_graph
from tinykg.catalogue.builtin import ontology_triples, runtimes
from tinykg.catalogue.facts import read_facts
from tinykg.files import data_folder
from tinykg.graph.iris import ONTOLOGY_GRAPH
from tinykg.match.fit import Question, match
from tinykg.records.device import DeviceType, Memory, Processor
from tinykg.records.evidence import Evidence, EvidenceKind
from tinykg.records.match import Verdict
from tinykg.records.model import Model
from tinykg.store.embedded import EmbeddedStore

if TYPE_CHECKING:
    from tinykg.records.match import Match

DECLARED = Evidence(kind=EvidenceKind.DECLARED, source="a test")
RUNTIME = "tflm-ref-arm32"
FLASH = Memory(kind="flash", total_bytes=1 << 22, source="a test")
STEMS = ("hello-world-int8", "micro-speech-yes-no-3", "digits-cnn-int8", "person-detect")
BETTER = {Verdict.DOES_NOT_FIT: 0, Verdict.UNKNOWN: 1, Verdict.FITS: 2}


@cache
def models_and_runtime() -> EmbeddedStore:
    """A store with a few models of different size, the ontology and one runtime, and no board."""
    (runtime,) = [runtime for runtime in runtimes() if runtime.name == RUNTIME]
    store = EmbeddedStore()
    store.load_new({ONTOLOGY_GRAPH: ontology_triples(), graph_name(runtime): runtime_graph(runtime)})
    for stem in STEMS:
        file = read_facts(data_folder() / "models" / "facts" / f"{stem}.json")
        model = Model(name=stem, evidence=DECLARED, file_sha256=file.sha256, sensors=())
        store.load_new({graph_name(model): model_graph(model), graph_name(file): file_graph(file, [runtime])})
    return store


def board(ram: Memory) -> DeviceType:
    return DeviceType(
        slug="a-board",
        name="A board",
        vendor=None,
        evidence=DECLARED,
        system="bare-metal",
        processors=(Processor(part=None, core="cortex-m4f"),),
        memories=(ram, FLASH),
        sensors=(),
    )


def verdicts(device: DeviceType) -> dict[str, Match]:
    """The answer of the fit query for each model on the board."""
    store = models_and_runtime()
    store.replace_graphs({graph_name(device): device_graph(device)})
    return {found.model: found for found in match(store, Question())}


figures = st.none() | st.integers(0, 400_000)
memories = st.builds(
    lambda total, block, free: Memory(
        kind="sram",
        total_bytes=total,
        contiguous_bytes=block,
        free_bytes=free,
        source="a test",
        contiguous_source="a test",
        free_source="a test",
    ),
    figures,
    figures,
    figures,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    ram=memories,
    more=st.integers(0, 1 << 20),
    which=st.sets(st.sampled_from(["total", "contiguous", "free"])),
)
def test_a_model_that_fits_a_device_fits_one_with_more_ram(ram: Memory, more: int, which: set[str]) -> None:
    def grown(name: str, figure: int | None) -> int | None:
        return figure if figure is None or name not in which else figure + more

    richer = replace(
        ram,
        total_bytes=grown("total", ram.total_bytes),
        contiguous_bytes=grown("contiguous", ram.contiguous_bytes),
        free_bytes=grown("free", ram.free_bytes),
    )
    assume(richer != ram)
    before, after = verdicts(board(ram)), verdicts(board(richer))
    assert before.keys() == after.keys() == set(STEMS)
    for model, found in before.items():
        assert BETTER[after[model].verdict] >= BETTER[found.verdict], model
        assert (after[model].ram_available_bytes or 0) >= (found.ram_available_bytes or 0)


@settings(max_examples=20, deadline=None)
@given(free=st.integers(0, 400_000))
def test_the_verdict_turns_at_the_byte_that_is_required(free: int) -> None:
    for found in verdicts(board(Memory(kind="sram", free_bytes=free, free_source="a test"))).values():
        assert found.ram_required_bytes is not None
        assert (found.verdict is Verdict.FITS) is (free >= found.ram_required_bytes)


def test_one_byte_decides() -> None:
    needed = verdicts(board(Memory(kind="sram", free_bytes=0, free_source="a test")))["hello-world-int8"]
    assert needed.ram_required_bytes is not None
    for free, verdict in ((-1, Verdict.DOES_NOT_FIT), (0, Verdict.FITS)):
        ram = Memory(kind="sram", free_bytes=needed.ram_required_bytes + free, free_source="a test")
        assert verdicts(board(ram))["hello-world-int8"].verdict is verdict
