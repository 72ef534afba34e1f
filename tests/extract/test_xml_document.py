"""XML within bounds: every fault is one ExtractError with its place, and soon."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinykg.errors import ExtractError
from tinykg.extract.xml_document import MAX_DEPTH, MAX_ELEMENTS, XmlElement, read_xml

if TYPE_CHECKING:
    from pathlib import Path

LAUGHS = (
    '<!DOCTYPE a [<!ENTITY x0 "ha">'
    + "".join(f'<!ENTITY x{n} "{f"&x{n - 1};" * 10}">' for n in range(1, 12))
    + "]><a>&x11;</a>"
)


def read(tmp_path: Path, content: str | bytes) -> XmlElement:
    file = tmp_path / "x.xml"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_xml(file, ("Dname", "name"))


def test_elements_attributes_and_texts_are_read(tmp_path: Path) -> None:
    root = read(tmp_path, '<a x=" 1 " y=""><b>  two <!-- no --> words </b><c/><b/></a>')
    assert root.get("x") == "1"
    assert root.get("y") is None
    first = root.first("b")
    assert first is not None
    assert first.text == "two  words"
    assert [child.tag for child in root.children] == ["b", "c", "b"]
    assert len(list(root.all("b"))) == 2
    assert root.first("d") is None


def test_a_place_is_the_path_of_tags_and_names(tmp_path: Path) -> None:
    root = read(tmp_path, '<a><family name="F 4"><device Dname="D1" name="other"><m/></device></family></a>')
    element = root.children[0].children[0].children[0]
    assert element.place == "a/family[F 4]/device[D1]/m"
    with pytest.raises(ExtractError) as error:
        element.required("size")
    assert error.value.place == "a/family[F 4]/device[D1]/m/@size"


def test_the_place_of_a_syntax_error_is_line_and_column(tmp_path: Path) -> None:
    with pytest.raises(ExtractError, match="mismatched tag") as error:
        read(tmp_path, "<a>\n <b></c>\n</a>")
    assert error.value.place == "line 2, column 7"


@pytest.mark.parametrize(
    "content",
    [
        LAUGHS,
        '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>',
        '<!DOCTYPE a [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x">%p;]><a/>',
        "<!DOCTYPE a><a/>",
    ],
)
def test_a_document_type_is_refused_at_once(tmp_path: Path, content: str) -> None:
    start = time.perf_counter()
    with pytest.raises(ExtractError, match="document type"):
        read(tmp_path, content)
    assert time.perf_counter() - start < 1


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00" * 100,
        b"<a",
        b"<a>&undefined;</a>",
        b"<a>\xff</a>",
        b"<a/><b/>",
        b'<?xml version="1.0" encoding="nonsense"?><a/>',
        b'<?xml version="1.0" encoding="shift_jis"?><a/>',
        "<a>".encode("utf-16"),
    ],
)
def test_what_is_no_xml_is_an_error(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(ExtractError):
        read(tmp_path, content)


def test_other_encodings_are_read(tmp_path: Path) -> None:
    assert (
        read(tmp_path, '<?xml version="1.0" encoding="latin-1"?><a x="\u00e9"/>'.encode("latin-1")).get("x")
        == "é"
    )
    assert read(tmp_path, '<a x="\u00e9"/>'.encode("utf-16")).get("x") == "é"
    assert read(tmp_path, b'\xef\xbb\xbf<a x="1"/>').get("x") == "1"


def test_depth_is_bounded(tmp_path: Path) -> None:
    assert read(tmp_path, "<a>" * MAX_DEPTH + "</a>" * MAX_DEPTH).tag == "a"
    with pytest.raises(ExtractError, match="levels of nesting"):
        read(tmp_path, "<a>" * 100_000)


def test_the_number_of_elements_is_bounded(tmp_path: Path) -> None:
    with pytest.raises(ExtractError, match="elements"):
        read(tmp_path, "<a>" + "<b/>" * MAX_ELEMENTS + "</a>")


def test_a_gigabyte_of_nothing_is_refused_unread(tmp_path: Path) -> None:
    file = tmp_path / "sparse.pdsc"
    with file.open("wb") as target:
        target.truncate(1 << 30)
    start = time.perf_counter()
    with pytest.raises(ExtractError, match="1073741824 bytes"):
        read_xml(file)
    assert time.perf_counter() - start < 2


@given(st.text(alphabet=st.sampled_from('<>/a b="1"&;!-[]?x\n'), max_size=60))
def test_any_text_is_a_tree_or_an_extract_error(
    tmp_path_factory: pytest.TempPathFactory, content: str
) -> None:
    folder = tmp_path_factory.getbasetemp()
    with contextlib.suppress(ExtractError):
        assert read(folder, content).tag in content
