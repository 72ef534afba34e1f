"""What a firmware's build needs, put together from the graph and the runtimes' tables."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from typing import TYPE_CHECKING

from tinykg.catalogue.lookup import file_of, model_of
from tinykg.errors import InputError
from tinykg.files import data_folder
from tinykg.footprint import load_runtime
from tinykg.footprint.allocation import variable_count
from tinykg.footprint.arena import ALIGNMENT
from tinykg.footprint.ethos_u import CUSTOM_OPERATOR
from tinykg.graph.iris import concept_name
from tinykg.match.fit import Question, match_best
from tinykg.queries.load import iri, sparql
from tinykg.records.device import Sensor
from tinykg.records.firmware import (
    INTERPRETER_FAMILY,
    FirmwareBuild,
    Port,
    ResolverEntry,
    RuntimeRelease,
    SensedProperty,
)
from tinykg.records.match import Verdict
from tinykg.store.protocol import text_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tinykg.records.match import Match
    from tinykg.records.model import SensorRequirement
    from tinykg.records.model_file import ModelFile
    from tinykg.records.runtime import Runtime
    from tinykg.store.protocol import Store


def firmware_build(store: Store, model: str, device: str, runtime: str | None = None) -> FirmwareBuild:
    """What the build of a firmware needs of a model on a device, by its best runtime or by one named.

    Takes IRIs. The verdict is in it; a pair that does not fit is no error.
    """
    matches = match_best(store, Question(model=model, device=device, runtime=runtime))
    if not matches:
        raise InputError(
            f"Nothing is known of {concept_name(model)} on {concept_name(device)}: the model has no "
            f"footprint on the runtimes asked about. Add its file again: tinykg add --replace FILE"
        )
    found = matches[0]
    described = model_of(store, model)
    file = file_of(store, described)
    release = _runtime(data_folder() / "runtimes" / f"{found.runtime}.toml")
    interpreted = _is_interpreted(release, file)
    needs = described.sensors
    return FirmwareBuild(
        match=found,
        model=described,
        file=file,
        runtime=_release(release),
        arena_bytes=found.arena_bytes if interpreted else None,
        arena_alignment_bytes=ALIGNMENT,
        resolver=_resolver(release, file) if interpreted else None,
        resource_variables=variable_count(file) if interpreted else None,
        inputs=_ports(file, file.main.inputs, inputs=True),
        outputs=_ports(file, file.main.outputs, inputs=False),
        senses=None if needs is None else _senses(store, model, device, needs, found),
    )


@cache
def _runtime(path: Path) -> Runtime:
    """A built-in runtime; reading one is a tenth of the work of reading all."""
    return load_runtime(path)


def _release(runtime: Runtime) -> RuntimeRelease:
    return RuntimeRelease(
        name=runtime.name,
        title=runtime.title,
        family=runtime.family,
        version=runtime.version,
        kernel_set=runtime.kernel_set,
        abi=runtime.abi,
        evidence=runtime.evidence,
    )


def _is_interpreted(runtime: Runtime, file: ModelFile) -> bool:
    """Whether an interpreter runs this very file, not what a compiler makes of it first."""
    if runtime.family != INTERPRETER_FAMILY:
        return False
    if runtime.accelerator is None:
        return True
    return any(layer.name == CUSTOM_OPERATOR for graph in file.subgraphs for layer in graph.layers)


def _resolver(runtime: Runtime, file: ModelFile) -> tuple[ResolverEntry, ...]:
    """The operators of all layers, each once, in order of first use: the interpreter looks up those alone."""
    versions: dict[tuple[str, bool], set[int]] = {}
    for graph in file.subgraphs:
        for layer in graph.layers:
            versions.setdefault((layer.name, layer.custom_name is not None), set()).add(layer.version)
    return tuple(
        ResolverEntry(
            operator=name,
            versions=tuple(sorted(found)),
            custom=custom,
            add_method=_add_method(runtime, name, custom=custom),
        )
        for (name, custom), found in versions.items()
    )


def _add_method(runtime: Runtime, operator: str, *, custom: bool) -> str | None:
    """The method after the runtime's table of operators (`resolver`); a custom operator is another one."""
    support = runtime.operators.get(operator)
    return f"Add{support.resolver}" if support and support.resolver and support.custom == custom else None


def _ports(file: ModelFile, indices: Sequence[int], *, inputs: bool) -> tuple[Port, ...]:
    """Inputs or outputs in the interpreter's order, with the names that the first signature gives them."""
    main = file.main
    signature = next((s for s in file.signatures if s.subgraph == main.index), None)
    pairs = () if signature is None else signature.inputs if inputs else signature.outputs
    arguments = {index: name for name, index in pairs}
    return tuple(Port(tensor=main.tensors[i], argument=arguments.get(i)) for i in indices)


def _senses(
    store: Store, model: str, device: str, needs: Sequence[SensorRequirement], found: Match
) -> tuple[SensedProperty, ...]:
    observing: dict[str, list[Sensor]] = defaultdict(list)
    for row in store.select(sparql("build_sensors", model=iri(model), device=iri(device))):
        kind, part = concept_name(text_of(row["kind"]) or ""), text_of(row["part"])
        observing[concept_name(text_of(row["need"]) or "")].append(Sensor(kind=kind, part=part))
    stated = any(c.name == "sensors" and c.verdict is not Verdict.UNKNOWN for c in found.constraints)
    return tuple(
        SensedProperty(
            need=need,
            observed_by=tuple(observing[need.observes]) if stated or observing[need.observes] else None,
        )
        for need in needs
    )
