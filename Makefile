# accountpulse: everything happens in the checkout, in .venv. Needs python >= 3.11, make and a POSIX userland.
#
#   make run     install what the product needs, then run the bundled demo
#   make test    install what the tests need, then run them
#   make help    the other targets

SHELL = /bin/sh
.DEFAULT_GOAL = help
.DELETE_ON_ERROR:
# One at a time: two installs into one environment would trip over each other.
.NOTPARALLEL:

# Paths are relative, so that a checkout may stand in a folder whose name has spaces.
BIN = .venv/bin
CODE = scoring plays scorecard streams
TYPED = $(CODE) tests docs deploy $(wildcard benchmarks)
# Said by the environment, so that it holds in the environment that pip makes for the build backend as well.
PINNED = PIP_CONSTRAINT=constraints.txt
PIP = $(PINNED) $(BIN)/python -m pip --disable-pip-version-check --no-input install --quiet
# Set PYTHON to choose the interpreter of a new .venv.
PYTHON ?=
PYTEST_ARGS ?= -n auto --maxprocesses 8 --dist worksteal

.PHONY: help run kafka worker chaos install develop compiled interpreted test lint format types imports docs docs-check wheel bench peers ci lock clean

help: ## say what there is
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1@\2/p' Makefile | awk -F@ '{ printf "%-18s %s\n", $$1, $$2 }'

run: .venv/.installed compiled ## install, then run the bundled demo
	@$(BIN)/accountpulse demo

kafka: .venv/.installed ## start a Kafka on this machine without Docker (Java 17 and Maven)
	@$(BIN)/python -m deploy.kafka.broker

worker: .venv/.installed compiled ## make the topics on the local Kafka and start a worker
	@$(BIN)/accountpulse topics create
	@$(BIN)/accountpulse worker

chaos: .venv/.developed compiled ## the long chaos suite on a real Kafka, half an hour; SEED=N; WEAKEN=all shows that it can fail
	@$(BIN)/python -m tests.chaos.kafka.run $(if $(WEAKEN),--weaken $(WEAKEN),--long) --seed $(or $(SEED),1)

install: .venv/.installed compiled ## install what the product needs into .venv

develop: .venv/.developed compiled ## install what the product, its tests and its checks need into .venv

compiled: .venv/.installed ## compile the hot path beside its sources, where there is a C compiler; once, and after edits
	@$(BIN)/python -m deploy.compiled

interpreted: .venv/.installed ## remove what was compiled: edits count at once
	@$(BIN)/python -m deploy.compiled --remove

test: .venv/.developed compiled ## install, then run all tests
	@$(BIN)/python -m pytest -q $(PYTEST_ARGS)

lint: .venv/.developed ## check style and formatting
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

format: .venv/.developed ## mend what can be mended of it
	@$(BIN)/ruff check --fix --exit-zero .
	@$(BIN)/ruff format .

types: .venv/.developed ## check types, strictly
	@$(BIN)/mypy $(TYPED)

imports: .venv/.developed ## check that imports go one way
	@$(BIN)/lint-imports --no-logo

docs: .venv/.developed ## write docs/reference and schemas/ anew from the code
	@$(BIN)/python -m docs.generate

docs-check: .venv/.developed ## fail when docs/reference or schemas/ are not what the code says
	@$(BIN)/python -m docs.generate --check

wheel: .venv/.developed ## build dist/*.whl
	@rm -rf dist
	@$(PINNED) $(BIN)/python -m build --wheel --outdir dist . >&2

bench: .venv/.developed compiled ## run the benchmarks, a long while; HISTORY=FILE.jsonl.gz also asks what the score foretells
	@for name in replay scale serve; do \
		echo "accountpulse: benchmarks.$$name" >&2; $(BIN)/python -m benchmarks.$$name || exit 1; \
	done
	@if [ -n "$(HISTORY)" ]; then $(BIN)/python -m benchmarks.foretell "$(HISTORY)"; fi

peers: .venv/.developed compiled ## compare with other stream engines on one Kafka, hours; EVENTS=N RUNS=N
	@$(BIN)/python -m benchmarks.peers.run --events $(or $(EVENTS),2000000) --runs $(or $(RUNS),3)

ci: ## everything that must hold before a change goes in
	@.ci/run

lock: .venv/.made ## write constraints.txt anew: the newest versions that pyproject.toml allows
	@rm -rf .venv/lock && $(BIN)/python -m venv .venv/lock
	@.venv/lock/bin/python -m pip --disable-pip-version-check --no-input install --quiet \
		--editable '.[kafka,rocks,postgres,learn,compile,dev]' hatchling >&2
	@{ echo '# The versions that accountpulse is tested with. Written by `make lock`.'; \
		.venv/lock/bin/python -m pip --disable-pip-version-check freeze --exclude-editable; } >.venv/constraints.txt
	@rm -rf .venv/lock && mv .venv/constraints.txt constraints.txt

clean: ## remove the environment and all that was made
	find $(CODE) -name '*.so' -delete; rm -f accountpulse__mypyc.*.so
	rm -rf .venv .kafka/libs .kafka/stamp .peers dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find $(CODE) tests docs -type d -name __pycache__ -prune -exec rm -rf {} +

# --- the environment -------------------------------------------------------------------------------------------------
# A stamp is younger than what it was made from; a run that was cut short leaves none and is done again.

.venv/.made:
	@for python in $(PYTHON) python3.11 python3.12 python3.13 python3; do \
		if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			echo "accountpulse: making .venv with $$("$$python" --version)" >&2; \
			"$$python" -m venv .venv && touch $@ && exit 0; \
			echo "accountpulse: $$python could not make .venv (on Debian and Ubuntu: apt install python3-venv)" >&2; exit 1; \
		fi; \
	done; \
	echo "accountpulse: no python >= 3.11 found; install one, or name it: make PYTHON=/path/to/python3" >&2; exit 1

.venv/.installed: .venv/.made pyproject.toml constraints.txt
	@echo "accountpulse: installing into .venv (once; a minute or two)" >&2
	@$(PIP) --editable '.[kafka,rocks,postgres,learn,compile]'
	@touch $@

.venv/.developed: .venv/.installed
	@echo "accountpulse: installing what tests and checks need into .venv (once)" >&2
	@$(PIP) --editable '.[kafka,rocks,postgres,learn,compile,dev]'
	@touch $@
