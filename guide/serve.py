"""`python -m guide.serve`: one site process for deployments, where something else keeps it running.

PORT, and BIND for the address (0.0.0.0 unless said otherwise); `make run` needs none of this.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from guide.environment import data_dir, number, text
from guide.supervisor import checks, parts
from guide.supervisor.say import Stop

ROOT = Path(__file__).resolve().parent.parent
PATIENCE_S = 20
"""For requests that are under way when it is asked to end. Long polls of hosts end at once."""


def main() -> None:
    try:
        port = checks.port_number(text("PORT", "8000"))
        processes = number("SITE_PROCESSES", 1)
    except (Stop, ImproperlyConfigured) as stop:
        sys.exit(f"rigguide  stopped   {stop}")
    bind = text("BIND", "0.0.0.0")  # noqa: S104 - in a container, behind a proxy
    os.environ |= parts.shared_metrics(data_dir(ROOT), processes)
    argv = parts.site(bind, port, processes=processes, patience_s=PATIENCE_S).argv
    os.execv(argv[0], argv)  # noqa: S606 - there is no shell; signals reach the server itself


if __name__ == "__main__":
    main()
