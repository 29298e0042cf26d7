# Two commands matter: `make demo` and `make test`. Everything is installed into .venv; nothing global.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
UV_VERSION := 0.13.9

.PHONY: setup demo test test-full check bench screenshots format clean

setup: .venv/.ready

.venv/.ready: pyproject.toml uv.lock tools/preflight.py
	@$(PYTHON) tools/preflight.py
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	$(BIN)/uv sync --frozen --extra demo
	@touch $@

demo: setup
	$(BIN)/reorder demo

# Side by side on all cores, the tests of a file in one process; each process has a database server of its own. A browser
# keeps an event loop in its process, so its tests have processes of their own; what is killed and started again needs the
# machine to itself.
ALONE = tests/surface/test_serve.py tests/flows/test_oversell.py
test: setup
	$(BIN)/pytest -n auto --maxprocesses 4 --dist loadfile $(addprefix --ignore=,tests/browser $(ALONE))
	$(BIN)/pytest -n 2 --dist loadfile tests/browser
	$(BIN)/pytest $(ALONE)

test-full: setup
	REORDER_TEST_FULL=1 $(BIN)/pytest

# The fast tests are in `make test` too: who calls both may leave them out here (CHECK_TESTS=tests/kernel).
CHECK_TESTS = tests/architecture tests/engine tests/kernel
check: setup
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/deptry --no-ansi src
	$(BIN)/djlint --quiet --lint src/reorder/web/templates
	$(BIN)/python tools/django_checks.py
	$(BIN)/pytest -q $(CHECK_TESTS)

bench: setup
	$(BIN)/python -m benchmarks

# Pictures of docs/tutorial, taken from the running demonstration (make demo, in another terminal).
screenshots: setup
	$(BIN)/python tools/shoot.py --tutorial

format: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
