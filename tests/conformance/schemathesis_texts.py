"""What schemathesis needs to send texts of SPARQL and TOML; check_openapi.py names it to it."""

import schemathesis

TEXTS = ("application/sparql-query", "application/sparql-update", "application/toml")


@schemathesis.serializer(*TEXTS)  # type: ignore[untyped-decorator]  # schemathesis is not installed with us
def text(_context: object, value: object) -> bytes:
    """A text as UTF-8; another value as its words."""
    return str(value).encode("utf-8", "replace")
