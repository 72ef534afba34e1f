"""Parameter types that complete names from the registry."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem


class RegistryName(click.ParamType[str]):
    """A name of one kind; completion looks into the registry and is silent where that fails."""

    def __init__(self, kind: str) -> None:
        self.name = kind

    def shell_complete(
        self,
        ctx: click.Context,
        param: click.Parameter,
        incomplete: str,
    ) -> list[CompletionItem]:
        """The names that begin as typed."""
        from tinykg.errors import TinykgError
        from tinykg.registry import Registry

        root = ctx.find_root()
        try:
            with Registry.open(root.params.get("registry"), wait_s=0.2) as registry:
                names = _NAMES[self.name](registry)
        except TinykgError:
            return []
        wanted = incomplete.casefold()
        found = [CompletionItem(name) for name in names if name.casefold().startswith(wanted)]
        return found or ([CompletionItem(incomplete, type="file")] if self.name == "model" else [])


_NAMES = {
    "device": lambda registry: [d.slug for d in registry.devices()],
    "model": lambda registry: [m.name for m in registry.models()],
    "runtime": lambda registry: [r.name for r in registry.runtimes()],
    "task": lambda registry: sorted({m.task for m in registry.models() if m.task}),
}

DEVICE = RegistryName("device")
MODEL = RegistryName("model")
RUNTIME = RegistryName("runtime")
TASK = RegistryName("task")
