"""Conditions on boards: what is typed, what it means, and what is said where it means nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinykg.catalogue.where import FIELDS, RATES, SIZES, parse, quantity
from tinykg.errors import InputError
from tinykg.graph.iris import lookup_key
from tinykg.join.parts import part_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from tinykg.catalogue.where import Condition
    from tinykg.records.device import DeviceType
    from tinykg.registry import Registry

KIB, MIB = 1 << 10, 1 << 20


def slugs(registry: Registry, where: str) -> set[str]:
    return {device.slug for device in registry.devices(where)}


def refused(registry: Registry, where: str) -> str:
    with pytest.raises(InputError) as caught:
        registry.devices(where)
    return str(caught.value)


def problem_of(call: Callable[[], object]) -> str:
    """What is wrong with what was typed; `none` where nothing is."""
    try:
        call()
    except InputError as error:
        return str(error)
    return "none"


@pytest.fixture(scope="module")
def devices(registry: Registry) -> list[DeviceType]:
    """A sample of the boards, with all that is known of each."""
    return [registry.device(d.slug) for d in registry.devices()[::9]]


def largest(device: DeviceType, *kinds: str) -> int | None:
    """The largest figure of the memories of some kinds."""
    figures = [n for m in device.memories if m.kind in kinds for n in (m.total_bytes, m.free_bytes) if n]
    return max(figures, default=None)


# -- quantities


@pytest.mark.parametrize(
    ("text", "size_bytes"),
    [
        ("256KiB", 262_144),
        ("256kib", 262_144),
        ("256KIB", 262_144),
        ("256 KiB", 262_144),
        ("256kB", 256_000),
        ("256KB", 256_000),
        ("1MB", 1_000_000),
        ("1MiB", 1_048_576),
        ("0.25MiB", 262_144),
        ("1.5KiB", 1536),
        ("1_000", 1000),
        ("2GiB", 2 << 30),
        ("2GB", 2 * 10**9),
        ("7B", 7),
        ("0", 0),
    ],
)
def test_a_size_is_whole_bytes(text: str, size_bytes: int) -> None:
    assert quantity(text, SIZES, "x") == size_bytes


@pytest.mark.parametrize(
    ("text", "rate_hz"),
    [
        ("64MHz", 64_000_000),
        ("64 mhz", 64_000_000),
        ("1.2GHz", 1_200_000_000),
        ("32.768kHz", 32_768),
        ("10", 10),
    ],
)
def test_a_clock_is_whole_hertz(text: str, rate_hz: int) -> None:
    assert quantity(text, RATES, "x") == rate_hz


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("1.0001KiB", "no whole number of B"),
        ("1.5", "no whole number of B"),
        ("256KiBB", "no unit 'KiBB'. Did you mean KiB or kB or MiB? Units: B, kB, KiB, MB, MiB, GB, GiB"),
        ("256MHz", "no unit 'MHz'"),
        ("1.000.000", "no number with a unit"),
        ("-1", "no number with a unit"),
        ("1e3", "no number with a unit"),
        ("KiB", "no number with a unit"),
        ("٣KiB", "no number with a unit"),
        ("9" * 5000, "more than there can be"),
        ("99999999999GiB", "more than there can be"),
    ],
)
def test_what_is_no_size_is_refused_with_the_condition(text: str, complaint: str) -> None:
    with pytest.raises(InputError) as caught:
        quantity(text, SIZES, f"ram>={text}")
    assert str(caught.value).startswith(f"--where: 'ram>={text}'")
    assert complaint in str(caught.value)


@given(st.text(max_size=12))
def test_whatever_is_typed_is_a_size_or_an_input_error(text: str) -> None:
    assert problem_of(lambda: quantity(text, SIZES, text)).startswith(("--where: ", "none"))


@given(
    st.text(max_size=40)
    | st.from_regex(r"(ram|sensor|fpu) ?(>=|=|!=|<) ?[a-z0-9 ,|'\"]{0,12}", fullmatch=True)
)
def test_whatever_is_typed_parses_or_is_an_input_error(text: str) -> None:
    found: list[Condition] = []
    assert problem_of(lambda: found.extend(parse(text))).startswith(("--where: ", "none"))
    assert all(c.field in FIELDS and c.values and c.text in text for c in found)


# -- conditions


def test_conditions_are_split_at_and_or_a_comma() -> None:
    found = parse(" RAM>=256KiB and sensor = microphone|camera AND Core!=cortex-m4f, vendor='Seeed Studio' ")
    assert [(c.field, c.comparison, c.values) for c in found] == [
        ("ram", ">=", ("256KiB",)),
        ("sensor", "=", ("microphone", "camera")),
        ("core", "!=", ("cortex-m4f",)),
        ("vendor", "=", ("Seeed Studio",)),
    ]
    assert found[1].text == "sensor = microphone|camera"


@pytest.mark.parametrize("text", ["", " ", "ram", "ram>=", ">=1", "and", "ram>=1,,flash>=1", "ram~1"])
def test_what_is_no_condition_is_refused_with_what_would_be_one(text: str) -> None:
    with pytest.raises(
        InputError, match=r"is no condition; expected FIELD.*such as ram>=256KiB; the fields are ram, "
    ):
        parse(text)


def test_a_misspelt_field_is_told_what_was_meant() -> None:
    with pytest.raises(InputError, match=r"no field 'rma'\. Did you mean ram") as caught:
        parse("rma>=1KiB")
    assert all(field in str(caught.value) for field in FIELDS)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("sensor>=microphone", "'sensor>=microphone': sensor is no quantity; use = or !="),
        ("fpu<yes", "fpu is no quantity"),
        ("ram=1KiB|2KiB", "| joins names, not quantities"),
    ],
)
def test_a_comparison_that_a_field_does_not_have_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(InputError) as caught:
        parse(text)
    assert complaint in str(caught.value)


# -- on the catalogue


@pytest.mark.parametrize("comparison", [">=", "<=", ">", "<", "=", "==", "!="])
@pytest.mark.parametrize(
    ("field", "text", "value", "kinds"),
    [
        ("ram", "256KiB", 256 * KIB, ("sram", "dram")),
        ("flash", "1MiB", MIB, ("flash",)),
        ("psram", "8MiB", 8 * MIB, ("psram",)),
    ],
)
def test_memories_compare_as_the_boards_figures_do(
    registry: Registry,
    devices: list[DeviceType],
    comparison: str,
    field: str,
    text: str,
    value: int,
    kinds: tuple[str, ...],
) -> None:
    found = slugs(registry, f"{field}{comparison}{text}")
    compare = {">=": int.__ge__, "<=": int.__le__, ">": int.__gt__, "<": int.__lt__, "!=": int.__ne__}
    for device in devices:
        size = largest(device, *kinds)
        meets = size is not None and compare.get(comparison, int.__eq__)(size, value)
        assert (device.slug in found) == meets, (device.slug, size)


def test_comparisons_part_the_boards_that_state_a_clock(registry: Registry) -> None:
    below, equal, above = (slugs(registry, f"clock{c}64MHz") for c in ("<", "=", ">"))
    assert below
    assert equal
    assert above
    assert len(below | equal | above) == len(below) + len(equal) + len(above)
    assert slugs(registry, "clock!=64MHz") == below | above
    assert slugs(registry, "clock>=64000kHz") == equal | above
    assert slugs(registry, "clock<=0.064GHz") == below | equal


def test_all_conditions_have_to_be_met(registry: Registry) -> None:
    found = slugs(registry, "ram>=256KiB and sensor=microphone and core=Cortex-M4F")
    assert found == slugs(registry, "ram>=256KiB") & slugs(registry, "sensor=microphone") & slugs(
        registry, "core=cortex-m4f"
    )
    assert "arduino-nano-33-ble-sense" in found
    assert "arduino-nano-33-ble" not in found, "the plain board has no microphone"


@pytest.mark.parametrize(
    "spelling", ["microphone", "Microphone", "MICROPHONE", "'microphone'", '"microphone"']
)
def test_a_sensor_goes_by_its_slug_or_label_in_any_case(registry: Registry, spelling: str) -> None:
    assert slugs(registry, f"sensor={spelling}") == slugs(registry, "sensor=microphone") != set()


def test_a_sensor_may_be_what_it_observes_or_a_wider_kind(registry: Registry) -> None:
    accelerometers = slugs(registry, "sensor=accelerometer")
    assert accelerometers <= slugs(registry, "sensor=acceleration")
    assert accelerometers <= slugs(registry, "sensor=motion-sensor")


def test_a_core_without_its_fpu_means_both(registry: Registry) -> None:
    with_fpu, wide = slugs(registry, "core=cortex-m4f"), slugs(registry, "core=cortex-m4")
    assert with_fpu < wide


@pytest.mark.parametrize(
    ("field", "one", "other"),
    [
        ("core", "cortex-m4f", "cortex-m7"),
        ("sensor", "camera", "gas"),
        ("vendor", "Arduino", "Adafruit"),
        ("link", "ble", "wifi"),
    ],
)
def test_either_of_two_values(registry: Registry, field: str, one: str, other: str) -> None:
    sets = [slugs(registry, f"{field}={value}") for value in (one, other)]
    assert all(sets)
    assert (
        slugs(registry, f"{field}={one}|{other}")
        == slugs(registry, f"{field} = {one} | {other}")
        == sets[0] | sets[1]
    )


@pytest.mark.parametrize(
    "condition",
    ["core=cortex-m4f", "sensor=microphone", "vendor=arduino", "fpu=yes", "link=ble", "system=linux"],
)
def test_what_is_not_so_is_stated_all_the_same(registry: Registry, condition: str) -> None:
    """A board of which nothing is stated meets neither a condition nor its contrary."""
    field, _, value = condition.partition("=")
    these, others = slugs(registry, condition), slugs(registry, f"{field}!={value}")
    assert these
    assert others
    assert not these & others
    stating = {d.slug for d in registry.devices()} - these - others
    for slug in sorted(stating)[:5]:
        device = registry.device(slug)
        stated = {
            "core": any(p.core for p in device.processors),
            "sensor": bool(device.sensors),
            "vendor": bool(device.vendor),
            "fpu": any(p.has_fpu is not None for p in device.processors),
            "link": bool(device.connectivity),
            "system": bool(device.system),
        }
        assert not stated[field], slug


def test_a_vendor_goes_by_every_spelling(registry: Registry) -> None:
    wanted = lookup_key("Seeed Studio")
    by_hand = {d.slug for d in map(registry.device, slugs(registry, "vendor=seeed studio")) if d.vendor}
    assert slugs(registry, "vendor=SeeedStudio") == by_hand
    spellings = {registry.device(slug).vendor for slug in by_hand}
    assert len(spellings) >= 2
    assert {lookup_key(vendor or "") for vendor in spellings} == {wanted}


def test_a_part_goes_by_every_spelling_and_by_its_family(registry: Registry) -> None:
    found = slugs(registry, "part=nRF52840")
    assert found == slugs(registry, "part=nrf52840") >= slugs(registry, "part=nRF52840_QIAA")
    assert len(found) >= 40
    for slug in found:
        assert any(part_key(p.part or "").startswith("nrf52840") for p in registry.device(slug).processors), (
            slug
        )
    assert slugs(registry, "part=stm32f446re") < slugs(registry, "part=stm32f4")
    esp32 = slugs(registry, "part=esp32")
    assert esp32
    assert not esp32 & slugs(registry, "part=esp32s3"), "an ESP32-S3 is no ESP32"


@pytest.mark.parametrize(
    ("where", "complaint"),
    [
        ("sensor=microphon", "no sensor 'microphon'. Did you mean microphone"),
        ("sensor=mic", "Did you mean microphone"),
        ("core=cortx-m4f", "no core 'cortx-m4f'. Did you mean cortex-m4f"),
        ("vendor=arduno", "no board with vendor 'arduno'. Did you mean arduino"),
        ("link=wfi", "no board with link 'wfi'. Did you mean wifi"),
        ("fpu=true", "no board with fpu 'true'. Did you mean no or yes?"),
        ("part=nrf52480", "no board with part 'nrf52480'. Did you mean nrf52840"),
        ("ram>=1 and sensor=microphon", "'sensor=microphon': no sensor"),
        ("sensor=microphone|nosuch", "'sensor=microphone|nosuch': no sensor 'nosuch'"),
        ("core=|", "'core=|': no core ''"),
    ],
)
def test_a_name_that_nothing_has_is_told_what_was_meant(
    registry: Registry, where: str, complaint: str
) -> None:
    message = refused(registry, where)
    assert complaint in message
    assert re.match(r"--where: '[^']+", message), "it says which condition"


@pytest.mark.parametrize(
    "field", ["vendor", "part", "link", "accelerator", "system", "fpu", "sensor", "core"]
)
@pytest.mark.parametrize(
    "text",
    [
        '" } DROP ALL #',
        "x' } ; CLEAR ALL",
        "> <https://example.org/x",
        "?device",
        "UNDEF",
        "\\u0022",
        "a\nb",
        "$x",
        "<x>",
        "%27",
    ],
)
def test_what_is_typed_stays_a_text(registry: Registry, field: str, text: str) -> None:
    before = len(registry.devices())
    assert text.strip("'\"").split("|")[0].strip() in refused(registry, f"{field}={text}")
    assert len(registry.devices()) == before > 1000


words = st.text(st.characters(codec="utf-8"), min_size=1, max_size=10)


@settings(deadline=None, max_examples=25)
@given(st.sampled_from(FIELDS), st.sampled_from(["=", "!=", ">="]), words)
def test_no_text_does_anything_but_find_boards_or_an_input_error(
    registry: Registry, field: str, comparison: str, text: str
) -> None:
    problem = problem_of(lambda: registry.devices(f"{field}{comparison}{text}"))
    assert problem.startswith(("--where: ", "none"))
