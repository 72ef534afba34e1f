"""Parameter types that complete names from the registry."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
RUNTIME = RegistryName("runtime")
TASK = RegistryName("task")
MODEL_OR_DEVICE = RegistryName("model", "device")
ENTITY = RegistryName("model", "device", "runtime")
QUERY = QueryName()
