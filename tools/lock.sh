#!/bin/sh
# Locks the groups of pyproject.toml with hashes; no download address gets into the files.
set -eu
compile() { # output, arguments
    out=$1
    shift
    .venv/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-emit-find-links --no-header "$@" -o "$out"
}
compile requirements/build.txt --group build
compile requirements/tests.txt pyproject.toml --extra host --extra engines --extra site --group tests
compile requirements/run.txt pyproject.toml --extra host --extra engines --extra site -c requirements/tests.txt
compile requirements/host.txt pyproject.toml --extra host --extra engines -c requirements/tests.txt
