"""Bounded reading of XML: no document type, no entities, and each fault with the path of its element.

What makes XML dangerous (entities that unfold to gigabytes, references to files and hosts) needs a
document type declaration, so one is refused wherever it stands. Size, depth and number of elements
are bounded, because a tree in memory is many times larger than its text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser, ParseError

from tinykg.errors import ExtractError
from tinykg.extract.document import read_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

MAX_XML_BYTES: Final = 16 << 20
"""The largest published device packs describe themselves in about 5 MB."""

MAX_ELEMENTS: Final = 400_000
"""A description of 5 MB has some 60,000 elements."""

MAX_DEPTH: Final = 64
"""Published descriptions nest at most a dozen levels."""


class XmlElement:
    """One element: its attributes, its text and its children in order."""

    __slots__ = ("_labels", "attributes", "children", "file", "parent", "tag", "text")

    def __init__(
        self,
        tag: str,
        attributes: dict[str, str],
        parent: XmlElement | None,
        file: Path,
        labels: Sequence[str],
    ) -> None:
        self.tag = tag
        self.attributes = attributes
        self.parent = parent
        self.file = file
        self.text = ""
        self.children: list[XmlElement] = []
        self._labels = labels

    def all(self, tag: str) -> Iterator[XmlElement]:
        """The children of that tag."""
        return (child for child in self.children if child.tag == tag)

    def first(self, tag: str) -> XmlElement | None:
        """The first child of that tag."""
        return next(self.all(tag), None)

    def get(self, name: str) -> str | None:
        """An attribute's text without the white space around it; None where absent or empty."""
        return self.attributes.get(name, "").strip() or None

    def required(self, name: str) -> str:
        """An attribute's text; an ExtractError where the element has none."""
        value = self.get(name)
        if value is None:
            raise self.fault("no such attribute", "a text", name)
        return value

    @property
    def segment(self) -> str:
        """The element as one step of a place: its tag and the name it goes by."""
        label = next((value for name in self._labels if (value := self.get(name))), None)
        return f"{self.tag}[{label}]" if label else self.tag

    @property
    def place(self) -> str:
        """The path of tags and names from the root."""
        return f"{self.parent.place}/{self.segment}" if self.parent else self.segment

    def fault(self, found: str, expected: str | None = None, attribute: str | None = None) -> ExtractError:
        """The error to raise for something wrong with the element, or with an attribute of it."""
        return ExtractError(self.file, self.place + (f"/@{attribute}" if attribute else ""), found, expected)


class _Builder:
    """Builds the tree from the parser's calls, within the bounds."""

    def __init__(self, file: Path, labels: Sequence[str]) -> None:
        self._file = file
        self._labels = labels
        self._open: list[XmlElement] = []
        self._text: list[list[str]] = []
        self._count = 0
        self._root: XmlElement | None = None

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Open an element."""
        parent = self._open[-1] if self._open else None
        element = XmlElement(tag, dict(attributes), parent, self._file, self._labels)
        self._count += 1
        if self._count > MAX_ELEMENTS:
            raise ExtractError(self._file, "XML", f"more than {MAX_ELEMENTS} elements")
        if len(self._open) == MAX_DEPTH:
            raise parent.fault(f"more than {MAX_DEPTH} levels of nesting") if parent else AssertionError
        if parent is None:
            self._root = element
        else:
            parent.children.append(element)
        self._open.append(element)
        self._text.append([])

    def data(self, text: str) -> None:
        """Take text of the open element; there is none before the root."""
        if self._text:
            self._text[-1].append(text)

    def end(self, _tag: str) -> None:
        """Close the innermost element."""
        self._open.pop().text = "".join(self._text.pop()).strip()

    def close(self) -> XmlElement | None:
        """The root, once the document is complete."""
        return self._root


def read_xml(path: Path, labels: Sequence[str] = ("name",), limit: int = MAX_XML_BYTES) -> XmlElement:
    """The document's root element; `labels` are the attributes by which a place names an element.

    Raises ExtractError: too large, too deep, no XML, or with a document type declaration.
    """
    content = read_bytes(path, limit)
    parser = DefusedXMLParser(target=_Builder(path, labels), forbid_dtd=True)
    try:
        parser.feed(content)
        root = parser.close()
    except ParseError as error:
        line, column = error.position
        raise ExtractError(path, f"line {line}, column {column + 1}", str(error).partition(":")[0]) from error
    except DefusedXmlException as error:
        raise ExtractError(path, "XML", "a document type declaration", "none, it is not read here") from error
    except (ValueError, LookupError) as error:
        raise ExtractError(path, "XML", str(error), "UTF-8 or another encoding the parser knows") from error
    assert isinstance(root, XmlElement)
    return root
