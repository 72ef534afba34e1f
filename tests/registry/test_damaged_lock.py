"""A catalogue whose lock is damaged is named, in the errors that a caller can catch."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tinykg.errors import StoreError
from tinykg.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"rules": 1, "files": 2}', '{"rules": "x"}'])
def test_a_damaged_lock_is_a_typed_error(
    small_share: Path, tmp_path: Path, ship: Callable[[Path], None], text: str
) -> None:
    share = tmp_path / "share"
    shutil.copytree(small_share, share, symlinks=True)
    (share / "data" / "catalogue.lock.json").write_text(text)
    ship(share)
    for where in (tmp_path / "registry", "memory:"):
        with pytest.raises(StoreError, match=r"catalogue\.lock\.json cannot be read"):
            Registry.open(where).models()
