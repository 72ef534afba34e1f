"""When each tensor and each layer is alive, in steps of the allocation walk.

TensorFlow Lite Micro counts a step for every layer and every entry into a called
subgraph, starting with the inputs of subgraph 0 (`AllocationInfoBuilder`,
tensorflow/lite/micro/micro_allocation_info.cc).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tinykg.records.model_file import Layer, ModelFile

NEVER: Final = -1
"""Both ends of the life of a tensor that no layer touches."""

MAX_STEPS: Final = 1_000_000
"""Steps that are followed; nested calls can ask for exponentially many."""

MAX_DEPTH: Final = 64
"""Calls inside each other that are followed."""

CALLED_SUBGRAPHS: Final[Mapping[str, tuple[str, ...]]] = {
    "CALL_ONCE": ("init_subgraph_index",),
    "IF": ("then_subgraph_index", "else_subgraph_index"),
    "WHILE": ("cond_subgraph_index", "body_subgraph_index"),
}
"""Options that name the subgraphs a layer calls, in the order of the walk."""


class WalkTooLong(Exception):
    """The walk over calls exceeds what is followed; the text says which bound."""


def called(layer: Layer) -> tuple[int, ...]:
    """The subgraphs that a layer calls, in order."""
    numbers = []
    for name in CALLED_SUBGRAPHS.get(layer.operator, ()):
        number = layer.options.get(name, 0)
        numbers.append(number if isinstance(number, int) else 0)
    return tuple(numbers)


class Lifetimes:
    """First and last step of every tensor and layer of a model.

    `tensors[subgraph][tensor]` and `layers[subgraph][layer]` are [first, last];
    a layer's steps include those of the subgraphs it calls.
    """

    __slots__ = ("layers", "model", "step", "tensors")

    def __init__(self, model: ModelFile) -> None:
        self.model = model
        self.step = 0
        self.tensors = [[[NEVER, NEVER] for _ in graph.tensors] for graph in model.subgraphs]
        self.layers = [[[NEVER, NEVER] for _ in graph.layers] for graph in model.subgraphs]
        self._walk(0, 1)

    def _walk(self, subgraph: int, depth: int) -> None:
        """Follow one subgraph from its inputs to its outputs."""
        if depth > MAX_DEPTH:
            raise WalkTooLong(f"calls of subgraphs nest deeper than {MAX_DEPTH}")
        graph, spans = self.model.subgraphs[subgraph], self.tensors[subgraph]
        self._use(spans, graph.inputs, begins=True)
        for layer in graph.layers:
            self._visit(subgraph, layer, depth)
        self._use(spans, graph.outputs, begins=True)

    def _visit(self, subgraph: int, layer: Layer, depth: int) -> None:
        self.step += 1
        if self.step > MAX_STEPS:
            raise WalkTooLong(f"calls of subgraphs lead to more than {MAX_STEPS} steps")
        spans, window = self.tensors[subgraph], self.layers[subgraph][layer.index]
        for index in layer.outputs:
            if spans[index][0] == NEVER:
                spans[index][0] = self.step
        if window[0] == NEVER:
            window[0] = self.step
        for target in called(layer):
            self.step += 1
            self._walk(target, depth + 1)
        self._use(spans, layer.inputs, begins=False)
        self._use(spans, layer.outputs, begins=False)
        window[1] = self.step

    def _use(self, spans: Sequence[list[int]], indices: Sequence[int], *, begins: bool) -> None:
        """Extend the life of tensors to this step, and begin it where it has not."""
        for index in indices:
            if index < 0:
                continue
            span = spans[index]
            if begins and span[0] == NEVER:
                span[0] = self.step
            span[1] = self.step
