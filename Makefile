# Two commands: `make demo` runs a project from start to end, `make test` passes the tests.
# Both do all the set-up in .venv; they need Python 3.11 to 3.13, make, and a package index.

FITS := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	$$p -c '$(FITS)' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/installed

.PHONY: demo test check tests clean

demo: $(INSTALLED)
	MLRECIPE_HOME=runs/home $(BIN)/mlrecipe run recipe=breast_cancer hydra.run.dir=runs/demo tuner.trials=4
	$(BIN)/python examples/ask_server.py runs/demo

test: check tests

check: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

tests: $(INSTALLED)
	$(BIN)/python -m pytest -n 2 --dist worksteal

# Compiled bytecode: without it every start of TensorFlow takes seconds longer.
$(INSTALLED): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || (echo "Python 3.11 to 3.13 is needed: make PYTHON=/path/to/python3" && exit 1)
	@$(PYTHON) -c '$(FITS)' || (echo "$(PYTHON) is not Python 3.11 to 3.13: make PYTHON=/path/to/python3" && exit 1)
	$(PYTHON) -m venv $(VENV)
	env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m pip install --quiet --compile \
		--constraint constraints.txt --editable '.[dev]'
	touch $@

clean:
	rm -rf $(VENV) runs multirun
