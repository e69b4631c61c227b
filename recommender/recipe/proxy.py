"""A proxy with TLS before an engine: every request needs a key, whether the engine knows keys or
not. Caddy fetches a certificate for the site's name by itself."""

from __future__ import annotations

from typing import Any

from recommender.recipe.releases import image

KEY_LENGTH = 32
GUARD = (
    f'test "$${{#RIGGUIDE_API_KEY}}" -ge {KEY_LENGTH} || '
    f'{{ echo "RIGGUIDE_API_KEY in .env must have {KEY_LENGTH} characters or more" >&2; exit 1; }}'
    "; printf '%s' \"$$CADDYFILE\" > /tmp/Caddyfile"
    "; exec caddy run --config /tmp/Caddyfile --adapter caddyfile"
)
"""Compose turns two dollars into one: the length of the key is the container's to look at.

The Caddyfile comes in the environment: Compose cannot put a `configs` with content into a service
that is read-only (docker/compose issues 12031 and 12531)."""


def caddyfile(port: int) -> str:
    """Answers only those who send the key; passes tokens on as they come."""
    return f"""\
{{
    admin off
}}
{{$$SITE_ADDRESS}} {{
    @known header Authorization "Bearer {{$$RIGGUIDE_API_KEY}}"
    handle @known {{
        reverse_proxy engine:{port} {{
            flush_interval -1
            header_up -Authorization
            header_up Host 127.0.0.1:{port}
        }}
    }}
    respond "This needs a key." 401
}}
"""


def service(port: int) -> dict[str, Any]:
    """For Compose, under the profile `share`. `port`: the engine's, inside its container."""
    found = image("", "proxy", "x86_64")
    assert found is not None
    return {
        "image": found.name,
        "profiles": ["share"],
        "restart": "unless-stopped",
        "entrypoint": ["/bin/sh", "-c"],
        "command": [GUARD],
        "environment": {
            "SITE_ADDRESS": "${SITE_ADDRESS:-localhost}",
            "RIGGUIDE_API_KEY": "${RIGGUIDE_API_KEY:-}",
            "XDG_CONFIG_HOME": "/data/config",
            "CADDYFILE": caddyfile(port),
        },
        "ports": ["80:80", "443:443"],
        "volumes": ["proxy:/data"],
        "read_only": True,
        "tmpfs": ["/tmp"],  # noqa: S108
        "cap_drop": ["ALL"],
        "cap_add": ["NET_BIND_SERVICE"],
        "security_opt": ["no-new-privileges:true"],
        "depends_on": ["engine"],
    }
