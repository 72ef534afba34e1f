"""The sensors that a Zephyr devicetree describes, node by node."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

import msgspec

from tinykg.extract.document import read_toml
from tinykg.extract.zephyr_devicetree import is_stand_in, texts
from tinykg.files import data_folder
from tinykg.records.device import Sensor

if TYPE_CHECKING:
    from collections.abc import Iterable

    from devicetree.dtlib import Node

    from tinykg.extract.zephyr_devicetree import Devicetree

NO_SENSORS: Final = frozenset(
    {
        "actuator",
        "audio-codec",
        "camera-interface",
        "fuel-gauge",
        "microphone-interface",
        "not-a-sensor",
        "on-die-thermometer",
        "power-monitor",
    }
)
"""Kinds of nodes that are no sensor of the board: parts of the chip, what sensors may be tied to, and
meters of the board's own supply, which measure nothing around it."""

MAX_PART: Final = 40
"""Characters of a part's name; the longest known one has 15."""

_MICROPHONE_LABEL = re.compile(r"dmic_dev|pdm\d*")
"""What Zephyr's boards call the port of a PDM microphone, where its node is in a missing file."""

_SUFFIX = re.compile(r"[-_](?:press|pressure|magn?|accel|acc|gyro|mag|mfd|temp|humidity|sensor)$")
_PART_LIKE = re.compile(r"[a-z]{1,5}\d*[a-z]*\d[a-z0-9-]*")


class Driver(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """What is known of a compatible string; `part` is None where it names no part."""

    kinds: tuple[str, ...]
    part: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorNode:
    """One node of a sensor; `status` is what the node itself says, okay where it says nothing.

    `bus` is the path of the node above and `bus_labels` its labels, `part` the part's name where the
    label or a compatible tells it.
    """

    name: str
    labels: tuple[str, ...]
    bus: str
    bus_labels: tuple[str, ...]
    compatibles: tuple[str, ...]
    kinds: tuple[str, ...]
    status: str
    part: str | None

    @property
    def works(self) -> bool:
        """Whether the board's source has the sensor in use."""
        return self.status in ("okay", "ok")


@cache
def drivers() -> dict[str, Driver]:
    """What is behind each compatible string that TinyKG knows."""
    return read_toml(data_folder() / "sensors" / "zephyr_compatibles.toml", dict[str, Driver])


def sensor_nodes(devicetree: Devicetree) -> tuple[SensorNode, ...]:
    """All nodes of sensors, those out of use included, in the order of the source."""
    return tuple(found for node in devicetree.nodes() if (found := _sensor_node(node)))


def sensors(nodes: Iterable[SensorNode]) -> tuple[Sensor, ...] | None:
    """The sensors in use, each kind and part once; None where there is none.

    A tree without such a node does not say that the board has no sensor: analogue microphones,
    and parts that have no driver, do not appear in it.
    """
    found = {(kind, node.part) for node in nodes if node.works for kind in node.kinds}
    ordered = sorted(found, key=lambda pair: (pair[0], pair[1] or ""))
    return tuple(Sensor(kind=kind, part=part) for kind, part in ordered) or None


def _sensor_node(node: Node) -> SensorNode | None:
    compatibles = texts(node, "compatible")
    status = (texts(node, "status") or ("okay",))[0]
    kinds = kinds_of(compatibles)
    part = None
    if kinds == {"microphone-interface"} or (is_stand_in(node) and _names_a_microphone_port(node)):
        # The chip has the port in any case; that the board puts it to use shows the microphone.
        if not texts(node, "status") or status not in ("okay", "ok"):
            return None
        kinds = frozenset({"microphone"})
    else:
        kinds -= NO_SENSORS
        part = _part(node, compatibles, kinds)
    if not kinds:
        return None
    above = node.parent
    return SensorNode(
        name=node.name,
        labels=tuple(node.labels),
        bus=above.path if above else "/",
        bus_labels=tuple(above.labels) if above else (),
        compatibles=compatibles,
        kinds=tuple(sorted(kinds)),
        status=status,
        part=part,
    )


def _names_a_microphone_port(node: Node) -> bool:
    return any(_MICROPHONE_LABEL.fullmatch(label) for label in (*node.labels, node.name))


def kinds_of(compatibles: Iterable[str]) -> frozenset[str]:
    """The kinds that all known ones of a node's compatible strings agree on.

    The list has the part and the parts whose driver fits, in no order to rely on: MMA8451Q (an
    accelerometer) with FXOS8700 (with a magnetometer too). What they share is what the part has.
    """
    known = [frozenset(drivers()[name].kinds) for name in compatibles if name in drivers()]
    return frozenset.intersection(*known) if known else frozenset()


def _part(node: Node, compatibles: tuple[str, ...], kinds: frozenset[str]) -> str | None:
    """The part's name: that of a label, of the node where one driver fits, else of the closest driver.

    The compatible string names the driver; a board with an LSM6DS3TR-C says "st,lsm6dsl" and
    labels the node lsm6ds3tr_c.
    """
    known = [drivers()[name] for name in compatibles if name in drivers()]
    named = [*node.labels, *([node.name.partition("@")[0]] if len(known) == 1 else [])]
    own_names = {name.rpartition(",")[2] for name in compatibles}
    for name in named:
        if name in own_names:
            continue
        if part := _part_in(name, known):
            return part
    exact = [driver.part for driver in known if driver.part and kinds == frozenset(driver.kinds)]
    others = [driver.part for driver in known if driver.part]
    return next(iter(exact + others), None)


def _part_in(name: str, known: list[Driver]) -> str | None:
    """The part that a node's name or label is, where it is one of the known parts or of their series."""
    plain = _SUFFIX.sub("", name.lower()).replace("_", "-")
    if len(plain) > MAX_PART or not _PART_LIKE.fullmatch(plain):
        return None
    key = plain.replace("-", "")
    if key in _parts():
        return _parts()[key]
    if len(known) == 1 and known[0].part and _is_of_series(key, known[0].part):
        return plain.upper()
    return None


@cache
def _parts() -> dict[str, str]:
    """All known parts by their letters and digits in lower case; series are left out."""
    return {
        driver.part.lower().replace("-", ""): driver.part
        for driver in drivers().values()
        if driver.part and not re.search(r"[xy]", driver.part)
    }


def _is_of_series(key: str, part: str) -> bool:
    """Whether a name fits a part with places left open, or begins as the part up to its last letters.

    Five characters with a digit among them tell a series: lsm6d of LSM6DSL and LSM6DS3TR-C.
    """
    plain = part.replace("-", "")
    if re.search(r"[xy]", plain):
        pattern = "".join("[a-z0-9]" if letter in "xy" else re.escape(letter.lower()) for letter in plain)
        return re.match(pattern, key) is not None
    start = plain.lower()[:5]
    return len(start) == 5 and key.startswith(start) and any(letter.isdigit() for letter in start)
