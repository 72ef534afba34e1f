"""What the features of a pack's board say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tinykg.errors import ExtractError
from tinykg.extract.cmsis_pack_boards import pack_boards
from tinykg.extract.xml_document import read_xml
from tinykg.records.device import Sensor

if TYPE_CHECKING:
    from pathlib import Path

    from tinykg.records.board import BoardDescription


def boards(tmp_path: Path, inner: str) -> list[BoardDescription]:
    file = tmp_path / "b.pdsc"
    file.write_text(f"<package><boards>{inner}</boards></package>", encoding="utf-8")
    return list(pack_boards(read_xml(file), "V.P"))


def board(tmp_path: Path, inner: str) -> BoardDescription:
    return boards(tmp_path, f'<board vendor="V" name="B">{inner}</board>')[0]


@pytest.mark.parametrize(
    ("feature", "sensors"),
    [
        ('type="Accelerometer" name="3D digital accelerometer"', [("accelerometer", None)]),
        ('type="Gyro" name="LSM6DSOX"', [("gyroscope", "LSM6DSOX")]),
        ('type="Compass"', [("magnetometer", None)]),
        ('type="PressSens" name="LPS22HB barometer"', [("barometer", "LPS22HB")]),
        (
            'type="TempSens" name="Temperature, humidity sensor HTS221"',
            [("thermometer", "HTS221"), ("hygrometer", "HTS221")],
        ),
        (
            'type="Accelerometer" name="FXOS8700CQ accelerometer and magnetometer"',
            [("accelerometer", "FXOS8700CQ"), ("magnetometer", "FXOS8700CQ")],
        ),
        ('type="MIC" n="2" name="SPH0645LM4H-1"', [("microphone", "SPH0645LM4H-1")]),
        ('type="Camera" name="OV7670 RGB565"', [("camera", "OV7670")]),
        ('type="SensOther" name="3-axis magnetometer"', [("magnetometer", None)]),
        ('type="SensOther" name="Relative humidity sensor"', [("hygrometer", None)]),
        (
            'type="SensOther" name="6-axis IMU ICM-42670-P"',
            [("accelerometer", "ICM-42670-P"), ("gyroscope", "ICM-42670-P")],
        ),
        ('type="SensOther" name="Time-of-Flight ranging sensor"', [("distance", None)]),
        ('type="LightSens" name="I2C ambient light sensor"', [("light", None)]),
    ],
)
def test_a_sensor_feature_is_a_sensor(
    tmp_path: Path, feature: str, sensors: list[tuple[str, str | None]]
) -> None:
    found = board(tmp_path, f"<feature {feature}/>").sensors
    assert found == tuple(Sensor(kind=kind, part=part) for kind, part in sensors)


@pytest.mark.parametrize(
    "feature",
    [
        'type="Camera" name="Camera module connector"',
        'type="ConnOther" name="Camera module expansion connector"',
        'type="SensOther" name="something new"',
        'type="LED" n="3"',
        'type="ArduinoFF" name="accelerometer shield"',
    ],
)
def test_a_feature_that_is_no_sensor_says_nothing_of_sensors(tmp_path: Path, feature: str) -> None:
    found = board(tmp_path, f"<feature {feature}/>")
    assert found.sensors is None
    assert len(found.tags) == 1


@pytest.mark.parametrize(
    ("feature", "words"),
    [
        ('type="ETH" name="RJ45 connector"', ("ethernet",)),
        ('type="CAN" n="2"', ("can",)),
        ('type="WiFi"', ("wifi",)),
        ('type="ConnOther" name="802.11 b/g/n module"', ("wifi",)),
        ('type="ConnOther" name="Bluetooth Low Energy 5"', ("ble",)),
        ('type="Bluetooth" name="BLE module"', ("ble",)),
        ('type="Bluetooth" name="Bluetooth 2.1"', ("bluetooth",)),
        ('type="Other" name="Sub-GHz LoRa radio"', ("lora", "subghz")),
        ('type="ConnOther" name="Wi-Fi expansion connector"', None),
        ('type="USB" name="USB C"', None),
    ],
)
def test_networks_are_read_from_type_and_text(
    tmp_path: Path, feature: str, words: tuple[str, ...] | None
) -> None:
    assert board(tmp_path, f"<feature {feature}/>").connectivity == words


@pytest.mark.parametrize(
    ("feature", "figures"),
    [
        ('type="RAM" n="1" name="64-Mbit octal-SPI PSRAM"', [("psram", 8 << 20)]),
        ('type="ROM" name="16 MB QSPI flash"', [("external-flash", 16 << 20)]),
        ('type="ROM" name="512 Kbytes"', [("external-flash", 512 << 10)]),
        ('type="RAM" n="2" name="64-Mbit"', []),
        ('type="RAM" name="SDRAM"', []),
        ('type="MemoryOther" name="256-Kbit I2C EEPROM"', []),
    ],
)
def test_external_memory_is_read_from_the_text(
    tmp_path: Path, feature: str, figures: list[tuple[str, int]]
) -> None:
    assert [(f.memory, f.size_bytes) for f in board(tmp_path, f"<feature {feature}/>").figures] == figures


def test_a_memory_element_goes_before_the_text(tmp_path: Path) -> None:
    inner = '<memory name="RAM-Ext" start="0x90000000" size="0x400000"/><feature type="RAM" name="64-Mbit"/>'
    (figure,) = board(tmp_path, inner).figures
    assert (figure.size_bytes, figure.place) == (4 << 20, "memory[RAM-Ext]")


def test_several_mounted_devices_are_ordered_by_index(tmp_path: Path) -> None:
    found = board(
        tmp_path,
        '<mountedDevice deviceIndex="1" Dname="second"/><mountedDevice deviceIndex="0" Dname="first"/>',
    )
    assert (found.part, found.note) == ("first", "also mounted: second")


def test_boards_of_one_name_are_told_apart_by_vendor_and_revision(tmp_path: Path) -> None:
    same = '<board vendor="V" name="B" revision="{0}"/>'
    found = boards(
        tmp_path, same.format("A") + same.format("B") + '<board vendor="V" name="C" revision="A"/>'
    )
    assert [one.identifier for one in found] == ["V B A", "V B B", "C"]
    with pytest.raises(ExtractError, match="a second board"):
        boards(tmp_path, same.format("A") * 2)


@pytest.mark.parametrize(
    "inner", ["<feature/>", "<mountedDevice/>", '<mountedDevice Dname="D" deviceIndex="x"/>']
)
def test_a_fault_names_the_board(tmp_path: Path, inner: str) -> None:
    with pytest.raises(ExtractError) as error:
        board(tmp_path, inner)
    assert error.value.place.startswith("package/boards/board[B]/")
