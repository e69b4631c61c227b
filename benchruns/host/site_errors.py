"""What can go wrong between a host and its site. Every message is a sentence for a person."""

from __future__ import annotations


class HostError(Exception):
    """Something the person at this machine has to know."""


class SiteError(HostError):
    """The site said no, or nothing."""


class SiteUnreachable(SiteError):
    """No answer, or a temporary refusal (5xx, 408, 429): worth another try."""


class Unauthorized(SiteError):
    """401: the token is unknown or was revoked."""


class Stale(SiteError):
    """409: the run is not, or no longer, this host's with that attempt."""


class TooLarge(SiteError):
    """413."""


class Rejected(SiteError):
    """400, 403, 404, 422 and whatever else trying again will not mend."""


class ProtocolMismatch(SiteError):
    """426: site and host are too many releases apart."""


BY_STATUS: dict[int, type[SiteError]] = {
    401: Unauthorized,
    408: SiteUnreachable,
    409: Stale,
    413: TooLarge,
    426: ProtocolMismatch,
    429: SiteUnreachable,
}


def error_of(status: int, sentence: str) -> SiteError:
    kind = BY_STATUS.get(status, SiteUnreachable if status >= 500 else Rejected)
    return kind(sentence or f"the site answered with status {status}")
