"""A firmware build of made-up records, of which tests change one fact."""

from __future__ import annotations

from tinykg.records.device import Sensor
from tinykg.records.evidence import Evidence, EvidenceKind
from tinykg.records.firmware import FirmwareBuild, Port, ResolverEntry, RuntimeRelease, SensedProperty
from tinykg.records.match import Constraint, Match, Verdict
from tinykg.records.model import Model, SensorRequirement
from tinykg.records.model_file import ModelFile, Quantization, Subgraph, Tensor

STATED = Evidence(kind=EvidenceKind.DECLARED, source="a datasheet")
COMPUTED = Evidence(kind=EvidenceKind.COMPUTED, source="a computation")
SHA256 = "0123456789abcdef" * 4

INPUT = Tensor(
    index=3,
    name="serving_default_x:0",
    element_type="int8",
    shape=(1, 49, 10),
    quantization=Quantization(scales=(0.5847029089927673,), zero_points=(83,)),
)
OUTPUT = Tensor(index=7, name="Identity", element_type="float32", shape=(1, 12))
FILE = ModelFile(
    sha256=SHA256,
    file_bytes=2000,
    format="tflite",
    schema_version=3,
    subgraphs=(
        Subgraph(index=0, name="main", tensors=(INPUT, OUTPUT), inputs=(0,), outputs=(1,), layers=()),
    ),
)
MATCH = Match(
    model="Small Net",
    device="board",
    device_name="A Board",
    runtime="tflm",
    verdict=Verdict.FITS,
    constraints=(
        Constraint(name="ram", verdict=Verdict.FITS, message="needs 1 of 2", required=1, available=2),
    ),
    ram_required_bytes=9000,
    ram_available_bytes=65536,
    flash_required_bytes=50000,
    flash_available_bytes=262144,
    arena_bytes=4000,
    stack_reserve_bytes=4096,
    task="keyword-spotting",
    accuracy=None,
    macs=10,
    evidence="computed",
)
RAM_SHORT = Constraint(
    name="ram",
    verdict=Verdict.DOES_NOT_FIT,
    message="needs more */ than there is",
    required=9000,
    available=2048,
)
BUILD = FirmwareBuild(
    match=MATCH,
    model=Model(
        name="Small Net",
        evidence=STATED,
        file_sha256=SHA256,
        title="A small net",
        task="keyword-spotting",
        licence="MIT",
        source_address="https://example.org/net",
    ),
    file=FILE,
    runtime=RuntimeRelease(
        name="tflm",
        title="TensorFlow Lite Micro",
        family="tflite-micro",
        version="1 (2026-08-20)",
        kernel_set="reference",
        abi="arm32-eabi",
        evidence=COMPUTED,
    ),
    arena_bytes=4000,
    arena_alignment_bytes=16,
    resolver=(
        ResolverEntry(operator="CONV_2D", versions=(1, 3), custom=False, add_method="AddConv2D"),
        ResolverEntry(operator="SOFTMAX", versions=(1,), custom=False, add_method="AddSoftmax"),
    ),
    resource_variables=0,
    inputs=(Port(tensor=INPUT, argument="x"),),
    outputs=(Port(tensor=OUTPUT),),
    senses=(
        SensedProperty(
            need=SensorRequirement(observes="sound", rate_hz=16000.0, window_s=1.0, source="a paper"),
            observed_by=(Sensor(kind="microphone", part="MP34DT05"),),
        ),
    ),
)
