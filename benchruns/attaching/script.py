"""The install script with this site's address and package in it, and the line that runs it."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from benchruns.attaching.wheel import Wheel

PATH: Final = "/host/install.sh"
INDEX: Final = "/host/simple/"


@dataclass(frozen=True, slots=True)
class Command:
    """One way to run the script; `title` says for whom."""

    id: str
    title: str
    text: str


def install_sh(site: str, wheel: Wheel, *, locked: bool, index: bool) -> str:
    """`locked`: the site has a file of locked requirements. `index`: it keeps the wheels too."""
    values = {
        "SITE": site,
        "WHEEL": wheel.name,
        "SHA256": wheel.sha256,
        "LOCKED": "yes" if locked else "no",
        "INDEX": f"{site}{INDEX}" if index else "",
    }
    text = (files("benchruns.attaching") / "data" / "install.sh").read_text("utf-8")
    for name, value in values.items():
        text = text.replace(f"@{name}@", shlex.quote(value))
    return text


def commands(site: str, code: str) -> tuple[Command, ...]:
    """The code goes into the environment: in no address that is logged, in no list of processes."""
    fetch = shlex.quote(f"{site}{PATH}")
    run = f"RIGGUIDE_CODE={shlex.quote(code)} sh"
    shell = f"curl -fsSL {fetch} | {run}"
    return (
        Command("shell", "Linux, macOS", shell),
        Command("powershell", "Windows, in WSL 2 (PowerShell)", f'wsl -e sh -c "{shell}"'),
        Command("python", "Where there is no curl", f"{_by_python(site)} | {run}"),
    )


def _by_python(site: str) -> str:
    """What every machine with Python has."""
    get = f'import urllib.request as u; print(u.urlopen("{site}{PATH}").read().decode())'
    return f"python3 -c {shlex.quote(get)}"
