"""The commands of every engine, by its id."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from recommender.catalogue import Catalogue, Model, Quant
from recommender.facts import Facts
from recommender.recipe import llama_cpp, mlx_lm, ollama, sglang, tensorrt_llm, tgi, vllm
from recommender.recipe.plan import Plan, plan
from recommender.recommendation import Command

ENGINES: Mapping[str, Callable[[Plan], tuple[Command, ...]]] = {
    "ollama": ollama.commands,
    "llama.cpp": llama_cpp.commands,
    "vllm": vllm.commands,
    "mlx-lm": mlx_lm.commands,
    "sglang": sglang.commands,
    "tensorrt-llm": tensorrt_llm.commands,
    "tgi": tgi.commands,
}
WRITES = frozenset({"load-test", "cross-check"})


def commands(
    engine_id: str, model: Model, quant: Quant, facts: Facts, catalogue: Catalogue
) -> tuple[Command, ...]:
    """Install, get the model, serve, check, load-test, cross-check with the engine's own tool,
    watch, upgrade: in this order, for this system and load. An embedding model is not load-tested:
    it writes no text to time.

    Raises:
        ValueError: the engine does not load this quantisation, or the device is unknown.
    """
    steps = ENGINES[engine_id](plan(engine_id, model, quant, facts, catalogue))
    return tuple(c for c in steps if c.step not in WRITES or not model.embedding_only)
