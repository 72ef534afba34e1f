"""What is wrong with a Thing Description, a Thing Model or a file."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ThingFault:
    """One fault: `field` is its path, such as `properties.status.forms.0.href`, or `(root)`.

    Both members are what WoT Discovery (6.2.1) wants in the `validationErrors` of an answer.
    """

    field: str
    description: str
