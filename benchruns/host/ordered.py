"""Installs what a site ordered, within what this machine's owner lets it."""

from __future__ import annotations

from time import monotonic

from benchruns.host.errors import Cancelled
from benchruns.host.install import offers
from benchruns.host.install.install import install
from benchruns.host.limits import NOT_FROM_A_SITE, Limits
from benchruns.host.order import InstallOrder
from benchruns.host.probe import probe
from benchruns.host.progress import IsCancelled, Report


def carry_out(
    order: InstallOrder, limits: Limits, *, report: Report, stopping: IsCancelled
) -> str | None:
    """Why it was not installed, in a sentence; None where it was. Raises what `install` raises."""
    if not limits.installs:
        return NOT_FROM_A_SITE
    offer = offers.choose(order.engine, order.provider, probe())
    if offer.version != order.version:
        return f"{offer.name} is offered here in version {offer.version}, not another."
    if refusal := limits.install_refusal(offer):
        return refusal
    most_s = min(limits.minutes * 60, order.time_limit_s)
    return _within(most_s, offer, report, stopping)


def _within(
    most_s: float, offer: offers.Offer, report: Report, stopping: IsCancelled
) -> str | None:
    end = monotonic() + most_s
    try:
        install(offer, report=report, cancelled=lambda: stopping() or monotonic() > end)
    except Cancelled:
        if stopping():
            raise
        return (
            f"{offer.name} was not installed within {most_s / 60:g} minutes, which is the most "
            "here; asked for again it goes on where it stopped."
        )
    return None
