"""Write data/boards/boards.jsonl and parts.jsonl from published board files.

    python tools/build_boards.py [--data FOLDER] [--check]

FOLDER holds boards/ with the collections that data/sources/boards.toml names; default: TINYKG_TEST_DATA, else
../shared/data. Prints, for each collection, what was read and what was refused, and what it all comes to.
"""

from __future__ import annotations

import argparse
import os
import sys
import tomllib
from collections import Counter
from pathlib import Path

from tinykg.catalogue.board_files import board_lines, boards_path, part_lines, parts_path
from tinykg.catalogue.boards import BoardWorld, Said, as_part, said_graph
from tinykg.catalogue.folders import sources_below
from tinykg.errors import InputError
from tinykg.extract.curated_device import read_device
from tinykg.extract.curated_parts import read_parts
from tinykg.extract.installed import extractor_for
from tinykg.files import data_folder
from tinykg.join.parts import part_key
from tinykg.records.board import BoardDescription, Microcontroller

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Read, join, write or compare."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    default = Path(os.environ.get("TINYKG_TEST_DATA", ROOT.parent / "shared" / "data"))
    parser.add_argument("--data", type=Path, default=default)
    parser.add_argument("--check", action="store_true", help="compare with what is there, write nothing")
    parser.add_argument("--refusals", action="store_true", help="print each refusal")
    options = parser.parse_args()
    said = _all_said(options.data / "boards", refusals=options.refusals)
    world = BoardWorld.empty()
    descriptions = [record for record in said.values() if isinstance(record, BoardDescription)]
    sheets = [read_device(path) for path in sorted((data_folder() / "devices").glob("*.toml"))]
    world.add_sheets(sheets, descriptions)
    world.add([*read_parts(data_folder() / "boards" / "parts.toml"), *said.values()])
    parts = [record for record in said.values() if isinstance(record, Microcontroller)]
    written = {boards_path(): board_lines(world.boards.members), parts_path(): part_lines(parts)}
    _print_summary(world, parts)
    stale = [path for path, text in written.items() if not path.is_file() or path.read_bytes() != text]
    if options.check:
        for path in stale:
            print(
                f"{path.relative_to(ROOT)} is not what the files say; run 'make catalogue'", file=sys.stderr
            )
        return 1 if stale else 0
    for path in stale:
        path.write_bytes(written[path])
    return 0


def _all_said(folder: Path, *, refusals: bool) -> dict[str, Said]:
    """What the collections say, by graph; the first word of a source counts."""
    sheet = tomllib.loads((data_folder() / "sources" / "boards.toml").read_text(encoding="utf-8"))
    found: dict[str, Said] = {}
    for collection in sheet["collection"]:
        place = folder / collection["path"]
        left_out = [place / name for name in collection.get("except", ())]
        counts: Counter[str] = Counter()
        for source in sources_below([place]):
            if any(source.path.is_relative_to(path) for path in left_out):
                continue
            try:
                records = extractor_for(source.path).extract(source.path)
            except InputError as error:
                counts["refused"] += 1
                if refusals:
                    print(f"  {error}")
                continue
            for record in records:
                if isinstance(record, BoardDescription | Microcontroller):
                    known = found.setdefault(said_graph(as_part(record)), as_part(record))
                    counts["read" if known == as_part(record) else "said otherwise before"] += 1
        print(f"{collection['path']}: {', '.join(f'{n} {what}' for what, n in counts.items())}")
    return found


def _print_summary(world: BoardWorld, parts: list[Microcontroller]) -> None:
    joined = world.join({*world.boards.members, *world.sheets})
    devices = [one.device for one in joined.values()]
    with_memory = [d for d in devices if _has(d, {"sram", "dram"}) and _has(d, {"flash", "storage"})]
    several = sum(len({d.source for d in one.descriptions}) > 1 for one in joined.values())
    print(f"boards: {len(devices)}, {len(with_memory)} with RAM and flash, {several} by several sources")
    known = sum(bool(one.parts) for one in joined.values())
    print(f"with sensors: {sum(bool(d.sensors) for d in devices)}; with a known part: {known}")
    print(f"parts: {len({part_key(p.part) for p in parts})} different ones in {len(parts)} descriptions")


def _has(device: object, kinds: set[str]) -> bool:
    memories = getattr(device, "memories", ())
    return any(m.kind in kinds and (m.total_bytes or m.free_bytes) for m in memories)


if __name__ == "__main__":
    sys.exit(main())
