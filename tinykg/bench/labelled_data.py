"""Labelled inputs: a folder in MLPerf Tiny's form, or an NPZ file with the arrays `x` and `y`.

A folder has a file `y_labels.csv` with lines `file,classes,class[,window_bytes,stride_bytes]` and the files
that it names (mlcommons/tiny, benchmark/evaluation/datasets/README.md). What is read is bounded and checked
before it is taken into memory; nothing in it is ever run.
"""

from __future__ import annotations

import csv
import hashlib
import math
import struct
import zipfile
import zlib
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, Final

from tinykg.errors import ExtractError, MissingExtra

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt

LABELS_FILE: Final = "y_labels.csv"
MAX_DATA_BYTES: Final = 1 << 29
"""512 MiB: the largest of MLPerf Tiny's sets has 28 MB."""

MAX_SAMPLES: Final = 1 << 20
MAX_LABELS_BYTES: Final = 1 << 26
MAX_CLASSES: Final = 1 << 14
MAX_WINDOWS: Final = 1 << 16
"""Of one sample; MLPerf Tiny's longest recordings have 196."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One input as bytes, little-endian and row by row, and the class that it is.

    Where `window_bytes` is given, the input is a sequence of windows of that size which begin
    `stride_bytes` apart; the answers to all of them belong to it.
    """

    name: str
    content: bytes
    label: int
    window_bytes: int | None = None
    stride_bytes: int | None = None

    @property
    def windows(self) -> tuple[bytes, ...]:
        """What an inference is given, one after another; whatever is left at the end is not."""
        if self.window_bytes is None or self.stride_bytes is None:
            return (self.content,)
        starts = range(0, len(self.content) - self.window_bytes + 1, self.stride_bytes)
        return tuple(self.content[start : start + self.window_bytes] for start in starts)


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledData:
    """Inputs with their classes.

    `sha256` is over all samples in their order: of each the length of its content (8 bytes), the content,
    its label, window and stride (8 bytes each, all little-endian; without windows these are the length). So
    a folder and an NPZ file with the same bytes have the same one. `element_type` is that of the array `x`,
    None where files were read, whose bytes are what a device is sent.
    """

    name: str
    sha256: str
    samples: tuple[Sample, ...]
    classes: int
    element_type: str | None = None


def load(path: Path) -> LabelledData:
    """The labelled inputs of a folder or an NPZ file; raises ExtractError with the place of a fault."""
    if path.is_dir():
        samples, classes, element_type = _folder(path)
    else:
        samples, classes, element_type = _arrays(path)
    if not samples:
        raise ExtractError(path, "the file", "no samples", "at least one")
    return LabelledData(
        name=path.stem if path.is_file() else path.resolve().name,
        sha256=digest(samples),
        samples=samples,
        classes=classes,
        element_type=element_type,
    )


def digest(samples: tuple[Sample, ...]) -> str:
    """The checksum that names data; see LabelledData."""
    total = hashlib.sha256()
    for sample in samples:
        size = len(sample.content)
        total.update(struct.pack("<Q", size))
        total.update(sample.content)
        window, stride = sample.window_bytes or size, sample.stride_bytes or size
        total.update(struct.pack("<qQQ", sample.label, window, stride))
    return total.hexdigest()


def _folder(folder: Path) -> tuple[tuple[Sample, ...], int, None]:
    """What y_labels.csv lists."""
    labels = folder / LABELS_FILE
    if not labels.is_file():
        raise ExtractError(folder, LABELS_FILE, "no such file", "lines of file,classes,class[,window,stride]")
    if labels.stat().st_size > MAX_LABELS_BYTES:
        raise ExtractError(labels, "the file", f"over {MAX_LABELS_BYTES} bytes")
    root, samples, classes, left = folder.resolve(), [], set(), MAX_DATA_BYTES
    for number, row in _rows(labels):
        place = f"line {number}"
        count, label, window, stride = _numbers(labels, place, row)
        classes.add(count)
        path = (root / row[0]).resolve()
        if not path.is_relative_to(root) or not path.is_file():
            raise ExtractError(labels, place, f"{row[0][:80]!r} is no file of this folder")
        content = _bounded(path, left)
        left -= len(content)
        _check_windows(labels, place, len(content), window, stride)
        samples.append(
            Sample(name=row[0], content=content, label=label, window_bytes=window, stride_bytes=stride)
        )
    if len(classes) > 1:
        raise ExtractError(labels, "column 2", f"{min(classes)} to {max(classes)} classes", "one number")
    return tuple(samples), max(classes, default=0), None


def _rows(labels: Path) -> list[tuple[int, list[str]]]:
    """The lines of a CSV file with their numbers; empty ones are passed over."""
    try:
        with labels.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            rows = [(reader.line_num, [field.strip() for field in row]) for row in reader if any(row)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise ExtractError(labels, "the file", str(error), "UTF-8 with commas") from error
    if len(rows) > MAX_SAMPLES:
        raise ExtractError(labels, "the file", f"{len(rows)} lines", f"at most {MAX_SAMPLES}")
    return rows


def _numbers(labels: Path, place: str, row: list[str]) -> tuple[int, int, int | None, int | None]:
    """Classes, class, window and stride of a line."""
    if len(row) not in {3, 5} or not all(f.isascii() and f.isdigit() and len(f) <= 12 for f in row[1:]):
        raise ExtractError(labels, place, repr(",".join(row)[:80]), "file,classes,class[,window,stride]")
    count, label, *rest = map(int, row[1:])
    if not 0 < count <= MAX_CLASSES or label >= count:
        raise ExtractError(
            labels, place, f"class {label} of {count}", "a class from 0 to one below their number"
        )
    return (count, label, rest[0], rest[1]) if rest else (count, label, None, None)


def _check_windows(labels: Path, place: str, size: int, window: int | None, stride: int | None) -> None:
    """Raises ExtractError for windows that a file has none or too many of."""
    if not size:
        raise ExtractError(labels, place, "an empty file", "an input")
    if window is None or stride is None:
        return
    if not 0 < window <= size or not stride or (size - window) // stride >= MAX_WINDOWS:
        found = f"windows of {window} bytes every {stride} in a file of {size}"
        raise ExtractError(labels, place, found, f"1 to {MAX_WINDOWS} windows")


def _bounded(path: Path, limit: int) -> bytes:
    with path.open("rb") as file:
        content = file.read(limit + 1)
    if len(content) > limit:
        raise ExtractError(path, "the file", "too much data", f"at most {MAX_DATA_BYTES} bytes in all")
    return content


def _arrays(path: Path) -> tuple[tuple[Sample, ...], int, str]:
    """The rows of `x` with the labels `y`."""
    x, y = _read_npz(path)
    if x.ndim < 2 or y.shape != (x.shape[0],) or not 0 < x.shape[0] <= MAX_SAMPLES:
        found = f"x of shape {x.shape} and y of shape {y.shape}"
        raise ExtractError(path, "x.npy", found, "x (samples, ...) and y (samples,)")
    if x.dtype.kind not in "iuf" or y.dtype.kind not in "iub":
        raise ExtractError(path, "x.npy", f"x of {x.dtype} and y of {y.dtype}", "numbers, and whole numbers")
    if not x[0].size:
        raise ExtractError(path, "x.npy", f"empty samples, shape {x.shape}", "inputs")
    low, high = int(y.min()), int(y.max())
    if low < 0 or high >= MAX_CLASSES:
        raise ExtractError(path, "y.npy", f"classes {low} to {high}", f"0 to {MAX_CLASSES - 1}")
    little = x.astype(x.dtype.newbyteorder("<"), copy=False)
    samples = tuple(
        Sample(name=f"x[{i}]", content=little[i].tobytes(), label=int(label)) for i, label in enumerate(y)
    )
    return samples, high + 1, x.dtype.name


def _read_npz(path: Path) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """`x` and `y` of an NPZ file, whose sizes are known before they are unpacked."""
    try:
        with zipfile.ZipFile(path) as archive:
            left = MAX_DATA_BYTES
            found = []
            for member in ("x.npy", "y.npy"):
                with archive.open(member) as file:
                    array = _read_npy(path, member, file, left)
                left -= array.nbytes
                found.append(array)
    except KeyError as error:
        raise ExtractError(path, "the archive", "no array x or no array y", "both") from error
    except (
        OSError,
        zipfile.BadZipFile,
        NotImplementedError,
        RuntimeError,
        EOFError,
        zlib.error,
    ) as error:
        raise ExtractError(
            path, "the file", f"no readable NPZ file: {error}", "a folder or an NPZ file"
        ) from error
    return found[0], found[1]


def _read_npy(path: Path, member: str, file: IO[bytes], limit: int) -> npt.NDArray[Any]:
    """An array by its header (NumPy's format, versions 1 and 2); pickled objects are refused."""
    try:
        import numpy as np
    except ImportError as error:
        raise MissingExtra("Labelled data in an NPZ file", "bench") from error
    form = np.lib.format
    readers = {(1, 0): form.read_array_header_1_0, (2, 0): form.read_array_header_2_0}
    try:
        version = form.read_magic(file)
        reader = readers.get(version)
        shape, fortran, dtype = reader(file) if reader else (None, False, None)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError) as error:
        raise ExtractError(path, member, f"no array: {str(error)[:120]}", "NumPy's format") from error
    if dtype is None or shape is None or dtype.hasobject or dtype.fields or dtype.itemsize == 0:
        raise ExtractError(path, member, f"an array of {dtype}, format {version}", "plain numbers")
    size = math.prod(shape) * dtype.itemsize
    if any(n < 0 for n in shape) or len(shape) > 8 or size > limit:
        raise ExtractError(path, member, f"shape {str(shape)[:80]} of {dtype}", f"at most {limit} bytes")
    content = file.read(size + 1)
    if len(content) != size:
        raise ExtractError(path, member, f"not the {size} bytes that its header announces")
    return _shaped(np.frombuffer(content, dtype=dtype), shape, fortran=fortran)


def _shaped(values: npt.NDArray[Any], shape: tuple[int, ...], *, fortran: bool) -> npt.NDArray[Any]:
    return values.reshape(shape[::-1]).transpose() if fortran else values.reshape(shape)


def labels_of(data: LabelledData) -> npt.NDArray[np.int64]:
    """The classes in the samples' order."""
    import numpy as np

    return np.array([sample.label for sample in data.samples], dtype=np.int64)
