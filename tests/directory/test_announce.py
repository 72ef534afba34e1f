"""The directory is found in the local network by its kind of service."""

from __future__ import annotations

import ipaddress
import sys
import threading

import pytest
from zeroconf import NotRunningException, ServiceBrowser, ServiceListener, Zeroconf

from tinykg.directory.announce import (
    DIRECTORIES,
    SERVICE,
    _own_addresses,
    announced,
    instance_name,
    text_record,
)
from tinykg.errors import MissingExtra, StoreError

PATIENCE_S = 20


class Found(ServiceListener):
    """What a browser of services was told."""

    def __init__(self) -> None:
        self.there: dict[str, set[str]] = {SERVICE: set(), DIRECTORIES: set()}
        self.all_found = threading.Event()
        self.all_gone = threading.Event()

    def add_service(self, zc: Zeroconf, type_: str, name: str) -> None:
        del zc
        self.there[type_].add(name)
        if all(self.there.values()):
            self.all_found.set()

    def remove_service(self, zc: Zeroconf, type_: str, name: str) -> None:
        del zc
        self.there[type_].discard(name)
        if not any(self.there.values()):
            self.all_gone.set()

    def update_service(self, zc: Zeroconf, type_: str, name: str) -> None:
        """Nothing is updated."""


def test_it_is_found_as_a_thing_and_as_a_directory_until_it_ends() -> None:
    found = Found()
    network = Zeroconf(interfaces=["127.0.0.1"])
    try:
        browsers = [ServiceBrowser(network, kind, found) for kind in (SERVICE, DIRECTORIES)]
        try:
            with announced("127.0.0.1", 8123):
                assert found.all_found.wait(PATIENCE_S)
                name = next(iter(found.there[DIRECTORIES]))
                about = network.get_service_info(SERVICE, name)
        except StoreError as error:
            pytest.skip(f"this machine has no multicast: {error}")
        assert found.all_gone.wait(PATIENCE_S)
        for browser in browsers:
            browser.cancel()
    finally:
        network.close()
    assert about is not None
    assert (about.port, about.parsed_addresses()) == (8123, ["127.0.0.1"])
    assert about.decoded_properties == {"td": "/.well-known/wot", "type": "Directory", "scheme": "http"}


def test_without_zeroconf_it_is_said_what_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "zeroconf", None)
    with pytest.raises(MissingExtra, match=r"tinykg\[serve\]"), announced("127.0.0.1", 8123):
        pass


def test_what_cannot_be_announced_is_an_error_and_leaves_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object, **_options: object) -> None:
        raise NotRunningException

    try:
        Zeroconf(interfaces=["127.0.0.1"]).close()
    except OSError as error:
        pytest.skip(f"this machine has no multicast: {error}")
    monkeypatch.setattr(Zeroconf, "register_service", refuse)
    before = threading.active_count()
    with (
        pytest.raises(StoreError, match=r"cannot be announced on 127\.0\.0\.1"),
        announced("127.0.0.1", 8123),
    ):
        pass
    assert threading.active_count() == before


def test_everywhere_is_each_address_that_others_can_reach() -> None:
    found = [ipaddress.ip_address(packed) for packed in _own_addresses()]
    assert found
    assert all(one.version == 4 for one in found)
    assert not any(one.is_loopback for one in found) or len(found) == 1


def test_the_text_record_names_the_scheme() -> None:
    assert text_record("https")["scheme"] == "https"


@pytest.mark.parametrize("host", ["lab", "a.b", "é" * 100, ""])
def test_a_name_fits_into_a_label(host: str) -> None:
    name = instance_name(host, " (directory)")
    assert len(name.encode()) <= 63
    assert "." not in name
    assert name.endswith(" (directory)")
