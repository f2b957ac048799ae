# The two commands of a newcomer: `make demo` and `make test`. Everything else is for those who stay.
PY ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test check faults offices bench fmt lock docs clean

$(READY): requirements.lock pyproject.toml
	$(PY) -m venv $(VENV)
	$(BIN)/pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	touch $(READY)

demo: $(READY)   ## a year of a probation area, through four services, on this machine
	$(BIN)/throughcare demo $(ARGS)

test: $(READY)   ## every tier, on real PostgreSQL and real Apache Kafka
	$(BIN)/pytest $(ARGS)

check: $(READY)  ## what CI runs before the tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m deploy.generate --check

faults: $(READY) ## everything broken on purpose, under an hour; the table as JSON where FAULTS_JSON says
	FAULTS=all $(BIN)/pytest tests/faults $(ARGS)

offices: $(READY) ## ten thousand random offices keep allocation's limits, under an hour
	OFFICES=10000 $(BIN)/pytest tests/properties/test_offices.py -o faulthandler_timeout=0 $(ARGS)

bench: $(READY)  ## what it costs, against the named peers; ARGS="year --scale 0.1", see docs/performance.md
	$(BIN)/python -m tests.benchmarks $(ARGS)

fmt: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(READY)   ## schemas, AsyncAPI, event catalogue, rules and concerns, performance, from code and figures
	$(BIN)/python -m deploy.generate
	$(BIN)/python -m tests.benchmarks document

lock:            ## needs uv; hashes, no registry host
	uv pip compile --quiet --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate requirements-dev.in -o requirements.lock

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
