#!/bin/sh
# Holds the locked packages against the published advisories. A package with one fails the build; no
# way to the advisories does not, and is said plainly.
set -u
say() { printf 'rigguide  %-9s %s\n' "audit" "$1"; }
out=$(mktemp)
trap 'rm -f "$out"' EXIT
for service in pypi osv; do
    .venv/bin/pip-audit --requirement requirements/run.txt --require-hashes --no-deps --disable-pip \
        --vulnerability-service "$service" --timeout 15 --progress-spinner off >"$out" 2>&1
    status=$?
    if [ "$status" = 0 ]; then
        say "no advisory for any locked package ($service)"
        exit 0
    fi
    if grep -qE '^Found [0-9]+ known vulnerabilit' "$out"; then
        cat "$out"
        say "advisories for locked packages, see above"
        exit 1
    fi
done
say "could not reach the advisory database; nothing was checked. The end of what pip-audit said:"
tail -n 2 "$out"
exit 0
