"""What a compiler makes of this processor that does not work: found out by trying."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

_CPUINFO = Path("/proc/cpuinfo")
# Loads a configuration of the tile registers as ggml does and reads it back. A compiler that
# takes only its first bytes for used (GCC 12 does) drops the rest: the processor then faults.
_AMX = r"""
#include <immintrin.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#ifndef __AMX_TILE__
int main(void) { return 0; }
#else
struct config { uint8_t palette, start, none[14]; uint16_t width[16]; uint8_t rows[16]; };
__attribute__((noinline)) void soil(void) {
    volatile uint8_t stack[4096];
    for (int i = 0; i < 4096; i++) stack[i] = 0xff;
}
__attribute__((noinline)) int differs(void) {
    struct config wanted, got;
    memset(&wanted, 0, sizeof wanted);
    wanted.palette = 1;
    for (int i = 0; i < 8; i++) { wanted.width[i] = 64; wanted.rows[i] = 16; }
    _tile_loadconfig(&wanted);
    _tile_storeconfig(&got);
    _tile_release();
    return memcmp(&wanted, &got, sizeof got) != 0;
}
int main(void) {
    if (syscall(SYS_arch_prctl, 0x1023, 18)) return 0;
    soil();
    return differs();
}
#endif
"""


def amx_faults(cpuinfo: Path = _CPUINFO) -> bool:
    """Whether what this machine's compiler makes of AMX is wrong or is killed.

    Then a server made "for this processor" would crash with its first request. False where it
    cannot be tried.
    """
    try:
        advertised = " amx_tile" in cpuinfo.read_text()
    except OSError:
        return False
    return advertised and fails(_AMX)


def fails(source: str) -> bool:
    """Whether that C program, optimised for this processor, is killed or says so itself.

    False where it cannot be compiled.
    """
    with tempfile.TemporaryDirectory(prefix="rigguide-processor-") as folder:
        program = Path(folder) / "try"
        try:
            compiled = subprocess.run(
                ["cc", "-O3", "-march=native", "-x", "c", "-", "-o", str(program)],
                input=source.encode(),
                capture_output=True,
                timeout=60,
            )
            if compiled.returncode:
                return False
            return subprocess.run([program], capture_output=True, timeout=20).returncode != 0
        except (OSError, subprocess.TimeoutExpired):
            return False
