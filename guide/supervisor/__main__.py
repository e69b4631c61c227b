from __future__ import annotations

import sys

from guide.supervisor.run import main

if __name__ == "__main__":
    sys.exit(main())
