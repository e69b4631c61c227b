"""What keeps a host running for good, to download: units and container files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files as resources
from typing import Any, Final

import yaml

from benchruns.attaching.wheel import Wheel
from benchruns.host.service import launchd, systemd

PLAIN: Final = "text/plain; charset=utf-8"
_LIVES_IN: Final = "$HOME/.local/share/rigguide"


@dataclass(frozen=True, slots=True)
class Offered:
    """A file by its name; `use` is the line that puts it to use."""

    name: str
    title: str
    use: str
    make: Callable[[str, Wheel], str]


def _unit(_site: str, _wheel: Wheel) -> str:
    return systemd.text(systemd.OF_HOME)


def _plist(_site: str, _wheel: Wheel) -> str:
    """A shell starts it, because a property list does not know whose home it is in."""
    start = f'exec "{_LIVES_IN}/venv/bin/rigguide" host >>"{_LIVES_IN}/host.log" 2>&1'
    return launchd.job(("/bin/sh", "-c", start), None)


def _dockerfile(site: str, wheel: Wheel) -> str:
    text = (resources("benchruns.attaching") / "data" / "Dockerfile").read_text("utf-8")
    values = {"SITE": site, "WHEEL": wheel.name, "SHA256": wheel.sha256}
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text


_NVIDIA: Final = {
    "environment": {"NVIDIA_DRIVER_CAPABILITIES": "compute,utility"},
    "deploy": {
        "resources": {
            "reservations": {
                "devices": [{"driver": "nvidia", "count": "all", "capabilities": ["gpu"]}]
            }
        }
    },
    "shm_size": "8gb",
}


def _compose(more: dict[str, Any]) -> Callable[[str, Wheel], str]:
    def made(_site: str, _wheel: Wheel) -> str:
        rest = {key: value for key, value in more.items() if key != "environment"}
        environment = {"RIGGUIDE_CODE": "${RIGGUIDE_CODE:-}", **more.get("environment", {})}
        service = {
            "build": {"context": ".", "dockerfile": "Dockerfile"},
            "init": True,
            "restart": "unless-stopped",
            "stop_grace_period": "30s",
            "environment": environment,
            "volumes": ["data:/data"],
            "cap_drop": ["ALL"],
            "security_opt": ["no-new-privileges:true"],
            **rest,
        }
        document = {"services": {"host": service}, "volumes": {"data": {}}}
        return yaml.safe_dump(document, sort_keys=False)

    return made


def _up(name: str) -> str:
    return f"RIGGUIDE_CODE=… docker compose -f {name} up -d --build"


OFFERED: Final = (
    Offered(
        systemd.NAME,
        "systemd unit of yours",
        f"install -D -m 644 {systemd.NAME} ~/.config/systemd/user/{systemd.NAME} && "
        f"systemctl --user enable --now {systemd.NAME} && loginctl enable-linger",
        _unit,
    ),
    Offered(
        launchd.NAME,
        "launchd list (macOS)",
        f"cp {launchd.NAME} ~/Library/LaunchAgents/ && "
        f"launchctl bootstrap gui/$(id -u) ~/Library/LaunchAgents/{launchd.NAME}",
        _plist,
    ),
    Offered("Dockerfile", "Container image", "docker build -t rigguide-host .", _dockerfile),
    Offered("compose.yaml", "Compose, processor only", _up("compose.yaml"), _compose({})),
    Offered(
        "compose.nvidia.yaml", "Compose, NVIDIA", _up("compose.nvidia.yaml"), _compose(_NVIDIA)
    ),
)


def named(name: str) -> Offered | None:
    return next((one for one in OFFERED if one.name == name), None)
