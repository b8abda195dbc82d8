# `make demo` and `make test` are all a newcomer needs; both create .venv first. `make help` lists the rest.
.DEFAULT_GOAL := help
.PHONY: help setup demo test test-docs test-pages axe check format bench bench-smoke schema docs calibration published published-run doctor lock clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PEERS := .venv-bench
READY := $(VENV)/.ready
AXE := 4.14.1
CORES := --numprocesses auto --dist worksteal

help:            ## Print this list.
	@grep -hE '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## */  make \1\t/' | expand -t 20

setup: $(READY)  ## Create .venv with pinned dependencies.

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Bakeoff needs Python 3.11 or newer, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $(READY)

demo: setup      ## Train four networks on real digits, print the verdict, write the report.
	$(BIN)/bakeoff run quickstart
	$(BIN)/bakeoff report quickstart

test: setup      ## Run all tests but those of the two targets below.
	$(BIN)/pytest $(CORES) -m "not panel and not pages and not docs"

test-docs: setup ## Do everything that the tutorial and the how-to pages say, in empty folders.
	$(BIN)/pytest $(CORES) -m docs tests/documentation

test-pages: setup axe ## Run the tests of the report and the live pages in Chromium (apt-get install chromium).
	$(BIN)/pytest -m pages tests/report tests/server

axe: $(READY)    ## Fetch the accessibility checker that the tests of the page use (needs npm).
	-test -f $(VENV)/axe/axe.min.js || (mkdir -p $(VENV)/axe && cd $(VENV)/axe && \
	npm pack --silent axe-core@$(AXE) && tar -xzf axe-core-$(AXE).tgz --strip-components=1 package/axe.min.js)

check: setup     ## Format, lint, import contracts, types, fast tests: what CI runs.
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/pytest $(CORES) -m "not slow and not panel and not pages and not docs"

format: setup    ## Format the code and mend what the linter can mend.
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: setup $(PEERS)/.ready ## Time Bakeoff against what users would pick instead, an hour on two cores; PyTorch's package is 7 GB.
	BAKEOFF_BENCH_PYTHON=$(PEERS)/bin/python $(BIN)/python bench/compare.py --write

$(PEERS)/.ready: bench/peers/requirements.txt
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check --requirement $<
	touch $@

bench-smoke: setup ## Print speed and memory against this machine's peak, from one run.
	$(BIN)/python bench/smoke.py

schema: setup    ## Write the study schema that editors use.
	$(BIN)/python -m bakeoff.spec.schema > docs/study.schema.json

docs: demo schema ## Write the generated parts of the documentation (needs Chromium for the picture).
	$(BIN)/python -m docs.generate

calibration: setup ## Write docs/calibration.md: every error rate at full length, half an hour on two cores.
	$(BIN)/bakeoff calibrate --store bakeoff-store --markdown docs/calibration.md

published-run: setup ## Train every model of the four published comparisons into bakeoff-published: hours, and goes on where it stopped.
	$(BIN)/python -m docs.publishing.runs

published: setup ## Write docs/published and the README's headline from that store.
	$(BIN)/python -m docs.publishing

doctor: setup    ## Write docs/doctor.md: what the doctor finds in sick and healthy networks, four minutes on two cores.
	$(BIN)/python -m tests.diagnosis.panel > docs/doctor.md

lock:            ## Choose dependency versions anew and write requirements.lock (needs pip 25.1 or newer).
	rm -rf $(VENV)-lock && $(PYTHON) -m venv $(VENV)-lock
	$(VENV)-lock/bin/python -m pip install --quiet --upgrade pip
	$(VENV)-lock/bin/python -m pip install --quiet --group dev .
	$(VENV)-lock/bin/python -m pip freeze --exclude bakeoff > requirements.lock
	rm -rf $(VENV)-lock

clean:           ## Remove the environment and caches; results stay.
	rm -rf $(VENV) .ruff_cache .mypy_cache .pytest_cache .import_linter_cache
