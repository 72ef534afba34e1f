"""Every model's sheet: it decodes, is plausible, and describes a file that exists."""

from __future__ import annotations

import hashlib
import importlib.util
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import rdflib

from tinykg.extract.curated_model import read_model_sheet
from tinykg.records.evidence import EvidenceKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from tinykg.records.model import Model

FOLDER = Path(__file__).resolve().parents[2] / "data" / "models"
MODELS = {path.stem: read_model_sheet(path) for path in sorted(FOLDER.glob("*.toml"))}
OWN = {path.stem.replace("_", "-") for path in (FOLDER / "files").glob("*.tflite")}
WAKE_WORDS = {"alexa", "hey-jarvis", "hey-mycroft", "okay-nabu"}

each_model = pytest.mark.parametrize(("stem", "model"), MODELS.items(), ids=MODELS.keys())

IN_0_TO_1 = {"top-1-accuracy", "auc", "recall"}

REN_CORRECTED = {
    # Arm's ML-Zoo, which publishes the same file, calls the figure AUC
    "ARM_MicroNet_Small_anomaly_detection",
}


def sha256(path: Path) -> str:
    """The file's sha256 as the sheets write it."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_there_are_54_models() -> None:
    assert len(MODELS) == 54
    assert len(OWN) == 5


@each_model
def test_the_file_is_named_after_the_model(stem: str, model: Model) -> None:
    assert stem == model.name.lower().replace("_", "-")
    assert re.fullmatch(r"[A-Za-z0-9]+(_[A-Za-z0-9]+)*", model.name)


@each_model
def test_a_sheet_says_what_the_file_cannot(stem: str, model: Model) -> None:
    assert model.title
    assert model.description
    assert model.description.endswith(".")
    assert model.creator
    assert model.task
    assert model.sensors is not None, "say what the model senses, or that it needs nothing"
    assert len(model.evidence.source) > 8
    assert model.evidence.confidence in {"high", "medium"}
    assert re.fullmatch(r"[0-9a-f]{64}", model.file_sha256)
    assert (model.source_address is None) == (stem in OWN)


def test_a_name_leads_to_one_model() -> None:
    names = Counter(
        name.lower() for stem, model in MODELS.items() for name in {stem, model.name.lower(), *model.aliases}
    )
    assert [name for name, uses in names.items() if uses > 1] == []


@pytest.mark.parametrize(
    ("alias", "name"),
    [
        ("ad", "ad01_int8"),
        ("ic", "pretrainedResnet_quant"),
        ("kws", "kws_ref_model"),
        ("sww", "str_ww_ref_model"),
        ("vww", "vww_96_int8"),
    ],
)
def test_the_benchmarks_are_known_by_their_short_names(alias: str, name: str) -> None:
    assert [model.name for model in MODELS.values() if alias in model.aliases] == [name]


@each_model
def test_words_are_those_of_the_vocabularies(
    stem: str, model: Model, concepts: Callable[[str], frozenset[str]]
) -> None:
    assert model.task in concepts("tasks"), stem
    assert {sensor.observes for sensor in model.sensors or ()} <= concepts("properties")
    assert {evaluation.metric for evaluation in model.evaluations} <= concepts("metrics")


@each_model
def test_quality_has_a_source_and_lies_in_its_range(stem: str, model: Model) -> None:
    for evaluation in model.evaluations:
        assert len(evaluation.evidence.source) > 8
        assert evaluation.value > 0, "0 stands for no figure in some sources"
        assert evaluation.metric not in IN_0_TO_1 or evaluation.value <= 1
        measured = evaluation.evidence.kind is EvidenceKind.MEASURED
        assert measured == (stem in OWN), "only this project's scripts measure"


@each_model
def test_what_a_model_senses_has_a_source(stem: str, model: Model) -> None:
    observed = Counter(sensor.observes for sensor in model.sensors or ())
    assert [name for name, times in observed.items() if times > 1] == [], stem
    for sensor in model.sensors or ():
        assert sensor.source
        assert sensor.rate_hz is None or 1 <= sensor.rate_hz <= 48_000
        assert sensor.window_s is None or 0 < sensor.window_s <= 10
        if sensor.minimum is not None:
            assert sensor.maximum is not None
            assert sensor.minimum < sensor.maximum
            assert sensor.unit


@each_model
def test_addresses_and_licences_have_their_form(stem: str, model: Model) -> None:
    addresses = [model.source_address, model.file_address, model.dataset.address if model.dataset else None]
    assert [address for address in addresses if address and not re.match(r"https?://\S+$", address)] == []
    assert model.licence in {None, "Apache-2.0", "MIT", "GPL-3.0-only"}, stem


def test_one_file_is_published_under_two_names() -> None:
    by_file: dict[str, set[str]] = {}
    for model in MODELS.values():
        by_file.setdefault(model.file_sha256, set()).add(model.name)
    shared = [names for names in by_file.values() if len(names) > 1]
    assert shared == [{"Micro_Speech_Forward_Backward", "Micro_Speech_Yes_No_3"}]
    for name in shared[0]:
        assert MODELS[name.lower().replace("_", "-")].evidence.confidence == "medium"


def test_each_published_file_has_a_sheet(test_data: Path) -> None:
    folders = {"ren": 23, "mlperf_tiny": 9, "tflm": 13}
    described = Counter(model.file_sha256 for model in MODELS.values())
    for folder, count in folders.items():
        paths = sorted((test_data / "models" / folder).glob("*.tflite"))
        assert len(paths) == count
        assert [path.name for path in paths if sha256(path) not in described] == []


@each_model
def test_each_sheet_describes_a_file_that_exists(stem: str, model: Model, test_data: Path) -> None:
    if stem in OWN:
        found = {sha256(FOLDER / "files" / f"{model.name}.tflite")}
    elif stem in WAKE_WORDS:
        spec = importlib.util.find_spec("pymicro_wakeword")
        if spec is None or spec.origin is None:
            pytest.skip("pymicro-wakeword 2.5.0 is not installed; its files cannot be compared")
        found = {sha256(Path(spec.origin).parent / "models" / f"{model.name}.tflite")}
    else:
        name = "ARM_DS_CNN_Small_" if model.name == "ARM_DS_CNN_Small" else model.name
        found = {sha256(path) for path in (test_data / "models").glob(f"*/{name}.tflite")}
    assert found == {model.file_sha256}


def test_the_figures_of_ren_et_al_are_quoted(test_data: Path) -> None:
    graph = rdflib.Graph().parse(test_data / "ren2022" / "tflite_models.ttl")
    rows = list(
        graph.query(
            """
            PREFIX nnet: <http://tinyml-schema.org/networkschema#>
            PREFIX schema: <https://schema.org/>
            SELECT ?name ?value WHERE { ?m schema:name ?name ; nnet:hasMetric/nnet:hasMetricValue ?value }
            ORDER BY ?name
            """
        )
    )
    assert len(rows) == 23
    for row in rows:
        assert isinstance(row, rdflib.query.ResultRow)
        name, percent = str(row.name).rstrip("_"), float(row.value)
        model = MODELS[name.lower().replace("_", "-")]
        quoted = {evaluation.value for evaluation in model.evaluations}
        assert quoted == set() if percent == 0 else round(percent / 100, 4) in quoted, name
        if name in REN_CORRECTED:
            assert {evaluation.metric for evaluation in model.evaluations} == {"auc"}
