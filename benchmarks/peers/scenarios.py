"""What is measured by whom, in turns; one generator of figures for each scenario."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks.peers import in_process, servers
from benchmarks.peers.clients import Client, GuideLlm, Load, RigGuide, VllmServe
from benchmarks.peers.figures import Figures
from benchmarks.peers.running import ToolFailed
from benchmarks.peers.tools import Tools

Turn = Callable[[int, Path], Sequence[Figures]]
FEW, MANY = 4, 20
"""Requests of each client of two runs; what the second costs more, its tokens cost."""

CLIENT_LOAD, CLIENT_ROUNDS = 8, 3


def clients(tools: Tools) -> list[Client]:
    found: list[Client] = [RigGuide()]
    found += [VllmServe(tools.vllm)] if tools.vllm else []
    found += [GuideLlm(tools.guidellm)] if tools.guidellm else []
    return found


def mock(tools: Tools, rounds: int, folder: Path) -> Iterator[Figures]:
    with servers.mock(folder / "server") as server:
        yield from _in_turns(_loads(tools, server.load), rounds, folder)


def server(tools: Tools, rounds: int, folder: Path) -> Iterator[Figures]:
    with servers.llama_server(folder / "server") as running:
        _say(running.what)
        yield from _in_turns(_loads(tools, running.load), rounds, folder)


def without_http(tools: Tools, rounds: int, folder: Path) -> Iterator[Figures]:
    turns: dict[str, Turn] = {"RigGuide in-process": in_process.rigguide}
    if tools.llama_bench:
        turns["llama-bench"] = partial(in_process.llama_bench, tools.llama_bench)
    if tools.llama_batched_bench:
        turns["llama-batched-bench"] = partial(
            in_process.llama_batched_bench, tools.llama_batched_bench
        )
    yield from _in_turns(turns, rounds, folder)


def client(tools: Tools, rounds: int, folder: Path) -> Iterator[Figures]:
    """Processor time of the tools themselves, on a stand-in that answers as fast as asked."""
    with servers.mock(folder / "server", (CLIENT_LOAD,), ttft_ms=5, itl_ms=5) as running:
        turns: dict[str, Turn] = {
            one.name: partial(_cost, one, running.load) for one in clients(tools)
        }
        yield from _in_turns(turns, min(rounds, CLIENT_ROUNDS), folder)


def _cost(tool: Client, load: Load, number: int, folder: Path) -> Sequence[Figures]:
    """What starting costs is in both runs and falls out of the difference."""
    few, many = (
        tool.measure(replace(load, requests_per_client=each), number, folder / str(each))[0]
        for each in (FEW, MANY)
    )
    tokens = ((many.requests or 0) - (few.requests or 0)) * load.output_tokens
    if tokens <= 0 or few.cpu_s is None or many.cpu_s is None:
        raise ToolFailed(f"{tool.name} measured no more requests when more were asked for")
    cost = 1000 * (many.cpu_s - few.cpu_s) / tokens
    # A slope below nothing is noise: nobody measured it.
    values = {"cpu_s_per_1000_tokens": cost if cost > 0 else None}
    return [Figures(tool.name, number, CLIENT_LOAD, values, many.requests)]


def _loads(tools: Tools, load: Load) -> dict[str, Turn]:
    return {one.name: partial(one.measure, load) for one in clients(tools)}


def _in_turns(turns: dict[str, Turn], rounds: int, folder: Path) -> Iterator[Figures]:
    """Every other round backwards; a tool that fails is told and has no figures in that round."""
    for number in range(1, rounds + 1):
        names = list(turns) if number % 2 else list(reversed(turns))
        for name in names:
            _say(f"round {number} of {rounds}: {name}")
            try:
                place = folder / f"{number}-{name.replace(' ', '-')}"
                yield from turns[name](number, place)
            except ToolFailed as failed:
                _say(f"{name}: {failed}")


def _say(text: str) -> None:
    print(f"  {text}", file=sys.stderr, flush=True)


ALL: Final = {
    "mock": (mock, servers.TRUTH),
    "server": (server, {}),
    "in-process": (without_http, {}),
    "client": (client, {}),
}
"""Scenario -> (what measures it, what is known to be true)."""
