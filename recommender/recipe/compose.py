"""A Compose file: the engine, published on this machine only, and a proxy for those who share it.

The proxy is a profile of its own: `docker compose up` does not start it, `--profile share` does,
and it refuses to start without a key of 32 characters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from recommender.recipe import proxy
from recommender.recipe.container import WEIGHTS, environment
from recommender.recipe.documents import dumped
from recommender.recipe.plan import Plan
from recommender.recipe.releases import Image
from recommender.recipe.server import (
    CONTAINER,
    LOOPBACK,
    OWN_FOLDER,
    Place,
    Server,
    asks_for_licence,
    engine_name,
    own_path,
    published,
)
from recommender.recommendation import Form, RecipeFile

NAME = "docker-compose.yml"
TITLE = "Docker Compose"
YAML = "application/yaml"
Document = dict[str, Any]
NO_IMAGE = {
    "mlx-lm": "MLX-LM is published as no image: it needs Apple's own GPU libraries.",
}
UNCHOSEN = "Which image it is depends on the hardware: say what it runs on."
NO_MAC = "Containers on macOS do not reach Apple's GPU."
NO_SOURCE = (
    "You asked for what can be audited: the published image is somebody else's build. "
    "Make your own from the sources, and put its name into a Compose file."
)
SEVERAL = "Compose starts one machine; the model is spread over {nodes}. Take the Kubernetes form."
NOTE = (
    "Reachable on this machine only. The profile share adds a proxy with TLS that asks everybody "
    "for a key."
)


def form(plan: Plan, server: Callable[[Plan, Place], Server]) -> Form:
    image = published(plan)
    if image is None or plan.nodes > 1:
        return Form("compose", TITLE, why_not=_why_not(plan))
    inside = replace(plan, os="linux")
    text = dumped(_header(plan, image), _document(inside, server(inside, CONTAINER), image))
    return Form("compose", TITLE, RecipeFile(NAME, YAML, text), note=NOTE)


def _why_not(plan: Plan) -> str:
    if plan.os == "macos":
        return NO_MAC
    if plan.nodes > 1:
        return SEVERAL.format(nodes=plan.nodes)
    if plan.from_source:
        return NO_SOURCE
    if plan.hardware == "none-yet":
        return UNCHOSEN
    return NO_IMAGE.get(plan.engine, f"No image of this engine is published for {plan.runs_on}.")


def _header(plan: Plan, image: Image) -> Iterator[str]:
    yield f"{plan.model.name}, {plan.quant.id}, on {engine_name(plan)}: made by RigGuide."
    yield ""
    if plan.windows:
        yield "All of it in the shell of WSL2, which Docker Desktop shares."
    yield from _prepare(replace(plan, os="linux"), image)
    yield "Start:   docker compose up -d"
    yield f"Check:   curl http://127.0.0.1:{_port(plan)}/v1/models"
    yield "Share:   put a domain that leads here and a key into .env, open ports 80 and 443, then"
    yield "           printf 'SITE_ADDRESS=llm.example.org\\n' >> .env"
    yield '           printf "RIGGUIDE_API_KEY=%s\\n" "$(openssl rand -hex 32)" >> .env'
    yield "           docker compose --profile share up -d"
    yield "         Clients send the key: Authorization: Bearer …"
    yield f"Pin:     docker image inspect --format '{{{{index .RepoDigests 0}}}}' {image.name}"
    yield "         prints the digest that the image has today; put it after the tag."
    if image.note:
        yield f"Note:    {image.note}"


def _prepare(plan: Plan, image: Image) -> Iterator[str]:
    yield "Before:  mkdir -p models && (umask 077; touch .env)"
    if image.user == "2000:0":
        yield "         sudo chgrp 0 models && sudo chmod 2770 models"
    if asks_for_licence(plan):
        yield "         accept the model's licence, then: printf 'HF_TOKEN=…\\n' >> .env"
    if plan.own_weights and plan.engine == "ollama":
        yield f"         printf 'FROM {own_path(plan)}\\n' > models/Modelfile"
    if image.user == "host":
        ids = 'printf "RIGGUIDE_UID=%s\\nRIGGUIDE_GID=%s\\n" "$(id -u)" "$(id -g)" >> .env'
        yield f"         {ids}"
    if plan.hardware in {"amd", "intel"}:
        yield '         printf "VIDEO_GID=%s\\n" "$(getent group video | cut -d: -f3)" >> .env'
        yield '         printf "RENDER_GID=%s\\n" "$(getent group render | cut -d: -f3)" >> .env'


def _port(plan: Plan) -> int:
    ports = {"ollama": 11434, "llama.cpp": 8080, "tgi": 8080, "sglang": 30000}
    return ports.get(plan.engine, 8000)


def _document(plan: Plan, server: Server, image: Image) -> Document:
    services = {
        "engine": _engine(plan, server, image),
        **({"pull": _pull(plan, image)} if plan.engine == "ollama" else {}),
        "proxy": proxy.service(image.port or server.port),
    }
    return {
        "name": f"rigguide-{plan.engine.replace('.', '-')}",
        "services": services,
        "volumes": {"weights": {}, "proxy": {}} if image.user == "" else {"proxy": {}},
    }


def _engine(plan: Plan, server: Server, image: Image) -> Document:
    inside = image.port or server.port
    return {
        "image": image.name,
        "restart": "unless-stopped",
        **_command(server, image),
        "environment": {**environment(plan, server, image), **_token(plan)},
        "ports": [f"{LOOPBACK}:{server.port}:{inside}"],
        "volumes": _volumes(plan, image),
        **_shared(server),
        **_user(image),
        **_devices(plan),
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges:true"],
        "healthcheck": _health(plan, server, inside),
        "logging": {"driver": "json-file", "options": {"max-size": "10m", "max-file": "3"}},
    }


def _command(server: Server, image: Image) -> Document:
    """Compose reads a dollar as its own: none of the words has one."""
    words = [*image.entry, *server.arguments]
    return {"command": words} if words else {}


def _token(plan: Plan) -> dict[str, str]:
    return {} if plan.engine == "ollama" else {"HF_TOKEN": "${HF_TOKEN:-}"}


def _volumes(plan: Plan, image: Image) -> list[str]:
    """Root owns a volume of Docker's; anybody else gets a folder that can be theirs."""
    weights = "weights" if image.user == "" else "./models"
    own = [f"{OWN_FOLDER}:{OWN_FOLDER}:ro"] if plan.own_weights else []
    return [f"{weights}:{WEIGHTS}", *own]


def _shared(server: Server) -> Document:
    size = server.shared_memory_gib
    return {"shm_size": f"{size}gb"} if size else {}


def _user(image: Image) -> Document:
    user = {"host": "${RIGGUIDE_UID:-1000}:${RIGGUIDE_GID:-1000}"}.get(image.user, image.user)
    read_only = {"read_only": True, "tmpfs": ["/tmp"]} if image.read_only else {}  # noqa: S108
    return {**({"user": user} if user else {}), **read_only}


def _devices(plan: Plan) -> Document:
    if plan.jetson:
        return {"runtime": "nvidia"}
    if plan.hardware == "nvidia":
        gpu = {"driver": "nvidia", "count": plan.used, "capabilities": ["gpu"]}
        return {"deploy": {"resources": {"reservations": {"devices": [gpu]}}}}
    if plan.hardware in {"amd", "intel"}:
        compute = ["/dev/kfd"] if plan.hardware == "amd" else []
        groups = ["${VIDEO_GID:-44}", "${RENDER_GID:-992}"]
        return {"devices": [*compute, "/dev/dri"], "group_add": groups}
    return {}


def _health(plan: Plan, server: Server, port: int) -> Document:
    url = f"http://127.0.0.1:{port}{server.health}"
    tests = {
        "ollama": ["CMD", "ollama", "list"],
        "llama.cpp": ["CMD", "curl", "--fail", "--silent", url],
    }
    ask = f"import urllib.request as u; u.urlopen({url!r}, timeout=5)"
    test = tests.get(plan.engine, ["CMD", "python3", "-c", ask])
    return {"test": test, "interval": "30s", "timeout": "10s", "start_period": "30m"}


def _pull(plan: Plan, image: Image) -> Document:
    """Ollama fetches weights when it is told to: once, into the same folder."""
    from recommender.recipe.ollama import model_tag

    tag = model_tag(plan)
    words = ["create", tag, "-f", f"{WEIGHTS}/Modelfile"] if plan.own_weights else ["pull", tag]
    return {
        "image": image.name,
        "restart": "no",
        "command": words,
        "environment": {"HOME": WEIGHTS, "OLLAMA_HOST": "engine:11434"},
        "volumes": _volumes(plan, image),
        **_user(image),
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges:true"],
        "depends_on": {"engine": {"condition": "service_healthy"}},
    }
