"""`REDIS_URL` as Celery writes it, in the form that redis-py reads."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urlparse


def for_redis_py(url: str) -> str:
    """`redis+socket:///path?virtual_host=1` becomes `unix:///path?db=1`; others stay."""
    parts = urlparse(url)
    if parts.scheme != "redis+socket":
        return url
    options = [
        ("db" if key == "virtual_host" else key, value) for key, value in parse_qsl(parts.query)
    ]
    user = f"{parts.netloc.rpartition('@')[0]}@" if "@" in parts.netloc else ""
    query = f"?{urlencode(options)}" if options else ""
    return f"unix://{user}{parts.path}{query}"
