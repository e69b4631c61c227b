"""The servers that are loaded: one whose truth is known, and llama.cpp's."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.peers.clients import Load
from benchruns.host.adapters.base import Launch
from benchruns.host.adapters.process import free_port, serve
from benchruns.host.adapters.registry import adapter
from benchruns.host.synthetic import cache, folders, shape
from recommender import catalogue

MODEL, QUANT = "smollm2-135m", "Q8_0"
PROMPT, OUTPUT = 64, 48
CLIENTS = (1, 4)
TRUTH = {"ttft_ms": 100.0, "itl_ms": 20.0}
"""What the stand-in is told to do; a client that asks at once gets this and no more."""


@dataclass(frozen=True, slots=True)
class Server:
    load: Load
    what: str


def tokenizer() -> Path:
    found = shape.from_model(catalogue.load().models[MODEL])
    return folders.provide(cache.directory(), MODEL, found, "BF16", weights=False)


def weights() -> Path:
    found = shape.from_model(catalogue.load().models[MODEL])
    return cache.provide(cache.directory(), MODEL, found, QUANT)


@contextmanager
def mock(folder: Path, clients: tuple[int, ...] = CLIENTS, **truth: float) -> Iterator[Server]:
    """A process of its own, so that no client shares an interpreter with it."""
    known = {**TRUTH, **truth}
    launch = _launch(folder, weights=Path("nothing"), name="mock", slots=max(clients))
    program = "from benchruns.host.cli import main; main()"
    argv = [sys.executable, "-c", program, "mock-engine", "--port", str(launch.port)]
    argv += ["--ttft-ms", str(known["ttft_ms"]), "--itl-ms", str(known["itl_ms"])]
    argv += ["--slots", str(max(clients))]
    root = str(Path(__file__).resolve().parents[2])
    server = serve("mock engine", argv, launch, env={"PYTHONPATH": root})
    try:
        server.wait_until_ready("/health", 60, lambda: None)
        what = f"stand-in, TTFT {known['ttft_ms']:g} ms, ITL {known['itl_ms']:g} ms"
        yield Server(_load(server.base_url, "mock", clients), what)
    finally:
        server.stop()


@contextmanager
def llama_server(folder: Path) -> Iterator[Server]:
    """Whichever llama.cpp the product itself would start, one slot for each client."""
    engine = adapter("llama.cpp")
    launch = _launch(folder, weights=weights(), name=MODEL, slots=max(CLIENTS))
    running = engine.start(launch, lambda: None)
    try:
        facts = running.facts()
        what = f"{facts.name} {facts.version}, {facts.provider}, {MODEL} {QUANT}, synthetic"
        yield Server(_load(running.base_url, MODEL, CLIENTS), what)
    finally:
        running.stop()


def _launch(folder: Path, *, weights: Path, name: str, slots: int) -> Launch:
    folder.mkdir(parents=True, exist_ok=True)
    return Launch(
        model_path=weights,
        model_name=name,
        slots=slots,
        context_per_slot=PROMPT + OUTPUT + 64,
        port=free_port(),
        work_dir=folder,
        most_clients=slots,
    )


def _load(url: str, model: str, clients: tuple[int, ...]) -> Load:
    return Load(url, model, tokenizer(), clients, PROMPT, OUTPUT)
