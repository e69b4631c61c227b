"""Engines in environments of their own: what can be installed here, and doing it."""
