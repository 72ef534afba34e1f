"""Whether called subgraphs take and give what a layer passes (IF, WHILE).

Sources: tensorflow/lite/micro/kernels/{if,while}.cc, which compare numbers of tensors
while preparing, and kernel_util.cc, which compares their bytes while copying them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinykg.footprint.lifetimes import called

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tinykg.footprint.layer_view import LayerView, TensorView
    from tinykg.records.model_file import ModelFile


def call_faults(view: LayerView, model: ModelFile, tensors: Sequence[Sequence[TensorView]]) -> Iterator[str]:
    """Reasons why the layer cannot call its subgraphs, to be read after the operator's name."""
    if view.layer.operator not in {"IF", "WHILE"}:
        return
    passed = view.inputs[1:] if view.layer.operator == "IF" else view.inputs
    targets = [model.subgraphs[number] for number in called(view.layer)]
    givers = targets if view.layer.operator == "IF" else targets[1:]
    for target in targets:
        taken = [tensors[target.index][i] for i in target.inputs]
        yield from _mismatch(passed, taken, f"passes {{}} to subgraph {target.index}, which takes {{}}")
    for target in givers:
        given = [tensors[target.index][i] for i in target.outputs]
        yield from _mismatch(
            view.outputs, given, f"takes {{}} from subgraph {target.index}, which gives {{}}"
        )
    if view.layer.operator == "WHILE":
        yield from _mismatch(passed, view.outputs, "takes {} and gives {}, not the same again")


def _mismatch(
    ours: Sequence[TensorView | None], theirs: Sequence[TensorView], sentence: str
) -> Iterator[str]:
    """The sentence, where numbers or bytes of tensors differ."""
    if len(ours) != len(theirs):
        yield sentence.format(f"{len(ours)} tensors", f"{len(theirs)}")
        return
    for our, their in zip(ours, theirs, strict=True):
        size = our.size_bytes if our is not None else 0
        if size != their.size_bytes:
            yield sentence.format(f"{size} bytes", f"{their.size_bytes}")
