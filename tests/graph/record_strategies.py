"""Hypothesis strategies for records in the form that extractors give them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from hypothesis import strategies as st

from tinykg.records.board import BoardDescription, FigureKind, MemoryFigure, Microcontroller
from tinykg.records.device import DeviceType, Memory, Processor, Sensor
from tinykg.records.evidence import Evidence, EvidenceKind
from tinykg.records.model import Dataset, Evaluation, Model, SensorRequirement
from tinykg.records.model_file import (
    Layer,
    Metadata,
    ModelFile,
    OptionValue,
    Quantization,
    Signature,
    Subgraph,
    Tensor,
)

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
names = texts.filter(bool)
slugs = st.from_regex(r"[a-z0-9][a-z0-9+./% _-]{0,10}", fullmatch=True)
counts = st.integers(min_value=0, max_value=2**65)
numbers = st.integers(min_value=-(2**65), max_value=2**65)
floats = st.floats(allow_nan=False)
addresses = st.from_regex(
    r"https?://[a-z]{1,8}\.org/[A-Za-z0-9/?=&'()_~.-]{0,12}(#[a-z]{0,3})?", fullmatch=True
)
sha256s = st.text("0123456789abcdef", min_size=64, max_size=64)
dates = st.one_of(
    st.dates().map(str), st.integers(min_value=1900, max_value=2100).map(str), st.just("2021-02-31")
)
evidences = st.builds(
    Evidence, kind=st.sampled_from(EvidenceKind), source=texts, confidence=st.none() | st.just("high")
)


def tuples(values: st.SearchStrategy[T], most: int = 3) -> st.SearchStrategy[tuple[T, ...]]:
    """Tuples in any order."""
    return st.lists(values, max_size=most).map(tuple)


def sets(values: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[str, ...]]:
    """Tuples without order, as sorted ones."""
    return st.sets(values, max_size=3).map(lambda found: tuple(sorted(found)))


def numbered(one: Callable[[int], st.SearchStrategy[T]], most: int = 3) -> st.SearchStrategy[tuple[T, ...]]:
    """Records that carry their place in the tuple as `index`."""
    return st.integers(0, most).flatmap(lambda count: st.tuples(*(one(i) for i in range(count))))


processors = tuples(
    st.builds(
        Processor,
        part=st.none() | texts,
        core=st.none() | slugs,
        core_count=st.none() | counts,
        clock_hz=st.none() | counts,
        has_fpu=st.none() | st.booleans(),
        simd=st.none() | texts,
    )
)
sensors = tuples(st.builds(Sensor, kind=slugs, part=st.none() | texts))
figures = tuples(
    st.builds(
        MemoryFigure,
        memory=slugs,
        kind=st.sampled_from(FigureKind),
        size_bytes=counts,
        place=texts,
        note=st.none() | texts,
    )
)
collections = st.none() | st.sampled_from(["-", "%2D", "", "None", "a/b"]) | texts

boards = st.builds(
    BoardDescription,
    source=slugs,
    collection=collections,
    identifier=texts,
    name=texts,
    vendor=st.none() | texts,
    part=st.none() | texts,
    is_chip=st.booleans(),
    system=st.none() | slugs,
    processors=processors,
    figures=figures,
    sensors=st.none() | sensors,
    accelerators=st.none() | sets(texts),
    connectivity=st.none() | sets(texts),
    tags=sets(texts),
    address=st.none() | addresses | texts,
    note=st.none() | texts,
)

microcontrollers = st.builds(
    Microcontroller,
    part=texts,
    source=slugs,
    collection=collections,
    vendor=st.none() | texts,
    processors=processors,
    figures=figures,
    accelerators=st.none() | sets(texts),
    note=st.none() | texts,
)

devices = st.builds(
    DeviceType,
    slug=slugs,
    name=names,
    vendor=st.none() | texts,
    evidence=evidences,
    aliases=sets(texts),
    system=st.none() | slugs,
    processors=processors,
    memories=tuples(
        st.builds(
            Memory,
            kind=slugs,
            total_bytes=st.none() | counts,
            contiguous_bytes=st.none() | counts,
            free_bytes=st.none() | counts,
            location=st.none() | texts,
            source=st.none() | texts,
            contiguous_source=st.none() | texts,
            free_source=st.none() | texts,
        )
    ),
    sensors=st.none() | sensors,
    accelerators=st.none() | sets(texts),
    connectivity=st.none() | sets(texts),
    active_power_mw=st.none() | floats,
    platformio_id=st.none() | texts,
    zephyr_id=st.none() | texts,
    note=st.none() | texts,
)

models = st.builds(
    Model,
    name=names,
    evidence=evidences,
    file_sha256=sha256s,
    title=st.none() | names.map("Title {}".format),
    description=st.none() | texts,
    task=st.none() | slugs,
    creator=st.none() | texts,
    created=st.none() | dates,
    licence=st.none() | texts | st.sampled_from(["Apache-2.0", "BSD-3-Clause", "own terms", "<see file>"]),
    source_address=st.none() | addresses,
    file_address=st.none() | addresses,
    dataset=st.none() | st.builds(Dataset, name=texts, address=st.none() | addresses),
    evaluations=tuples(
        st.builds(Evaluation, metric=slugs, value=floats, evidence=evidences, dataset=st.none() | texts)
    ),
    sensors=st.none()
    | tuples(
        st.builds(
            SensorRequirement,
            observes=slugs,
            rate_hz=st.none() | floats,
            window_s=st.none() | floats,
            minimum=st.none() | floats,
            maximum=st.none() | floats,
            unit=st.none() | texts,
            source=st.none() | texts,
        )
    ),
    aliases=sets(texts),
    note=st.none() | texts,
)

options: st.SearchStrategy[OptionValue] = st.recursive(
    st.none() | st.booleans() | numbers | floats | texts,
    lambda inner: tuples(inner) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)
option_maps = st.dictionaries(texts, options, max_size=3)
indices = tuples(st.integers(-1, 5))
shapes = tuples(st.integers(-1, 2**31 - 1), most=4)


def tensors(index: int) -> st.SearchStrategy[Tensor]:
    """A tensor at a place."""
    return st.builds(
        Tensor,
        index=st.just(index),
        name=texts,
        element_type=slugs,
        shape=st.none() | shapes,
        shape_signature=st.none() | shapes,
        has_rank=st.booleans(),
        buffer=counts,
        data_bytes=counts,
        is_variable=st.booleans(),
        is_sparse=st.booleans(),
        quantization=st.none()
        | st.builds(
            Quantization,
            scales=tuples(floats),
            zero_points=tuples(numbers),
            quantized_dimension=st.integers(-1, 4),
            minimums=tuples(floats),
            maximums=tuples(floats),
        ),
    )


def layers(index: int) -> st.SearchStrategy[Layer]:
    """A layer at a place."""
    return st.builds(
        Layer,
        index=st.just(index),
        operator=slugs.map(str.upper),
        version=counts,
        inputs=indices,
        outputs=indices,
        intermediates=indices,
        custom_name=st.none() | texts,
        options_type=st.none() | names,
        options=option_maps,
        custom_options=st.none() | option_maps,
        custom_options_bytes=counts,
        macs=counts,
        mac_class=st.none() | names,
        parameters=counts,
    )


def subgraphs(index: int) -> st.SearchStrategy[Subgraph]:
    """A subgraph at a place."""
    return st.builds(
        Subgraph,
        index=st.just(index),
        name=texts,
        tensors=numbered(tensors, most=2),
        inputs=indices,
        outputs=indices,
        layers=numbered(layers, most=2),
    )


arguments = tuples(st.tuples(texts, st.integers(-1, 5)))
files = st.builds(
    ModelFile,
    sha256=sha256s,
    file_bytes=counts,
    format=names,
    schema_version=counts,
    description=st.none() | texts,
    subgraphs=numbered(subgraphs, most=2),
    signatures=tuples(
        st.builds(Signature, key=texts, subgraph=counts, inputs=arguments, outputs=arguments), 2
    ),
    metadata=tuples(
        st.builds(Metadata, name=texts, buffer=counts, data_bytes=counts, text=st.none() | texts), 2
    ),
    buffer_count=counts,
    buffer_bytes=counts,
    offline_plan=st.none() | tuples(numbers),
)
