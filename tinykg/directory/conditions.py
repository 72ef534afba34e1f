"""What a client knows of a resource and rests its request on (RFC 9110, 13)."""

from __future__ import annotations

from dataclasses import dataclass

from tinykg.errors import PreconditionFailed


@dataclass(frozen=True, slots=True)
class Conditions:
    """The values of If-Match and If-None-Match; None where a request has none."""

    if_match: str | None = None
    if_none_match: str | None = None

    def check(self, what: str, etag: str | None) -> None:
        """Raise PreconditionFailed where a write must not be done; `etag` is None where nothing is."""
        if self.if_match is not None and not _names(self.if_match, etag, weak=False):
            state = "is not there" if etag is None else f"has changed: its ETag is {etag}"
            raise PreconditionFailed(f"{what} {state}, and the request's If-Match is {self.if_match}.")
        if self.if_none_match is not None and _names(self.if_none_match, etag, weak=True):
            raise PreconditionFailed(
                f"{what} is there (ETag {etag}), and the request's If-None-Match is {self.if_none_match}."
            )

    def is_known(self, etag: str) -> bool:
        """Whether the client has this state already, so that a reading request is answered with 304."""
        return self.if_none_match is not None and _names(self.if_none_match, etag, weak=True)


UNCONDITIONAL = Conditions()


def _names(condition: str, etag: str | None, *, weak: bool) -> bool:
    if etag is None:
        return False
    tags = [tag.strip() for tag in condition.split(",")]
    if "*" in tags:
        return True
    return etag in ([tag.removeprefix("W/") for tag in tags] if weak else tags)
