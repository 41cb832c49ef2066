# Everything a newcomer needs. `make demo` and `make test` set the rest up by themselves.

.DEFAULT_GOAL := help
.PHONY: help install demo test check format bench lock clean

# The newest Python that is really there and new enough; a name on the PATH may be an empty shim.
PYTHON ?= $(shell for each in python3.14 python3.13 python3.12 python3.11 python3; do \
	"$$each" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$each" && break; done)

VENV := .venv
BIN := $(VENV)/bin

help: ## show this
	@sed -n 's/^\([a-z]*\):.*## /\1 -- /p' Makefile | awk -F ' -- ' '{printf "  make %-9s %s\n", $$1, $$2}'

install: $(VENV)/installed ## make .venv with the friction command

$(VENV)/installed: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Friction needs Python 3.11 or newer. Install one, or say PYTHON=/path/to/python."; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: install ## play a fortnight in a Slack on this machine, and stay for you to try it
	@$(BIN)/friction demo

test: install ## run the tests (PostgreSQL at TEST_POSTGRES and a local Slack where they can be had)
	@$(BIN)/python -m pytest -n auto --maxprocesses 4

check: install ## format, lint, types, import contracts
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

format: install ## put the code in its form
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: install ## measure, beside a peer in the same run
	@for each in tests/benchmarks/bench_*.py; do $(BIN)/python "$$each" || exit 1; done

lock: ## pin every dependency anew (needs uv)
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --upgrade --generate-hashes \
		--no-header --no-annotate --no-emit-index-url --output-file requirements.lock

clean: ## remove what was made here
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
