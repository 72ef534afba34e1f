"""The server's page in a real browser: it asks what its address says, and shows what is answered."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from serving import Served

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")


def seen(served: Served, question: str, profile: Path) -> str:
    """The page's text after it asked a question, with a break for each element."""
    words = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={profile}", "--dump-dom"]
    done = subprocess.run(
        [str(CHROMIUM), *words, "--virtual-time-budget=60000", f"{served.url}/{question}"],
        capture_output=True,
        text=True,
        timeout=180,
        check=True,
    )
    return re.sub(r"<[^>]*>", "\n", done.stdout)


def test_what_the_address_asks_is_shown(served: Served, tmp_path: Path) -> None:
    text = seen(served, "?device=nano33&task=keyword-spotting&verdict=fits", tmp_path)
    assert re.search(r"\b\d+ models, 1\d{3} boards", text)
    assert re.search(r"\b17 pairs, 17 fit\.", text)
    assert "ARM_DS_CNN_Small" in text
    assert "26.9 KiB of 256.0 KiB" in text


def test_a_wrong_name_is_said_as_the_server_says_it(served: Served, tmp_path: Path) -> None:
    assert "No device 'nano34'. Did you mean arduino-nano-33-ble-sense" in seen(
        served, "?device=nano34", tmp_path
    )


def test_markup_in_an_address_stays_text(served: Served, tmp_path: Path) -> None:
    text = seen(served, "?device=%3Cimg%20src%3Dx%20onerror%3Ddocument.title%3D1%3E", tmp_path)
    assert "No device '&lt;img src=x onerror=document.title=1&gt;'." in text
