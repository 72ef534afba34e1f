"""The table of compatible strings, and which kinds and part a node has."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tinykg.extract.zephyr import sensor_nodes_of
from tinykg.extract.zephyr_sensors import NO_SENSORS, drivers, kinds_of, sensors
from tinykg.files import data_folder, ontology_files

if TYPE_CHECKING:
    from pathlib import Path

    from tinykg.extract.zephyr_sensors import SensorNode


def nodes(folder: Path, text: str) -> tuple[SensorNode, ...]:
    path = folder / "board.dts"
    path.write_text(text, encoding="utf-8")
    return sensor_nodes_of(path)


def one(folder: Path, node: str, *compatibles: str) -> tuple[set[str], str | None]:
    """Kinds and part of a single node."""
    listed = ", ".join(f'"{name}"' for name in compatibles)
    (found,) = nodes(folder, f"/ {{ {node} {{ compatible = {listed}; }}; }};")
    return set(found.kinds), found.part


def test_the_table_is_sorted_and_knows_only_kinds_of_the_vocabulary() -> None:
    path = data_folder() / "sensors" / "zephyr_compatibles.toml"
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith('"')]
    names = [line.split('"')[1] for line in lines]
    assert names == sorted(names)
    assert set(names) == set(drivers())
    assert len(names) >= 283
    (vocabulary,) = [file for file in ontology_files() if file.name == "sensor-kinds.ttl"]
    known = set(
        re.findall(r"^sensor-kind:([a-z0-9-]+) a ", vocabulary.read_text(encoding="utf-8"), re.MULTILINE)
    )
    for name, driver in drivers().items():
        assert driver.kinds, name
        assert set(driver.kinds) <= known, name
        assert list(driver.kinds) == sorted(set(driver.kinds)), name
        assert driver.part is None or not NO_SENSORS & set(driver.kinds) or driver.part[0].isalpha(), name
    assert known >= NO_SENSORS


def test_the_table_has_each_published_compatible(test_data: Path) -> None:
    text = (test_data / "boards" / "zephyr_sensor_kinds.csv").read_text(encoding="utf-8")
    published = {}
    for line in text.splitlines()[1:]:
        name, _, rest = line.replace('""', '"').lstrip('"').partition('",' if line.startswith('"') else ",")
        published[name] = set(rest.split(",")[1].split(";"))
    assert len(published) == 283
    assert {name: set(drivers()[name].kinds) for name in published} == published


@pytest.mark.parametrize(
    ("compatibles", "kinds"),
    [
        (["nxp,fxos8700"], {"accelerometer", "magnetometer"}),
        (["nxp,fxos8700", "nxp,mma8451q"], {"accelerometer"}),
        (["nxp,mma8451q", "nxp,fxos8700"], {"accelerometer"}),
        (["acme,unknown", "st,hts221"], {"hygrometer", "thermometer"}),
        (["st,hts221", "st,lis3dh"], set()),
        (["acme,unknown"], set()),
        ([], set()),
    ],
)
def test_the_kinds_are_what_all_known_ones_share(compatibles: list[str], kinds: set[str]) -> None:
    assert kinds_of(compatibles) == kinds


@pytest.mark.parametrize(
    ("node", "compatibles", "part"),
    [
        ("lsm6ds3tr_c: lsm6ds3tr-c@6a", ["st,lsm6dsl"], "LSM6DS3TR-C"),
        ("mp34dt05@0", ["st,mpxxdtyy"], "MP34DT05"),
        ("bma421: bma421@18", ["bosch,bma4xx"], "BMA421"),
        ("bme688@76", ["bosch,bme680"], "BME688"),
        ("lis3dh: lis3dh@18", ["st,lis2dh"], "LIS3DH"),
        ("lis2dh@19", ["st,lis3dh", "st,lis2dh"], "LIS3DH"),
        ("mma8642fc: mma8652fc@1d", ["nxp,fxos8700", "nxp,mma8652fc"], "MMA8652FC"),
        ("lsm303agr_accel: lsm303agr-accel@19", ["st,lis2dh", "st,lsm303agr-accel"], "LSM303AGR"),
        ("sensor0: sensor@44", ["ti,opt3001"], "OPT3001"),
        ("mag0: mag_0", ["honeywell,sm351lt"], "SM351LT"),
        ("hts221: a@5f", ["st,hts221"], "HTS221"),
        ("sht3xd@44", ["sensirion,sht3xd"], "SHT3x"),
        ("ti_hdc@43", ["ti,hdc", "ti,hdc1010"], None),
        (f"{'a1' * 5000}@1", ["st,hts221"], "HTS221"),
    ],
)
def test_the_part_is_that_of_the_label_or_of_the_closest_driver(
    tmp_path: Path, node: str, compatibles: list[str], part: str | None
) -> None:
    assert one(tmp_path, node, *compatibles)[1] == part


@pytest.mark.parametrize(
    "compatible",
    ["nordic,nrf-temp", "st,stm32-dcmi", "nordic,nrf-qdec", "ti,ina230", "maxim,max17055", "wolfson,wm8904"],
)
def test_what_is_no_sensor_of_the_board_is_no_node(tmp_path: Path, compatible: str) -> None:
    assert nodes(tmp_path, f'/ {{ a@1 {{ compatible = "{compatible}"; status = "okay"; }}; }};') == ()


def test_the_second_node_of_a_part_adds_its_kind(tmp_path: Path) -> None:
    text = '/ { a@1 { compatible = "st,lsm9ds1"; }; b@2 { compatible = "st,lsm9ds1_mag"; }; };'
    found = sensors(nodes(tmp_path, text)) or ()
    assert [(sensor.kind, sensor.part) for sensor in found] == [
        ("accelerometer", "LSM9DS1"),
        ("gyroscope", "LSM9DS1"),
        ("magnetometer", "LSM9DS1"),
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('pdm0: p { compatible = "nordic,nrf-pdm"; status = "okay"; };', 1),
        ('pdm0: p { compatible = "nordic,nrf-pdm"; status = "disabled"; };', 0),
        ('pdm0: p { compatible = "nordic,nrf-pdm"; };', 0),
        ('pdm0: p { compatible = "nxp,dmic"; status = "okay"; };', 1),
        ('dmic_dev: p { compatible = "acme,port"; status = "okay"; };', 0),
    ],
)
def test_a_microphone_is_shown_by_its_port_in_use(tmp_path: Path, text: str, found: int) -> None:
    assert len(nodes(tmp_path, f"/ {{ {text} }};")) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('dmic_dev: &pdm0 { status = "okay"; };', 1),
        ('&pdm0 { status = "okay"; };', 1),
        ("&pdm0 { pinctrl-0 = <&a>; };", 0),
        ('&pdm0 { status = "disabled"; };', 0),
        ('&i2c0 { status = "okay"; };', 0),
    ],
)
def test_a_port_in_a_missing_file_is_told_by_its_name(tmp_path: Path, text: str, found: int) -> None:
    assert len(nodes(tmp_path, f"#include <gone.dtsi>\n{text}")) == found


def test_a_node_out_of_use_is_listed_and_no_sensor(tmp_path: Path) -> None:
    text = '/ { b: bus { s@1 { compatible = "st,hts221"; status = "disabled"; }; }; };'
    (node,) = nodes(tmp_path, text)
    assert (node.works, node.bus, node.bus_labels) == (False, "/bus", ("b",))
    assert sensors([node]) is None
