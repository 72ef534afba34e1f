"""A process that opens a registry with a share folder of its own, and may kill itself at a moment.

python seeding_process.py SHARE FOLDER [MOMENT [all]]
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tinykg.files
from tinykg.registry import Registry
from tinykg.store.embedded import EmbeddedStore
from tinykg.store.folder import RegistryFolder

if TYPE_CHECKING:
    from collections.abc import Callable


def die(*_: Any, **__: Any) -> None:
    """As if somebody pulled the plug."""
    os.kill(os.getpid(), signal.SIGKILL)


def then_die(method: Callable[..., Any]) -> Callable[..., None]:
    """A method after which nothing happens any more."""

    def act(*args: Any, **options: Any) -> None:
        method(*args, **options)
        die()

    return act


def half_of(load: Callable[..., None]) -> Callable[..., None]:
    """Loads half of the graphs."""

    def act(self: EmbeddedStore, graphs: dict[str, Any]) -> None:
        load(self, dict(list(graphs.items())[: len(graphs) // 2]))
        die()

    return act


MOMENTS: dict[str, tuple[type, str, Callable[..., Any]]] = {
    "before anything is built": (EmbeddedStore, "load_new", die),
    "half of it is loaded": (EmbeddedStore, "load_new", half_of(EmbeddedStore.load_new)),
    "all of it is loaded": (EmbeddedStore, "load_new", then_die(EmbeddedStore.load_new)),
    "it is in place and nobody says so": (RegistryFolder, "write_state", die),
    "it is whole": (RegistryFolder, "write_state", then_die(RegistryFolder.write_state)),
    "before it is renewed": (EmbeddedStore, "replace_graphs", die),
    "it is renewed and nobody says so": (
        EmbeddedStore,
        "replace_graphs",
        then_die(EmbeddedStore.replace_graphs),
    ),
}
"""Where a process may die: the method of a class that is replaced, and by what."""


def main() -> None:
    """Open, ask, print how many models there are."""
    share, folder, *more = sys.argv[1:]
    moment, everything = [name for name in more[:1] if name], more[1:] == ["all"]
    tinykg.files.share = lambda: Path(share)  # type: ignore[assignment]
    if moment:
        owner, method, replacement = MOMENTS[moment[0]]
        setattr(owner, method, replacement)
    if everything:
        Registry.open(folder).select("SELECT * {}")
    print(len(Registry.open(folder).models()))


if __name__ == "__main__":
    main()
