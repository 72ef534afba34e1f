"""Examples of answers, for the OpenAPI document; a test asks for them and compares."""

from __future__ import annotations

from typing import Any

_SHA256 = "691b0183aa122866186fd8823ca3e2744cc0ce1da1257d039c3fbca7b160665e"
_MESSAGE = "needs 6.3 KiB of RAM, 4.3 KiB more than the 2.0 KiB (largest block)"
_UNKNOWN = {"unknown": "no measurement of tflm-ref-arm32 on cortex-m0plus"}

MODEL_LINE = {
    "name": "digits_mlp_int8",
    "task": "digit-recognition",
    "accuracy": 0.9689,
    "file_bytes": 6936,
    "macs": 2720,
    "parameters": 2778,
    "senses": [],
    "sha256": _SHA256,
}

MODEL = {
    "name": "digits_mlp_int8",
    "file_sha256": _SHA256,
    "title": "Digits, fully connected, int8",
    "task": "digit-recognition",
    "licence": "Apache-2.0",
    "sensors": [],
    "aliases": ["digits-mlp"],
    "file": {"sha256": _SHA256, "file_bytes": 6936, "format": "tflite"},
}

DEVICE_LINE = {
    "slug": "raspberry-pi-pico",
    "name": "Raspberry Pi Pico",
    "core": "cortex-m0plus",
    "clock_hz": 133_000_000,
    "ram_bytes": 270_336,
    "flash_bytes": 2_097_152,
    "sensors": [],
}

DEVICE = {
    "slug": "raspberry-pi-pico",
    "name": "Raspberry Pi Pico",
    "vendor": "Raspberry Pi",
    "aliases": ["pico", "rp2040"],
    "system": "bare-metal",
    "processors": [{"part": "RP2040", "core": "cortex-m0plus", "core_count": 2, "clock_hz": 133_000_000}],
    "memories": [
        {"kind": "sram", "total_bytes": 270_336, "free_bytes": 262_144, "location": "on-chip"},
        {"kind": "flash", "total_bytes": 2_097_152, "free_bytes": None},
    ],
    "sensors": [],
}

RUNTIME_LINE = {
    "name": "tflm-ref-arm32",
    "title": "TensorFlow Lite Micro, reference kernels, 32-bit Arm",
    "family": "tflite-micro",
    "version": "90b983c2 (2026-08-20)",
    "kernel_set": "reference",
    "abi": "arm32-eabi",
    "operators": 117,
}

MATCH = {
    "model": "digits_mlp_int8",
    "device": "raspberry-pi-pico",
    "runtime": "tflm-ref-arm32",
    "verdict": "fits",
    "ram_required_bytes": 6456,
    "ram_available_bytes": 262_144,
    "flash_required_bytes": 31_830,
    "flash_available_bytes": 2_097_152,
    "arena_bytes": 1904,
    "stack_reserve_bytes": 4096,
    "task": "digit-recognition",
    "accuracy": 0.9689,
    "macs": 2720,
    "evidence": "computed",
    "latency": _UNKNOWN,
    "energy": _UNKNOWN,
    "constraints": [
        {
            "constraint": "operators",
            "verdict": "fits",
            "message": "tflm-ref-arm32 runs every operator of the file",
        }
    ],
}

_TOO_BIG = {
    "constraint": "ram",
    "verdict": "does not fit",
    "message": _MESSAGE,
    "required": 6456,
    "available": 2048,
    "margin": -4408,
    "basis": "largest block",
    "source": "ATmega328P datasheet: 2 KiB of internal SRAM from 0x0100",
}

EXPLANATION = {
    **MATCH,
    "device": "arduino-uno-r3",
    "verdict": "does not fit",
    "ram_available_bytes": 2048,
    "flash_available_bytes": 32_256,
    "latency": None,
    "energy": None,
    "reasons": [_TOO_BIG],
    "remedies": ["4.3 KiB more RAM; a smaller input or a narrower network lowers the arena"],
}

BUILD = {
    "model": {"name": "digits_mlp_int8", "task": "digit-recognition", "licence": "Apache-2.0"},
    "device": {"slug": "raspberry-pi-pico", "name": "Raspberry Pi Pico"},
    "verdict": "fits",
    "arena": {"arena_bytes": 1904, "alignment_bytes": 16, "evidence": "computed"},
    "file": {"sha256": _SHA256, "file_bytes": 6936, "format": "tflite", "schema_version": 3},
    "resolver": {
        "operator_count": 3,
        "operators": [
            {"operator": "RESHAPE", "versions": [1], "custom": False, "add_method": "AddReshape"},
        ],
    },
    "inputs": [
        {
            "index": 0,
            "name": "serving_default_input:0",
            "element_type": "int8",
            "shape": [1, 8, 8, 1],
            "bytes": 64,
            "quantization": {
                "scales": [0.003921568859368563],
                "zero_points": [-128],
                "quantized_dimension": 0,
            },
        }
    ],
    "c_array": {"name": "digits_mlp_int8_tflite", "alignment_bytes": 16},
}

HEADER = "#define TINYKG_DIGITS_MLP_INT8_ARENA_BYTES 1904\n"

DEVICE_UNIT = {
    "id": "urn:dev:desk",
    "name": "Desk",
    "device_type": "arduino-nano-33-ble-sense",
    "ram_free_bytes": 40_000,
    "flash_free_bytes": None,
}

INTAKE: dict[str, Any] = {
    "path": "my_kws.tflite",
    "kind": "model",
    "name": "my_kws",
    "status": "added",
    "problem": None,
    "is_conflict": False,
    "faults": [],
}

THING_MODEL = {
    "@context": "https://www.w3.org/2022/wot/td/v1.1",
    "@type": "tm:ThingModel",
    "title": "My board",
    "properties": {"loudness": {"type": "number", "unit": "dB"}},
}

SHEET = """\
name = "My board"
vendor = "Me"
system = "bare-metal"
source = "its data sheet"
sensors = []

[[processor]]
part = "nRF52840"
core = "cortex-m4f"
clock_hz = 64_000_000

[[memory]]
kind = "sram"
total_bytes = 262_144
source = "its data sheet"

[[memory]]
kind = "flash"
total_bytes = 1_048_576
source = "its data sheet"
"""

JOB: dict[str, object] = {
    "id": "5d41402abc",
    "state": "queued",
    "model": "digits_mlp_int8",
    "file_sha256": _SHA256,
    "device": "arduino-nano-33-ble-sense",
    "runner": "qemu-cortex-m",
    "runtime": None,
    "options": {},
    "data": None,
    "created": "2026-02-01T12:00:00+00:00",
    "started": None,
    "ended": None,
    "attempts": 0,
    "worker": None,
    "lease_until": None,
    "progress": None,
    "doing": None,
    "reason": None,
    "run": None,
}


def shown(example: object) -> dict[str, Any]:
    """The part of a route's `responses` that shows what it answers as JSON."""
    return {"content": {"application/json": {"example": example}}}
