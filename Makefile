# `make` lists the targets. `make match` and `make test` need nothing but Python 3.11+ and make.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help match test check format lint types contracts generated golden catalogue models wheel benchmark clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "TinyKG needs Python 3.11 or newer; this is `$(PYTHON) --version`. Try: make PYTHON=python3.12"; exit 1; }
	@echo "Setting up $(VENV) (once; about a minute) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt 'pip>=25.1'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[serve]' --group dev
	@touch $(READY)

match: $(READY) ## which real models fit an Arduino Nano 33 BLE Sense
	@$(BIN)/tinykg match --device nano33

test: $(READY) ## set up and run the tests
	@$(BIN)/python -m pytest --quiet

check: format lint types contracts generated ## what CI checks before the tests

format: $(READY) ## is the code formatted
	@$(BIN)/ruff format --check --quiet .

lint: $(READY) ## ruff's rules, and the catalogue's canonical form
	@$(BIN)/ruff check --quiet .
	@$(BIN)/python tools/lint_catalogue.py

types: $(READY) ## mypy, strict
	@$(BIN)/mypy tinykg tools ontology/generate_terms.py ontology/generate_operators.py
	@for folder in tests/*/; do $(BIN)/mypy $$folder || exit 1; done

contracts: $(READY) ## which package may import which
	@$(BIN)/lint-imports --no-cache

generated: $(READY) ## are generated files those that their sources give
	@$(BIN)/python ontology/generate_terms.py --check
	@$(BIN)/python ontology/generate_operators.py --check
	@$(BIN)/python tools/generate_tflite_schema.py --check
	@$(BIN)/python tools/build_catalogue.py --check

golden: $(READY) ## rewrite the golden reports and show what changed
	@$(BIN)/python tests/shapes/rewrite_golden.py
	@git --no-pager diff --stat -- shapes/cases

DATA ?= ../shared/data
MODELS ?= $(DATA)/models
catalogue: $(READY) ## extract facts of models and boards, run all through the shapes, write the lock (DATA=folder)
	@$(BIN)/python tools/build_boards.py --data $(DATA)
	@$(BIN)/python tools/build_catalogue.py --models $(MODELS)

wheel: $(READY) ## build the wheel into dist/
	@$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir dist .

benchmark: $(READY) ## ratios of one run, printed
	@for script in benchmarks/*.py; do echo "== $$script"; $(BIN)/python $$script; done

clean: ## remove what was built
	@rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis
