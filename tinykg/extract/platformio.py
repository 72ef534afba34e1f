"""PlatformIO board manifests -> what they say of boards.

A manifest is one JSON file a board. Its figures are for a linker: `upload.maximum_ram_size` and
`upload.maximum_size` say into how many bytes a program may be linked, after bootloader and radio stack where
the platform has them, and not what the chip has. `platformio_memory` tells which quantity each one is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import msgspec

from tinykg.errors import ExtractError
from tinykg.extract.core_names import core_slug
from tinykg.extract.document import MAX_BYTES, converted, read_json
from tinykg.extract.platformio_memory import figures
from tinykg.extract.platformio_parts import processors
from tinykg.records.board import BoardDescription

if TYPE_CHECKING:
    from pathlib import Path

SOURCE: Final = "platformio"

_BEGINNING: Final = 1 << 16
"""A manifest has its keys within so many bytes; the longest published one has 12 KiB."""

_LINKS: Final = {
    "6lowpan": "ieee802154",
    "bluetooth": "bluetooth",
    "cellular": "cellular",
    "ethernet": "ethernet",
    "lora": "lora",
    "nb-iot": "nb-iot",
    "nfc": "nfc",
    "thread": "ieee802154",
    "wifi": "wifi",
    "ble": "ble",
    "zigbee": "ieee802154",
}
"""Words of `connectivity` that are network links; others, such as `can`, are tags."""

_LOW_ENERGY_ONLY: Final = re.compile(r"nrf5|esp32-?(?:s3|c|h)|bk72|ln882|rtl87")
"""Parts whose radio does no other Bluetooth than Low Energy; manifests write `bluetooth` for both."""


class _Build(msgspec.Struct):
    mcu: str | None = None
    cpu: str | None = None
    f_cpu: str | int | None = None
    extra_flags: str | list[str] | None = None


class _Upload(msgspec.Struct):
    maximum_ram_size: int | None = None
    maximum_size: int | None = None
    flash_size: str | int | None = None


class _Manifest(msgspec.Struct):
    name: str
    build: _Build
    vendor: str | None = None
    url: str | None = None
    upload: _Upload = msgspec.field(default_factory=_Upload)
    frameworks: list[str] = []
    connectivity: list[str] = []


def read_manifest(path: Path) -> BoardDescription:
    """What a manifest says of its board; raises ExtractError with the field's path."""
    manifest = converted(path, _whole(path), _Manifest)
    build, upload = manifest.build, manifest.upload
    part = (build.mcu or "").strip() or None
    linux = manifest.frameworks == ["wiringpi"]
    words = [word.casefold() for word in manifest.connectivity]
    return BoardDescription(
        source=SOURCE,
        collection=_collection(path),
        identifier=path.stem,
        name=_required(path, manifest.name, "`$.name`"),
        vendor=_text(manifest.vendor),
        part=None if part and core_slug(part) else part,
        is_chip=_is_chip(manifest.name, manifest.vendor or "", part or ""),
        system="linux" if linux else "bare-metal",
        processors=processors(part, build.cpu, _clock_hz(path, build.f_cpu)),
        figures=figures(
            path,
            ram_bytes=upload.maximum_ram_size,
            flash_bytes=upload.maximum_size,
            flash_size=upload.flash_size,
            part=(part or "").casefold(),
            linux=linux,
        ),
        connectivity=_links(words, (part or "").casefold()),
        tags=_tags(words, build.extra_flags),
        address=_text(manifest.url),
    )


def _whole(path: Path, seen: tuple[Path, ...] = ()) -> dict[str, Any]:
    """A manifest with the fragments that it names in `_base` below it, as LibreTiny writes them."""
    raw = read_json(path, dict[str, Any], MAX_BYTES)
    bases = raw.pop("_base", [])
    bases = [bases] if isinstance(bases, str) else bases
    if not isinstance(bases, list) or not all(isinstance(base, str) for base in bases):
        raise ExtractError(path, "`$._base`", f"{bases!r}", "names of fragments")
    merged: dict[str, Any] = {}
    for base in bases:
        merged = _merged(merged, _whole(_fragment(path, base, seen), (*seen, path)))
    return _merged(merged, raw)


def _fragment(path: Path, base: str, seen: tuple[Path, ...]) -> Path:
    """The file of a fragment: below the folder `_base` beside the boards, and nowhere else."""
    folder = next((p / "_base" for p in (*path.parents,) if (p / "_base").is_dir()), path.parent / "_base")
    if "_base" in path.parent.parts:
        folder = next(p for p in path.parents if p.name == "_base")
    found = folder / f"{base}.json"
    place = f"`$._base`: '{base}'"
    if not found.resolve().is_relative_to(folder.resolve()):
        raise ExtractError(path, place, "a fragment outside the folder", f"one below {folder}")
    if not found.is_file():
        raise ExtractError(path, place, f"no file {found}")
    if found in (path, *seen) or len(seen) > 16:
        raise ExtractError(path, place, "a fragment that leads back to itself")
    return found


def _merged(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """Two documents as one: objects are merged, lists joined, anything else is taken from above."""
    merged = dict(below)
    for key, value in above.items():
        known = merged.get(key)
        if isinstance(known, dict) and isinstance(value, dict):
            merged[key] = _merged(known, value)
        elif isinstance(known, list) and isinstance(value, list):
            merged[key] = [*known, *(item for item in value if item not in known)]
        else:
            merged[key] = value
    return merged


def _collection(path: Path) -> str | None:
    """The platform's folder: that of the manifest, or the one above its folder `boards`."""
    folder = path.absolute().parent
    return (folder.parent if folder.name == "boards" else folder).name or None


def _required(path: Path, text: str, place: str) -> str:
    if not text.strip():
        raise ExtractError(path, place, "an empty text")
    return text.strip()


def _text(value: str | None) -> str | None:
    return (value or "").strip() or None


def _clock_hz(path: Path, clock: str | int | None) -> int | None:
    """The clock that the platform sets, which may be lower than the part's: `64000000L`, `16000000UL`."""
    if clock is None:
        return None
    digits = str(clock).strip().rstrip("uUlL")
    if not digits.isascii() or not digits.isdigit():
        raise ExtractError(path, "`$.build.f_cpu`", f"'{clock}'", "a number of Hz, such as 64000000L")
    return int(digits) or None


def _is_chip(name: str, vendor: str, part: str) -> bool:
    """Whether a manifest describes a bare part: by a generic name, or by the part's own."""
    words = name.strip().split(maxsplit=1)
    if vendor.strip().casefold() == "generic" or (words and words[0].casefold() == "generic"):
        return True
    first, rest = words[0] if words else "", words[1] if len(words) > 1 else ""
    if rest and not re.fullmatch(r"[(/,].*|\d+[kKmM]i?[bB]?.*", rest):
        return False
    bare = re.sub(r"[^a-z0-9]", "", re.split(r"[/(,]", first)[0].casefold()).removeprefix("generic")
    key = re.sub(r"[^a-z0-9]", "", part.casefold())
    return len(bare) >= 5 and len(key) >= 5 and (key.startswith(bare) or bare.startswith(key))


def _links(words: list[str], part: str) -> tuple[str, ...] | None:
    """The network links; None where the manifest has no word for any, which says nothing."""
    found = {_LINKS[word] for word in words if word in _LINKS}
    if "bluetooth" in found and _LOW_ENERGY_ONLY.match(part):
        found = (found - {"bluetooth"}) | {"ble"}
    return tuple(sorted(found)) or None


def _tags(words: list[str], flags: str | list[str] | None) -> tuple[str, ...]:
    """Words that are no network link, and that there is external RAM of a size that nobody says."""
    text = flags if isinstance(flags, str) else " ".join(flags or ())
    psram = ["psram"] if "BOARD_HAS_PSRAM" in text else []
    return tuple(sorted({*(word for word in words if word not in _LINKS), *psram}))


class Manifests:
    """JSON files with a board's `name` and its `build`, outside folders of fragments."""

    name = SOURCE

    def accepts(self, path: Path) -> bool:
        """Whether the file is a manifest: JSON with `build` beside `frameworks`, `upload` or `_base`."""
        if path.suffix != ".json" or "_base" in path.parent.parts:
            return False
        try:
            with path.open("rb") as file:
                beginning = file.read(_BEGINNING)
        except OSError:
            return False
        if not beginning.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
            return False
        return all(f'"{key}"'.encode() in beginning for key in ("build", "name")) and any(
            f'"{key}"'.encode() in beginning for key in ("frameworks", "upload", "_base")
        )

    def extract(self, path: Path) -> tuple[BoardDescription, ...]:
        """What the manifest says of its board."""
        return (read_manifest(path),)


EXTRACTOR = Manifests()
