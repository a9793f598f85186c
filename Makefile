# Two commands: `make run` shows a working community, `make test` proves it. Both do all the set-up.
SHELL := /bin/bash
VENV ?= .venv
PY := $(VENV)/bin/python
FLASK := $(VENV)/bin/flask --app app
PORT ?= 5000
SIZE ?= S
DB ?= sqlite
SUBMISSIONS ?= 10000

.PHONY: run test check bench chaos faults clean

## A working community to look at: http://127.0.0.1:5000
run: $(VENV)/.runtime
	@bash .ci/system-packages run
	@$(FLASK) db upgrade
	@$(FLASK) demo load --if-empty
	@$(FLASK) demo accounts --quiet
	@PORT=$(PORT) $(PY) app.py

## Everything, from a clean clone: checks, both databases, Chromium
test: $(VENV)/.dev
	@bash .ci/system-packages test
	@$(MAKE) --no-print-directory check
	@bash .ci/tests

## Lint, types, imports, templates
check: $(VENV)/.dev
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check -q . || (echo "run: $(VENV)/bin/ruff format ."; exit 1)
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(VENV)/bin/djlint templates --lint --quiet

## The figures: SIZE=S or L, DB=sqlite or postgresql
bench: $(VENV)/.dev
	@bash .ci/system-packages run
	$(PY) -m bench --size $(SIZE) --db $(DB)

## Ten thousand entries over a bad line to servers that are killed: lost, doubled, errors (SUBMISSIONS=10000, DB=…)
chaos: $(VENV)/.dev
	$(PY) -m bench.chaos --db $(DB) --submissions $(SUBMISSIONS)

## The demo community printed while server, worker and renderers are killed: missing, doubled, out of order (DB=…)
faults: $(VENV)/.dev
	@bash .ci/system-packages run
	$(PY) -m bench.faults --db $(DB)

$(VENV)/bin/python:
	@if command -v uv >/dev/null; then uv venv -q $(VENV); \
	else python3 -m venv $(VENV) 2>/dev/null || { bash .ci/system-packages venv && python3 -m venv $(VENV); }; fi

$(VENV)/.runtime: requirements.txt requirements-postgresql.txt | $(VENV)/bin/python
	@echo "正在安装 Python 软件包 / installing Python packages …"
	@$(call install,requirements.txt)
	@if [ -n "$$DATABASE_URL" ]; then $(call install,requirements-postgresql.txt); fi
	@touch $@

$(VENV)/.dev: requirements.txt requirements-postgresql.txt requirements-dev.txt | $(VENV)/bin/python
	@$(call install,requirements-dev.txt)
	@touch $@ $(VENV)/.runtime

install = if command -v uv >/dev/null; then VIRTUAL_ENV=$(VENV) uv pip install -q -r $(1); else $(PY) -m pip install -q --disable-pip-version-check -r $(1); fi

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
