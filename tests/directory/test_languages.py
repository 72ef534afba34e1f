"""Details of problems in the language that a client prefers."""

from __future__ import annotations

import pytest

from tinykg.rest.languages import localized, preferred
from tinykg.rest.problems import STATUSES


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("de", "de"),
        ("de-AT, en;q=0.5", "de"),
        ("en, de;q=0.9", "en"),
        ("ja, fr;q=0.4, de;q=0.3", "fr"),
        ("de;q=0, fr;q=x", "en"),
        ("x-klingon", "en"),
        ("*", "en"),
    ],
)
def test_the_most_wanted_language_of_those_that_are_spoken_wins(header: str | None, language: str) -> None:
    assert preferred(header) == language


@pytest.mark.parametrize("language", ["de", "fr"])
@pytest.mark.parametrize("status", sorted({*STATUSES.values(), 401, 405, 409, 413, 416, 429}))
def test_every_status_has_a_sentence_and_keeps_the_detail(language: str, status: int) -> None:
    detail, header = localized("No Thing 'x'.", status, language)
    assert detail.endswith("(English: No Thing 'x'.)")
    assert len(detail) > len("(English: No Thing 'x'.)") + 10
    assert header == f"{language}, en"


def test_in_english_the_detail_stays_as_it_is() -> None:
    assert localized("No Thing 'x'.", 404, "en-GB") == ("No Thing 'x'.", "en")
