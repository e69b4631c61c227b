"""A server in a container: `docker run` for the shell and for units around it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from recommender.recipe.plan import Plan
from recommender.recipe.releases import Image
from recommender.recipe.server import LOOPBACK, OWN_FOLDER, Server

WEIGHTS = "/models"
"""Where a container finds the weights; a folder of the host stands behind it."""
KEYS = {"vllm": "VLLM_API_KEY", "llama.cpp": "LLAMA_API_KEY", "tgi": "API_KEY"}
"""Variables in which an engine looks for the key that its clients must send."""
AMD_GROUPS = (
    "--group-add $(getent group video | cut -d: -f3)",
    "--group-add $(getent group render | cut -d: -f3)",
)
DEVICES: dict[str, tuple[str, ...]] = {
    "nvidia": ("--gpus all",),
    "amd": ("--device /dev/kfd --device /dev/dri", *AMD_GROUPS),
    "intel": ("--device /dev/dri", AMD_GROUPS[1]),
    "jetson-orin": ("--runtime nvidia",),
    "jetson-thor": ("--runtime nvidia",),
}
NEEDS = {
    "nvidia": "Docker and the NVIDIA container toolkit",
    "amd": "Docker and the amdgpu driver",
    "jetson-orin": "JetPack with Docker and its NVIDIA runtime",
    "jetson-thor": "JetPack with Docker and its NVIDIA runtime",
}


def needs(plan: Plan, image: Image) -> str:
    """What has to be there first."""
    return " ".join(filter(None, (f"Needs {NEEDS.get(plan.runs_on, 'Docker')}.", image.note)))


def environment(plan: Plan, server: Server, image: Image) -> dict[str, str]:
    """What is set inside: where weights and other caches go, and the server's own settings."""
    own = {} if plan.engine == "ollama" else {"HF_HOME": WEIGHTS}
    home = {"HOME": WEIGHTS} if image.user == "host" else {}
    return {**home, **own, **server.env}


def secrets(plan: Plan) -> tuple[str, ...]:
    """Variables that are handed in by name, so that no command line tells their values. One that is
    not set stays unset inside."""
    token = () if plan.engine == "ollama" else ("HF_TOKEN",)
    return (*token, *((KEYS[plan.engine],) if plan.engine in KEYS else ()))


def named(plan: Plan) -> str:
    """What the server is called beside other containers and services."""
    return f"rigguide-{plan.engine}"


def tool(plan: Plan, image: Image, program: str, arguments: str) -> str:
    """Another program of an image, with the same devices and weights, where no port is needed."""
    flags = (
        "--rm",
        *DEVICES.get(plan.runs_on, ()),
        f'-v "$HOME/.cache/huggingface:{WEIGHTS}" -e HF_HOME={WEIGHTS}',
        f"--entrypoint {program}",
        image.name,
    )
    return "docker run " + " \\\n  ".join((*flags, arguments))


def run(plan: Plan, server: Server, image: Image) -> str:
    """`docker run`, published on this machine only, weights in the Hugging Face cache."""
    return f"docker run {_joined(plan, server, image)}"


def _joined(plan: Plan, server: Server, image: Image) -> str:
    inside = (image.name, *image.entry, *server.arguments)
    return " \\\n  ".join((*_flags(plan, server, image), *_grouped(inside)))


def _flags(plan: Plan, server: Server, image: Image) -> Iterator[str]:
    yield f"--rm --name {named(plan)}"
    yield " ".join((*_rights(image), *_shared(server)))
    yield from DEVICES.get(plan.runs_on, ())
    yield f"-p {LOOPBACK}:{server.port}:{image.port or server.port}"
    yield f'-v "$HOME/.cache/huggingface:{WEIGHTS}"'
    if plan.own_weights:
        yield f"-v {OWN_FOLDER}:{OWN_FOLDER}:ro"
    for name, value in environment(plan, server, image).items():
        yield f"-e {name}={shlex.quote(value)}"
    for name in secrets(plan):
        yield f"-e {name}"


def _rights(image: Image) -> tuple[str, ...]:
    """As yourself where the image allows it; root keeps what it needs to write your cache."""
    fewer = ("--security-opt no-new-privileges",)
    if image.user != "host":
        return fewer
    return ('--user "$(id -u):$(id -g)" --cap-drop ALL', *fewer)


def _shared(server: Server) -> tuple[str, ...]:
    size = server.shared_memory_gib
    return (f"--shm-size {size}g",) if size else ()


def _grouped(inside: tuple[str, ...]) -> Iterator[str]:
    """Words of a command line, an option and its value to a line."""
    line = ""
    for word in map(shlex.quote, inside):
        if word.startswith("-") and line:
            yield line
            line = word
        else:
            line = f"{line} {word}".strip()
    yield line
