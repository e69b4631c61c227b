"""llama.cpp's server from the xllamacpp wheel as a process of its own.

`python -m benchruns.host.adapters.xllamacpp_server --model FILE --port N [--slots N]`. Without
--slots everything stays as `llama-server` would have it.
"""

from __future__ import annotations

import argparse
import sys
import threading
from typing import Any

import xllamacpp

AUTOMATIC = -1  # what `llama-server` uses when nobody says --parallel


def parse(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="xllamacpp_server")
    parser.add_argument("--model", required=True)
    parser.add_argument("--alias", default="")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--slots", type=int)
    parser.add_argument("--context", type=int, default=0, help="tokens, of all slots together")
    return parser.parse_args(words)


def params(options: argparse.Namespace) -> Any:
    """The wheel's defaults are those of the library: the server's own are set here."""
    made = xllamacpp.CommonParams()
    made.model.path = options.model
    made.model_alias = {options.alias} if options.alias else set()
    made.hostnames = ["127.0.0.1"]
    made.port = options.port
    made.n_ctx = options.context
    made.n_parallel = AUTOMATIC if options.slots is None else options.slots
    if options.slots is not None:
        made.cache_prompt = False
        made.cache_ram_mib = 0
    return made


def main() -> None:
    server = xllamacpp.Server(params(parse(sys.argv[1:])))
    threading.Event().wait()  # until killed; the server lives in threads of its own
    del server


if __name__ == "__main__":
    main()
