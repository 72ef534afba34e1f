"""Jobs and our own runs: record -> graph -> record is the identity, and what is made passes the gate."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from record_strategies import names, sha256s

from tinykg.estimate.measurements import read_runs, read_sources
from tinykg.files import data_folder
from tinykg.graph.decode_benchmark import decode_jobs, decode_runs
from tinykg.graph.encode_benchmark import encode_job, encode_run, moment
from tinykg.graph.encode_measurement import encode_runs
from tinykg.records.benchmark import (
    BenchmarkRequest,
    BenchmarkResult,
    BenchmarkRun,
    Figure,
    Job,
    JobState,
    Tool,
    UsedDataset,
)
from tinykg.store.embedded import EmbeddedStore
from tinykg.validate.gate import validate
from tinykg.vocab.tinykg import TK

bounded = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

ids = st.text("0123456789abcdef", min_size=10, max_size=10)
slugs = st.from_regex(r"[a-z0-9]+([-.][a-z0-9]+)?", fullmatch=True)
lines = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12)
times = st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - zones are drawn
options = st.dictionaries(names, names, max_size=3)
devices = st.none() | st.sampled_from(
    ["arduino-uno-r3", "a.b_c", "urn:dev:ops:32473-lamp/1", "http://x.org/a?b#c"]
)
maybe = st.none() | names

requests = st.builds(
    BenchmarkRequest,
    model=names, file_sha256=sha256s, runner=slugs, device=devices, runtime=st.none() | slugs,
    options=options, data=maybe,
)  # fmt: skip
jobs = st.builds(
    Job,
    id=ids, request=requests, state=st.sampled_from(JobState), created=times, attempts=st.integers(0, 9),
    worker=maybe, lease_until=st.none() | times, started=st.none() | times, ended=st.none() | times,
    progress=st.none() | st.floats(0, 1), doing=maybe, reason=maybe, run=st.none() | ids,
)  # fmt: skip
figures = st.builds(
    Figure,
    metric=st.sampled_from(["latency", "instructions", "auc"]),
    value=st.floats(allow_nan=False, allow_infinity=False),
    unit=st.sampled_from(["MilliSEC", "NUM", "UNITLESS", "NUM-PER-SEC"]),
    evidence=st.sampled_from(["measured", "estimated"]),
    statistic=st.none() | slugs,
    count=st.none() | st.integers(1, 2**63),
)
results = st.builds(
    BenchmarkResult,
    runner=slugs,
    tools=st.lists(st.builds(Tool, name=names, version=names), min_size=1, max_size=12).map(tuple),
    figures=st.lists(figures, min_size=1, max_size=12).map(tuple),
    started=times, ended=times, runtime=names, where=names, stack=st.none() | slugs,
    clock_hz=st.none() | st.integers(1, 10**10),
    dataset=st.none() | st.builds(UsedDataset, name=names, sha256=sha256s, samples=st.integers(1, 10**6)),
    output_sha256=st.none() | sha256s,
    environment=options,
    notes=st.lists(lines, max_size=3).map(tuple),
)  # fmt: skip


@st.composite
def runs(draw: st.DrawFn) -> BenchmarkRun:
    """Runs on a device, or elsewhere: on a host, by a simulated device, in an emulator."""
    result, kind = draw(results), draw(st.sampled_from(["device", "host", "simulated", "emulated"]))
    device = draw(devices)
    if kind == "device":
        device = device or "arduino-uno-r3"
        result = replace(result, on_device=True)
    elif kind == "host":
        device = None
    elif kind == "simulated":
        result = replace(result, simulated=True)
    else:
        result = replace(result, emulator=draw(names))
    return BenchmarkRun(
        id=draw(ids), model=draw(maybe), file_sha256=draw(sha256s), device=device, result=result,
        job=draw(st.none() | ids), on_runtime=draw(st.none() | slugs), worker=draw(maybe),
    )  # fmt: skip


PLAIN = Job(
    id="5d41402abc",
    request=BenchmarkRequest(model="a/b c%20ü", file_sha256="0" * 64, runner="plain"),
    state=JobState.QUEUED,
    created=datetime(2026, 2, 1, 12, tzinfo=UTC),
)


@bounded
@given(job=jobs)
@example(job=PLAIN)
@example(job=replace(PLAIN, created=datetime(2026, 2, 1, 12, 0, 0, 120_000, UTC)))
@example(job=replace(PLAIN, created=datetime(2026, 2, 1, 12, tzinfo=timezone(timedelta(hours=-3)))))
def test_a_job_comes_back_from_its_graph(job: Job) -> None:
    triples = encode_job(job)
    assert decode_jobs(triples) == [job]
    store = EmbeddedStore()
    store.replace_graphs({"https://example.org/g": triples})
    assert store.replace_graphs({"https://example.org/g": triples}) is False
    assert set(store.graph("https://example.org/g")) == set(triples)
    assert decode_jobs(store.graph("https://example.org/g")) == [job]


@bounded
@given(run=runs())
def test_a_run_comes_back_from_its_graph(run: BenchmarkRun) -> None:
    triples = encode_run(run)
    assert decode_runs(triples) == [run]
    store = EmbeddedStore()
    store.replace_graphs({"https://example.org/g": triples})
    assert decode_runs(store.graph("https://example.org/g")) == [run]


@bounded
@given(run=runs())
def test_only_a_run_on_the_device_is_said_to_be_on_it(run: BenchmarkRun) -> None:
    predicates = [triple.predicate.value for triple in encode_run(run)]
    assert (TK.onDevice in predicates) is run.result.on_device
    assert (TK.forDevice in predicates) is (run.device is not None and not run.result.on_device)


@settings(bounded, max_examples=15)
@given(run=runs())
def test_a_run_in_order_passes_the_gate(run: BenchmarkRun) -> None:
    started = min(run.result.started, run.result.ended)
    ordered = replace(run, result=replace(run.result, started=started))
    assert [f for f in validate(encode_run(ordered)) if f.severity == "violation"] == []


@settings(bounded, max_examples=15)
@given(job=jobs)
def test_a_job_that_is_whole_passes_the_gate(job: Job) -> None:
    begun = job.created
    whole = replace(
        job, worker=job.worker or "ana", lease_until=begun, started=begun, ended=begun, reason="no", run="ab"
    )
    assert validate(encode_job(whole)) == []


def test_times_are_spelt_as_stores_keep_them() -> None:
    at = datetime(2026, 2, 1, 12, 0, 0, 120_000, timezone(timedelta(hours=1)))
    found = moment(at)
    assert found is not None
    assert found.value == "2026-02-01T11:00:00.12Z"
    assert moment(None) is None


def test_published_runs_are_none_of_our_own() -> None:
    source = read_sources(data_folder() / "measurements")["bakenn"]
    published = encode_runs(source, read_runs(data_folder() / "measurements", source))
    assert published
    assert decode_runs(published) == []
