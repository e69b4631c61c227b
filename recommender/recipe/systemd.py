"""A systemd unit: the engine as a service of this machine, with no more rights than it needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from recommender.recipe import container
from recommender.recipe.documents import commented
from recommender.recipe.plan import Plan
from recommender.recipe.releases import Image
from recommender.recipe.server import (
    ANYWHERE,
    LOOPBACK,
    OWN_FOLDER,
    Place,
    Server,
    asks_for_licence,
    engine_name,
)
from recommender.recommendation import Form, RecipeFile

TITLE = "systemd"
PREFIX = "/opt/rigguide"
"""Where install.sh puts what a service starts: a service sees nobody's home."""
PLAIN = "text/plain; charset=utf-8"
HINT_WINDOWS = (
    "Windows has no systemd. install.ps1 shows how the Task Scheduler starts it when you log in; "
    "in WSL2, take the answers of Linux and their unit."
)
SEVERAL = "One unit is one machine; the model is spread over {nodes}. Take the Kubernetes form."
NOTE = "A service of this machine, started again when it fails, reachable here only."
HARDENED = """\
NoNewPrivileges=yes
PrivateTmp=yes
ProtectSystem=strict
ProtectHome=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
RestrictSUIDSGID=yes
RestrictRealtime=yes
RestrictNamespaces=yes
LockPersonality=yes
CapabilityBoundingSet=
SystemCallArchitectures=native
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
UMask=0077"""
CLIENT = """\
NoNewPrivileges=yes
PrivateTmp=yes
ProtectSystem=strict
ProtectHome=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
RestrictSUIDSGID=yes
LockPersonality=yes"""
"""Of the Docker client, which may reach Docker and needs nothing else: the container has limits of
its own."""


def form(plan: Plan, server: Callable[[Plan, Place], Server]) -> Form:
    if plan.windows:
        return Form("service", TITLE, why_not=HINT_WINDOWS)
    if plan.nodes > 1:
        return Form("service", TITLE, why_not=SEVERAL.format(nodes=plan.nodes))
    ready = server(plan, Place(host=LOOPBACK, prefix=PREFIX))
    image = ready.image
    if image is not None:
        ready = server(plan, Place(host=ANYWHERE))
    name = f"{container.named(plan)}.service"
    body = _native(plan, ready) if image is None else _contained(plan, ready, image)
    text = commented(_header(plan, name, image)) + "\n".join(body) + "\n"
    return Form("service", TITLE, RecipeFile(name, PLAIN, text), note=NOTE)


def _header(plan: Plan, name: str, image: Image | None) -> Iterator[str]:
    env = f"/etc/rigguide/{plan.engine}.env"
    yield f"{plan.model.name}, {plan.quant.id}, on {engine_name(plan)}: made by RigGuide."
    yield ""
    if image is None:
        pull = " PULL=no" if plan.engine == "ollama" else ""
        yield f"Before:  sudo env PREFIX={PREFIX}{pull} sh install.sh"
    else:
        yield f"Before:  sudo docker pull {image.name}"
    if plan.engine == "ollama":
        yield "         sudo systemctl disable --now ollama   (the installer's own service)"
    yield f"         sudo install -D -m 600 /dev/null {env}"
    yield from _secrets(plan, env)
    yield f"Start:   sudo install -m 644 {name} /etc/systemd/system/"
    yield f"         sudo systemctl daemon-reload && sudo systemctl enable --now {name}"
    if plan.engine == "ollama":
        yield from _pull(plan)
    yield f"Watch:   journalctl -fu {name}"
    yield "Share:   a proxy with TLS before it; docker-compose.yml of this recipe shows one."


def _secrets(plan: Plan, env: str) -> Iterator[str]:
    key = container.KEYS.get(plan.engine)
    licence = asks_for_licence(plan)
    if key or licence:
        yield f"Secrets: into {env}, a line each; nobody but root reads it:"
    if licence:
        yield "           HF_TOKEN=… of whoever accepted the model's licence"
    if key:
        yield f"           {key}=… for clients to send, made by: openssl rand -hex 32"


def _pull(plan: Plan) -> Iterator[str]:
    from recommender.recipe.ollama import model_tag

    yield f"Model:   ollama pull {model_tag(plan)}"


def _unit(plan: Plan, after: str) -> Iterator[str]:
    yield "[Unit]"
    yield f"Description={plan.model.name} on {engine_name(plan)} (RigGuide)"
    yield "Wants=network-online.target"
    yield f"After=network-online.target{after}"


def _native(plan: Plan, server: Server) -> Iterator[str]:
    name = container.named(plan)
    yield from _unit(plan, "")
    if plan.engine == "ollama":
        yield "Conflicts=ollama.service"
    yield from ("", "[Service]", "Type=exec", "DynamicUser=yes")
    yield from _groups(plan)
    yield f"StateDirectory={name}"
    yield f"WorkingDirectory=%S/{name}"
    for variable, value in _environment(plan, server).items():
        yield f"Environment={variable}={value}"
    yield f"EnvironmentFile=-/etc/rigguide/{plan.engine}.env"
    yield f"ExecStart={_joined((*server.binary, *server.arguments))}"
    yield from _restarts()
    yield HARDENED
    if plan.own_weights:
        yield f"ReadOnlyPaths={OWN_FOLDER}"
    yield from ("", "[Install]", "WantedBy=multi-user.target")


def _environment(plan: Plan, server: Server) -> dict[str, str]:
    """Weights and every other cache go into the service's own folder."""
    state = f"%S/{container.named(plan)}"
    weights = {"OLLAMA_MODELS": f"{state}/models"}
    own = weights if plan.engine == "ollama" else {"HF_HOME": f"{state}/huggingface"}
    return {"HOME": state, **own, **server.env}


def _groups(plan: Plan) -> Iterator[str]:
    """Those that own the accelerator's device files; a processor needs no device at all."""
    if plan.hardware in {"amd", "intel"} or plan.jetson:
        yield "SupplementaryGroups=video render"
    if plan.hardware == "cpu":
        yield "PrivateDevices=yes"


def _contained(plan: Plan, server: Server, image: Image) -> Iterator[str]:
    name = container.named(plan)
    yield from _unit(plan, " docker.service")
    yield "Requires=docker.service"
    yield from ("", "[Service]", "Type=exec")
    yield f"StateDirectory={name}"
    yield f"EnvironmentFile=-/etc/rigguide/{plan.engine}.env"
    yield f"ExecStartPre=-/usr/bin/docker rm --force {name}"
    yield f"ExecStart={_joined(_docker(plan, server, image))}"
    yield f"ExecStop=/usr/bin/docker stop {name}"
    yield from _restarts()
    yield CLIENT
    yield from ("", "[Install]", "WantedBy=multi-user.target")


def _docker(plan: Plan, server: Server, image: Image) -> Iterator[str]:
    yield from ("/usr/bin/docker", "run", "--rm", "--name", container.named(plan))
    yield from ("--cap-drop", "ALL", "--security-opt", "no-new-privileges")
    if server.shared_memory_gib:
        yield from ("--shm-size", f"{server.shared_memory_gib}g")
    yield from DEVICES.get(plan.runs_on, ())
    yield from ("-p", f"{LOOPBACK}:{server.port}:{image.port or server.port}")
    yield from ("-v", f"%S/{container.named(plan)}:{container.WEIGHTS}")
    if plan.own_weights:
        yield from ("-v", f"{OWN_FOLDER}:{OWN_FOLDER}:ro")
    for variable, value in container.environment(plan, server, image).items():
        yield from ("-e", f"{variable}={value}")
    for name in container.secrets(plan):
        yield from ("-e", name)
    yield from (image.name, *image.entry, *server.arguments)


DEVICES: dict[str, tuple[str, ...]] = {
    "nvidia": ("--gpus", "all"),
    "amd": ("--device", "/dev/kfd", "--device", "/dev/dri"),
    "intel": ("--device", "/dev/dri"),
    "jetson-orin": ("--runtime", "nvidia"),
    "jetson-thor": ("--runtime", "nvidia"),
}
"""Root in the container owns what root owns outside: the state folder and the device files."""


def _restarts() -> tuple[str, ...]:
    return (
        "Restart=on-failure",
        "RestartSec=5",
        "TimeoutStartSec=infinity",
        "LimitNOFILE=65536",
        "",
    )


def _joined(words: Iterator[str] | tuple[str, ...]) -> str:
    """As systemd splits it: an option and its value to a line, a dollar doubled."""
    line, lines = "", []
    for word in words:
        text = word.replace("$", "$$")
        if word.startswith("-") and line:
            lines.append(line)
            line = text
        else:
            line = f"{line} {text}".strip()
    return " \\\n    ".join((*lines, line))
