"""The same rig in other forms: as a script, for Compose, as a service, for Kubernetes.

Each form is a file to download, or the reason why there is none for these answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from recommender.catalogue import Catalogue, Model, Quant
from recommender.facts import Facts
from recommender.recipe import (
    compose,
    kubernetes,
    launchd,
    llama_cpp,
    mlx_lm,
    ollama,
    script,
    sglang,
    systemd,
    tensorrt_llm,
    tgi,
    vllm,
)
from recommender.recipe.plan import Plan, plan
from recommender.recipe.server import Place, Server
from recommender.recommendation import Form

SERVERS: Mapping[str, Callable[[Plan, Place], Server]] = {
    "ollama": ollama.server,
    "llama.cpp": llama_cpp.server,
    "vllm": vllm.server,
    "mlx-lm": mlx_lm.server,
    "sglang": sglang.server,
    "tensorrt-llm": tensorrt_llm.server,
    "tgi": tgi.server,
}
LINUX_ENGINES = frozenset({"vllm", "sglang", "tensorrt-llm", "tgi"})
"""Those that on Windows run in its Linux: their files are Linux files."""


def forms(
    engine_id: str, model: Model, quant: Quant, facts: Facts, catalogue: Catalogue
) -> tuple[Form, ...]:
    """Script, Compose, service and manifest, each with its file or why there is none.

    Raises:
        ValueError: the engine does not load this quantisation, or the device is unknown.
    """
    known = plan(engine_id, model, quant, facts, catalogue)
    if known.windows and (engine_id in LINUX_ENGINES or known.from_source):
        known = replace(known, os="linux")
    return tuple(_forms(known))


def _forms(known: Plan) -> Iterator[Form]:
    server = SERVERS[known.engine]
    yield script.form(known, server)
    yield compose.form(known, server)
    yield launchd.form(known, server) if known.os == "macos" else systemd.form(known, server)
    yield kubernetes.form(known, server)
