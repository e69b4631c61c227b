#!/bin/sh
# Attaches this machine to a RigGuide site: its own Python environment, the site's package, one
# one-time code, then work. Run again it brings everything up to date and starts once more.
#
#   RIGGUIDE_CODE    the one-time code (not needed on a machine that is attached already)
#   RIGGUIDE_NAME    the machine's name on the site           (default: its host name)
#   RIGGUIDE_PREFIX  where everything goes                    (default: ~/.local/share/rigguide)
#   PYTHON           a Python of 3.11 or newer                (default: the newest that is found)
#
#   sh -s -- --service     starts it as a service of yours (systemd or launchd) instead of here
#   sh -s -- --no-start    attaches only
#   sh -s -- --hours 22-06 any other option is one of `rigguide host`
#
# Nothing needs root. What it makes lies in RIGGUIDE_PREFIX, ~/.config/rigguide (the token) and
# ~/.cache/rigguide (weights, engines). Nobody connects to this machine: it calls the site. To undo
# it all: rigguide detach, then remove those three folders.
set -eu

SITE=@SITE@
WHEEL=@WHEEL@
SHA256=@SHA256@
LOCKED=@LOCKED@
INDEX=@INDEX@

say() { printf 'rigguide  %-9s %s\n' "$1" "$2"; }
stop() {
    printf 'rigguide  %-9s %s\n' stopped "$1" >&2
    exit 1
}

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    for python in "${PYTHON:-}" python3 python3.14 python3.13 python3.12 python3.11; do
        [ -n "$python" ] && command -v "$python" >/dev/null && new_enough "$python" && return 0
    done
    stop "Python 3.11 or newer is needed and was not found; say PYTHON=/path/to/python3 if it is elsewhere."
}

# pip where Python brings it, uv where it is there and pip is not.
make_environment() {
    [ -x "$bin/python" ] && new_enough "$bin/python" && return 0
    rm -rf "$prefix/venv"
    if "$python" -c 'import ensurepip' 2>/dev/null; then
        "$python" -m venv "$prefix/venv"
    elif command -v uv >/dev/null; then
        uv venv -q --python "$python" "$prefix/venv"
    else
        stop "Python's venv module is missing: install it (Debian, Ubuntu: sudo apt-get install python3-venv) or uv, and start again."
    fi
}

install() {
    if "$bin/python" -m pip --version >/dev/null 2>&1; then
        "$bin/python" -m pip install -q --disable-pip-version-check "$@"
    else
        uv pip install -q --python "$bin/python" "$@"
    fi
}

from_site() { # requirements
    case $INDEX in
    https:*) install --index-url "$INDEX" --require-hashes -r "$1" ;;
    *) # without TLS, as on a machine's own loopback, the hashes have to do
        address=${INDEX#*://}
        install --index-url "$INDEX" --trusted-host "${address%%/*}" --require-hashes -r "$1"
        ;;
    esac
}

# Locked versions with their hashes: from the site where it keeps them, else from the package index
# of this machine. Where the bundled engine has no wheel for this machine, without it.
install_needed() {
    if [ -n "$INDEX" ]; then
        from_site "$1" 2>"$log" && return 0
        say setup "the site's own packages do not suit this machine; trying its package index"
    fi
    install --require-hashes -r "$1" 2>"$log"
}

fetch() { # address, file
    "$python" - "$1" "$2" <<'END'
import sys, urllib.request
with urllib.request.urlopen(sys.argv[1], timeout=60) as answer, open(sys.argv[2], "wb") as file:
    file.write(answer.read())
END
}

check() { # file, sha256
    "$python" - "$1" "$2" <<'END'
import hashlib, sys
sys.exit(hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest() != sys.argv[2])
END
}

set_up() {
    log=$prefix/install.log
    mkdir -p "$prefix"
    make_environment
    fetch "$SITE/host/$WHEEL" "$prefix/$WHEEL"
    check "$prefix/$WHEEL" "$SHA256" || stop "the package that came from $SITE is not the one this script is for."
    say setup "installing what it needs into $prefix"
    if [ "$LOCKED" = yes ]; then
        fetch "$SITE/host/requirements.txt" "$prefix/requirements.txt"
        fetch "$SITE/host/requirements-without-engine.txt" "$prefix/requirements-without-engine.txt"
        install_needed "$prefix/requirements.txt" || {
            say setup "not with the bundled engine; trying without"
            install_needed "$prefix/requirements-without-engine.txt"
        } || {
            tail -n 5 "$log" >&2
            stop "installing failed; the installer's own words stand above, and in $log."
        }
        install --no-deps --force-reinstall "$prefix/$WHEEL"
    else
        install --force-reinstall "$prefix/${WHEEL}[host]"
    fi
}

# With a code first, for a machine whose token ended. The same line pasted twice has a used code,
# and a machine that is attached.
attach() {
    if [ -n "${RIGGUIDE_CODE:-}" ]; then
        "$bin/rigguide" attach "$SITE" && return 0
    fi
    "$bin/rigguide" attach "$SITE" --unless-attached
}

main() {
    find_python
    prefix=${RIGGUIDE_PREFIX:-$HOME/.local/share/rigguide}
    bin=$prefix/venv/bin
    say setup "RigGuide for $SITE, with $("$python" --version)"
    set_up
    attach
    unset RIGGUIDE_CODE
    case "${1:-}" in
    --service)
        shift
        exec "$bin/rigguide" host install-service -- "$@"
        ;;
    --no-start) say attached "let it work with: $bin/rigguide host" ;;
    *)
        say works "until you end it with Ctrl-C; to keep it running: $bin/rigguide host install-service"
        exec "$bin/rigguide" host "$@"
        ;;
    esac
}

# At the very end, so that a half-read script does nothing.
main "$@" </dev/null
