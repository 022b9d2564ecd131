# xuewei 学位. `make` explains; `make demo` and `make test` need Python 3.11+ and nothing else.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
UV_VERSION := 0.13.9
VENV := .venv
BOOT := .xuewei/boot
UV := $(BOOT)/bin/uv
RUN := $(VENV)/bin
READY := $(VENV)/.ready
FOLDER ?= .xuewei/stack

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

$(UV):
	@echo "── preparing: a private environment in $(VENV) (once)"
	@$(PYTHON) -c 'import sys; sys.exit("xuewei needs Python 3.11 or newer; this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	@$(PYTHON) -m venv $(BOOT)
	@$(BOOT)/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

$(READY): pyproject.toml uv.lock | $(UV)
	@$(UV) sync --frozen --quiet --all-extras --compile-bytecode --python $(PYTHON)
	@touch $(READY)

install: $(READY) ## the environment, once

demo: $(READY) ## the whole platform on this machine: six universities, from upload to receipt (ARGS=--keep leaves it up)
	@$(RUN)/xuewei demo $(ARGS)

test: $(READY) ## all tests (ARGS are handed to pytest)
	@$(RUN)/pytest -n 2 --dist loadgroup -q $(ARGS)

check: $(READY) ## formatting, lint, types, walls, generated files
	@$(RUN)/ruff format --check .
	@$(RUN)/ruff check .
	@$(RUN)/pyright
	@$(RUN)/lint-imports
	@$(RUN)/python -m contracts.generate --check
	@$(RUN)/python -m services.kit.asyncapi --check

format: $(READY) ## formats the code and writes generated files anew
	@$(RUN)/ruff check --fix .
	@$(RUN)/ruff format .
	@$(RUN)/python -m contracts.generate
	@$(RUN)/python -m services.kit.asyncapi

bench: $(READY) ## the figures of the README, as ratios (ARGS=--quick for a short run)
	@$(RUN)/python -m benchmarks $(ARGS)

up: $(READY) ## starts the embedded stack and leaves it up (FOLDER=…)
	@$(RUN)/xuewei up --folder $(FOLDER) --detach $(ARGS)

down: $(READY) ## stops it
	@$(RUN)/xuewei down --folder $(FOLDER) $(ARGS)

status: $(READY) ## what runs where
	@$(RUN)/xuewei status --folder $(FOLDER) $(ARGS)

kafka: $(READY) ## a real Apache Kafka on this machine (needs Java 17 and Maven)
	@$(RUN)/python -m cli.stack.kafka $(ARGS)

clean: ## removes the environment and everything made here
	@rm -rf $(VENV) .xuewei .pytest_cache .ruff_cache .hypothesis

.PHONY: help install demo test check format bench up down status kafka clean
