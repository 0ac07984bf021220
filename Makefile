# Everything starts here. `make` alone lists the targets.
#   PYTHON=/path/to/python3.12   take this Python instead of looking for one
#   PORT=8080                    serve somewhere else

PORT ?= 8000
BIN = .venv/bin
DEMO = $(BIN)/gridwarden --store sqlite:///demo.db demo
# Module by module on two cores: what a module makes once is made once. The dearest modules come first.
TOGETHER = -n 2 --dist loadfile --no-loadscope-reorder
ROOMS = gis_core layers map_ui api data

# Each server that a test starts would translate every module again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run demo install test test-full lint format bench bench-routing packages

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | while IFS="$$(printf '\t')" read -r target what; do printf '  make %-13s %s\n' "$$target" "$$what"; done

run: .venv/.installed ## the demo city: build, assign, draw, and serve at http://127.0.0.1:8000
	@$(DEMO) --serve --port $(PORT)

demo: .venv/.installed ## the same without serving; maps are written to maps/
	@$(DEMO)

install: .venv/.installed ## the environment only; .venv/bin/gridwarden works afterwards

test: .venv/.installed-dev packages ## everything, on SQLite and on a private PostGIS
	@$(BIN)/python -m pytest $(TOGETHER)

test-full: .venv/.installed-dev packages ## the same and the large sizes
	@$(BIN)/python -m pytest $(TOGETHER) --full

lint: .venv/.installed-dev ## style, format and types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy $(ROOMS)

format: .venv/.installed-dev ## put the code into its format
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: .venv/.installed-dev .venv/.installed-bench packages ## measure, and write docs/benchmarks.md
	@$(BIN)/python -m tests.benchmarks

bench-routing: .venv/.installed-dev ## measure routing, and write docs/benchmarks-routing.md
	@$(BIN)/python -m tests.benchmarks.routing

packages: # what only the operating system can give: PostGIS, Chromium, fonts
	@scripts/packages

.venv/.installed: pyproject.toml scripts/install
	@scripts/install

.venv/.installed-dev: pyproject.toml scripts/install
	@scripts/install dev

.venv/.installed-bench: pyproject.toml scripts/install
	@scripts/install bench
