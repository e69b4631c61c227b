"""Reads settings from the environment; says what was wrong and what is allowed."""

from __future__ import annotations

import hashlib
import ipaddress
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

from django.core.exceptions import ImproperlyConfigured

from recommender.price_list import EMPTY, PriceList, PriceListError, read

_TRUE = {"1", "true", "yes", "on"}
MAX_SOCKET_PATH = 100
_FALSE = {"0", "false", "no", "off"}


def text(name: str, default: str) -> str:
    return os.environ.get(name) or default


def one_of(name: str, allowed: tuple[str, ...], default: str) -> str:
    given = os.environ.get(name, "").strip().lower() or default
    if given not in allowed:
        raise ImproperlyConfigured(f"{name} is {given!r}; it must be one of {', '.join(allowed)}")
    return given


def flag(name: str, *, default: bool) -> bool:
    given = os.environ.get(name, "").strip().lower()
    if not given:
        return default
    if given not in _TRUE | _FALSE:
        raise ImproperlyConfigured(f"{name} is {given!r}; it must be 1 or 0")
    return given in _TRUE


def number(name: str, default: int, *, least: int = 1) -> int:
    given = os.environ.get(name, "").strip()
    if not given:
        return default
    if not (given.isascii() and given.isdigit()) or int(given) < least:
        raise ImproperlyConfigured(f"{name} is {given!r}; it must be a number from {least} on")
    return int(given)


def hosts(name: str, default: list[str]) -> list[str]:
    given = os.environ.get(name, "")
    return [host.strip() for host in given.split(",") if host.strip()] or default


@dataclass(frozen=True, slots=True)
class Mail:
    """How mail leaves. Without a server it is written into the log."""

    backend: str = "django.core.mail.backends.console.EmailBackend"
    host: str = ""
    port: int = 0
    user: str = ""
    password: str = ""
    starttls: bool = False
    tls: bool = False

    @property
    def is_sent(self) -> bool:
        return bool(self.host)


_MAIL_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


def mail(url: str) -> Mail:
    """`EMAIL_URL`: smtp://, smtp+starttls:// or smtps://user:password@host:port; "" is the log."""
    if not url:
        return Mail()
    parts = urlparse(url)
    if parts.scheme not in _MAIL_PORTS or not parts.hostname:
        raise ImproperlyConfigured(
            f"EMAIL_URL is {parts.scheme}://…; it must look like "
            "smtp+starttls://user:password@host:587, smtps://… or smtp://…"
        )
    return Mail(
        "django.core.mail.backends.smtp.EmailBackend",
        parts.hostname,
        parts.port or _MAIL_PORTS[parts.scheme],
        unquote(parts.username or ""),
        unquote(parts.password or ""),
        starttls=parts.scheme == "smtp+starttls",
        tls=parts.scheme == "smtps",
    )


def loopback_only(site_url: str, allowed_hosts: list[str]) -> bool:
    """Whether every name the site goes by is one of this very machine."""
    names = [urlparse(site_url).hostname or "", *(host.strip("[]") for host in allowed_hosts)]
    return all(map(_is_loopback, names))


def _is_loopback(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"


def price_list(path: Path, *, named: bool) -> PriceList:
    """An admin's prices; none where there is no such file and nobody named one."""
    if not path.is_file():
        if named:
            raise ImproperlyConfigured(f"PRICES is {str(path)!r}; there is no such file")
        return EMPTY
    try:
        return read(path.read_text("utf-8"))
    except PriceListError as error:
        raise ImproperlyConfigured(f"{path}: {error}") from error


def data_dir(base: Path) -> Path:
    return Path(text("DATA_DIR", str(base / "var"))).resolve()


def broker_socket(data: Path) -> Path:
    """Beside the data, unless that path is longer than a unix socket's may be."""
    beside = data / "valkey.sock"
    if len(str(beside)) <= MAX_SOCKET_PATH:
        return beside
    short = hashlib.sha256(str(data).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"rigguide-{short}" / "valkey.sock"


def database(data: Path) -> dict[str, Any]:
    """`DATABASE_URL` for PostgreSQL; without it SQLite beside the data."""
    url = os.environ.get("DATABASE_URL", "")
    return _postgresql(url) if url else _sqlite(data / "rigguide.sqlite3")


def _sqlite(path: Path) -> dict[str, Any]:
    path.parent.mkdir(parents=True, exist_ok=True)
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        # Eight saturating writers, no lock error; with Django's defaults a third failed.
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
    }


def _postgresql(url: str) -> dict[str, Any]:
    parts = urlparse(url)
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        raise ImproperlyConfigured(
            f"DATABASE_URL is {parts.scheme}://…; it must look like "
            "postgresql://user:password@host:5432/name"
        )
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_HEALTH_CHECKS": True,
        # Each request has a thread of its own, so connections are kept for all of them together.
        "OPTIONS": {"pool": {"min_size": 1, "max_size": number("DATABASE_POOL", 8), "timeout": 20}},
    }
