"""The footprint of a file that is compiled for Ethos-U first; running the compiler is the caller's part."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tinykg.footprint.ethos_u import CUSTOM_OPERATOR
from tinykg.records.evidence import Evidence, EvidenceKind

if TYPE_CHECKING:
    from tinykg.records.footprint import Footprint
    from tinykg.records.model_file import ModelFile


def estimated(compiled_file: ModelFile, footprint: Footprint, accelerator: str) -> Footprint:
    """The footprint of a compiled file as an estimate for the file it was made of.

    Says so where the compiler left everything to the CPU.
    """
    layers = (layer.name for graph in compiled_file.subgraphs for layer in graph.layers)
    share = "" if CUSTOM_OPERATOR in layers else "; nothing runs on the NPU"
    source = f"the file as Vela compiles it for {accelerator}{share}; {footprint.evidence.source}"
    return replace(footprint, evidence=Evidence(kind=EvidenceKind.ESTIMATED, source=source))
