"""`python -m tests.faults.host HOME`: the worker of one machine, with the mock engine."""

from __future__ import annotations

import sys

from benchruns.host import worker
from benchruns.host.credentials import Home
from benchruns.host.site_errors import HostError

MEASURE = "tests.faults.measuring:short"


def main() -> int:
    worker.set_up_logging()
    place = Home(sys.argv[1])
    try:
        with place.lock():
            return worker.run_worker(place, place.load(), ["mock"], measure=MEASURE)
    except (HostError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
