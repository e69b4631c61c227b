"""Comparing stored results: what differs between them, their figures, their verdict."""
