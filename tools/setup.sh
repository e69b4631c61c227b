#!/bin/sh
# Makes .venv with the locked packages of a group: setup.sh run|tests
# Does nothing, fast, when that was done before and the lock files are the same.
set -eu
group=$1
python=${PYTHON:-python3}
lock=requirements/$group.txt

say() { printf 'rigguide  %-9s %s\n' "setup" "$1"; }
stop() { printf 'rigguide  %-9s %s\n' "stopped" "$1" >&2; exit 1; }

# As root on Debian or Ubuntu a missing package is installed; anybody else is told its name.
need_package() { # package, what it is for
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || stop "$2 is missing: install it (Debian, Ubuntu: sudo apt-get install $1) and start again."
    say "installing $1 ($2)"
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$1"; } >/dev/null ||
        stop "$2 is missing and apt-get could not install $1; its own message stands above."
}

stamp=.venv/.installed-$group
sum=$(cat requirements/build.txt "$lock" pyproject.toml | cksum)
[ -f "$stamp" ] && [ "$(cat "$stamp")" = "$sum" ] && exit 0
# What the tests need includes what a run needs.
[ "$group" = run ] && [ -f .venv/.installed-tests ] &&
    [ "$(cat .venv/.installed-tests)" = "$(cat requirements/build.txt requirements/tests.txt pyproject.toml | cksum)" ] && exit 0

command -v "$python" >/dev/null || stop "there is no $python on the PATH; Python 3.11 or newer is needed (or say PYTHON=/path/to/python3)."
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    stop "$("$python" --version) is too old; Python 3.11 or newer is needed (or say PYTHON=/path/to/python3)."
free_mib=$(df -Pm . | awk 'NR == 2 { print $4 }')
[ "$free_mib" -ge 1500 ] || stop "the disk of $(pwd) has $free_mib MiB free; setting up needs 1500 MiB."
compiler=$(command -v cc || command -v gcc || command -v clang || true)

# A start that was interrupted may have left half an environment.
if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    rm -rf .venv
    "$python" -c 'import ensurepip' 2>/dev/null || need_package python3-venv "Python's venv module"
    say "making .venv with $("$python" --version)"
    "$python" -m venv .venv
fi

install() {
    .venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/build.txt
    # uv is several times faster; pip follows mirrors that only pip's own configuration names.
    .venv/bin/uv pip install -q --python .venv/bin/python --require-hashes -r "$lock" ||
        .venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r "$lock"
    .venv/bin/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
}

say "installing the locked packages of $lock"
if ! install; then
    [ -n "$compiler" ] || stop "installing failed and there is no C compiler: a package without a wheel for this machine needs one (Debian, Ubuntu: sudo apt-get install gcc python3-dev)."
    stop "installing the packages failed; the installer's own message stands above. Is the package index within reach?"
fi
[ -n "$compiler" ] || say "no C compiler found: fine for now, every package had a wheel for this machine."
printf '%s' "$sum" >"$stamp"
