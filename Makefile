# Every command that people use; `make` alone lists them. Paths are relative: use `make -C folder`.
.DEFAULT_GOAL := help
export RINGBACK_MAKE_BEGUN := $(shell date +%s)

BIN := .venv/bin
# Side by side, each with a database and Redis of its own; a file's tests stay together.
PYTEST := $(BIN)/pytest --numprocesses auto --maxprocesses 4 --dist loadfile --reruns 2
STATIC := leads/dashboard/static/.built
ASSETS := $(shell find leads/dashboard/assets -type f 2>/dev/null)

.PHONY: help setup run call play demo test check format bench chaos screenshots reset shell

help:
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

setup: .venv/.run $(STATIC) ## prepare this folder: .venv, packages, styles and scripts

run: setup ## start everything here: database, webhooks, dashboard, worker, practice phone
	@exec $(BIN)/ringback up

call: .venv/.run ## play one missed call with the practice telephone
	@$(BIN)/ringback call

play: .venv/.run ## play a busy hour of named people with the practice telephone
	@$(BIN)/ringback play

demo: .venv/.run ## fill the trial with a month of made-up people (ARGS="--leads 1000000")
	@$(BIN)/ringback demo $(ARGS)

test: .venv/.dev $(STATIC) ## run the tests (ARGS="-k name" for some of them)
	@$(PYTEST) $(ARGS)

check: .venv/.dev $(STATIC) ## what CI runs: formatting, lint, types, import contracts, tests
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(PYTEST) $(ARGS)

format: .venv/.dev ## put the code in order
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: .venv/.dev $(STATIC) ## measure calls, texts, pages, start, memory (ARGS=--write for docs)
	@$(BIN)/python -m tests.benchmarks $(ARGS)

chaos: .venv/.dev ## text 2,500 people and ring 600 times while everything dies (ARGS=--short)
	@$(BIN)/python -m tests.chaos $(ARGS)

screenshots: .venv/.dev $(STATIC) ## take the pictures in docs/screenshots anew
	@$(BIN)/python -m tests.browser.screenshots

reset: .venv/.run ## delete this installation's data, after asking
	@$(BIN)/python -m services.reset

shell: .venv/.run ## a Python prompt with the leads at hand
	@$(BIN)/python -i -c 'import leads; from leads.db import transaction; print("leads, transaction()")'

.venv/.run: uv.lock pyproject.toml tools/setup.sh
	@sh tools/setup.sh run
	@touch $@

.venv/.dev: uv.lock pyproject.toml tools/setup.sh
	@sh tools/setup.sh dev
	@touch $@ .venv/.run

node_modules/.package-lock.json: package.json package-lock.json | .venv/.run
	@echo "Fetching esbuild and the dashboard's packages …"
	@sh tools/npm.sh ci --ignore-scripts --no-audit --no-fund
	@touch $@

$(STATIC): node_modules/.package-lock.json $(ASSETS)
	@sh tools/npm.sh run build
	@touch $@
