# make demo    score datasets/articles and print the table
# make test    run the tests          make lint       ruff and mypy --strict
# make train   train news-en anew     make evaluate   measure
# make bench   speed beside named peers     make fuzz   the kernel under libFuzzer (clang), a minute
# make fuzz-python   texts, pages, files, tables and models: 20 times what CI throws at them
# make fuzz-api  2,000 made-up requests for each address of the API     make load  50 clients x 2,000 requests, 200 slow connections
# make faults  300 kills, 100 dead workers, full disks: the long form of tests/faults
# make mutants breaks the model reader, the escapes and the commit protocol in every place: at least 85% must be noticed
# make docs    build the manual into build/site
# make lock    lock anew what development and CI install, with hashes; the SBOM and the page of licences with it
# make lowest  the tests that users' code rests on, with the lowest versions that pyproject.toml allows
# make clean   remove what these wrote, the environment too
# Another Python: make demo PYTHON=python3.12

PYTHON ?= python3
FUZZ_SECONDS ?= 60
VENV ?= .venv
CORPORA ?= $(if $(wildcard ../shared/corpora/train),../shared/corpora/train,datasets)
OUT ?= trained/news-en

# Development and CI install what is locked, where the lock was tried; `make test LOCK=` installs the newest that pyproject.toml allows.
VERSION := $(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)
LOCK ?= $(if $(filter 3.11 3.12 3.13 3.14,$(VERSION)),requirements/dev.txt)
LOWEST ?= test_model test_table test_persist test_corpus test_webpage test_archive test_cli test_export test_training test_measure \
	test_evaluation test_cluster test_page test_plot test_views test_outputs test_check test_summary

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: demo test lint train evaluate fuzz-api fuzz-python load faults mutants docs clean bench fuzz lock lowest

demo: $(VENV)/.installed
	rm -rf scores.csv scores.csv.run
	$(BIN)/python scripts/apply.py datasets/articles --out scores.csv
	@echo "The model was trained on these articles too: README.md says how often it is right on others."

test: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -n 2 -rs
	@echo "Left out: the tests listed above as SKIPPED, each with its reason; nothing else."

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/mypy --strict framing

train: $(VENV)/.installed
	$(BIN)/python scripts/train.py $(CORPORA) --out $(OUT)

# By outlet, so that no text is scored by a model that has read the same outlet.
evaluate: $(VENV)/.installed
	$(BIN)/python scripts/evaluate.py --cv datasets/articles.jsonl --label tone --group outlet

fuzz-api: $(VENV)/.installed-dev
	FRAMING_API_EXAMPLES=2000 $(BIN)/python -m pytest tests/test_api.py -k keep_to_the_description

fuzz-python: $(VENV)/.installed-dev
	FRAMING_FUZZ=20 $(BIN)/python -m pytest tests/fuzz

load: $(VENV)/.installed-dev
	$(BIN)/python benchmarks/serve_load.py
	$(BIN)/python benchmarks/serve_load.py --slow 200

bench: $(VENV)/.installed-dev
	$(PIP) fasttext-wheel vowpalwabbit || echo "Without fastText and Vowpal Wabbit, which did not install."
	$(BIN)/python benchmarks/speed.py --plot docs/pictures/growth.svg

# Under AddressSanitizer and UBSan; FUZZ_SECONDS for each harness. Anything found is left as a file crash-*. Comparisons are not traced:
# the seeds hold what they would find, and twice as many inputs are tried.
FUZZ := clang++ -std=c++17 -O2 -g1 -fno-exceptions -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all -fno-sanitize-coverage=trace-cmp
KERNEL := $(filter-out native/module.cpp native/inspect.cpp native/learner.cpp,$(wildcard native/*.cpp))
fuzz:
	mkdir -p native/build/corpus/text native/build/corpus/model
	$(FUZZ) native/fuzz/text.cpp native/text.cpp native/sentences.cpp native/language.cpp native/view.cpp -o native/build/fuzz_text
	$(FUZZ) native/fuzz/model.cpp $(KERNEL) -o native/build/fuzz_model
	native/build/fuzz_text -max_total_time=$(FUZZ_SECONDS) -max_len=200 native/build/corpus/text native/fuzz/seeds/text
	native/build/fuzz_model -max_total_time=$(FUZZ_SECONDS) -max_len=1024 native/build/corpus/model native/fuzz/seeds/model

faults: $(VENV)/.installed-dev
	FRAMING_FAULTS=long $(BIN)/python -m pytest tests/faults --durations=0

mutants: $(VENV)/.installed-dev
	$(BIN)/python scripts/mutants.py

lock: $(VENV)/.installed-dev
	$(PIP) uv
	$(BIN)/uv pip compile -q pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-emit-find-links --custom-compile-command "make lock" $(UPGRADE) -o requirements/dev.txt
	$(BIN)/python -m pip install -q --require-hashes -r requirements/dev.txt
	$(BIN)/python scripts/supply.py

lowest: $(VENV)/.installed-dev
	$(PIP) uv
	$(BIN)/uv venv -q --clear -p $(BIN)/python $(VENV)-lowest
	mkdir -p build
	$(BIN)/uv pip compile -q pyproject.toml --extra dask --extra serve --extra duckdb --extra plot --resolution lowest-direct -o build/lowest.txt
	$(BIN)/uv pip install -q -p $(VENV)-lowest/bin/python -r build/lowest.txt pytest hypothesis httpx nbclient ipykernel setuptools
	PYTHONPATH=. $(VENV)-lowest/bin/python -m pytest $(LOWEST:%=tests/%.py)

docs: $(VENV)/.installed-dev
	$(BIN)/mkdocs build --strict

clean:
	rm -rf $(VENV) $(VENV)-lowest build dist *.egg-info scores.* .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find framing scripts tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamps: made anew when pyproject.toml or the kernel changes.
$(VENV)/.installed: pyproject.toml setup.py $(wildcard native/*.cpp native/*.h) | $(BIN)/python
	@echo "Installing framing and what it needs into $(VENV) (the first time takes a minute or two) ..."
	@$(PIP) -e .
	@touch $@

$(VENV)/.installed-dev: pyproject.toml $(LOCK) setup.py $(wildcard native/*.cpp native/*.h) | $(BIN)/python
	@echo "Installing framing and the tools of its developers into $(VENV) ..."
	@$(if $(LOCK),$(PIP) --require-hashes -r $(LOCK))
	@$(PIP) $(if $(LOCK),--no-build-isolation) -e ".[dev]"
	@touch $@ $(VENV)/.installed

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "framing needs Python 3.11 or later; $(PYTHON) is missing or older. Name another: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "$(PYTHON) cannot make environments: it lacks venv or ensurepip. On Debian or Ubuntu: sudo apt install python3-venv"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }
