"""llama.cpp's server from the xllamacpp wheel as a process of its own.

`python -m benchruns.host.adapters.xllamacpp_server --model FILE --port N`, and those options of
`llama-server` that are used here, under the same names and with the same defaults.
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
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--parallel", type=int, default=AUTOMATIC, help="slots")
    parser.add_argument("--ctx-size", type=int, default=0, help="tokens, of all slots together")
    parser.add_argument("--no-cache-prompt", action="store_true")
    return parser.parse_args(words)


def params(options: argparse.Namespace) -> Any:
    """The wheel's defaults are those of the library: the server's own are set here."""
    made = xllamacpp.CommonParams()
    made.model.path = options.model
    made.model_alias = {options.alias} if options.alias else set()
    made.hostnames = [options.host]
    made.port = options.port
    made.n_ctx = options.ctx_size
    made.n_parallel = options.parallel
    if options.no_cache_prompt:
        made.cache_prompt = False
        made.cache_ram_mib = 0
    return made


def main() -> None:
    server = xllamacpp.Server(params(parse(sys.argv[1:])))
    threading.Event().wait()  # until killed; the server lives in threads of its own
    del server


if __name__ == "__main__":
    main()
