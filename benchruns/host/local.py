"""What of a command line stays on this machine: secrets, and where things lie in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

HIDDEN = "***"
_SYNTHETIC = "synthetic:"  # as in `rigguide bench --model synthetic:config.json`
_SECRET = re.compile(
    r"--?([\w-]+[-_])?(key|token|secret|password|passwd|credentials?|auth)", re.IGNORECASE
)
_ABSOLUTE = re.compile(r"(/|~/|[A-Za-z]:[\\/]|\\\\)")


def redacted(argv: Sequence[str]) -> tuple[str, ...]:
    """The same with what follows an option such as --api-key hidden, and paths made short."""
    return tuple(_redacted(argv))


def _redacted(argv: Sequence[str]) -> Iterator[str]:
    hide = False
    for word in argv:
        option, equals, value = word.partition("=")
        secret = bool(_SECRET.fullmatch(option))
        if hide:
            yield HIDDEN
        elif word.startswith("-") and equals:
            yield f"{option}={HIDDEN if secret else short(value)}"
        else:
            yield short(word)
        hide = secret and not equals and not hide


def short(word: str) -> str:
    """`/home/alice/m.gguf` becomes `…/m.gguf`; what is no absolute path stays."""
    if word.startswith(_SYNTHETIC):
        return _SYNTHETIC + short(word.removeprefix(_SYNTHETIC))
    if not _ABSOLUTE.match(word):
        return word
    return "…/" + re.split(r"[\\/]", word.rstrip("\\/"))[-1]
