# The names of these targets stay put (docs/architecture.md); what they do is in tools/.
PYTHON ?= python3
PORT ?= 8000
DATA_DIR ?= $(CURDIR)/var
export PORT DATA_DIR PYTHON
BIN := .venv/bin

.PHONY: help run test test-attach test-engines test-faults audit measure-engines bench bench-peers lint format lock setup setup-tests pytest clean

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 16

run: setup  ## set up what is missing, then run everything; PORT and DATA_DIR from the environment
	@exec $(BIN)/python -m guide.supervisor

test: lint pytest  ## lint, then every test that needs no compiler marathon

pytest: setup-tests
	@tools/chromium.sh
	PYTHONDEVMODE=1 $(BIN)/python -m pytest

lint: setup-tests  ## ruff, djade, mypy, import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djade --check --target-version 5.2 $$(git ls-files -co --exclude-standard 'templates/*.html')
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

test-faults: setup-tests  ## 500 runs while processes are killed, networks, disks and clocks fail (12 minutes)
	@tools/faults.sh
	nice -n 10 $(BIN)/python -m tests.faults

audit: setup-tests  ## the locked packages against published advisories
	@tools/audit.sh

bench: setup-tests  ## the project's own benchmarks: a table, and var/bench/*.json
	$(BIN)/python -m benchmarks

test-engines: setup-tests  ## the same against the heavy real engines, installing them (minutes, 4 GiB)
	@tools/engines.sh
	$(BIN)/python -m pytest -m engines

test-attach: setup-tests  ## attach a second machine (a namespace) by the printed command alone, and measure
	$(BIN)/python -m pytest -m attach -s tests/attach

measure-engines: setup-tests  ## measure those engines here, as shipped and tuned: benchruns/data/documents
	@tools/engines.sh
	$(BIN)/python -m benchmarks.engines

bench-peers: setup-tests  ## RigGuide beside vllm bench serve, GuideLLM and llama-bench, in turns
	$(BIN)/python -m benchmarks.peers

format: setup-tests  ## let the formatters rewrite the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/djade --target-version 5.2 $$(git ls-files -co --exclude-standard 'templates/*.html')

setup:
	@tools/setup.sh run

setup-tests:
	@tools/setup.sh tests

lock: setup-tests  ## write the hashed requirement files anew from pyproject.toml
	@tools/lock.sh

clean:  ## remove what the targets above made, data included
	rm -rf .venv var .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info
