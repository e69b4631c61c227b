"""`python -m benchruns.host`: `rigguide` where its script is not on the path."""

from __future__ import annotations

from benchruns.host.cli import main

if __name__ == "__main__":
    main()
