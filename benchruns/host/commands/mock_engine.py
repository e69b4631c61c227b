"""`rigguide mock-engine`: a server with known latencies, to test instruments against."""

from __future__ import annotations

import threading
from typing import Any

import click

from benchruns.host.mock_engine import Behaviour, MockEngine, running

_MS = click.FloatRange(min=0, max=600_000)
_COUNT = click.IntRange(min=0)


@click.command(name="mock-engine")
@click.option(
    "--ttft-ms",
    type=_MS,
    default=50.0,
    show_default=True,
    help="To the first token, once a slot is free.",
)
@click.option("--itl-ms", type=_MS, default=10.0, show_default=True, help="Between tokens.")
@click.option(
    "--slots", type=click.IntRange(min=1), default=4, show_default=True, help="Answered at once."
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8090,
    show_default=True,
    help="0: any free one.",
)
@click.option(
    "--jitter",
    type=click.FloatRange(0, 1),
    default=0.0,
    help="Standard deviation of waits, as a share.",
)
@click.option(
    "--jitter-kind",
    type=click.Choice(["normal", "lognormal", "uniform"]),
    default="normal",
    show_default=True,
    help="How waits differ.",
)
@click.option(
    "--tokens-per-chunk",
    type=click.IntRange(min=1),
    default=1,
    help="As speculative decoding sends them.",
)
@click.option("--usage/--no-usage", default=True, help="Whether tokens are counted.")
@click.option("--role-first", is_flag=True, help="Begin with a chunk without text.")
@click.option("--cached-tokens", type=_COUNT, default=0, help="Claim a prefix-cache hit.")
@click.option(
    "--stop-after", type=click.IntRange(min=1), help="End answers early, after so many tokens."
)
@click.option("--fail-every", type=_COUNT, default=0, help="Answer each n-th request with 500.")
@click.option(
    "--fail-share", type=click.FloatRange(0, 1), default=0.0, help="Answer such a share with 500."
)
@click.option("--cut-every", type=_COUNT, default=0, help="Break off each n-th stream.")
@click.option("--keeps-alive", is_flag=True, help="Leave connections open after a stream.")
@click.option(
    "--hangs-up", is_flag=True, help="Announce keep-alive, close after a stream all the same."
)
@click.option("--strict", is_flag=True, help="Refuse fields that OpenAI's API does not have.")
@click.option("--chat-only", is_flag=True, help="No /v1/completions.")
@click.option("--seed", type=int, default=1, help="Of the jitter.")
def command(port: int, **truth: Any) -> None:
    """A stand-in engine with known latencies, to test instruments."""
    try:
        with running(Behaviour(**truth), port) as (engine, address):
            click.echo(f"Mock engine at {address}. Ctrl-C ends it.")
            try:
                threading.Event().wait()
            finally:
                _tell_lag(engine)
    except OSError as error:
        raise click.ClickException(f"Port {port} cannot be used: {error.strerror}.") from error
    except KeyboardInterrupt:
        return


def _tell_lag(engine: MockEngine) -> None:
    lag = engine.ticker.lag_ms()
    if lag["n"]:
        click.echo(
            f"\nIt was itself late by {lag['p50']} ms (median), {lag['p99']} ms (p99), "
            f"{lag['max']} ms (most), over {lag['n']} waits."
        )
