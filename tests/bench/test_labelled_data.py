"""Labelled data from folders and NPZ files, honest and hostile."""

from __future__ import annotations

import contextlib
import io
import os
import struct
import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinykg.bench import labelled_data
from tinykg.bench.labelled_data import labels_of, load
from tinykg.errors import ExtractError

if TYPE_CHECKING:
    from pathlib import Path


def folder(path: Path, labels: str, **files: bytes) -> Path:
    path.mkdir(exist_ok=True)
    (path / "y_labels.csv").write_text(labels, encoding="utf-8")
    for name, content in files.items():
        (path / f"{name}.bin").write_bytes(content)
    return path


def npz(path: Path, **arrays: Any) -> Path:
    np.savez(path, **arrays)
    return path


def npy(shape: str, descr: str = "'<f4'", version: bytes = b"\1\0") -> bytes:
    """An array's header, whatever it says, and no content."""
    text = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}".encode().ljust(118) + b"\n"
    return b"\x93NUMPY" + version + struct.pack("<H", len(text)) + text


def archive(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(f"{name}.npy", content)
    return path


def test_a_folder_in_mlperfs_form(tmp_path: Path) -> None:
    found = load(folder(tmp_path / "kws", "a.bin,12,7\r\n\r\nb.bin,12,0\r\n", a=b"\1\2", b=b"\3\4"))
    assert (found.name, found.classes, found.element_type) == ("kws", 12, None)
    assert [(s.name, s.content, s.label) for s in found.samples] == [
        ("a.bin", b"\1\2", 7),
        ("b.bin", b"\3\4", 0),
    ]
    assert found.samples[0].windows == (b"\1\2",)
    assert labels_of(found).tolist() == [7, 0]


def test_windows_begin_a_stride_apart_and_the_rest_is_left(tmp_path: Path) -> None:
    found = load(folder(tmp_path / "ad", "a.bin,2,1,4,3", a=bytes(range(12))))
    assert found.samples[0].windows == (bytes([0, 1, 2, 3]), bytes([3, 4, 5, 6]), bytes([6, 7, 8, 9]))


@given(st.integers(1, 60), st.integers(1, 20), st.integers(1, 20))
def test_windows_are_those_of_the_protocols_own_host(size: int, window: int, stride: int) -> None:
    content, starts, start = bytes(range(size)), [], 0
    while start + window <= size:
        starts.append(start)
        start += stride
    sample = labelled_data.Sample(
        name="x", content=content, label=0, window_bytes=window, stride_bytes=stride
    )
    assert sample.windows == tuple(content[start : start + window] for start in starts)


def test_a_folder_and_an_array_of_the_same_bytes_have_the_same_checksum(tmp_path: Path) -> None:
    x = np.arange(-6, 6, dtype=np.int8).reshape(2, 3, 2)
    arrays = load(npz(tmp_path / "k.npz", x=x, y=np.array([1, 0])))
    files = load(folder(tmp_path / "k", "a.bin,2,1\nb.bin,2,0\n", a=x[0].tobytes(), b=x[1].tobytes()))
    assert arrays.sha256 == files.sha256
    assert (arrays.name, arrays.classes, arrays.element_type) == ("k", 2, "int8")


def test_the_checksum_is_of_content_labels_windows_and_order(tmp_path: Path) -> None:
    texts = [
        "a.bin,2,0\nb.bin,2,1",
        "b.bin,2,1\na.bin,2,0",
        "a.bin,2,0\nb.bin,2,0",
        "a.bin,2,0,1,1\nb.bin,2,1",
    ]
    found = [load(folder(tmp_path / "d", text, a=b"\1\2", b=b"\3\4")).sha256 for text in texts]
    assert len(set(found)) == len(texts)
    assert load(folder(tmp_path / "d", texts[0], a=b"\1\2", b=b"\3\5")).sha256 not in found
    same = folder(tmp_path / "e", "x.bin,9,0,2,2\ny.bin,9,1", x=b"\1\2", y=b"\3\4")
    assert load(same).sha256 == found[0]


@pytest.mark.parametrize("dtype", ["<f4", ">f4", "<i2", ">i2", "|u1"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_bytes_are_little_endian_and_row_by_row_however_they_were_stored(
    tmp_path: Path, dtype: str, order: Any
) -> None:
    x = np.arange(24, dtype=dtype).reshape(4, 2, 3)
    found = load(npz(tmp_path / "a.npz", x=np.array(x, order=order), y=np.zeros(4, np.uint8)))
    plain = x.astype(np.dtype(dtype).newbyteorder("<"))
    assert [s.content for s in found.samples] == [plain[i].tobytes() for i in range(4)]


@pytest.mark.parametrize(
    ("text", "place", "says"),
    [
        ("a.bin,12", "line 1", "expected file,classes,class"),
        ("a.bin,12,1,4", "line 1", "expected file,classes,class"),
        ("a.bin,12,-1", "line 1", "expected file,classes,class"),
        ("a.bin,12,x", "line 1", "expected file,classes,class"),
        ("a.bin,12,٣", "line 1", "expected file,classes,class"),
        ("a.bin,12,9999999999999", "line 1", "expected file,classes,class"),
        ("a.bin,2,0\na.bin,2,2", "line 2", "class 2 of 2"),
        ("a.bin,0,0", "line 1", "class 0 of 0"),
        ("a.bin,99999999,0", "line 1", "class 0 of 99999999"),
        ("no.bin,2,0", "line 1", "'no.bin' is no file"),
        ("../secret,2,0", "line 1", "is no file of this folder"),
        ("/etc/passwd,2,0", "line 1", "is no file of this folder"),
        ("out.bin,2,0", "line 1", "is no file of this folder"),
        (".,2,0", "line 1", "is no file of this folder"),
        ("a.bin,2,0\na.bin,3,0", "column 2", "2 to 3 classes"),
        ("a.bin,2,0,0,1", "line 1", "windows of 0 bytes"),
        ("a.bin,2,0,3,1", "line 1", "windows of 3 bytes every 1 in a file of 2"),
        ("a.bin,2,0,1,0", "line 1", "every 0"),
        ("empty.bin,2,0", "line 1", "an empty file"),
        ("", "the file", "no samples"),
        ('"a.bin,2,0', "the file", "expected UTF-8 with commas"),
    ],
)
def test_a_faulty_list_is_told_with_its_line(tmp_path: Path, text: str, place: str, says: str) -> None:
    (tmp_path / "secret").write_bytes(b"xx")
    path = folder(tmp_path / "d", text, a=b"\1\2", empty=b"")
    (path / "out.bin").symlink_to(tmp_path / "secret")
    with pytest.raises(ExtractError, match=says) as raised:
        load(path)
    assert raised.value.place == place


def test_a_list_that_is_no_text_or_missing_is_told(tmp_path: Path) -> None:
    path = folder(tmp_path / "d", "")
    (path / "y_labels.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ExtractError, match="UTF-8"):
        load(path)
    (path / "y_labels.csv").unlink()
    with pytest.raises(ExtractError, match="no such file"):
        load(path)


def test_data_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labelled_data, "MAX_DATA_BYTES", 100)
    many = "\n".join(["a.bin,2,0"] * 3)
    with pytest.raises(ExtractError, match="too much data"):
        load(folder(tmp_path / "d", many, a=bytes(40)))
    with pytest.raises(ExtractError, match="at most 100 bytes"):
        load(npz(tmp_path / "a.npz", x=np.zeros((3, 40), np.int8), y=np.zeros(3, int)))
    monkeypatch.setattr(labelled_data, "MAX_SAMPLES", 2)
    with pytest.raises(ExtractError, match="3 lines; expected at most 2"):
        load(folder(tmp_path / "d", many, a=bytes(4)))
    monkeypatch.setattr(labelled_data, "MAX_WINDOWS", 4)
    with pytest.raises(ExtractError, match="1 to 4 windows"):
        load(folder(tmp_path / "d", "a.bin,2,0,1,1", a=bytes(5)))


class Bomb:
    """What must never be unpickled."""

    def __reduce__(self) -> Any:
        return os.mkdir, ("unpickled",)


def pickled() -> bytes:
    out = io.BytesIO()
    np.save(out, np.array([Bomb()], dtype=object), allow_pickle=True)
    return out.getvalue()


Y = np.zeros(2, np.int64)


def saved(array: Any) -> bytes:
    out = io.BytesIO()
    np.save(out, array)
    return out.getvalue()


@pytest.mark.parametrize(
    ("x", "says"),
    [
        (npy("(2, 1000000000000)"), "expected at most"),
        (npy("(2, -4)"), "expected at most"),
        (npy("(2, 0)"), "empty samples"),
        (npy("(2, 4)"), "not the 32 bytes that its header announces"),
        (npy("(2, 1)") + bytes(9), "not the 8 bytes"),
        (npy("(2, 'a')"), "no array"),
        (npy("(2, 4)", "'|V0'"), "plain numbers"),
        (npy("(2, 4)", "[('a', '<f4')]"), "plain numbers"),
        (npy("(2, 4)", "'|O'"), "plain numbers"),
        (npy("(2, 4)", version=b"\3\0"), "format"),
        (npy("(" + "1," * 20 + ")"), "expected at most"),
        (npy("(2, 4)", "'" + "(" * 30 + "'"), "no array"),
        (b"\x93NUMPY", "no array"),
        (b"", "no array"),
        (saved(np.array(["ab", "cd"]).reshape(2, 1)), "expected numbers"),
        (saved(np.zeros((2, 2), complex)), "expected numbers"),
        (saved(np.zeros(2)), "x of shape"),
        (saved(np.zeros((3, 2))), "x of shape"),
    ],
)
def test_hostile_arrays_are_refused_before_they_take_room(tmp_path: Path, x: bytes, says: str) -> None:
    with pytest.raises(ExtractError, match=says):
        load(archive(tmp_path / "a.npz", x=x, y=saved(Y)))


def test_pickles_are_never_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ExtractError, match="plain numbers"):
        load(archive(tmp_path / "a.npz", x=pickled(), y=saved(Y)))
    assert not (tmp_path / "unpickled").exists()


def test_a_zip_bomb_is_cut_off_at_what_its_header_announces(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.npz", x=npy("(2, 1)") + bytes(1 << 26), y=saved(Y))
    assert path.stat().st_size < 1 << 20
    with pytest.raises(ExtractError, match="not the 8 bytes"):
        load(path)


@pytest.mark.parametrize(
    "y", [np.array([0.5, 1]), np.array([-1, 0]), np.array([0, 1 << 20]), np.zeros((2, 1), int)]
)
def test_labels_are_whole_numbers_of_classes(tmp_path: Path, y: Any) -> None:
    with pytest.raises(ExtractError):
        load(npz(tmp_path / "a.npz", x=np.zeros((2, 2)), y=y))


def test_what_is_no_archive_is_told(tmp_path: Path) -> None:
    file = tmp_path / "a.npz"
    with pytest.raises(ExtractError, match="no readable NPZ file"):
        load(file)
    file.write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(ExtractError, match="no readable NPZ file"):
        load(file)
    with pytest.raises(ExtractError, match="no array x or no array y"):
        load(npz(file, z=np.zeros(2)))


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 500), st.integers(0, 255), st.integers(0, 500))
def test_a_damaged_archive_is_told_and_nothing_else_happens(
    tmp_path_factory: pytest.TempPathFactory, place: int, byte: int, cut: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged.npz"
    np.savez_compressed(path, x=np.zeros((2, 2), np.int8), y=Y)
    content = bytearray(path.read_bytes())
    content[place % len(content)] = byte
    path.write_bytes(content[: len(content) - cut % 50])
    with contextlib.suppress(ExtractError):
        assert len(load(path).samples) == 2
