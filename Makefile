# make run | make test | make setup | make help
SHELL := /bin/bash
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup run test lint check format lock screenshots errors

BIN := .venv/bin
ONCE ?=
ARGS ?=
# one more than there are cores: many tests wait for a service
JOBS ?= $(shell n=$$(nproc); echo $$((n < 3 ? n + 1 : 4)))
PYTEST = $(BIN)/python -m pytest -n $(JOBS) --dist loadgroup --no-loadscope-reorder

help: ## say what there is to make
	@grep -hE '^[a-z]+:.*## ' Makefile | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 16

setup: ## install what is missing: system packages, .venv, .venv/bin/sohoa
	@setup/install.sh

run: ## start everything and send a sample dossier through; ONCE=1 ends after it
	@setup/install.sh run
	@$(BIN)/sohoa up --sample $(if $(filter-out 0 no false,$(ONCE)),--once) $(ARGS)

test: setup ## the checks and all tests, side by side; ARGS="-k inbox" for some
	@$(MAKE) --no-print-directory lint & lint=$$!; $(PYTEST) $(ARGS); tests=$$?; \
		wait $$lint || { echo "The checks have failed: see above, or run 'make lint'." >&2; exit 1; }; \
		exit $$tests

lint: ## style, types, who imports whom
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet . || \
		{ echo "Some files are not formatted: run 'make format'." >&2; exit 1; }
	@$(BIN)/mypy --no-error-summary
	@words=$$($(BIN)/lint-imports --no-cache 2>&1) || { echo "$$words"; exit 1; }

check: lint ## the checks, and the tests that start no service
	@$(PYTEST) -m "not service and not slow" $(ARGS)

format: ## put the files into the house style
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --quiet --fix .

screenshots: ## draw docs/screenshots anew: each profile of signing, each page of the desk
	@PYTHONPATH=. $(BIN)/python tests/support/profile_pictures.py docs/screenshots
	@PYTHONPATH=. $(BIN)/python tests/support/desk_pictures.py docs/screenshots

errors: ## write docs/errors.md anew from the catalogue of sentences
	@PYTHONPATH=. $(BIN)/python tests/support/error_pages.py docs/errors.md

lock: ## resolve the dependencies again into requirements.lock, hashes and no addresses
	@test -x .cache/lock/bin/uv || \
		{ python3 -m venv .cache/lock && .cache/lock/bin/pip install --quiet uv; }
	@.cache/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-header --no-emit-index-url $(if $(UPGRADE),--upgrade) \
		--group dev --output-file requirements.lock pyproject.toml
