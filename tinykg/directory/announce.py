"""Announcing a directory in the local network by DNS-SD over multicast DNS (WoT Discovery, 5.4; RFC 6763)."""

from __future__ import annotations

import ipaddress
import socket
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Final

from tinykg.errors import MissingExtra, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

SERVICE: Final = "_wot._tcp.local."
DIRECTORIES: Final = f"_directory._sub.{SERVICE}"
"""The subtype of those services that are directories."""

_DESCRIPTION: Final = "/.well-known/wot"
_LOOPBACK: Final = ipaddress.IPv4Address("127.0.0.1")
_LONGEST_LABEL_BYTES: Final = 63
"""RFC 6763, 4.1.1."""


def text_record(scheme: str = "http") -> dict[str, str]:
    """What the TXT record says: where the directory's own Thing Description is."""
    return {"td": _DESCRIPTION, "type": "Directory", "scheme": scheme}


def instance_name(host: str, note: str = "") -> str:
    """The name of the service as people see it, within what a label may hold."""
    name = f"TinyKG on {host}".encode()[: _LONGEST_LABEL_BYTES - len(note.encode())]
    return name.decode(errors="ignore").replace(".", "-") + note


@contextmanager
def announced(host: str, port: int, *, scheme: str = "http") -> Iterator[None]:
    """Announce the server that listens on `host` and `port` for as long as the context lasts.

    On an unspecified address it is announced in every network of this machine, else in that of the address.
    Raises MissingExtra without the package zeroconf, StoreError where the network does not let it.
    """
    try:
        from zeroconf import Error as ZeroconfError
        from zeroconf import InterfaceChoice, Zeroconf
    except ImportError as error:
        raise MissingExtra("announcing the directory", "serve") from error
    from zeroconf import ServiceInfo

    address = ipaddress.ip_address(socket.getaddrinfo(host, port)[0][4][0])
    everywhere = address.is_unspecified
    machine = socket.gethostname().partition(".")[0] or "localhost"
    addresses = _own_addresses() if everywhere else [address.packed]
    services = [
        ServiceInfo(
            kind,
            f"{instance_name(machine, note)}.{SERVICE}",
            port=port,
            addresses=addresses,
            properties=text_record(scheme),
            server=f"{machine}.local.",
        )
        for kind, note in ((SERVICE, ""), (DIRECTORIES, " (directory)"))
    ]
    with ExitStack() as stack:
        try:
            network = Zeroconf(interfaces=InterfaceChoice.All if everywhere else [str(address)])
            stack.callback(network.close)
            stack.callback(network.unregister_all_services)
            for service in services:
                network.register_service(service, allow_name_change=True)
        except (OSError, ZeroconfError) as error:
            raise StoreError(f"The directory cannot be announced on {host}: {error}") from error
        yield


def _own_addresses() -> list[bytes]:
    """The IPv4 addresses of this machine that others can reach; its own loopback where there are none."""
    import ifaddr  # zeroconf itself rests on it

    texts = [ip.ip for adapter in ifaddr.get_adapters() for ip in adapter.ips if isinstance(ip.ip, str)]
    found = [ipaddress.ip_address(text) for text in texts]
    return [one.packed for one in found if not one.is_loopback] or [_LOOPBACK.packed]
