# Needs Python 3.11 or newer and make, nothing else; what is missing is brought by `python3 -m setup`.
# Any other Python: make PYTHON=python3.12 …   Other tests: make test ARGS="tests/core -k waitlist"

ifndef PYTHON
PYTHON := $(shell for p in .venv/bin/python python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.version_info < (3, 11) and sys.exit(1); print(sys.executable)' 2>/dev/null && break; done)
endif
SETUP := $(or $(PYTHON),python3) -m setup
BIN := .venv/bin
CODE := $(wildcard core modules plugins setup lint bench)
ARGS ?=

# compiled files make every start but the first a quick one, whatever the machine's habit is
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help run setup test journeys check bench campaign lock clean

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*## /make \1	/p' Makefile

run:  ## everything from nothing, then http://127.0.0.1:8000 (PORT=… another port)
	@$(SETUP) run
	@$(BIN)/dolbom up

setup:  ## the environment only: virtual environment, assets, fonts, tools
	@$(SETUP) tools

test:  ## all tests (ARGS=… for pytest)
	@$(SETUP) tests
	@$(BIN)/python -m pytest -n 2 $(ARGS)

journeys:  ## a day at the screen, in a real browser (PICTURES=docs/pictures keeps pictures)
	@$(SETUP) tests
	@JOURNEYS=1 $(BIN)/python -m pytest tests/journeys $(ARGS)

check:  ## ruff, mypy, import-linter, dolbom check
	@$(SETUP) tools
	@$(BIN)/ruff check .
	@$(BIN)/mypy $(CODE)
	@PYTHONPATH=. $(BIN)/lint-imports --no-cache
	@$(BIN)/dolbom check

bench:  ## the table of figures beside their baselines
	@$(SETUP) tools
	@$(BIN)/dolbom bench

campaign:  ## the long integrity campaigns, resumable
	@$(SETUP) tools
	@$(BIN)/python -m tests.campaigns $(ARGS)

lock:  ## resolve versions and write all digests (ARGS=--upgrade for newer ones)
	@$(SETUP) lock $(ARGS)

clean:  ## remove what set-up and tools made; var/ (your data) stays
	rm -rf .venv .tools core/web/theme/static/vendor build dist *.egg-info
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find core modules plugins setup lint tests -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true
	find core modules plugins -name '*.mo' -delete 2>/dev/null || true
