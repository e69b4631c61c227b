"""What a server counts of itself: prompt tokens that came from its prefix cache.

Names by vLLM's and SGLang's own documentation of their Prometheus metrics. llama.cpp tells it with
every answer instead (`load.stream`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import httpx

CACHED: Final = ("vllm:prefix_cache_hits", "sglang:cached_tokens")
_LINE: Final = re.compile(r"^([a-zA-Z_:][\w:]*?)(?:_total)?(?:\{[^}]*\})?\s+([0-9.eE+-]+)\s*$")
_WAIT_S: Final = 2.0


def fetch(base_url: str, headers: Mapping[str, str]) -> str:
    """The text of `/metrics`, "" where there is none."""
    try:
        answer = httpx.get(
            base_url + "/metrics", headers=dict(headers), timeout=_WAIT_S, trust_env=False
        )
    except httpx.HTTPError:
        return ""
    return answer.text if answer.status_code == 200 else ""


def cached_tokens(text: str) -> int | None:
    """Since the server started, over all its models; None where it does not count them."""
    found = [_LINE.match(line) for line in text.splitlines() if line.startswith(CACHED)]
    values = [float(m[2]) for m in found if m and m[1] in CACHED]
    return round(sum(values)) if values else None
