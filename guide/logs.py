"""What the site logs: lines for people, or with LOG_FORMAT=json one JSON object a line.

No secret gets into either, whoever logged it: the finished line is what is looked through.
"""

from __future__ import annotations

import logging
import re
from typing import Any, Final

from pythonjsonlogger.json import JsonFormatter

from benchruns.host.local import HIDDEN, for_strangers

_TOKEN: Final = re.compile(r"\brg[a-z]_[A-Za-z0-9_-]{8,}")
"""Tokens and codes of this project (`benchruns/credentials.py`), whatever they are for."""
_COOKIE: Final = re.compile(r"\b((?:sessionid|csrftoken)=)[^;\s\"']+", re.IGNORECASE)

LINE: Final = "{asctime} {levelname} {name} [{request_id} {run_id}]: {message}"
FIELDS: Final = "{asctime}{levelname}{name}{message}{request_id}{run_id}{process}"


def without_secrets(line: str) -> str:
    """Without tokens, codes, session cookies, passwords in addresses, keys, and home folders."""
    line = _TOKEN.sub(lambda found: found[0][:4] + HIDDEN, line)
    return for_strangers(_COOKIE.sub(rf"\g<1>{HIDDEN}", line))


class PlainLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return without_secrets(super().format(record))


class JsonLines(JsonFormatter):
    """`at`, `level`, `logger`, `message`, `request_id`, `run_id`, `process`; faults: `exc_info`."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        renamed = {"asctime": "at", "levelname": "level", "name": "logger"}
        super().__init__(*arguments, **named, rename_fields=renamed)

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        """Before it is JSON, whose quotes would hide a secret from the search for it."""
        told = super().process_log_record(log_data)
        return {name: _plain(value) for name, value in told.items()}


def _plain(value: Any) -> Any:
    return without_secrets(value) if isinstance(value, str) else value


def logging_of(form: str, level: str) -> dict[str, Any]:
    """Django's LOGGING. `form`: "line" or "json"."""
    kinds = {
        "line": {"()": "guide.logs.PlainLines", "format": LINE, "style": "{"},
        "json": {"()": "guide.logs.JsonLines", "fmt": FIELDS, "style": "{"},
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"trace": {"()": "guide.traced.TraceFilter"}},
        "formatters": {"chosen": kinds[form]},
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "chosen",
                "filters": ["trace"],
            }
        },
        "loggers": {"httpx": {"level": "WARNING"}},
        "root": {"handlers": ["stderr"], "level": level},
    }
