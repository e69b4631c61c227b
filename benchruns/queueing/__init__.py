"""Whose run is next, how long it may wait, and what likely happens meanwhile. See ADR on turns."""
