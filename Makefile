# The same targets for people and for CI. `make demo` and `make test` install all they need.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
WORKSPACE ?= workspace
# Two processes, one file of tests to each at a time: files share their slow fixtures.
PYTEST_FLAGS ?= -n 2 --dist loadfile --durations=25

SEEDS ?= 1 2 3
.PHONY: demo test lint types floors unused install install-dev web clean test-neo4j-latest lock \
  screenshots evaluate bench

$(BIN)/python:
	@$(PYTHON) -m venv $(VENV) || { echo "没有 venv 模块：Debian 请先安装 python3-venv"; exit 1; }

$(VENV)/.installed: $(BIN)/python pyproject.toml constraints.txt
	@$(BIN)/pip install --quiet uv 2>/dev/null \
	  && $(BIN)/uv pip install --quiet --python $(BIN)/python -e '.[embedded]' -c constraints.txt \
	  || $(BIN)/pip install --quiet -e '.[embedded]' -c constraints.txt
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	@$(BIN)/uv pip install --quiet --python $(BIN)/python -e '.[embedded,dev]' -c constraints.txt \
	  || $(BIN)/pip install --quiet -e '.[embedded,dev]' -c constraints.txt
	@touch $@

install: $(VENV)/.installed viz/static/.built

install-dev: $(VENV)/.installed-dev viz/static/.built

# Node of the machine (20 or newer), else Node from a Python wheel; nothing of Node runs later.
viz/static/.built: $(VENV)/.installed $(wildcard viz/web/*.json viz/web/*.mjs viz/web/src/*)
	@BIN=$(BIN) sh viz/web/build.sh
	@touch $@

web: viz/static/.built

demo: install
	@$(BIN)/jinghuan demo --workspace $(WORKSPACE) $(DEMO_FLAGS)

test: install-dev lint types floors unused
	@$(BIN)/python -m pytest $(PYTEST_FLAGS)

lint: $(VENV)/.installed-dev
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: $(VENV)/.installed-dev
	@$(BIN)/mypy

floors: $(VENV)/.installed-dev
	@$(BIN)/lint-imports

unused: $(VENV)/.installed-dev
	@$(BIN)/deptry .

# The newest yearly release needs Java 21 or newer; the one inside the embedded wheel serves.
test-neo4j-latest: install-dev
	@JINGHUAN_TEST_NEO4J_VERSION=2026.08.1 $(BIN)/python -m pytest tests/integration -m neo4j

# What the models find of what was planted, for several simulated provinces.
evaluate: install-dev
	@for seed in $(SEEDS); do BIN=$(BIN) SEED=$$seed sh tools/evaluate.sh || exit 1; done

bench: install
	@$(BIN)/jinghuan bench line

# Every page and paper as a picture, to be looked at.
screenshots: install-dev
	@$(BIN)/python -m tools.screenshots --workspace $(WORKSPACE) --out build/screenshots

lock: $(VENV)/.installed
	@$(BIN)/uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 \
	  --no-emit-index-url --no-emit-find-links --no-header --no-annotate --upgrade -o constraints.txt
	@$(BIN)/uv pip compile pyproject.toml --extra embedded --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate \
	  --upgrade -o requirements.lock

clean:
	@rm -rf $(VENV) build dist viz/static/* viz/web/node_modules
