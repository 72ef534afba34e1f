"""Parameter types that complete names from the registry."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    from tinykg.registry import Registry


class RegistryName(click.ParamType[str]):
    """A name of some kinds; completion looks into the registry and is silent where that fails."""

    def __init__(self, *kinds: str, files: bool = False) -> None:
        self.name = " or ".join(kinds)
        self._kinds = kinds
        self._files = files

    def shell_complete(
        self,
        ctx: click.Context,
        param: click.Parameter,
        incomplete: str,
    ) -> list[CompletionItem]:
        """The names that begin as typed; else the short names that do; else, where they are taken, files."""
        from tinykg.errors import TinykgError
        from tinykg.registry import Registry

        try:
            with Registry.open(ctx.find_root().params.get("registry"), wait_s=0.2) as registry:
                names, short = _names(registry, self._kinds)
        except TinykgError:
            names, short = set(), set()
        wanted = incomplete.casefold()
        found = [[n for n in sorted(kind) if n.casefold().startswith(wanted)] for kind in (names, short)]
        if self._files and not any(found):
            return [CompletionItem(incomplete, type="file")]
        return [CompletionItem(name) for name in found[0] or found[1]]


class ModelOrFile(RegistryName):
    """A model's name, or a path to a file: a `Path` where it has a folder, or a suffix and is there."""

    def __init__(self) -> None:
        super().__init__("model", files=True)

    def convert(  # type: ignore[override]  # a path is told from a name by its type
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> str | Path:
        """The name as it is, or the path."""
        path = Path(value)
        is_path = os.sep in value or (bool(path.suffix) and path.is_file())
        return path if is_path else value


class Finite(click.FloatRange):
    """A number within a range; not-a-number lies in none, and infinity is not one to reckon with."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number; fails where it is none."""
        number: float = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value} is not a finite number.", param, ctx)
        return number


class QueryName(click.ParamType[str]):
    """A built-in query's name, a file, or `-`."""

    name = "query"

    def shell_complete(
        self,
        ctx: click.Context,
        param: click.Parameter,
        incomplete: str,
    ) -> list[CompletionItem]:
        """The built-in queries that begin as typed, else files."""
        from tinykg.files import query_names

        found = [CompletionItem(name) for name in query_names() if name.startswith(incomplete)]
        return found or [CompletionItem(incomplete, type="file")]


def _names(registry: Registry, kinds: tuple[str, ...]) -> tuple[set[str], set[str]]:
    """What entities of some kinds are called, and the short names under which they are found, too."""
    from tinykg.catalogue.lookup import KINDS
    from tinykg.graph.iris import concept_name
    from tinykg.queries.load import iri, sparql
    from tinykg.store.protocol import text_of

    if kinds == ("task",):
        return {concept_name(text_of(row["task"]) or "") for row in registry.select(sparql("tasks"))}, set()
    classes = [iri(one) for kind in kinds for one in KINDS[kind]]
    rows = list(registry.select(sparql("lookup_keys", **{"class": classes})))
    return {text_of(row["text"]) or "" for row in rows}, {text_of(row["key"]) or "" for row in rows}


DEVICE = RegistryName("device")
MODEL = RegistryName("model", files=True)
MODEL_OR_FILE = ModelOrFile()
RUNTIME = RegistryName("runtime")
TASK = RegistryName("task")
MODEL_OR_DEVICE = RegistryName("model", "device")
ENTITY = RegistryName("model", "device", "runtime")
QUERY = QueryName()
