# Every command we type. Needed: make and Python 3.11, 3.12 or 3.13; everything else is fetched into .venv and .tools.

PYTHON ?= python3
IN_VENV := .venv/bin/python

# Settings as in production, so that warnings about them are about us. No connection is made.
AS_IN_PRODUCTION := DEBUG=false PUBLIC_URL=https://import.example.org ALLOWED_HOSTS=import.example.org \
    SECRET_KEY='only for this check: 0123456789 abcdefghijklmnopqrstuvwxyz' \
    FIELD_ENCRYPTION_KEYS='b25seSBmb3IgdGhpcyBjaGVjazogMDEyMzQ1Njc4OWE=' \
    TOKEN_SIGNING_KEYS='MC4CAQAwBQYDK2VwBCIEIG9ubHkgZm9yIHRoaXMgY2hlY2s6IDAxMjM0NTY3ODlh' \
    DATABASE_URL=postgresql://nobody@localhost/nothing CELERY_BROKER_URL=redis://localhost:6379/0

# What a developer keeps in .env is for `make serve`.
static bench: export ENV_FILE :=

.DEFAULT_GOAL := help
.PHONY: help docs screenshots demo serve shell test test-fast check fuzz bench setup format openapi lock runtime static

help: ## This list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1	\2/p' $(MAKEFILE_LIST) | expand -t 16

demo: runtime ## Start the service, show what it does, keep it running (BIND=127.0.0.1:8000; EXIT=1: end after showing)
	@PYTHONPATH=client/src $(IN_VENV) -m demo $(if $(BIND),--bind $(BIND)) $(if $(EXIT),--exit)

serve: runtime ## The service on this machine alone: SQLite, local files (BIND=127.0.0.1:8000)
	@exec $(IN_VENV) manage.py serve $(if $(BIND),--bind $(BIND))

shell: runtime ## A Python that knows the models, on the data of `make serve`
	@$(IN_VENV) manage.py shell

test: setup ## All tests: SQLite, PostgreSQL, Redis, S3 (ARGS="-k fetch", ARGS=--lf and other pytest options)
	@$(IN_VENV) -m tests.run $(ARGS)

test-fast: setup ## Tests on SQLite alone, without the slow ones
	@$(IN_VENV) -m tests.run --only-sqlite -m "not slow" $(ARGS)

check: setup static ## What must hold before a merge: format, lint, types, settings, migrations, tests
	@$(IN_VENV) -m tests.run $(ARGS)

fuzz: setup ## Attack every door with inputs that grow, then with damaged ones (MINUTES=10 each)
	@HOSTILE_MINUTES=$(or $(MINUTES),10) DEBUG=true $(IN_VENV) -m pytest tests/hostile --timeout=0 -q $(ARGS)
	@DEBUG=true DJANGO_SETTINGS_MODULE=tests.settings $(IN_VENV) -m tests.hostile.fuzz_bytes --minutes $(or $(MINUTES),10)

static: setup
	$(IN_VENV) -m ruff format --check .
	$(IN_VENV) -m ruff check .
	$(IN_VENV) -m mypy .
	$(IN_VENV) -m mypy --config-file client/pyproject.toml client/src
	@env $(AS_IN_PRODUCTION) $(IN_VENV) manage.py check --deploy --fail-level WARNING
	$(IN_VENV) manage.py makemigrations --check --dry-run
	@$(IN_VENV) scripts/longest.py

bench: setup ## The benchmarks (ARGS="--help")
	@$(IN_VENV) -m benchmarks $(ARGS)

setup: ## A ready .venv, with all that tests and checks need
	@$(PYTHON) scripts/bootstrap.py requirements-dev.txt

format: setup ## Put the code into shape, and write the table of behaviours in docs/api.md
	@$(IN_VENV) -m ruff check --fix --quiet . || true
	@$(IN_VENV) -m ruff format .
	@$(IN_VENV) scripts/behaviour_table.py

openapi: setup ## Write docs/openapi anew, after a change of what an endpoint takes or answers
	@DEBUG=true ENV_FILE= $(IN_VENV) manage.py write_openapi docs/openapi

screenshots: setup ## Take the pictures of the README anew, to docs/images (needs Chromium)
	@DEBUG=true $(IN_VENV) -m pytest -q --timeout=600 tests/screenshots.py

docs: setup ## Write the documentation as a site to var/docs
	@$(IN_VENV) -m devtools.site

lock: ## Write the requirement files anew from pyproject.toml (UPGRADE=1: with the newest versions)
	@$(PYTHON) scripts/bootstrap.py lock $(if $(UPGRADE),--upgrade)

runtime:
	@$(PYTHON) scripts/bootstrap.py requirements.txt
