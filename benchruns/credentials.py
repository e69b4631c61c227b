"""Tokens and one-time codes: random, prefixed so that scanners know them, stored hashed."""

from __future__ import annotations

import hashlib
import secrets
from typing import Final

HOST_PREFIX: Final = "rgh_"
CODE_PREFIX: Final = "rgc_"
PERSON_PREFIX: Final = "rgp_"
INVITATION_PREFIX: Final = "rgi_"
_BYTES: Final = 32


def new_token() -> str:
    return HOST_PREFIX + secrets.token_urlsafe(_BYTES)


def new_api_token() -> str:
    return PERSON_PREFIX + secrets.token_urlsafe(_BYTES)


def new_code() -> str:
    return CODE_PREFIX + secrets.token_urlsafe(_BYTES)


def new_invitation() -> str:
    return INVITATION_PREFIX + secrets.token_urlsafe(_BYTES)


def hashed(secret: str) -> str:
    """Hex SHA-256. A plain hash is enough: 256 random bits cannot be guessed, only stolen."""
    return hashlib.sha256(secret.encode()).hexdigest()
