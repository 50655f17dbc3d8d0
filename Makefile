# One command for each thing one does here. `make help` lists them.
# Needed: Python 3.11 or newer with pip. PYTHON=/path/to/python chooses one.

VENV := .venv
LOWEST := .venv-lowest
BIN := $(VENV)/bin
DEMO := build/demo
STUDY := examples/livestream/study.yaml
DEMO_ROWS := 80000
EXAMPLE_ROWS := 4000
PYTEST_ARGS ?=
TESTS := python -m pytest -n auto --dist loadscope --no-loadscope-reorder  # a module's tests share its fixtures: one process each

IS_NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$p -c '$(IS_NEW_ENOUGH)' >/dev/null 2>&1 && { echo $$p; break; }; done)

FIND_PYTHON = @test -n "$(PYTHON)" && $(PYTHON) -c '$(IS_NEW_ENOUGH)' >/dev/null 2>&1 || { \
	echo "survey_sem needs Python 3.11 or newer, and found none$(if $(PYTHON), as $(PYTHON))." \
	"Install one, or name it: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
FROM_PINS = pyproject.toml constraints/environment.py

.PHONY: help env demo test test-lowest lint format docs examples bench lock clean

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

env: $(VENV)/.stamp  ## the environment in .venv, from constraints/newest.txt

$(VENV)/.stamp: $(FROM_PINS) constraints/newest.txt
	$(FIND_PYTHON)
	@echo "Making $(VENV) with the versions of constraints/newest.txt (about a minute) ..."
	@$(PYTHON) constraints/environment.py install $(VENV) newest
	@touch $@

$(LOWEST)/.stamp: $(FROM_PINS) constraints/lowest.txt
	$(FIND_PYTHON)
	@echo "Making $(LOWEST) with the versions of constraints/lowest.txt (about a minute) ..."
	@$(PYTHON) constraints/environment.py install $(LOWEST) lowest --extras dev
	@touch $@

demo: env  ## the main job: 80,000 simulated answer sheets, from the exports of a survey platform to the report
	@rm -rf $(DEMO)
	@$(BIN)/survey-sem simulate $(STUDY) -n $(DEMO_ROWS) --seed 1 -o $(dir $(STUDY))raw/
	@echo
	@echo "Reading, checking and fitting $(DEMO_ROWS) answer sheets (a minute or two) ..."
	@$(BIN)/survey-sem fit $(STUDY) --out $(DEMO)
	@echo
	@echo "The report, to open in a browser:"
	@ls $(DEMO)/report.*.html | sed "s|^|  $(CURDIR)/|"
	@echo "Every number again, compared:  $(BIN)/survey-sem verify $(DEMO)"
	@echo "A real study (344 customers):  $(BIN)/survey-sem fit examples/corporate_reputation/study.yaml"

test: env  ## the tests, on the newest versions (PYTEST_ARGS="-k name" chooses)
	@$(BIN)/$(TESTS) $(PYTEST_ARGS)

test-lowest: $(LOWEST)/.stamp  ## the core tests, on the declared lower bounds
	@$(LOWEST)/bin/$(TESTS) -m "not slow" --ignore tests/docs --ignore tests/packaging $(PYTEST_ARGS)

lint: env  ## ruff, mypy --strict, layers
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

format: env  ## let ruff put files in order
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

docs: env  ## the documentation in build/docs; a warning is an error
	@$(BIN)/python -m sphinx -W --keep-going -q -b html docs build/docs
	@echo "Documentation: $(CURDIR)/build/docs/index.html"

examples: env  ## every study in examples/, fitted and verified; simulated ones are made first
	@for study in examples/*/study.yaml; do \
		folder="$$(dirname "$$study")"; \
		run="build/examples/$$(basename "$$folder")"; \
		rm -rf "$$run"; \
		echo "== $$study"; \
		if grep -q "^simulation:" "$$study"; then \
			$(BIN)/survey-sem simulate "$$study" -n $(EXAMPLE_ROWS) --seed 1 -o "$$folder/raw/" || exit 1; \
		fi; \
		$(BIN)/survey-sem fit "$$study" --out "$$run" && $(BIN)/survey-sem verify "$$run" || exit 1; \
	done

bench: env  ## timings of this machine: startup, the engine beside semopy and lavaan (20 minutes with R), livestream, the survey side
	@-$(BIN)/python benchmarks/startup.py
	@$(BIN)/python -m benchmarks
	@$(BIN)/python -m benchmarks.livestream
	@$(BIN)/python -m benchmarks.survey_side

lock:  ## resolve both sets of pinned versions anew
	$(FIND_PYTHON)
	@$(PYTHON) constraints/environment.py lock newest
	@$(PYTHON) constraints/environment.py lock lowest

clean:  ## remove everything that make made
	@rm -rf $(VENV) $(LOWEST) build dist
