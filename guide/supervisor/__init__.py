"""`make run`: one process that starts every part, watches them, and ends them all."""
