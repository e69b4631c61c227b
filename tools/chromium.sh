#!/bin/sh
# The browser tests need a Chromium: one on the PATH, the distribution's, or Playwright's own.
set -u
say() { printf 'rigguide  %-9s %s\n' "setup" "$1"; }

for name in "${CHROMIUM:-}" chromium google-chrome; do
    [ -n "$name" ] && command -v "$name" >/dev/null && exit 0
done
playwright=$(.venv/bin/python -c 'from playwright.sync_api import sync_playwright as s
with s() as p: print(p.chromium.executable_path)')
[ -x "$playwright" ] && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    say "installing chromium, for the browser tests"
    apt-get update -qq >/dev/null
    DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium >/dev/null && exit 0
fi
say "no Chromium from the distribution: trying Playwright's own"
.venv/bin/playwright install chromium && exit 0
printf 'rigguide  %-9s %s\n' "stopped" "Chromium is missing: install it (Debian: sudo apt-get install chromium) or say CHROMIUM=/path/to/it." >&2
exit 1
