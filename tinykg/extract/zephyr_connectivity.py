"""What a Zephyr target can connect to, by the devicetree's nodes and the metadata's words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tinykg.extract.zephyr_devicetree import is_working, texts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tinykg.extract.zephyr_devicetree import Devicetree

SUPPORTED: Final = {
    "ble": "ble",
    "bluetooth": "bluetooth",
    "can": "can",
    "canfd": "can",
    "ethernet": "ethernet",
    "ieee802154": "ieee802154",
    "lora": "lora",
    "netif:eth": "ethernet",
    "netif:openthread": "ieee802154",
    "netif:wifi": "wifi",
    "nfc": "nfc",
    "wifi": "wifi",
}
"""Words of the list `supported`; netif:modem and the rest do not say by what."""

_BY_COMPATIBLE: Final = tuple(
    (re.compile(pattern), word)
    for pattern, word in (
        (
            r"nordic,nrf-radio|st,stm32wba?-ble-rf|espressif,esp32-bt-hci|silabs,bt-hci.*|zephyr,bt-hci-spi",
            "ble",
        ),
        (r"infineon,cyw\w+-bt-hci.*|infineon,bt-hci-uart|nxp,hci-ble", "bluetooth"),
        (r"espressif,esp32-wifi|inventek,eswifi(-uart)?|atmel,winc1500|espressif,esp-at", "wifi"),
        (
            r"infineon,airoc-wifi.*|nordic,nrf70\d\d(-\w+)?|nxp,wifi|silabs,siwx91x-wifi|ti,simplelink-wifi",
            "wifi",
        ),
        (
            r".+-ethernet|.+,ethernet|atmel,sam0?-gmac|wiznet,w5\d00|microchip,enc\w+|snps,ethernet-.+",
            "ethernet",
        ),
        (r".+[,-](flex|fd|m|mc|m_)?can(fd)?\d*", "can"),
        (
            r"(?!.*-subghz).+-ieee802154|atmel,rf2xx|decawave,dw1000|nxp,mcr20a|ti,cc2520|telink,b91-zb",
            "ieee802154",
        ),
        (r".+-ieee802154-subghz|ti,cc1200", "subghz"),
        (r"semtech,sx12\d\d|st,stm32wl-subghz-radio", "lora"),
    )
)


def connectivity(devicetree: Devicetree | None, supported: Iterable[str]) -> tuple[str, ...] | None:
    """The words of connectivity in order; None where nothing says any."""
    found = {SUPPORTED[word] for word in supported if word in SUPPORTED}
    if devicetree is not None:
        names = {
            name for node in devicetree.nodes() if is_working(node) for name in texts(node, "compatible")
        }
        found |= {word for pattern, word in _BY_COMPATIBLE for name in names if pattern.fullmatch(name)}
    return tuple(sorted(found)) or None
