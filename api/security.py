"""Passwords, access tokens and what is shown for a passage."""

import datetime as dt
import hashlib
import secrets
from typing import Any

import jwt
from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from gis_core.errors import InvalidInput, NotFound, Unauthorised
from layers.accounts import User

ACCESS_FOR = dt.timedelta(minutes=15)
REFRESH_FOR = dt.timedelta(days=14)
PAGE_FOR = dt.timedelta(hours=12)
"""A shift: who comes back the next day signs in again."""
KEY_PREFIX = "gwk_"
LEAST_PASSWORD = 10
MOST_PASSWORD = 1_024
"""Nobody keeps a processor busy with a password of a megabyte."""
PHOTOS_FOR = dt.timedelta(hours=1)
"""How long who reported without an account may send photos of it."""
_AUDIENCE, _PHOTOS = "gridwarden", "gridwarden/photos"
_HASHER = PasswordHasher()
_NOBODY = (
    f"$argon2id$v=19$m={_HASHER.memory_cost},t={_HASHER.time_cost},p={_HASHER.parallelism}"
    f"${'A' * (4 * _HASHER.salt_len // 3 + 1)}${'A' * (4 * _HASHER.hash_len // 3 + 1)}"
)
"""The digest of no password we know of; written down, because every command would wait for one to be made."""


def hashed(password: str) -> str:
    """The Argon2 digest to keep of a new password.

    Raises
    ------
    InvalidInput
        When it is too short, or endless.
    """
    if not LEAST_PASSWORD <= len(password) <= MOST_PASSWORD:
        raise InvalidInput("password_weak", field="password", value=len(password), expected=LEAST_PASSWORD)
    return _HASHER.hash(password)


def is_right(password: str, digest: str | None) -> bool:
    """Whether the password is the one of the digest; of nobody's it takes as long to say no."""
    try:
        return _HASHER.verify(digest or _NOBODY, password[:MOST_PASSWORD]) and digest is not None
    except VerificationError:
        return False


def new_secret(prefix: str = "") -> str:
    """Something to show for a passage: 256 random bits."""
    return prefix + secrets.token_urlsafe(32)


def digest_of(secret: str) -> str:
    """What is kept of it; random bits need no slow digest."""
    return hashlib.sha256(secret.encode()).hexdigest()


def access_token(user: User, secret: str, now: dt.datetime) -> str:
    """A signed token that says who its bearer is, for a quarter of an hour."""
    claims = {"sub": user.name, "epoch": user.epoch, "iat": now, "exp": now + ACCESS_FOR, "aud": _AUDIENCE}
    return jwt.encode(claims, secret, algorithm="HS256")


def bearer_of(token: str, secret: str, now: dt.datetime) -> tuple[str, int]:
    """Name and epoch that a token says.

    Raises
    ------
    Unauthorised
        When it is not ours, or has run out.
    """
    claims = _claims(token, secret, now, _AUDIENCE)
    if claims is None or not isinstance(claims.get("epoch"), int):
        raise Unauthorised("token_invalid")
    return claims["sub"], claims["epoch"]


def photo_pass(code: str, secret: str, now: dt.datetime) -> str:
    """A signed token that lets its bearer send photos of one issue, and nothing else, for an hour."""
    return jwt.encode({"sub": code, "exp": now + PHOTOS_FOR, "aud": _PHOTOS}, secret, algorithm="HS256")


def photographed_by(token: str, secret: str, now: dt.datetime) -> str:
    """Case number of the issue that a pass is for.

    Raises
    ------
    NotFound
        When it is not ours, or has run out.
    """
    claims = _claims(token, secret, now, _PHOTOS)
    if claims is None:
        raise NotFound("photo_pass_missing")
    return str(claims["sub"])


def _claims(token: str, secret: str, now: dt.datetime, audience: str) -> dict[str, Any] | None:
    needed = {"require": ["sub", "exp"], "verify_exp": False, "verify_iat": False}
    try:
        claims = jwt.decode(token, secret, algorithms=["HS256"], audience=audience, options=needed)  # type: ignore[arg-type]
    except jwt.InvalidTokenError:
        return None
    # By the clock of the application, which a test can let stand still.
    return claims if claims["exp"] > now.timestamp() else None
