# Poolbook. `make demo` and `make test` do everything on a fresh machine with Python 3.11+ and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
CASE ?= examples/scottish-borders-2018
PACKAGES := ledger contributions allocation commissioning exports api

.PHONY: demo test lint bench bench-peers serve lock lock-peers clean

# Installed from the hashed lock files, once; made again only when a lock file or pyproject.toml changes.
$(VENV)/.run: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Poolbook needs Python 3.11 or later; say which: make PYTHON=python3.12") if sys.version_info < (3, 11) else 0'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing what Poolbook needs (once) ..."
	@$(PIP) install --require-hashes -r requirements.txt
	@$(PIP) install --no-deps --no-build-isolation --no-index --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.run
	@echo "Installing what the tests need (once) ..."
	@$(PIP) install --require-hashes -r requirements-dev.txt
	@touch $@

demo: $(VENV)/.run
	@$(BIN)/poolbook run $(CASE) --out out/$(notdir $(CASE))

# Three at a time on two cores: many of the tests wait for a server, a browser or an office program.
test: lint
	@$(BIN)/python -m pytest -n 3 --dist worksteal

lint: $(VENV)/.dev
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: $(VENV)/.dev
	@$(BIN)/python -m benchmarks

# Beside other ledgers, each in an environment of its own; hledger and ledger come from the system (apt-get install).
bench-peers: $(VENV)/.dev
	@$(BIN)/python -m benchmarks.peers

serve: $(VENV)/.run
	@$(BIN)/poolbook serve

# Needs uv. Lock files hold hashes and no index address.
lock:
	uv pip compile pyproject.toml --group build --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --quiet --custom-compile-command "make lock" --output-file requirements.txt
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --quiet --custom-compile-command "make lock" --constraint requirements.txt --output-file requirements-dev.txt

# python-accounting asks for two database drivers that SQLite does not need and that build only beside their servers.
lock-peers:
	for peer in beancount piecash django-hordak python-accounting; do \
	  uv pip compile benchmarks/peers/requirements/$$peer.in --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --no-emit-package mysqlclient --no-emit-package psycopg2 --quiet \
	    --custom-compile-command "make lock-peers" --output-file benchmarks/peers/requirements/$$peer.txt; done

clean:
	rm -rf $(VENV) out .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
