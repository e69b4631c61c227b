"""What a client asked for, checked as a real server checks it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from benchruns.host.mock.behaviour import Behaviour


class BadRequest(ValueError):
    """What a client sent wrong, in a sentence."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A checked request."""

    chat: bool
    stream: bool
    usage: bool
    max_tokens: int
    prompt: str

    @property
    def prompt_tokens(self) -> int:
        return len(self.prompt.split())


_OPENAI = {
    "model", "prompt", "messages", "max_tokens", "temperature", "stream", "stream_options",
    "seed", "top_p", "stop", "n", "user",
}  # fmt: skip


def parse(body: object, behaviour: Behaviour, *, chat: bool) -> Wanted:
    """Raises BadRequest as a real server would answer 400."""
    if not isinstance(body, dict):
        raise BadRequest("the body must be a JSON object")
    if behaviour.strict and set(body) - _OPENAI:
        raise BadRequest(f"unknown fields: {', '.join(sorted(set(body) - _OPENAI))}")
    limit = body.get("max_tokens", 16)
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
        raise BadRequest("max_tokens must be a whole number above 0")
    options = body.get("stream_options") or {}
    return Wanted(
        chat=chat,
        stream=body.get("stream") is True,
        usage=behaviour.usage and options.get("include_usage") is True,
        max_tokens=limit,
        prompt=_prompt(body, chat=chat),
    )


def _prompt(body: dict[str, Any], *, chat: bool) -> str:
    if not chat:
        if not isinstance(body.get("prompt"), str):
            raise BadRequest("prompt must be a string")
        return str(body["prompt"])
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise BadRequest("messages must be a list that is not empty")
    return " ".join(str(message.get("content", "")) for message in messages)
