"""`footprint(model, runtime)`: RAM and flash of a model file on a runtime, or why it is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tinykg.footprint.ethos_u import on_ethos_u
from tinykg.footprint.interpreter import on_interpreter
from tinykg.footprint.linux_process import in_linux_process, on_edge_tpu
from tinykg.footprint.outcome import Job
from tinykg.footprint.static_code import as_static_code
from tinykg.records.footprint import Footprint

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tinykg.records.model_file import ModelFile
    from tinykg.records.runtime import Runtime

METHODS: Final[Mapping[str, Callable[[Job], Footprint]]] = {
    "edge-tpu": on_edge_tpu,
    "ethos-u": on_ethos_u,
    "interpreter": on_interpreter,
    "linux-process": in_linux_process,
    "static-code": as_static_code,
}
"""By the name that runtime files use."""


def footprint(model: ModelFile, runtime: Runtime) -> Footprint:
    """What the file needs on the runtime, in bytes, with the parts it is made of.

    Refused layers give `refusals` and no figures; a fact that is missing gives
    `unknowns` and no figures that depend on it. Nothing is read or written.
    """
    build = runtime.build
    method = METHODS.get(build.method) if build else None
    if build is None or method is None:
        fact = f"how {runtime.title} allocates memory"
        return Footprint(runtime=runtime.name, evidence=runtime.evidence, unknowns=(fact,))
    return method(Job(model=model, runtime=runtime, build=build))
