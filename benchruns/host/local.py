"""What of command lines and logs stays on this machine: secrets, and where things lie in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

HIDDEN = "***"
_SYNTHETIC = "synthetic:"  # as in `rigguide bench --model synthetic:config.json`
_SECRET = re.compile(
    r"--?([\w-]+[-_])?(key|token|secret|password|passwd|credentials?|auth)", re.IGNORECASE
)
_HOME = re.compile(
    r"(?:/home|/Users|/var/home)/[^/\s:\"']+|(?<![\w.-])/root(?=/|\b)|[A-Za-z]:[\\/]Users[\\/][^\\/\s:\"']+"
)
_USERINFO = re.compile(r"(?<=://)[^/\s@]+@")
_SPOKEN_SECRET = re.compile(
    r"""(?P<name>
        --?(?:[\w-]+[-_])?(?:key|token|secret|password|passwd|credentials?|auth)[ =]
        | \b(?:api[-_]?key|(?:hf|access|auth|api)_token|secret|password|passwd)["']?\s*[:=]\s*
        | \bBearer\s+
    )
    (?:["'\[(]*)[^\s"',\])]+""",
    re.IGNORECASE | re.VERBOSE,
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


def for_strangers(text: str) -> str:
    """A log or a reason without this machine's home folders, passwords in addresses and secrets.

    `/home/alice/.cache/x` becomes `~/.cache/x`, `https://me:word@host` `https://***@host`.
    """
    home = str(Path.home()).rstrip("/")
    mine = rf"(?<![\w.-]){re.escape(home)}(?![\w-])"
    text = re.sub(mine, "~", text) if home else text
    text = _USERINFO.sub(f"{HIDDEN}@", _HOME.sub("~", text))
    return _SPOKEN_SECRET.sub(rf"\g<name>{HIDDEN}", text)
