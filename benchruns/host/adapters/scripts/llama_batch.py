"""llama.cpp without HTTP: its batch API through llama-cpp-python, timed.

Runs in the environment of the engine, so it imports nothing of this project. Writes JSON lines to
--out: first {"ready": …}, then one {"clients": …, "round": …} each time all sequences are done.
Tokens are drawn, not sampled: what is timed is the engine, as `llama-batched-bench` does it.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from pathlib import Path
from typing import Any

import llama_cpp as lib

Token = tuple[int, int, int, bool]
"""(sequence, position, token, whether its logits are wanted)"""


class Engine:
    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.most = max(options.clients)
        began = time.perf_counter()
        lib.llama_backend_init()
        model_params = lib.llama_model_default_params()
        self.model = lib.llama_model_load_from_file(options.model.encode(), model_params)
        if not self.model:
            raise SystemExit(f"{options.model} cannot be loaded")
        self.context = lib.llama_init_from_model(self.model, self._params())
        if not self.context:
            raise SystemExit("no context of that size can be made")
        self.batch_tokens = lib.llama_n_batch(self.context)
        self.batch = lib.llama_batch_init(self.batch_tokens, 0, 1)
        self.memory = lib.llama_get_memory(self.context)
        self.vocab = lib.llama_vocab_n_tokens(lib.llama_model_get_vocab(self.model))
        self.loaded_s = time.perf_counter() - began

    def _params(self) -> Any:
        options, params = self.options, lib.llama_context_default_params()
        per_sequence = options.prompt_tokens + options.output_tokens
        params.n_ctx = (per_sequence + 32) * self.most
        params.n_seq_max = self.most
        params.kv_unified = False
        if options.threads:
            params.n_threads = params.n_threads_batch = options.threads
        return params

    def ready(self) -> dict[str, Any]:
        return {
            "version": lib.__version__,
            "system": lib.llama_print_system_info().decode(),
            "slots": self.most,
            "context_tokens": lib.llama_n_ctx(self.context) // self.most,
            "threads": lib.llama_n_threads(self.context),
            "startup_s": round(self.loaded_s, 3),
        }

    def _decode(self, tokens: list[Token]) -> None:
        batch = self.batch
        batch.n_tokens = len(tokens)
        for index, (sequence, position, token, wanted) in enumerate(tokens):
            batch.token[index] = token
            batch.pos[index] = position
            batch.n_seq_id[index] = 1
            batch.seq_id[index][0] = sequence
            batch.logits[index] = wanted
        code = lib.llama_decode(self.context, batch)
        if code:
            raise SystemExit(f"llama_decode failed with {code}")
        lib.llama_synchronize(self.context)

    def round(self, clients: int, draw: random.Random) -> list[list[float]]:
        """Seconds since its begin at which each sequence had each of its tokens."""
        lib.llama_memory_clear(self.memory, True)
        prompt, wanted = self.options.prompt_tokens, self.options.output_tokens
        times: list[list[float]] = [[] for _ in range(clients)]
        work = [
            (sequence, position, draw.randrange(1, self.vocab // 2), position == prompt - 1)
            for sequence in range(clients)
            for position in range(prompt)
        ]
        began = time.perf_counter()
        for first in range(0, len(work), self.batch_tokens):
            piece = work[first : first + self.batch_tokens]
            self._decode(piece)
            now = time.perf_counter() - began
            for sequence, _, _, last in piece:
                if last:
                    times[sequence].append(now)
        for step in range(1, wanted):
            position = prompt + step - 1
            self._decode(
                [(s, position, draw.randrange(1, self.vocab // 2), True) for s in range(clients)]
            )
            now = time.perf_counter() - began
            for sequence in range(clients):
                times[sequence].append(now)
        return [[round(at, 6) for at in one] for one in times]


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--clients", required=True, type=lambda t: [int(c) for c in t.split(",")])
    parser.add_argument("--prompt-tokens", type=int, required=True)
    parser.add_argument("--output-tokens", type=int, required=True)
    parser.add_argument("--rounds", type=int, required=True, help="at least, while time allows")
    parser.add_argument("--point-s", type=float, required=True, help="for each number of clients")
    parser.add_argument("--threads", type=int, default=0, help="0: as the library has it")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def measure(options: argparse.Namespace, tell: Any) -> None:
    draw = random.Random(options.seed)  # noqa: S311 - reproducible on purpose
    engine = Engine(options)
    tell({"ready": engine.ready()})
    for clients in options.clients:
        engine.round(clients, draw)  # the first batch of a size is slower
        began, rounds = time.perf_counter(), 0
        while rounds < options.rounds or time.perf_counter() - began < options.point_s / 2:
            start = time.perf_counter() - began
            times = engine.round(clients, draw)
            tell({"clients": clients, "start_s": round(start, 6), "times_s": times})
            rounds += 1
            if time.perf_counter() - began > options.point_s:
                break
    lib.llama_batch_free(engine.batch)
    tell({"done": True})


def main() -> None:
    options = parse()
    with Path(options.out).open("w") as out:

        def tell(what: dict[str, Any]) -> None:
            out.write(json.dumps(what) + "\n")
            out.flush()

        measure(options, tell)


if __name__ == "__main__":
    main()
