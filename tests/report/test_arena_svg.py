"""The picture: valid XML that loads nothing, one box a buffer, where the plan says."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from arena_case import Case, buffer, chain

from tinykg.files import share
from tinykg.report.arena_svg import LEFT, NARROWEST, PLOT_HEIGHT, TOP, arena_svg

SVG = "{http://www.w3.org/2000/svg}"


def drawn(case: Case, title: str = "a file") -> ET.Element:
    return ET.fromstring(arena_svg(case.file, case.footprint, case.steps, title=title))


def boxes(root: ET.Element) -> dict[str, dict[str, float]]:
    """Place of each box by the first line of its tooltip."""
    found = {}
    for group in root.findall(f"{SVG}g"):
        title, rect = group.find(f"{SVG}title"), group.find(f"{SVG}rect")
        assert title is not None
        assert title.text is not None
        assert rect is not None
        found[title.text.splitlines()[0]] = {k: float(rect.attrib[k]) for k in ("x", "y", "width", "height")}
    return found


def test_every_buffer_has_a_box_with_its_name_size_and_life(digits: Case) -> None:
    root = drawn(digits)
    assert set(boxes(root)) == {buffer.name for buffer in digits.footprint.plan}
    text = " ".join(root.itertext())
    assert "512 B at offset 0\nsteps 1-2: CONV_2D to MAX_POOL_2D" in text
    assert "graph input" in text
    assert "6 FULLY_CONNECTED" in text


def test_the_picture_in_the_docs_is_the_one_that_is_drawn(digits: Case) -> None:
    drawn_now = arena_svg(digits.file, digits.footprint, digits.steps, title="digits_cnn_int8.tflite")
    kept = (share() / "docs" / "arena-digits.svg").read_text(encoding="utf-8")
    command = "tinykg inspect data/models/files/digits_cnn_int8.tflite --svg docs/arena-digits.svg"
    assert kept == drawn_now, f"draw it again: {command}"


def test_boxes_are_to_scale() -> None:
    root = drawn(chain(3, buffer(0, 1, 0, 48, "low"), buffer(2, 3, 48, 16, "high")))
    low, high = boxes(root)["low"], boxes(root)["high"]
    assert low == {
        "x": LEFT,
        "y": TOP + PLOT_HEIGHT / 4,
        "width": NARROWEST / 2,
        "height": PLOT_HEIGHT * 3 / 4,
    }
    assert high == {"x": LEFT + NARROWEST / 2, "y": TOP, "width": NARROWEST / 2, "height": PLOT_HEIGHT / 4}


def test_hostile_names_stay_text() -> None:
    root = drawn(chain(1, buffer(0, 1, 0, 64, "</title><script>&\x00")), title="<b>\"&'.tflite")
    assert root.findall(f".//{SVG}script") == []
    assert "</title><script>&\ufffd" in boxes(root)


def test_nothing_is_loaded_from_elsewhere(digits: Case) -> None:
    text = arena_svg(digits.file, digits.footprint, digits.steps, title="t")
    assert text.count("http") == 1
    assert "href" not in text


def test_many_steps_get_numbers_in_place_of_names() -> None:
    root = drawn(chain(300, *(buffer(i, i + 1, 32 * (i % 2), 32, f"t{i}") for i in range(300))))
    assert len(boxes(root)) == 300
    texts = [element.text for element in root.findall(f"{SVG}text")]
    assert "290" in texts
    assert "291" not in texts


def test_boxes_stay_inside_the_picture(digits: Case) -> None:
    root = drawn(digits)
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    for box in boxes(root).values():
        assert 0 <= box["x"] <= box["x"] + box["width"] <= width
        assert 0 <= box["y"] <= box["y"] + box["height"] <= height
