"""A new token over the old one's channel, without a moment in which neither is good.

The site keeps both until the new one is used; so the new one is on disk before that.
"""

from __future__ import annotations

import logging
from dataclasses import replace

from benchruns.host.credentials import Home
from benchruns.host.site_client import SiteClient

log = logging.getLogger(__name__)


def rotate(home: Home, client: SiteClient) -> None:
    """Uses the new token from the next call on. Raises a SiteError, and NotAttached."""
    with home.changing():
        kept = home.load()
        if kept.token == client.token:
            kept = replace(kept, token=client.new_token())
            home.save(kept)
            log.info("this machine has a new token; the old one ends")
    client.use(kept.token)
