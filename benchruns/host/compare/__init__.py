"""Comparing engines, or one engine's settings, on one machine: interleaved, with a verdict."""
