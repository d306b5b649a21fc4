# make report   set up if needed, then render the reports from the figures in the repository
# make test     set up if needed, then pass every test but the browser, fault and slow ones
# make test-all the same with them (needs Debian's chromium: `make browser` installs it)
# make lab      JupyterLab on the notebooks
# make test-room ROOM=answers   the tests of one room
# make renew    after a new release: all that follows the newest one, written again; the diff shows what moved
# make mutants [SINCE=revision] [MODULE=src/...py]   small wrong changes that no test notices, on changed lines
# make help     all targets

PYTHON ?= python3
BIN := .venv/bin
# two test files at a time, each whole in one process (pyproject.toml says so): its fixtures are made once
WORKERS := -n 2
# without bytecode every kernel compiles pandas anew, and a C locale cannot name a Vietnamese folder
unexport PYTHONDONTWRITEBYTECODE
export PYTHONUTF8 := 1

# two processes on two cores: each does its own linear algebra, on one thread
test test-all test-room mutants: export OPENBLAS_NUM_THREADS := 1

.PHONY: help setup report test test-all test-room mutants lint build lab lock renew notebooks golden first-page pooled reference audit bench browser clean
help:
	@sed -n 's/^# make/make/p' Makefile; echo 'also: build lint lock notebooks golden first-page pooled reference audit bench browser clean'

setup:
	@$(PYTHON) tools/setup_env.py

build: setup
	@printf '%s\n' . $(dir $(wildcard cases/*/case.yaml)) | xargs -P 2 -I {} $(BIN)/tradebalance build --case {}

report: build
	@$(BIN)/tradebalance report

lint: setup
	@echo 'lint: form and types (10 seconds to a minute)'
	@$(BIN)/ruff check src tests tools notebooks/conftest.py
	@$(BIN)/ruff format --check src tests tools notebooks/conftest.py
	@$(BIN)/mypy

test: lint
	@$(BIN)/pytest $(WORKERS) -m "not browser and not fault and not slow"

test-all: lint
	@$(BIN)/pytest $(WORKERS)

test-room: setup
	@$(BIN)/pytest $(WORKERS) tests/$(or $(ROOM),$(error name a room: make test-room ROOM=answers)) -m "not browser and not fault and not slow"

mutants: setup
	@$(BIN)/python tools/mutate.py $(if $(SINCE),--since $(SINCE)) $(if $(MODULE),--module $(MODULE))

lab: setup
	@$(BIN)/jupyter lab notebooks

# requirements.lock from pyproject.toml: hashes, every platform, no registry address
lock: setup
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --extra dev --extra cluster --no-header \
		$(LOCK_FLAGS) pyproject.toml -o requirements.lock

# build, then all that follows the newest release; what moved is listed, and the diff shows it
renew: build
	@$(MAKE) --no-print-directory pooled
	@$(MAKE) --no-print-directory golden notebooks first-page reference
	@git --no-pager diff --stat -- data cases tests/golden notebooks docs README.md || true

# run the notebooks in place (ONLY=01_trade_gap: one) and keep the output of their headline cell only, for nbval to compare
notebooks: setup
	@$(BIN)/jupyter nbconvert --log-level WARN --to notebook --execute --inplace notebooks/$(or $(ONLY),*).ipynb
	@$(BIN)/nbstripout --keep-count --extra-keys "cell.metadata.execution metadata.language_info" notebooks/$(or $(ONLY),*).ipynb

# rewrite tests/golden after a meant change; the diff shows which quarter or word moved
# (ONLY=mine: the quarters of one scenario or book, or the pages of one notebook)
golden: export PYTHONPATH := tests
golden: setup
	@$(BIN)/python -m tests.whole.test_golden $(ONLY)
	@$(BIN)/python -m tests.whole.test_page_texts $(ONLY)

# rewrite what the README shows of the answer
first-page: setup
	@$(BIN)/python tools/first_page.py

# rewrite data/pooled_errors.csv from the Census files of the shipped cases
pooled: setup
	@$(BIN)/python tools/pooled_errors.py

# rewrite docs/reference.md from the code
reference: setup
	@$(BIN)/python tools/reference_page.py

# known holes in what the lock installs; asks the network for the tool and for the list of them
audit: setup
	@$(BIN)/uvx pip-audit --disable-pip --require-hashes -r requirements.lock

# processor time of it, and of others that do the same (WRITE=1: into docs/performance.md; ONLY=word: some tables);
# half an hour of an idle machine for all of it
bench: setup
	@$(BIN)/python tools/bench.py $(if $(WRITE),--write) $(if $(ONLY),--only "$(ONLY)")

browser:
	@command -v chromium >/dev/null || { apt-get update -q && apt-get install -y -q chromium; }

# what was made goes, but for what somebody else put beside it
clean:
	@$(PYTHON) tools/clean.py
