"""macOS's way to keep a server running: a property list for launchd."""

from __future__ import annotations

import plistlib
from collections.abc import Callable

from recommender.recipe import container
from recommender.recipe.plan import Plan
from recommender.recipe.server import Place, Server
from recommender.recommendation import Form, RecipeFile

TITLE = "launchd"
XML = "application/xml"
NOTE = (
    "macOS has no systemd; this is its counterpart. Put it into ~/Library/LaunchAgents, then: "
    "launchctl bootstrap gui/$(id -u) ~/Library/LaunchAgents/{name} (bootout ends it). Reachable "
    "on this machine only; its log is {log}."
)
BREW = "/opt/homebrew/bin"


def form(plan: Plan, server: Callable[[Plan, Place], Server]) -> Form:
    name = f"{container.named(plan)}.plist"
    log = f"/tmp/{container.named(plan)}.log"  # noqa: S108 - a log that anybody may read
    text = plistlib.dumps(_job(plan, server(plan, Place()), log), sort_keys=False).decode()
    note = NOTE.format(name=name, log=log)
    if plan.engine == "ollama":
        note += " Stop the other one first: brew services stop ollama."
    return Form("service", TITLE, RecipeFile(name, XML, text), note=note)


def _job(plan: Plan, server: Server, log: str) -> dict[str, object]:
    """A shell starts it, because a property list does not know whose home it is in."""
    program, *rest = server.binary
    words = (program, *rest, *server.arguments)
    start = f'PATH="$HOME/.local/bin:{BREW}:$PATH" exec "$@"'
    folder = {"WorkingDirectory": "/"} if "/" not in program else {}
    return {
        "Label": container.named(plan),
        "ProgramArguments": ["/bin/sh", "-c", start, "sh", *words],
        **({"EnvironmentVariables": server.env} if server.env else {}),
        **folder,
        "RunAtLoad": True,
        "KeepAlive": {"SuccessfulExit": False},
        "ThrottleInterval": 10,
        "StandardOutPath": log,
        "StandardErrorPath": log,
    }
