# Needs make and a Python of 3.11 or later, nothing else: no Java, no Maven, no Docker.
SHELL := /bin/sh
.DEFAULT_GOAL := help
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
CHECKED := ikm runtime producers stream_processors sinks api grafana cli tests $(wildcard bench)

.PHONY: help setup run test bench bench-boards wall lint format lock env contracts grafana grafana-check grafana-pictures

help:
	@echo "make setup   make $(VENV) with the program $(BIN)/ikm, from requirements.lock"
	@echo "make run     set up, then start everything with a sample: $(BIN)/ikm up"
	@echo "make test    set up, then run every test"
	@echo "make bench   set up, then measure"
	@echo "make bench-boards  set up, then measure every query of Grafana's boards: docs/boards.md"
	@echo "make wall    set up, then look at every page of the board; needs Chromium, node and npm"
	@echo "make lint    set up, then ruff, mypy, import-linter"
	@echo "make lock    pin the dependencies again: requirements.lock, jgo.lock.toml"
	@echo "make env     generate .env.example again"
	@echo "make contracts  generate contracts/ again"
	@echo "make grafana    generate grafana/dashboards and grafana/provisioning again"
	@echo "make grafana-check     hold every panel before Grafana's own field processor; needs node and npm"
	@echo "make grafana-pictures  the same, then draw the boards (SCREEN=tv or phone: as there); needs Chromium, node and npm"

setup: $(STAMP)

$(STAMP): requirements.lock pyproject.toml
	@set -e; \
	for candidate in python3.13 python3.12 python3.11 python3; do \
	  if $$candidate -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then python=$$candidate; break; fi; \
	done; \
	if [ -z "$$python" ]; then echo "ikm needs Python 3.11 or later and found none on PATH: install python3.11 (or later) and try again" >&2; exit 1; fi; \
	if ! $$python -c 'import ensurepip, venv' >/dev/null 2>&1; then echo "$$python cannot make virtual environments (no ensurepip): install its venv package, e.g. apt-get install $$($$python -c 'import sys; print("python3.%d-venv" % sys.version_info[1])'), and try again" >&2; exit 1; fi; \
	if ! $(BIN)/python -m pip --version >/dev/null 2>&1; then rm -rf $(VENV); $$python -m venv $(VENV); fi; \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock; \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

run: setup
	@exec $(BIN)/ikm up

test: setup
	$(BIN)/python -m pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder

bench: setup
	$(BIN)/python -m bench

bench-boards: setup
	$(BIN)/python -m bench.boards

wall: setup
	@command -v npm >/dev/null || { echo "make wall needs node and npm and found none: install them (apt-get install npm)" >&2; exit 2; }
	@npm ci --silent --ignore-scripts --prefix scripts/wall
	@node scripts/wall/check.mjs $(ONLY)

lint: setup
	$(BIN)/ruff check $(CHECKED)
	$(BIN)/ruff format --check $(CHECKED)
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup
	$(BIN)/ruff check --fix $(CHECKED)
	$(BIN)/ruff format $(CHECKED)

# Both files carry hashes and no host: a mirror or a proxy of yours serves as well.
lock: setup
	@set -e; tools=$$(mktemp -d); trap 'rm -rf "$$tools"' EXIT; \
	$(BIN)/python -m venv "$$tools"; \
	"$$tools/bin/pip" install --quiet --disable-pip-version-check pip-tools; \
	"$$tools/bin/pip-compile" --quiet --allow-unsafe --extra=build --extra=dev --generate-hashes --no-emit-find-links --no-emit-index-url --no-emit-options --output-file=requirements.lock --strip-extras pyproject.toml
	$(BIN)/python -m runtime.local.lock

env: setup
	$(BIN)/python -m runtime.settings

contracts: setup
	$(BIN)/python -m cli.contracts

grafana: setup
	$(BIN)/python -m grafana.generate

grafana-check: setup
	@command -v npm >/dev/null || { echo "make grafana-check needs node and npm and found none: install them (apt-get install npm)" >&2; exit 2; }
	$(BIN)/python -m pytest tests/grafana/test_field_processor.py tests/grafana/test_boards_look.py tests/grafana/test_models.py

grafana-pictures: grafana-check
	@npm ci --silent --ignore-scripts --prefix scripts/grafana
	@node scripts/grafana/render/picture.mjs grafana/dashboards build/grafana/results build/grafana/pictures $(ONLY)
