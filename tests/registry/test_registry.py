"""The registry's verbs on the built-in catalogue: list, show, find, match, explain, inspect, export."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from rdflib import Dataset, Graph
from rdflib.compare import isomorphic

from tinykg.catalogue.export import FORMS
from tinykg.catalogue.lookup import find, model_named
from tinykg.errors import ExtractError, InputError, QuerySyntaxError, UnknownFormat, UnknownName
from tinykg.extract.tflite import read_model
from tinykg.records.match import Verdict
from tinykg.registry import Registry
from tinykg.settings import Settings, read_settings
from tinykg.store.embedded import EmbeddedStore
from tinykg.vocab.tinykg import TK
from tinykg.vocab.wot import RDF, SCHEMA

if TYPE_CHECKING:
    from collections.abc import Callable

SHIPPED = Path(__file__).resolve().parents[2] / "data" / "models" / "files"
RDFLIB_FORMS = {
    "turtle": "turtle",
    "jsonld": "json-ld",
    "ntriples": "nt",
    "rdfxml": "xml",
    "trig": "trig",
    "nquads": "nquads",
}


# -- list and show


def test_models_are_listed_by_name(registry: Registry) -> None:
    found = registry.models()
    assert len(found) >= 54
    assert [model.name for model in found] == sorted(model.name for model in found)
    digits = next(model for model in found if model.name == "digits_mlp_int8")
    record, file = registry.model("digits_mlp_int8")
    assert digits.accuracy == pytest.approx(0.9689)
    assert (digits.file_bytes, digits.macs, digits.parameters) == (
        file.file_bytes,
        file.macs,
        file.parameters,
    )
    assert (digits.task, digits.senses, digits.sha256) == ("digit-recognition", (), record.file_sha256)


def test_models_of_a_task_are_those_of_narrower_ones_too(registry: Registry) -> None:
    names = {model.name for model in registry.models("digit-recognition")}
    assert {"digits_mlp_int8", "digits_cnn_float32"} <= names
    assert names < {model.name for model in registry.models("image-classification")}
    with pytest.raises(UnknownName) as caught:
        registry.models("digit-recogniton")
    assert caught.value.near[0] == "digit-recognition"
    assert len(set(caught.value.near)) == len(caught.value.near)


def test_devices_are_listed_by_slug(registry: Registry) -> None:
    found = registry.devices()
    assert len(found) >= 94
    assert [device.slug for device in found] == sorted(device.slug for device in found)
    pico = next(device for device in found if device.slug == "raspberry-pi-pico")
    assert (pico.core, pico.clock_hz, pico.flash_bytes) == ("cortex-m0plus", 133_000_000, 2_097_152)
    assert pico.sensors == ()


def test_runtimes_are_listed_by_name(registry: Registry) -> None:
    found = registry.runtimes()
    assert "tflm-ref-arm32" in [runtime.name for runtime in found]
    assert [runtime.name for runtime in found] == sorted(runtime.name for runtime in found)
    assert all(runtime.operators > 0 for runtime in found)


def test_a_model_is_shown_with_its_file_as_it_was_read(registry: Registry) -> None:
    model, file = registry.model("digits-mlp")
    assert model.name == "digits_mlp_int8"
    assert file == read_model((SHIPPED / "digits_mlp_int8.tflite").read_bytes(), "digits_mlp_int8.tflite")


def test_a_device_is_shown(registry: Registry) -> None:
    device = registry.device("pico")
    assert (device.slug, device.vendor, device.sensors) == ("raspberry-pi-pico", "Raspberry Pi", ())
    assert [memory.kind for memory in device.memories] == ["sram", "flash"]


# -- names


@pytest.mark.parametrize(
    "name", ["nano33", "Nano 33", "NANO-33", "arduino_nano_33_ble_sense", "nano33blesense"]
)
def test_a_board_goes_by_its_aliases_in_any_spelling(registry: Registry, name: str) -> None:
    assert registry.device(name).slug == "arduino-nano-33-ble-sense"


@pytest.mark.parametrize(
    ("ask", "kind", "name", "near"),
    [
        (Registry.model, "model", "hello_wrld", "Hello_World"),
        (Registry.device, "device", "nano3", "arduino-nano-33-ble-sense"),
        (Registry.device, "device", "raspbery-pi-pico", "raspberry-pi-pico"),
        (lambda r, name: r.match(device="nano33", runtime=name), "runtime", "tflm-ref-arm", "tflm-ref-arm32"),
        (lambda r, name: r.match(device=name), "device", "uno-r3x", "arduino-uno-r3"),
        (lambda r, name: r.match(model=name), "model", "helloworld8", "hello_world_int8"),
        (lambda r, name: r.match(device="nano33", task=name), "task", "regresion", "regression"),
        (lambda r, name: r.explain("Hello_World", name), "device", "nano3", "arduino-nano-33-ble-sense"),
        (lambda r, name: r.export(name), "model or device or runtime", "tflm-ref-arm", "tflm-ref-arm32"),
    ],
)
def test_a_wrong_name_is_a_typed_error_with_near_ones(
    registry: Registry, ask: Callable[[Registry, str], object], kind: str, name: str, near: str
) -> None:
    with pytest.raises(UnknownName) as caught:
        ask(registry, name)
    assert (caught.value.kind, caught.value.name) == (kind, name)
    assert near in caught.value.near
    assert len(caught.value.near) <= 3
    assert str(caught.value).startswith(f"No {kind} '{name}'. Did you mean ")
    assert "See: tinykg list " in str(caught.value)


@pytest.mark.parametrize("name", ["", "-", "🧠", "x" * 1000, '"; DROP ALL #', "a\nb"])
def test_a_name_that_is_near_nothing_is_a_typed_error(registry: Registry, name: str) -> None:
    for ask in (registry.model, registry.device, registry.export):
        with pytest.raises(UnknownName):
            ask(name)


# -- match, explain, inspect


def test_a_file_is_matched_like_a_registered_model(registry: Registry) -> None:
    path = SHIPPED / "waves_cnn1d_int8.tflite"
    model, file = registry.model("waves_cnn1d_int8")
    assert file.file_bytes == path.stat().st_size
    senses = [need.observes for need in model.sensors or ()]
    named = registry.match(model="waves_cnn1d_int8", all_verdicts=True)
    for given in (path, str(path)):
        found = registry.match(model=given, senses=senses, all_verdicts=True)
        assert len(found) == len(named) == len(registry.devices())
        assert {match.model for match in found} == {"waves_cnn1d_int8.tflite"}
        ram = {match.device: match.ram_required_bytes for match in named}
        assert {match.device: match.ram_required_bytes for match in found} == ram
    assert "waves_cnn1d_int8.tflite" not in [model.name for model in registry.models()]


def test_what_a_file_senses_is_checked_against_the_vocabulary(registry: Registry) -> None:
    path = SHIPPED / "waves_cnn1d_int8.tflite"
    with pytest.raises(UnknownName) as caught:
        registry.match(model=path, device="nano33", senses=["sound", "acceleraton"])
    assert caught.value.kind == "property"
    assert caught.value.near[0] == "acceleration"
    (match,) = registry.match(model=path, device="pico", senses=["sound"], all_verdicts=True)
    assert match.verdict is Verdict.DOES_NOT_FIT
    assert [reason.name for reason in match.reasons] == ["sensors"]
    assert registry.match(model=path, device="pico", senses=[])


def test_only_what_fits_is_given_unless_all_is_asked_for(registry: Registry) -> None:
    fits, every = registry.match(device="uno"), registry.match(device="uno", all_verdicts=True)
    assert fits == []
    assert len(every) == len(registry.models())
    assert all(match.reasons for match in every)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_a_limit_that_is_no_number_is_a_typed_error(registry: Registry, number: float) -> None:
    with pytest.raises(InputError, match="expected a finite number"):
        registry.match(device="nano33", min_accuracy=number)
    with pytest.raises(InputError, match="expected a finite number"):
        registry.match(device="nano33", max_latency_us=number)


class Vanishing(EmbeddedStore):
    """A store in which a graph goes between the moment that a name is looked up and that it is read."""

    def graph(self, name: str) -> list[ox.Triple]:  # noqa: ARG002  nothing is in any graph
        return []


def test_a_model_that_goes_while_it_is_looked_up_is_an_unknown_name() -> None:
    store = Vanishing()
    model = ox.NamedNode("https://w3id.org/tinykg/model/x")
    about = {TK.lookupKey: ox.Literal("x"), SCHEMA.name: ox.Literal("x")}
    facts = [ox.Triple(model, ox.NamedNode(name), value) for name, value in about.items()]
    store.load_new({"urn:g": [*facts, ox.Triple(model, ox.NamedNode(RDF.type), ox.NamedNode(TK.Model))]})
    assert find(store, "model", "X") == model.value
    with pytest.raises(UnknownName, match="No model 'x'"):
        model_named(store, "X")


def test_explaining_says_what_every_runtime_makes_of_a_pair(registry: Registry) -> None:
    found = registry.explain("hello_world_int8", "nano33")
    assert [explanation.match.runtime for explanation in found if explanation.match.verdict == "fits"]
    assert {explanation.match.device for explanation in found} == {"arduino-nano-33-ble-sense"}
    assert len(found) == len({explanation.match.runtime for explanation in found})
    (one,) = registry.explain(SHIPPED / "digits_mlp_int8.tflite", "uno", runtime="tflm-ref-arm32")
    assert one.match.verdict is Verdict.DOES_NOT_FIT
    assert one.remedies


def test_inspecting_registers_nothing(registry: Registry) -> None:
    file, footprints = registry.inspect(SHIPPED / "digits_mlp_int8.tflite")
    assert file == registry.model("digits_mlp_int8")[1]
    assert {footprint.runtime for footprint in footprints} == {
        runtime.name for runtime in registry.runtimes()
    }


@pytest.mark.parametrize(
    "use", [lambda r, p: r.inspect(p), lambda r, p: r.match(model=p), lambda r, p: r.explain(p, "nano33")]
)
def test_a_path_that_is_no_model_is_a_typed_error(
    registry: Registry, tmp_path: Path, use: Callable[[Registry, Path], object]
) -> None:
    with pytest.raises(InputError, match="no such file"):
        use(registry, tmp_path / "absent.tflite")
    (tmp_path / "broken.tflite").write_bytes(b"\x1c\x00\x00\x00TFL3")
    with pytest.raises(ExtractError, match=r"broken\.tflite"):
        use(registry, tmp_path / "broken.tflite")
    (tmp_path / "notes.txt").write_text("no model")
    with pytest.raises(UnknownFormat):
        use(registry, tmp_path / "notes.txt")
    (tmp_path / "board.toml").write_text('name = "b"\nsource = "s"\n')
    with pytest.raises(UnknownFormat):
        use(registry, tmp_path / "board.toml")


def test_select_sees_all_graphs_and_nothing_else(registry: Registry) -> None:
    rows = registry.select(
        "PREFIX tk: <https://w3id.org/tinykg#> SELECT (COUNT(?d) AS ?n) { ?d a tk:DeviceType }"
    )
    assert rows.rows == ((ox.Literal(len(registry.devices())),),)
    with pytest.raises(QuerySyntaxError):
        registry.select("SELECT * { SERVICE <http://localhost:1/> {} }")


# -- export


@pytest.mark.filterwarnings("ignore:.* is deprecated:DeprecationWarning")  # rdflib warns of itself
@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_an_export_says_the_same(small_registry: Registry, form: str) -> None:
    expected = set(
        ox.parse(small_registry.export("digits_mlp_int8", "ntriples"), format=ox.RdfFormat.N_TRIPLES)
    )
    assert len(expected) > 300
    content = small_registry.export("digits_mlp_int8", form)
    quads = list(ox.parse(content, format=FORMS[form]))
    assert {ox.Quad(q.subject, q.predicate, q.object) for q in quads} == expected
    assert small_registry.export("digits_mlp_int8", form) == content
    ours = Graph().parse(data=small_registry.export("digits_mlp_int8", "ntriples"), format="nt")
    theirs = Graph()
    if form in ("trig", "nquads", "jsonld"):
        dataset = Dataset().parse(data=content, format=RDFLIB_FORMS[form])
        for triple in {triple[:3] for triple in Dataset.quads(dataset)}:
            theirs.add(triple)
    else:
        theirs.parse(data=content, format=RDFLIB_FORMS[form])
    assert isomorphic(ours, theirs)


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_the_whole_registry_parses_back(small_registry: Registry, form: str) -> None:
    def canonical(name: str) -> ox.Dataset:
        quads = ox.parse(small_registry.export(form=name), format=FORMS[name])
        dataset = ox.Dataset(ox.Quad(q.subject, q.predicate, q.object) for q in quads)
        dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
        return dataset

    assert canonical(form) == canonical("ntriples")


@pytest.mark.parametrize("form", ["trig", "nquads", "jsonld"])
def test_datasets_keep_apart_which_graph_says_what(small_registry: Registry, form: str) -> None:
    graphs = {str(quad.graph_name) for quad in ox.parse(small_registry.export(form=form), format=FORMS[form])}
    assert "<https://w3id.org/tinykg/graph/model/digits_mlp_int8>" in graphs
    kinds = Counter(graph.removesuffix(">").split("/graph/")[-1].split("/")[0] for graph in graphs)
    assert kinds["device-type"] == 3
    assert kinds["model"] == 4
    assert kinds["file"] == 3
    assert kinds["runtime"] == len(small_registry.runtimes())
    assert min(kinds[one] for one in ("joined", "board-description", "microcontroller", "estimates")) >= 1


def test_what_is_exported_passes_the_shapes(small_registry: Registry, tmp_path: Path) -> None:
    for form, suffix in (("turtle", ".ttl"), ("jsonld", ".jsonld")):
        path = tmp_path / f"export{suffix}"
        path.write_bytes(small_registry.export("digits_mlp_int8", form))
        assert small_registry.validate([path]) == []


def test_one_entity_is_exported_with_what_belongs_to_it(registry: Registry) -> None:
    board = registry.export("nano33").decode()
    assert "device-type/arduino-nano-33-ble-sense" in board
    assert "raspberry" not in board
    model = registry.export("digits-mlp").decode()
    assert registry.model("digits-mlp")[0].file_sha256 in model
    assert "tk:hasLayer" in model
    assert "tk:runsOnCore" in registry.export("tflm-ref-arm32").decode()


def test_json_ld_is_json(registry: Registry) -> None:
    assert isinstance(json.loads(registry.export("nano33", "jsonld")), dict | list)


def test_an_unknown_form_is_a_typed_error(registry: Registry) -> None:
    with pytest.raises(InputError, match="No form 'yaml'; expected one of turtle, jsonld"):
        registry.export("nano33", "yaml")


def test_what_xml_cannot_hold_is_a_typed_error(small_registry: Registry, tmp_path: Path) -> None:
    sheet = tmp_path / "my-board.toml"
    for text, code in (("a\\u0001b", "U+0001"), ("a\\rb", "U+000D")):
        sheet.write_text(f'name = "My board"\nsource = "me"\nsystem = "bare-metal"\nnote = "{text}"\n')
        small_registry.add(sheet)
        with pytest.raises(
            InputError, match=rf"cannot hold the character {code} in skos:note".replace("+", r"\+")
        ):
            small_registry.export("my-board", "rdfxml")
        assert b"My board" in small_registry.export("my-board", "turtle")


# -- opening


def test_the_environment_names_the_registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINYKG_REGISTRY", str(tmp_path / "from-environment"))
    assert Registry.open().where == str(tmp_path / "from-environment")
    assert Registry.open(tmp_path / "named").where == str(tmp_path / "named")
    assert not any(tmp_path.iterdir()), "opening alone does nothing"


def test_settings_have_defaults_and_typed_errors() -> None:
    assert read_settings({}, "x") == Settings(registry="x", wait_s=10.0)
    assert read_settings({"TINYKG_REGISTRY": "y", "TINYKG_WAIT_S": "0.5"}) == Settings(
        registry="y", wait_s=0.5
    )
    assert read_settings({}).registry.endswith("registry")
    with pytest.raises(InputError, match="TINYKG_WAIT_S is 'soon'"):
        read_settings({"TINYKG_WAIT_S": "soon"})


def test_a_registry_is_a_context(small_registry: Registry) -> None:
    with small_registry as registry:
        assert registry is small_registry
        assert len(registry.models()) == 4
