"""What programs are answered about accounts, as the OpenAPI document describes it."""

import datetime as dt
from typing import Any, Literal

from pydantic import BaseModel, Field


class TokenDocument(BaseModel):
    """Tokens (RFC 6749)."""

    access_token: str
    token_type: Literal["bearer"]
    expires_in: int = Field(description="Seconds.")
    refresh_token: str


class GrantDocument(BaseModel):
    """A role and where it counts."""

    role: str
    area: Literal["city", "grid", "organisation", "contractor"]
    code: str | None


class AccountDocument(BaseModel):
    """Who one is."""

    name: str
    title: str
    organisation: str | None
    grants: list[GrantDocument]


class AuditEntryDocument(BaseModel):
    """Something that somebody did."""

    id: int
    at: dt.datetime
    actor: str
    action: str
    subject: str
    address: str
    detail: dict[str, Any]


class AuditPage(BaseModel):
    """Entries of the trail, and where the next ones begin."""

    entries: list[AuditEntryDocument]
    next: int | None
