"""`rigguide engines`: what is installed here, what can be, why not; installing and removing."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import click

from benchruns.host.adapters.registry import ADAPTERS
from benchruns.host.commands.terminal import CANCELLED_STATUS, ctrl_c, show
from benchruns.host.document import HostFacts
from benchruns.host.errors import Cancelled, EngineFailed
from benchruns.host.install import environments, offers
from benchruns.host.install.install import install
from benchruns.host.probe import probe

GIB = 2**30


@click.group(name="engines", invoke_without_command=True)
@click.pass_context
def command(context: click.Context) -> None:
    """What is installed here, what can be, and why not."""
    if context.invoked_subcommand is None:
        click.echo("\n".join(_listing(probe())))


@command.command(name="install")
@click.argument("engine")
@click.option("--provider", help="Which way to have it: cpu, cuda, native …")
def install_one(engine: str, provider: str | None) -> None:
    """Install ENGINE into an environment of its own. Ctrl-C stops; the next try goes on there."""
    with ctrl_c() as cancelled:
        try:
            offer = offers.choose(engine, provider, probe())
            made = install(offer, report=show, cancelled=cancelled)
        except Cancelled:
            click.echo("\nStopped. The same command goes on from here.", err=True)
            sys.exit(CANCELLED_STATUS)
        except EngineFailed as error:
            _fail(error)
    click.echo(f"{offer.name} {offer.version} is installed, {_size(made)}.")
    again = f"rigguide bench --engine {offer.adapters[0]} --provider {offer.provider}"
    click.echo(f"Measure it with: {again}")


@command.command(name="remove")
@click.argument("engine")
@click.option("--provider", help="Only this one of its providers.")
def remove_one(engine: str, provider: str | None) -> None:
    """Remove what was installed of ENGINE, half-made environments included."""
    try:
        for path in environments.remove(engine, provider):
            click.echo(f"{path.name} is removed.")
    except EngineFailed as error:
        _fail(error)


def _fail(error: EngineFailed) -> None:
    if error.log:
        click.echo(f"The end of the log:\n{error.log[-2000:].rstrip()}\n", err=True)
    click.echo(error.reason, err=True)
    sys.exit(1)


def _listing(facts: HostFacts) -> Iterator[str]:
    yield "Engines that can be started here"
    for adapter in ADAPTERS.values():
        for found in adapter.here():
            yield f"  {adapter.id:<22}{found.provider:<12}{found.version}"
    yield from ("", "Environments")
    made = environments.installed()
    yield from (f"  {env.id:<34}{_size(env)}, {env.path}" for env in made)
    yield from () if made else ("  none",)
    yield from ("", "Can be installed")
    ready = {env.id for env in made}
    for offer in offers.load().install:
        if offer.id not in ready:
            yield f"  {offer.engine:<14}--provider {offer.provider:<9}{_whether(offer, facts)}"
    yield from (f"  {other.engine:<14}no: {other.why}" for other in offers.load().elsewhere)


def _whether(offer: offers.Offer, facts: HostFacts) -> str:
    why = offers.why_not(offer, facts) or offers.no_room(offer, environments.folders()[0])
    if why:
        return f"no: {why}"
    return f"{offer.name}, about {offer.minutes:g} min and {offer.disk_gib:g} GiB"


def _size(env: environments.Environment) -> str:
    return f"{env.manifest.size_bytes / GIB:.1f} GiB"
