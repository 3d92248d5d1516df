# The one door. Every target sets up what it needs; a fresh machine needs Python 3.11, make and git.

SHELL := /bin/bash
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
TARGET_TABLE := $(wildcard ../shared/data/target_all_p2/*.tsv)
INVENTED_TABLE := cases/cohort/invented-registry.csv --mapping cases/cohort/invented-registry.yaml
KNOWLEDGE := $(shell find knowledge -name '*.yaml' -o -name '*.tsv')
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.PHONY: help demo serve test test-long test-spark fuzz browser-test pictures check fix library record docs bench lock wheel-test trials-list clean

help:  ## List what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

# --- setting up -------------------------------------------------------------------------------------------------------

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 is needed and was not found as $(PYTHON). Say where it is: make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "Python could not make a virtual environment. On Debian: apt-get install python3-venv"; exit 1; }

$(VENV)/.core: requirements/core.txt pyproject.toml hatch_build.py | $(BIN)/python
	@echo "Setting up (once) …"
	@$(PIP) install --require-hashes -r requirements/core.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.site: requirements/site.txt $(VENV)/.core
	@$(PIP) install --require-hashes -r requirements/site.txt
	@touch $@

$(VENV)/.cohort: requirements/cohort.txt $(VENV)/.core
	@echo "Setting up the engine for many children (once) …"
	@$(PIP) install --require-hashes -r requirements/cohort.txt
	@touch $@

$(VENV)/.spark: requirements/spark.txt $(VENV)/.dev
	@command -v java >/dev/null || { echo "Spark needs Java 17 or newer. On Debian: apt-get install default-jre-headless"; exit 1; }
	@echo "Setting up Spark (once, a large download) …"
	@$(PIP) install --require-hashes -r requirements/spark.txt
	@touch $@

$(VENV)/.browser: requirements/browser.txt $(VENV)/.dev
	@echo "Setting up the tools for browser tests (once) …"
	@$(PIP) install --require-hashes -r requirements/browser.txt
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.core
	@echo "Setting up the tools for testing (once) …"
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@

src/remission/_compiled/programs.msgpack: $(KNOWLEDGE) $(wildcard src/remission/knowledge/*.py src/remission/rules/*.py) $(VENV)/.core
	@$(BIN)/python -m remission.rules.build knowledge

library: src/remission/_compiled/programs.msgpack  ## Compile knowledge/: read, check, prove every table

record: $(VENV)/.core  ## Record the texts of this version of the knowledge (confirm a Spanish text as it is: SPANISH="topic/claim family")
	@$(BIN)/python -m remission.knowledge.history knowledge $(if $(SPANISH),"$(SPANISH)")

# --- using ------------------------------------------------------------------------------------------------------------

demo: library $(VENV)/.cohort  ## Explain an invented child; assess invented children, or the real table when it is there
	@echo; echo "An invented child, with one result still out:"; echo
	@$(BIN)/remission explain --example > $(VENV)/example.yaml
	@$(BIN)/remission explain $(VENV)/example.yaml --scheme nci-rome --scheme cog-08b1
	@echo; echo "$(if $(TARGET_TABLE),The shared TARGET table,300 invented children), under every scheme:"; echo
	@$(BIN)/remission cohort assess $(if $(TARGET_TABLE),$(TARGET_TABLE) --mapping cbioportal-target,$(INVENTED_TABLE)) --out $(VENV)/cohort.parquet
	@$(BIN)/remission cohort report $(VENV)/cohort.parquet --out $(VENV)/cohort.html
	@echo; echo "Next, try:"
	@echo "  $(BIN)/remission explain --age 4y --wbc 12000/uL --lineage b"
	@echo "  $(BIN)/remission explain $(VENV)/example.yaml --lang es --trace"
	@echo "  $(BIN)/remission show nci-rome          # the rule itself, and where it is written"
	@echo "  $(BIN)/remission search red dots on skin"
	@echo "  $(BIN)/remission trials --age 4y --near 'Washington, DC'"
	@echo "  $(BIN)/remission cohort sql nci-rome    # the same rule as SQL"
	@echo "  make serve                            # all of it in your browser, on this machine alone"
	@echo "  $(BIN)/remission --help"

serve: $(VENV)/.site library  ## Open the site in your browser, on this machine alone
	@$(BIN)/remission serve

# --- proving ----------------------------------------------------------------------------------------------------------

test: $(VENV)/.dev library  ## Run the tests
	@$(BIN)/python -m pytest -n auto

test-spark: $(VENV)/.spark library  ## Run the tests of the cohort engine on Spark (needs Java 17 or newer)
	@$(BIN)/python -m pytest -n0 -m spark tests

test-long: $(VENV)/.dev library  ## Run the property tests for long
	@HYPOTHESIS_PROFILE=long $(BIN)/python -m pytest -n auto tests/test_properties.py

browser-test: $(VENV)/.browser library  ## Test the pages in a real browser (Debian's Chromium)
	@$(BIN)/python -m pytest -n auto -p no:cacheprovider browser_tests

pictures: $(VENV)/.browser library  ## Take a picture of every kind of page, to look at
	@$(BIN)/python -m pytest -n auto -p no:cacheprovider browser_tests/take_pictures.py
	@echo "Pictures of the pages: build/pictures"

fuzz: $(VENV)/.dev library  ## Fuzz the readers: property tests for long, then atheris where it is installed (SECONDS=60 for each reader)
	@HYPOTHESIS_PROFILE=long $(BIN)/python -m pytest -n auto tests/test_karyotype.py -k "written_back or mended or any_text or slips"
	@HYPOTHESIS_PROFILE=long $(BIN)/python -m pytest -n auto tests/test_fhir_hostile.py
	@if $(BIN)/python -c "import atheris" 2>/dev/null; then mkdir -p build/fuzz/karyotype build/fuzz/fhir && cp cases/fhir/*.json build/fuzz/fhir && cd build/fuzz && \
	  ../../$(BIN)/python ../../tests/fuzz_readers.py karyotype karyotype -max_total_time=$(or $(SECONDS),60) -max_len=400 && \
	  ../../$(BIN)/python ../../tests/fuzz_readers.py fhir fhir -max_total_time=$(or $(SECONDS),60) -max_len=20000; \
	else echo "atheris is not installed, so the coverage-guided run was left out. To add it: $(BIN)/python -m pip install 'atheris>=3,<4'"; fi

check: $(VENV)/.dev library  ## Lint, types, import rules, knowledge, stale docs, locks
	@$(BIN)/ruff check src tests browser_tests benchmarks docs hatch_build.py
	@$(BIN)/ruff format --check --quiet src tests browser_tests benchmarks docs hatch_build.py
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/python -m remission.knowledge.check_all knowledge
	@$(BIN)/python docs/build.py --check
	@! grep -nE 'https?://' requirements/*.txt || { echo "A lock names a download address. Run make lock."; exit 1; }

fix: $(VENV)/.dev  ## Mend what can be mended: format, imports, generated docs
	@$(BIN)/ruff check --fix src tests browser_tests benchmarks docs hatch_build.py
	@$(BIN)/ruff format src tests browser_tests benchmarks docs hatch_build.py
	@$(MAKE) --no-print-directory docs

docs: $(VENV)/.dev library  ## Generate docs/reference/ from the knowledge and the commands
	@$(BIN)/python docs/build.py

bench: $(VENV)/.dev library  ## Measure speed and memory
	@$(BIN)/python benchmarks/explain.py
	@$(BIN)/python benchmarks/search.py
	@$(BIN)/python benchmarks/pages.py
	@$(BIN)/python benchmarks/karyotypes.py
	@$(BIN)/python benchmarks/fhir.py
	@$(BIN)/python benchmarks/playbook.py
	@$(BIN)/python benchmarks/cohort_rules.py
	@$(BIN)/python benchmarks/cohort_fhir.py
	@$(BIN)/python benchmarks/trials.py
	@$(BIN)/python benchmarks/simulate.py
	@$(BIN)/python benchmarks/maintenance_anc.py

wheel-test: $(VENV)/.dev library  ## Build the wheel, install it alone, explain a child with it
	@$(BIN)/python -m pytest -q tests/test_wheel.py

lock: $(VENV)/.dev  ## Renew the locks in requirements/ within the bounds of pyproject.toml
	@$(BIN)/python requirements/lock.py

trials-list: $(VENV)/.core  ## Make the shipped list of trials anew: TRIALS=….csv SITES=….csv GEONAMES=folder TAKEN=2026-04
	@$(BIN)/python -m remission.trials.shipping $(TRIALS) $(SITES) $(GEONAMES) knowledge/trials --taken $(TAKEN)

clean:  ## Remove everything that was built
	rm -rf $(VENV) build dist src/remission/_compiled .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage htmlcov benchmarks/results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
