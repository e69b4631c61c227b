"""How a completion is asked for. OpenAI-compatible servers differ in what they accept."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Dialect:
    """`exact`: ask with the extensions that fix the output's length (llama.cpp, vLLM, SGLang)."""

    chat: bool = False
    exact: bool = True

    @property
    def path(self) -> str:
        return "/v1/chat/completions" if self.chat else "/v1/completions"

    def body(self, model: str, prompt: str, output_tokens: int) -> dict[str, Any]:
        text = (
            {"messages": [{"role": "user", "content": prompt}]} if self.chat else {"prompt": prompt}
        )
        length = {"ignore_eos": True, "min_tokens": output_tokens} if self.exact else {}
        return {
            "model": model,
            **text,
            "max_tokens": output_tokens,
            "temperature": 0,
            "stream": True,
            "stream_options": {"include_usage": True},
            **length,
        }


NATIVE = Dialect()
# Tried in this order against a server nobody described to us.
CANDIDATES = (NATIVE, Dialect(exact=False), Dialect(chat=True), Dialect(chat=True, exact=False))


def candidates(known: Dialect | None, api: str | None) -> tuple[Dialect, ...]:
    """What to try. `known`: what the engine speaks; `api`: what the plan asks for, if anything."""
    tried = CANDIDATES if known is None else (known,)
    if api is None:
        return tried
    return tuple(dict.fromkeys(replace(dialect, chat=api == "chat") for dialect in tried))
