"""The project's own benchmarks: `make bench` prints a table and writes `var/bench/*.json`.

Speed and memory figures live here, never in timed tests.
"""
