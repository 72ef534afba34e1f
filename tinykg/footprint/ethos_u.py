"""The footprint on TensorFlow Lite Micro with an Ethos-U NPU.

A file that Vela has compiled runs as it is: its NPU parts are one custom operator each,
allocated like any other. For other files only the compiler knows what the compiled file
needs: `tinykg.bench.vela_compiler` asks it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tinykg.footprint.interpreter import kernel_refusals, on_interpreter
from tinykg.footprint.kernel_sets import KERNEL_SETS
from tinykg.footprint.layer_view import LayerView
from tinykg.footprint.outcome import refused, unknown
from tinykg.footprint.shapes import resolve
from tinykg.footprint.support import fits

if TYPE_CHECKING:
    from tinykg.footprint.allocation import Tensors
    from tinykg.footprint.outcome import Job
    from tinykg.records.footprint import Footprint, Refusal

CUSTOM_OPERATOR: Final = "ethos-u"
MISSING: Final = "what Vela compiles this file to: install the compiler with `pip install 'tinykg[bench]'`"


def on_ethos_u(job: Job) -> Footprint:
    """Figures of a compiled file; for another what is missing, or why neither NPU nor CPU runs it."""
    if is_compiled(job):
        return on_interpreter(job)
    kernel_set = KERNEL_SETS.get(job.runtime.kernel_set)
    if kernel_set is None:
        return unknown(job, f"how {job.runtime.title} allocates memory")
    tensors = resolve(job.model)
    found = [r for r in kernel_refusals(job, tensors, kernel_set) if not _is_mapped(job, tensors, r)]
    return refused(job, found) if found else unknown(job, MISSING)


def is_compiled(job: Job) -> bool:
    """Whether a part of the file is an NPU's command stream."""
    return any(layer.name == CUSTOM_OPERATOR for graph in job.model.subgraphs for layer in graph.layers)


def _is_mapped(job: Job, tensors: Tensors, refusal: Refusal) -> bool:
    """Whether the NPU takes the layer that the CPU refuses."""
    graph = job.model.subgraphs[refusal.subgraph]
    if refusal.layer >= len(graph.layers):
        return False
    view = LayerView(graph.index, graph.layers[refusal.layer], tensors[graph.index])
    kernel = job.build.mapped.get(view.operator)
    if kernel is None:
        return False
    columns = [view.at(slot) for slot in kernel.slots]
    return any(fits(columns, row, [False] * len(columns)) for row in job.build.mapped_types[view.operator])
