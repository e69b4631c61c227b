"""How a host's worker says why it ended; the numbers are those of sysexits.h."""

from __future__ import annotations

from typing import Final

EXIT_FAULT: Final = 70
EXIT_PROTOCOL: Final = 76
EXIT_REFUSED: Final = 77
