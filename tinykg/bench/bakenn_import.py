"""A model in the form that bakenn's importer takes: the same computation, written anew.

bakenn 1.0 (https://github.com/scienthoon/bakeNN) reads a strict subset of TFLite files. What keeps a file
out of it without being of any matter for the computation is smoothed: batch dimensions that were unknown at
conversion here, the form of layers in `bakenn_layers`. What bakenn cannot import and which only stands
at the ends (QUANTIZE before, SOFTMAX and the like behind) is left out and said in a note.

The file that comes out is written from the checked record of the model: its tensors have names of ours
(bakenn puts names into C source), and of the original's bytes only constants are copied.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from tinykg.bench.bakenn_layers import VERSIONS, WEIGHTED, Rewriting
from tinykg.errors import BenchmarkError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tinykg.records.model_file import Layer, ModelFile, Subgraph, Tensor

ENTRY: Final = frozenset({"QUANTIZE"})
"""Operators that may stand before the part that runs: they only change how the input is written."""

EXIT: Final = frozenset({"SOFTMAX", "LOGISTIC", "QUANTIZE", "DEQUANTIZE"})
"""Operators that may stand behind the part that runs: one value out for one value in."""

MAX_ELEMENTS: Final = 1 << 24
"""Elements of one tensor, at most; no microcontroller has memory for more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What of a model runs: layers and tensors of its main graph, renumbered; from where to where.

    `entry` and `exit` are the tensors of the original that this part's input and output are. `sources`
    gives for each tensor its number in the original, or None where it was added. `notes` say what differs.
    """

    tensors: tuple[Tensor, ...]
    layers: tuple[Layer, ...]
    entry: int
    exit: int
    sources: tuple[int | None, ...]
    notes: tuple[str, ...]

    @property
    def input(self) -> Tensor:
        """The tensor that is given."""
        return self.tensors[self.sources.index(self.entry)]

    @property
    def output(self) -> Tensor:
        """The tensor that is computed."""
        return self.tensors[self.sources.index(self.exit)]


def part_for_bakenn(file: ModelFile) -> Part:
    """What of a model bakenn can be given. Raises BenchmarkError with all that stands in the way."""
    if len(file.subgraphs) != 1:
        raise _refused([f"the model has {len(file.subgraphs)} subgraphs; one is expected"])
    graph = file.main
    if len(graph.inputs) != 1 or len(graph.outputs) != 1:
        found = f"the model has {len(graph.inputs)} inputs and {len(graph.outputs)} outputs"
        raise _refused([f"{found}; one of each is expected"])
    broken = list(_connection_faults(graph))
    if broken:
        raise _refused(broken)
    entry, exit_, kept, notes = _trimmed(graph)
    faults = [*_operator_faults(kept), *_tensor_faults(graph, kept, entry, exit_)]
    if faults:
        raise _refused(faults)
    rewriting = Rewriting(graph)
    layers = [one for layer in kept for one in rewriting.rewritten(layer)]
    return _renumbered(rewriting, layers, (entry, exit_), [*notes, *rewriting.notes])


def _refused(faults: list[str]) -> BenchmarkError:
    return BenchmarkError(f"bakenn cannot import this model: {'; '.join(faults)}")


def _connection_faults(graph: Subgraph) -> Iterator[str]:
    """Layers that lack what everything below takes for granted: tensors to read, one to write."""
    numbers = range(len(graph.tensors))
    if not graph.layers or not {*graph.inputs, *graph.outputs} <= set(numbers):
        yield "the model has no layers, or no tensors for its input and output"
    for layer in graph.layers:
        needed = 2 if layer.name in WEIGHTED else 1
        firsts, rest = layer.inputs[:needed], layer.inputs[needed:]
        sound = len(firsts) == needed and all(i in numbers for i in firsts)
        sound = sound and all(i in numbers or i == -1 for i in rest)
        if not sound or not layer.outputs or any(i not in numbers for i in layer.outputs):
            yield f"layer {layer.index} ({layer.name}) lacks an input or an output"


def _trimmed(graph: Subgraph) -> tuple[int, int, list[Layer], list[str]]:
    """First and last tensor of the part that runs, its layers, and what of the ends was left out."""
    kept, entry, exit_, notes = list(graph.layers), graph.inputs[0], graph.outputs[0], []
    while len(kept) > 1 and kept[0].name in ENTRY and _readers(graph, entry) == [kept[0]]:
        first = kept.pop(0)
        entry = first.outputs[0]
        notes.append(f"{first.name} at the start is not run: the input is given as {_type(graph, entry)}")
    while len(kept) > 1 and kept[-1].name in EXIT and kept[-1].outputs == (exit_,):
        last = kept.pop()
        exit_ = last.inputs[0]
        count = graph.tensors[exit_].elements
        notes.append(f"{last.name} at the end is not run: {last.macs} MACs, {count} elements")
    return entry, exit_, kept, notes


def _readers(graph: Subgraph, tensor: int) -> list[Layer]:
    return [layer for layer in graph.layers if tensor in layer.inputs]


def _type(graph: Subgraph, tensor: int) -> str:
    return graph.tensors[tensor].element_type


def _operator_faults(layers: list[Layer]) -> Iterator[str]:
    """Operators that bakenn has not, each with the layers that use it."""
    strange: dict[str, list[str]] = {}
    for layer in layers:
        if layer.name not in VERSIONS:
            strange.setdefault(layer.name, []).append(str(layer.index))
    for name, places in sorted(strange.items()):
        yield f"it has no {name} (layer{'s' if len(places) > 1 else ''} {', '.join(places)})"


def _tensor_faults(graph: Subgraph, layers: list[Layer], entry: int, exit_: int) -> Iterator[str]:
    """Tensors that are not a constant or an int8 activation of one fixed shape."""
    used = {entry, exit_} | {i for layer in layers for i in (*layer.inputs, *layer.outputs)} - {-1}
    for index in sorted(used):
        tensor = graph.tensors[index]
        if tensor.is_variable or tensor.is_sparse:
            yield f"tensor {index} is {'a variable' if tensor.is_variable else 'sparse'}"
        elif any(dimension <= 0 for dimension in tensor.shape or ()):
            yield f"tensor {index} has the shape {list(tensor.shape or ())}"
        elif tensor.elements > MAX_ELEMENTS:
            yield f"tensor {index} has {tensor.elements} elements; at most {MAX_ELEMENTS} are taken"
    others = {
        _type(graph, i) for i in (entry, exit_, *(layer.outputs[0] for layer in layers if layer.outputs))
    }
    if others - {"int8"}:
        yield f"its activations are {' and '.join(sorted(others))}, not int8 throughout"


def _renumbered(rewriting: Rewriting, layers: list[Layer], ends: tuple[int, int], notes: list[str]) -> Part:
    """The part with only the tensors that it uses, in the order of the original."""
    own, (entry, exit_) = len(rewriting.graph.tensors), ends
    everything = (*rewriting.graph.tensors, *rewriting.added)
    used = {entry, exit_} | {i for layer in layers for i in (*layer.inputs, *layer.outputs)} - {-1}
    numbers = {old: new for new, old in enumerate(sorted(used))} | {-1: -1}
    return Part(
        tensors=tuple(everything[i] for i in sorted(used)),
        layers=tuple(
            replace(
                layer,
                inputs=tuple(numbers[i] for i in layer.inputs),
                outputs=tuple(numbers[i] for i in layer.outputs),
            )
            for layer in layers
        ),
        entry=entry,
        exit=exit_,
        sources=tuple(i if i < own else None for i in sorted(used)),
        notes=tuple(notes),
    )
