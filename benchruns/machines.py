"""A machine in words, for the site: the wording is shared with the hosts, which do not know it."""

from benchruns.host.machines import device_id, in_words

__all__ = ["device_id", "in_words"]
