# La Comanda. `make help` lists the commands. Needs Python 3.11 or newer, and make (GNU 3.81 of macOS included).

PYTHON ?= python3
LAB_ARGS ?=
LOCK_ARGS ?=

VENV := .venv
PY := $(VENV)/bin/python
READY := $(VENV)/.listo
BROWSER_SHOTS := artifacts
# By file: a notebook's cells need one another, in their order. Not reordered: tests/conftest.py says which begin.
AT_ONCE ?= --numprocesses logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder
# In a container everybody is root; JupyterLab only listens on this machine and asks for its token.
AS_ROOT := $(if $(filter 0,$(shell id -u)),--allow-root)

# An environment that was half made, moved to another folder or lost its Python is no environment: make it again.
ifneq ($(shell $(PY) -c 'import os; print(open("$(READY)").read() == os.getcwd())' 2>/dev/null),True)
REMAKE := yes
.PHONY: $(READY)
endif

.DEFAULT_GOAL := help
.PHONY: help lab test check static notebooks bench lock clean

help: ## muestra esta lista
	@echo 'La Comanda: taller de backend en vivo'
	@echo
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile
	@echo
	@echo 'Con otro Python: make lab PYTHON=python3.12'

lab: $(READY) ## prepara el entorno y abre el taller en JupyterLab
	$(PY) -m jupyterlab notebooks/00_bienvenida.ipynb \
		--ServerApp.ip=127.0.0.1 --ServerApp.root_dir=. --LabApp.extension_manager=readonly $(AS_ROOT) $(LAB_ARGS)

test: static ## prepara el entorno y lo prueba todo: estilo, paquete, cuadernos y navegador
	$(PY) -m pytest tests notebooks/soluciones --nbval --nbval-current-env --nbval-cell-timeout 60 $(AT_ONCE)

check: static ## revisa formato, tipos, prosa y estructura de los cuadernos
	$(PY) -m pytest tests/prose tests/structure

static: $(READY)
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy

notebooks: $(READY) ## construye las dos ediciones de los cuadernos desde notebooks/src
	$(PY) notebooks/build.py

bench: $(READY) ## mide y muestra las cifras del taller
	$(PY) -m tests.benchmarks

lock: $(READY) ## fija la versión de cada paquete, también en los environment.yml (LOCK_ARGS=--upgrade las renueva)
	$(PY) -m uv pip compile pyproject.toml --extra dev --output-file requirements.txt \
		--universal --python-version 3.11 --no-emit-index-url --no-emit-find-links --no-annotate \
		--custom-compile-command 'make lock' --quiet $(LOCK_ARGS)
	$(PY) binder/environments.py

clean: ## borra el entorno y todo lo que se puede volver a hacer
	rm -rf $(VENV) $(BROWSER_SHOTS) .pytest_cache .mypy_cache .ruff_cache .hypothesis .schemathesis
	find workshop tests notebooks -name __pycache__ -prune -exec rm -rf {} +

$(READY): pyproject.toml requirements.txt
	@command -v $(PYTHON) >/dev/null 2>&1 || { \
		echo 'No encuentro «$(PYTHON)». Instala Python 3.11 o más nuevo, o di cuál usar: make lab PYTHON=python3.12' >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "La Comanda necesita Python 3.11 o más nuevo, y «$(PYTHON)» es $$($(PYTHON) --version 2>&1)." >&2; \
		echo 'Si tienes otro, di cuál usar: make lab PYTHON=python3.12' >&2; exit 1; }
	@echo 'Preparo el entorno en $(VENV) (la primera vez descarga los paquetes)…'
	@test -z '$(REMAKE)' || rm -rf $(VENV)
	@rm -f $(READY)
	@test -x $(PY) || $(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo 'No pude crear $(VENV) con «$(PYTHON)». En Debian o Ubuntu: sudo apt install python3-venv' >&2; exit 1; }
	@$(PY) -m pip install --quiet --disable-pip-version-check --constraint requirements.txt uv
	@$(PY) -m uv pip install --quiet --python $(PY) --no-deps --requirement requirements.txt --editable .
	@$(PY) -c 'import os; open("$(READY)", "w").write(os.getcwd())'
	@echo 'Entorno listo.'
