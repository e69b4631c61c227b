"""What the releases of a host and of this site mean for each other, in a sentence."""

from __future__ import annotations

from importlib.metadata import version

from benchruns.host.plan import PROTOCOL, SPOKEN
from benchruns.models import Host


def understood(host: Host) -> bool:
    return host.protocol in SPOKEN


def sentence(host: Host) -> str:
    """Empty where there is nothing to say."""
    mine = version("rigguide")
    theirs = f"RigGuide {host.version}" if host.version else "a release that does not say its name"
    if not understood(host):
        spoken = " and ".join(map(str, SPOKEN))
        older = "this site" if host.protocol > PROTOCOL else "the machine: run the command there"
        return (
            f"It is given no work: it runs {theirs} and speaks version {host.protocol} of the host "
            f"protocol; this site (RigGuide {mine}) speaks versions {spoken}. Update {older}."
        )
    if host.protocol < PROTOCOL:
        return (
            f"It runs {theirs}, one version of the protocol behind this site (RigGuide {mine}): "
            "plans that need the newer one go to other machines."
        )
    if host.version and host.version != mine:
        return f"It runs {theirs}, this site {mine}; they understand each other."
    return ""
