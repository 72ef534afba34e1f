"""What distinguishes the built-in catalogue of one release from another's."""

from __future__ import annotations

import hashlib

from tinykg.errors import StoreError
from tinykg.files import data_folder

LOCK = "catalogue.lock.json"


def identity() -> str:
    """The digest of the catalogue's lock file, which names every record by its content."""
    path = data_folder() / LOCK
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise StoreError(f"{path} cannot be read: {error.strerror}. Run 'make catalogue'.") from error
