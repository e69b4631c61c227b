"""Pages of runs and hosts."""
