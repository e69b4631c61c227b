#!/bin/sh
# Installs the engines that run without a GPU, by the product's own installer; fast when they are there.
set -eu
for engine in "llama.cpp native" "vllm cpu" "mlx-lm cpu"; do
    # shellcheck disable=SC2086  # two words on purpose
    set -- $engine
    .venv/bin/rigguide engines install "$1" --provider "$2"
done
