"""Who may do what: bearer tokens with scopes, and what is open to everybody (RFC 6750)."""

from __future__ import annotations

from fastapi import Depends, HTTPException, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from tinykg.catalogue.tokens import SCOPES
from tinykg.rest.service import service_of

READER, WRITER = "reading", "writing"
"""The names of the security schemes in the OpenAPI document."""

MAY_WRITE = "x-may-write"
"""What marks a route in its OpenAPI fragment that needs the right to write for some requests only."""

_READING = HTTPBearer(
    auto_error=False,
    scheme_name=READER,
    description="A token of scope `read` or more, made by `tinykg token create`.",
)
_WRITING = HTTPBearer(
    auto_error=False,
    scheme_name=WRITER,
    description="A token of scope `write` or more, made by `tinykg token create --scope write`.",
)


def _allow(request: Request, scope: str, credentials: HTTPAuthorizationCredentials | None) -> None:
    """Raise 401 where a token is missing or wrong, 403 where its scope is too small."""
    service = service_of(request)
    settings = service.settings
    rule = settings.reads if scope == "read" else settings.writes
    if rule == "none":
        raise HTTPException(403, "This server is for reading only.")
    if rule == "open":
        return
    if credentials is None:
        raise HTTPException(
            401,
            f"This needs a token of scope '{scope}': make one with 'tinykg token create' and send it as "
            "'Authorization: Bearer ...'.",
            {"WWW-Authenticate": f'Bearer realm="TinyKG", scope="{scope}"'},
        )
    held = service.tokens.scope_of(credentials.credentials)
    if held is None:
        raise HTTPException(
            401,
            "The token is not known here, or has expired.",
            {"WWW-Authenticate": 'Bearer realm="TinyKG", error="invalid_token"'},
        )
    if SCOPES.index(held) < SCOPES.index(scope):
        raise HTTPException(
            403,
            f"The token's scope is '{held}'; this needs '{scope}'.",
            {"WWW-Authenticate": f'Bearer realm="TinyKG", error="insufficient_scope", scope="{scope}"'},
        )


async def may_read(
    request: Request, credentials: HTTPAuthorizationCredentials | None = Security(_READING)
) -> None:
    """Let those through who may read."""
    _allow(request, "read", credentials)


async def may_write(
    request: Request, credentials: HTTPAuthorizationCredentials | None = Security(_WRITING)
) -> None:
    """Let those through who may change the registry."""
    _allow(request, "write", credentials)


READ = Depends(may_read)
WRITE = Depends(may_write)
