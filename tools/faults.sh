#!/bin/sh
# What the fault suite needs beside the Python packages: PostgreSQL, and a C compiler for a clock that
# can be set. As root on Debian or Ubuntu they are installed; else the suite says what it lacked.
set -u
say() { printf 'rigguide  %-9s %s\n' "setup" "$1"; }
missing=""
[ -n "$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null)" ] || command -v initdb >/dev/null || missing="postgresql"
command -v cc >/dev/null || missing="$missing gcc"
[ -n "$missing" ] || exit 0
[ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || { say "not installed:$missing (Debian: sudo apt-get install$missing)"; exit 0; }
say "installing$missing"
# shellcheck disable=SC2086  # several words on purpose
{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $missing; } >/dev/null || say "could not install$missing"
exit 0
