"""All engines of the contract by id, and beside them ways of serving that are measured alone."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from benchruns.host.adapters.base import EngineAdapter
from benchruns.host.adapters.in_process import InProcess
from benchruns.host.adapters.llama_cpp import LlamaCpp
from benchruns.host.adapters.llama_cpp_python import LlamaCppPython
from benchruns.host.adapters.mlx_lm import MlxLm
from benchruns.host.adapters.ollama import Ollama
from benchruns.host.adapters.sglang import Sglang
from benchruns.host.adapters.tensorrt_llm import TensorrtLlm
from benchruns.host.adapters.tgi import Tgi
from benchruns.host.adapters.vllm import Vllm
from benchruns.host.errors import EngineFailed

_ALL: tuple[EngineAdapter, ...] = (
    LlamaCpp(),
    Ollama(),
    Vllm(),
    MlxLm(),
    Sglang(),
    TensorrtLlm(),
    Tgi(),
    LlamaCppPython(),
    InProcess(),
)
ADAPTERS: Mapping[str, EngineAdapter] = MappingProxyType({a.id: a for a in _ALL})


def adapter(engine_id: str) -> EngineAdapter:
    """Raises EngineFailed with the ids there are."""
    if engine_id not in ADAPTERS:
        raise EngineFailed(
            f"There is no engine {engine_id!r}. There are: {', '.join(sorted(ADAPTERS))}."
        )
    return ADAPTERS[engine_id]
