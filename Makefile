# run: set everything up and serve the demo.   test: all tests, then again on PostgreSQL and Redis.
# bench: the benchmark table.   lint: everything a machine can judge.   clean: back to a fresh checkout.
PYTHON ?= python3
# Dozens of processes are started: without compiled modules each would compile everything again.
unexport PYTHONDONTWRITEBYTECODE
# Shared by all checkouts: mypy compares contents, and checks a fresh clone in 3 seconds of CPU instead of 44.
export MYPY_CACHE_DIR ?= $(or $(COPYDESK_CACHE),$(HOME)/.cache/copydesk)/mypy
VENV := .venv/bin
PYTEST_ARGS ?=
BENCH_ARGS ?=
# What behaves differently on PostgreSQL and Redis: everything that writes and announces.
SERVICE_TESTS := tests/tickets tests/knowledge tests/copilot tests/qa tests/config tests/demo

# Run once: real models, browsers, servers and processes.
REAL_PARTS := model or browser or services
# The slowest tests of each run are listed.
LISTED := --durations=40 --durations-min=1

.PHONY: run setup setup-dev debian-packages texts test test-services bench lint lint-types lint-code lint-templates format lock clean

run: setup
	@$(VENV)/python manage.py up

setup:
	@$(PYTHON) scripts/setup.py

setup-dev:
	@$(PYTHON) scripts/setup.py --dev

# Collects the texts of pages and scripts into locale/, and compiles what is translated there (docs/texts.md).
texts: setup-dev debian-packages
	@$(VENV)/python scripts/texts.py

debian-packages:
	@$(PYTHON) scripts/debian_packages.py chromium-headless-shell postgresql redis-server gettext

test: setup-dev debian-packages
	@$(PYTHON) scripts/timed.py "test models" $(VENV)/python scripts/as_test.py fetch_models --tests
	@$(PYTHON) scripts/timed.py "all tests" $(VENV)/python -m pytest -n 4 --dist loadgroup $(LISTED) $(PYTEST_ARGS)
	@$(MAKE) --no-print-directory test-services

# Last, so that the last line printed is pytest's.
test-services: setup-dev
	@$(VENV)/python scripts/with_services.py $(VENV)/python -m pytest -n 3 $(LISTED) \
		-m "not ($(REAL_PARTS))" $(wildcard $(SERVICE_TESTS)) $(PYTEST_ARGS)

# BENCH_ARGS=--short sees that every benchmark works; its figures are not for comparing.
bench: setup-dev debian-packages
	@$(VENV)/python scripts/as_test.py fetch_models
	@$(VENV)/python scripts/bench.py $(BENCH_ARGS)

# Side by side: mypy takes as long as the others together.
lint: setup-dev
	@$(MAKE) --no-print-directory -j 2 --output-sync=target lint-types lint-code lint-templates

lint-types:
	@$(PYTHON) scripts/timed.py "mypy" $(VENV)/mypy

lint-code:
	@$(PYTHON) scripts/timed.py "ruff check" $(VENV)/ruff check .
	@$(PYTHON) scripts/timed.py "ruff format" $(VENV)/ruff format --check .

lint-templates:
	@$(PYTHON) scripts/timed.py "djlint" $(VENV)/djlint templates --lint --quiet

format: setup-dev
	@$(VENV)/ruff check --fix .
	@$(VENV)/ruff format .
	@$(VENV)/djlint templates --reformat --quiet || true

lock: setup-dev
	@$(VENV)/python scripts/lock.py

clean:
	rm -rf .venv var .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
