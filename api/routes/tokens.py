"""Tokens for programs (OAuth2 password flow), and who one is."""

from typing import Annotated, Any

from fastapi import Form, Request

from api.callers import Asking, Here
from api.entering import enter, exchange, give_tokens
from api.people_schemas import AccountDocument, TokenDocument
from api.routing import Router
from api.security import ACCESS_FOR
from gis_core.errors import InvalidInput

router = Router(prefix="/api/v1", tags=["people"])


@router.post("/token", summary="Access and refresh token for a password or a refresh token",
             responses={200: {"model": TokenDocument}})  # fmt: skip
def token(
    request: Request,
    context: Here,
    grant_type: Annotated[str, Form()] = "password",
    username: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    refresh_token: Annotated[str, Form()] = "",
    scope: Annotated[str, Form(description="Accepted and ignored: what may be seen follows from the roles.")] = "",
) -> dict[str, Any]:
    """Tokens for the password of an account (``grant_type=password``), or the next ones for a refresh token
    (``grant_type=refresh_token``), which is good once. The access token goes into ``Authorization: Bearer``.
    """
    if grant_type == "password":
        given = give_tokens(context, enter(context, request, username, password))
    elif grant_type == "refresh_token":
        given = exchange(context, refresh_token)
    else:
        raise InvalidInput("grant_type", field="grant_type", value=grant_type)
    seconds = int(ACCESS_FOR.total_seconds())
    return {
        "access_token": given.access, "token_type": "bearer", "expires_in": seconds, "refresh_token": given.refresh
    }  # fmt: skip


@router.get("/me", summary="Who one is, and with which roles where", responses={200: {"model": AccountDocument}})
def me(asking: Asking) -> dict[str, Any]:
    """The account that the token, key or cookie stands for."""
    user = asking.user
    grants = [{"role": one.role, "area": one.area.kind, "code": one.area.code or None} for one in user.grants]
    return {"name": user.name, "title": user.title, "organisation": user.organisation, "grants": grants}
