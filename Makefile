# Everything a newcomer needs is `make demo` and `make test`; a bare `make` says what else there is.
PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help setup demo run test test-kafka chaos fuzz bench bench-check lint format contract clean lock

help: ## say what can be made
	@echo "make demo        set up, then read the sample articles on an embedded broker and print the tables"
	@echo "make run         a broker on disk (.dyads/broker) and one worker, running on 127.0.0.1:9092 until Ctrl-C"
	@echo "make test        set up, then run every test that this machine can run"
	@echo "make test-kafka  the tests of broker, runtime and pipeline on Apache Kafka itself (needs Java 17 and Maven)"
	@echo "make chaos       kill, pause and trap workers and broker, then audit (CHAOS='--broker apache --acts 100 --seed 1')"
	@echo "make fuzz        half a million broken frames, batches and articles, thousands of texts (FUZZ='--seed 1 --scale 0.1')"
	@echo "make bench       measure the speed beside the peers and write docs/performance.md (BENCH='--only coder'); minutes"
	@echo "make bench-check the same, compared with the committed figures; writes nothing"
	@echo "make lint        formatting, types, import rules, data files, docker-compose.yml"
	@echo "make format      let ruff put the code in order"
	@echo "make contract    write docs/contract anew: AsyncAPI document, JSON Schemas and page, from the code"
	@echo "make clean       remove what was set up and generated, the data of make run included"
	@echo "make lock        resolve the dependencies anew and write requirements.lock (needs uv)"

setup:
	@$(PYTHON) deploy/setup.py

demo: setup
	@$(BIN)/dyads demo

run: setup
	@$(BIN)/dyads run --embedded --data-dir .dyads/broker

test: setup
	@$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadgroup

# Not again what no broker has a part in: the model, the coding processes, the disk, and what watches.
NOT_ON_KAFKA := runtime/model/test_model.py runtime/model/test_mutants.py $(addprefix integration/test_,edges_coding.py \
	edges_disk.py contract.py metrics.py traces.py watching.py)

test-kafka: setup
	@$(BIN)/python -m tests.apache_kafka
	@DYADS_TEST_BROKER=apache $(BIN)/python -m pytest \
		tests/apache_kafka tests/topics/conformance tests/runtime tests/integration \
		$(addprefix --ignore=tests/,$(NOT_ON_KAFKA))

chaos: setup
	@$(BIN)/python -m pytest tests/chaos tests/integration -m chaos
	@$(BIN)/python -m tests.chaos $(CHAOS)

fuzz: setup
	@$(BIN)/python -m tests.fuzz $(FUZZ)

bench: setup
	@$(BIN)/python bench/run.py $(BENCH)

bench-check: setup
	@$(BIN)/python bench/run.py --check $(BENCH)

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml

format: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

contract: setup
	@$(BIN)/dyads contract

clean:
	rm -rf .venv .dyads .bench build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

lock:
	uv pip compile pyproject.toml --group dev --universal --generate-hashes --python-version 3.11 \
		--no-header --output-file requirements.lock
	uv pip compile pyproject.toml --universal --generate-hashes --python-version 3.11 \
		--no-header --constraint requirements.lock --output-file deploy/requirements.lock
