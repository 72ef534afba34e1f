"""The boards of a CMSIS pack: what is mounted, sensors and memories as the closed list of features says.

`feature` elements have a type of the schema's list (PACK.xsd, BoardFeatureTypeEnum) and a free text
in `name`. The type says which sensor it is; the text may name further kinds of a combined part, and
the part itself. A feature that speaks of a connector, header or socket is a place for a sensor, and
no sensor. A board without any sensor feature does not say that it has none.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final

from tinykg.extract.cmsis_pack_devices import number, read_region
from tinykg.extract.cmsis_pack_memory import memory_of
from tinykg.records.board import BoardDescription, FigureKind, MemoryFigure
from tinykg.records.device import Sensor

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tinykg.extract.xml_document import XmlElement

SENSOR_TYPES: Final = {
    "Accelerometer": "accelerometer",
    "Gyro": "gyroscope",
    "Compass": "magnetometer",
    "TempSens": "thermometer",
    "PressSens": "barometer",
    "LightSens": "light",
    "MIC": "microphone",
    "Camera": "camera",
    "SensOther": None,
}
"""Types of feature that are sensors, and their kind; of SensOther the text tells it."""

_SENSOR_WORDS: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), kinds)
    for pattern, kinds in (
        (r"acceleromet", ("accelerometer",)),
        (r"gyro", ("gyroscope",)),
        (r"\bimu\b|inertial", ("accelerometer", "gyroscope")),
        (r"magnetomet|compass", ("magnetometer",)),
        (r"temperature|thermomet", ("thermometer",)),
        (r"humidity|hygromet", ("hygrometer",)),
        (r"baromet|pressure sens", ("barometer",)),
        (r"ambient[ -]?light|light sens|illuminance", ("light",)),
        (r"colou?r sens|rgb sens", ("color",)),
        (r"\buv\b|ultraviolet", ("uv",)),
        (r"gesture", ("gesture",)),
        (r"proximity", ("proximity",)),
        (r"time[ -]of[ -]flight|\btof\b|ranging|distance", ("distance",)),
        (r"\bco2\b|carbon dioxide", ("co2",)),
        (r"\bgas\b|\bt?voc\b|air[ -]quality", ("gas",)),
        (r"particulate|\bdust\b", ("particulate",)),
        (r"microphone", ("microphone",)),
        (r"\bpir\b|presence", ("presence",)),
        (r"\bradar\b", ("radar",)),
        (r"heart[ -]rate", ("heart-rate",)),
        (r"pulse oximet", ("pulse-oximeter",)),
        (r"fingerprint", ("fingerprint",)),
        (r"\bgnss\b|\bgps\b", ("gnss",)),
        (r"soil moisture", ("soil-moisture",)),
        (r"(?:power|current) (?:monitor|sens)", ("power-monitor",)),
        (r"fuel gauge", ("fuel-gauge",)),
    )
)

_CONNECTIVITY_TYPES: Final = {
    "ETH": "ethernet",
    "CAN": "can",
    "WiFi": "wifi",
    "Bluetooth": "bluetooth",
    "ZigBee": "ieee802154",
    "802.15.4": "ieee802154",
    "LoRa": "lora",
    "LTE Cat-M": "lte-m",
    "NB-IoT": "nb-iot",
    "NFC": "nfc",
}

_CONNECTIVITY_WORDS: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), word)
    for pattern, word in (
        (r"wi-?fi|802\.11|wlan", "wifi"),
        (r"bluetooth (?:low energy|smart|le\b)|\bble\b", "ble"),
        (r"bluetooth(?! (?:low energy|smart|le\b))", "bluetooth"),
        (r"802\.15\.4|zigbee|\bthread\b", "ieee802154"),
        (r"\bnfc\b", "nfc"),
        (r"\blora(?:wan)?\b", "lora"),
        (r"sub-?1?[ -]?ghz", "subghz"),
        (r"lte[ -](?:cat[ -])?m1?\b", "lte-m"),
        (r"nb-?iot", "nb-iot"),
        (r"\bethernet\b", "ethernet"),
    )
)
_WIRELESS_TYPES: Final = frozenset({"ConnOther", "WirelessOther", "Other", "CoreOther", *_CONNECTIVITY_TYPES})
_PLACE_FOR_MORE: Final = re.compile(
    r"connector|header|socket|interface|expansion|extension|\bslot\b", re.IGNORECASE
)
_PART: Final = re.compile(r"\b[A-Z][A-Za-z]+-?[0-9][A-Za-z0-9]+(?:-[A-Z0-9]+)*\b")
_NO_PART: Final = re.compile(r"RGB|USB|UART|STM32|ARM|PMOD|MIPI|RS\d", re.IGNORECASE)
_SIZE: Final = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)[ -]?([KMG])i?[ -]?(bits?|bytes?|b)\b", re.IGNORECASE)
_UNITS: Final = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
_EXTERNAL: Final = {"sram": "psram", "flash": "external-flash"}
_MEMORY_TYPES: Final = {"RAM": "psram", "ROM": "external-flash"}


def pack_boards(package: XmlElement, collection: str) -> Iterator[BoardDescription]:
    """Every board of the package's own `boards`, in order.

    The identifier is the board's name; where another has the same name, vendor and revision join it.
    """
    boards = [board for group in package.all("boards") for board in group.all("board")]
    names = [board.required("name") for board in boards]
    occurrences = Counter(names)
    seen: set[str] = set()
    for board, name in zip(boards, names, strict=True):
        identifier = name
        if occurrences[name] > 1:
            identifier = " ".join(filter(None, (board.get("vendor"), name, board.get("revision"))))
        if identifier in seen:
            raise board.fault(f"a second board {identifier!r}", "each vendor, name and revision once")
        seen.add(identifier)
        yield _board(board, identifier, name, collection)


def _board(board: XmlElement, identifier: str, name: str, collection: str) -> BoardDescription:
    features = list(board.all("feature"))
    mounted = [device.required("Dname") for device in _by_index(board)]
    return BoardDescription(
        source="cmsis-pack",
        collection=collection,
        identifier=identifier,
        name=name,
        vendor=board.get("vendor"),
        part=mounted[0] if mounted else None,
        figures=board_figures(board, features),
        sensors=board_sensors(features),
        connectivity=board_connectivity(features),
        tags=_tags(features),
        address=_address(board),
        note=f"also mounted: {', '.join(mounted[1:])}" if mounted[1:] else None,
    )


def _by_index(board: XmlElement) -> list[XmlElement]:
    """The mounted devices in the order of their index, where they have one."""

    def index(element: XmlElement) -> int:
        text = element.get("deviceIndex")
        return number(element, "deviceIndex", text) if text else 0

    return sorted(board.all("mountedDevice"), key=index)


def _is_on_board(feature: XmlElement) -> bool:
    return not _PLACE_FOR_MORE.search(feature.get("name") or "")


def board_sensors(features: Sequence[XmlElement]) -> tuple[Sensor, ...] | None:
    """The sensors that the features name, each kind and part once; None where none does."""
    sensors: dict[Sensor, None] = {}
    for feature in features:
        kind = SENSOR_TYPES.get(feature.get("type") or "", "")
        if kind == "" or not _is_on_board(feature):
            continue
        text = feature.get("name") or ""
        kinds = ([kind] if kind else []) + [
            k for pattern, ks in _SENSOR_WORDS if pattern.search(text) for k in ks
        ]
        part = _part(text)
        sensors.update(dict.fromkeys(Sensor(kind=k, part=part) for k in kinds))
    return tuple(sensors) or None


def _part(text: str) -> str | None:
    """The first word of a text that looks like a part number: letters, then digits, five at least."""
    words = (match[0] for match in _PART.finditer(text))
    return next((word for word in words if len(word) >= 5 and not _NO_PART.match(word)), None)


def board_connectivity(features: Sequence[XmlElement]) -> tuple[str, ...] | None:
    """What the features say of networks, sorted; None where they say nothing."""
    found: set[str] = set()
    for feature in features:
        kind, text = feature.get("type") or "", feature.get("name") or ""
        wired = kind in {"ETH", "CAN"}
        if kind not in _WIRELESS_TYPES or not (wired or _is_on_board(feature)):
            continue
        words = {word for pattern, word in _CONNECTIVITY_WORDS if pattern.search(text)}
        if kind in _CONNECTIVITY_TYPES and not (kind == "Bluetooth" and "ble" in words):
            words.add(_CONNECTIVITY_TYPES[kind])
        found |= words
    return tuple(sorted(found)) or None


def board_figures(board: XmlElement, features: Sequence[XmlElement]) -> tuple[MemoryFigure, ...]:
    """The board's external memories, from its `memory` elements, else from the texts of its features."""
    figures: list[MemoryFigure] = []
    for element in board.all("memory"):
        region = read_region(element)
        if region.size_bytes and not region.alias:
            memory = _EXTERNAL[memory_of(region)]
            figures.append(_figure(memory, region.size_bytes, region.place))
    told = {figure.memory for figure in figures}
    for feature in features:
        memory = _MEMORY_TYPES.get(feature.get("type") or "", "")
        size = _stated_bytes(feature.get("name") or "")
        if memory and memory not in told and size and (feature.get("n") or "1") == "1":
            figures.append(_figure(memory, size, f"feature[{feature.get('type')}]"))
    return tuple(figures)


def _figure(memory: str, size_bytes: int, place: str) -> MemoryFigure:
    return MemoryFigure(memory=memory, kind=FigureKind.CHIP_TOTAL, size_bytes=size_bytes, place=place)


def _stated_bytes(text: str) -> int | None:
    """A size such as "512-Mbit" or "8 MB" as bytes; prefixes are powers of 1024, as memory makers use."""
    match = _SIZE.search(text)
    if not match:
        return None
    is_bits = match[3] == "b" or match[3].lower().startswith("bit")
    size = float(match[1]) * _UNITS[match[2].upper()] / (8 if is_bits else 1)
    return int(size) if size == int(size) else None


def _tags(features: Sequence[XmlElement]) -> tuple[str, ...]:
    """Features that are neither sensor nor memory, as "type: text"."""
    words: dict[str, None] = {}
    for feature in features:
        kind, text = feature.required("type"), feature.get("name")
        sensor_kind = SENSOR_TYPES.get(kind, "")
        is_known = sensor_kind != "" and board_sensors([feature])
        if not is_known and kind not in _MEMORY_TYPES:
            words[f"{kind}: {text}" if text else kind] = None
    return tuple(words)


def _address(board: XmlElement) -> str | None:
    """The board's page: where to order it, else its overview."""
    overviews = [book.get("name") for book in board.all("book") if book.get("category") == "overview"]
    pages = [board.get("orderForm"), *overviews]
    return next((page for page in pages if page and page.startswith(("https://", "http://"))), None)
