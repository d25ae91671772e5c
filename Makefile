# The commands of the README; CI calls the same ones.
SHELL := /bin/bash
PYTHON ?= python3.11
HOME_DIR ?= demo-home
BIN := .venv/bin

.PHONY: setup demo test lint nightly bench docs clean

setup: .venv/ready            ## a virtual environment with everything, and .venv/bin/copymill

.venv/ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install -q --disable-pip-version-check -c constraints.txt torch
	$(BIN)/pip install -q --disable-pip-version-check -c constraints.txt -e '.[train,dev]'
	$(BIN)/python -m tasks.compliance.reader_fit
	touch .venv/ready

demo: setup                   ## the whole main job on the example brand: no key, no GPU, no network
	$(BIN)/copymill run --home $(HOME_DIR) --profile tiny --yes

test: setup lint              ## the default tests, under five minutes
	$(BIN)/pytest

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --verbose 2>/dev/null || $(BIN)/lint-imports
	$(BIN)/mypy tasks flows

nightly: setup                ## the slow CPU tests: kill -9, the whole tiny chain, the UI in Chromium, axe-core, GGUF in llama.cpp
	command -v npm >/dev/null && npm install --silent --no-audit --no-fund --prefix build/llama --omit=optional \
		node-llama-cpp@3.22.1 @node-llama-cpp/linux-x64@3.22.1 || echo "no llama.cpp: its tests will be skipped"
	command -v npm >/dev/null && npm install --silent --no-audit --no-fund --prefix build/axe axe-core@4.14.1 \
		|| echo "no axe-core: its tests will be skipped"
	$(BIN)/pytest -n 0 -m 'slow or browser' --timeout 3600

bench: setup                  ## performance claims, each a ratio against a named baseline
	for name in compliance compliance_growth compliance_quality training; do $(BIN)/python bench/$$name.py || exit 1; done

docs: setup                   ## write the generated parts of docs/ again
	$(BIN)/python -m flows.docs

clean:
	rm -rf .venv $(HOME_DIR)
