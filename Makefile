# The one list of commands. `make help` explains each.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

NODE_DIR = $(shell lab/programs/node/ensure)
export PATH := $(NODE_DIR):$(CURDIR)/node_modules/.bin:$(PATH)

help: ## this list
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|'

demo: node_modules ## the whole edge in the lab: cluster, pulumi up -s staging, a page over HTTPS
	@node --import tsx lab/demo/main.ts

test: check ## everything: make check, then the end-to-end tests, side by side in labs of their own
	@lab/lab build --guide # all at once: a compiler beside the tests would disturb those that count lost requests
	@$(MAKE) --no-print-directory --keep-going --jobs=3 test-staging-and-upgraded test-own-and-host test-standing

# Each line says whose it is, as three speak at once.
told = 2>&1 | sed -u 's/^/$(1) | /'

# One after the other, since two cores carry three labs at a time; both, even if the first fails.
in_turn = @status=0; for each in $(1); do $(MAKE) --no-print-directory $$each || status=1; done; exit $$status

test-own-and-host:
	$(call in_turn,test-own test-host)

test-staging-and-upgraded:
	$(call in_turn,test-staging test-upgraded)

test-host:
	@mocha --config tests/lab/.mocharc.json 'tests/lab/host/*.test.ts' $(call told,host    )

test-staging:
	@LAB=test-staging tests/lab/run staging destroyed $(call told,staging )

test-own:
	@LAB=test-own tests/lab/run own $(call told,own     )

test-upgraded:
	@LAB=test-upgraded tests/lab/run upgraded $(call told,upgraded)

test-standing:
	@LAB=test-standing tests/lab/run standing disturbed $(call told,standing)

e2e: node_modules ## one end-to-end file in a lab that stays up: make e2e FILE=tests/lab/staging/serving.test.ts
	@LAB=$${LAB:-e2e} tests/lab/run $(FILE)

soak: node_modules ## pulumi up killed at random points, POINTS=20 by SEED=7: what follows must serve, with nothing left to do
	@export POINTS=$${POINTS:-20} SEED=$${SEED:-$$RANDOM}; LAB=soak lab/lab down; status=0; LAB=soak tests/lab/run tests/lab/own/interruption.test.ts || status=$$?; LAB=soak lab/lab down; exit $$status

check: node_modules ## the quick part: format, lint, types, unit tests
	@biome check
	@tsc --noEmit
	@mocha

bench: node_modules ## figures: make demo, seconds to HTTPS beside two baselines, previews, memory, state (ONLY=up; COLD=1 builds all anew first); requests that fail while the edge changes (ONLY=rolling); requests/s beside an Envoy by hand (ONLY=throughput); 1 to 60 domains (ONLY=growth)
	@LAB=$${LAB:-bench} node --import tsx lab/bench/main.ts $(if $(COLD),--cold) $(if $(ONLY),--only=$(ONLY))

lab-up: node_modules ## the lab alone: a cluster and its small internet
	@lab/lab up

lab-down: ## take the lab down, without a trace
	@lab/lab down

lab-status: ## what runs in the lab
	@lab/lab status

lab-shell: ## a shell inside: pulumi, kubectl and curl see the lab's internet
	@lab/lab shell

format: node_modules ## format and mend what can be mended
	@biome check --write

schema: node_modules ## write what follows from the settings' doc comments: the editors' schema, the plugin's, README's table, Pulumi.yaml
	@node --import tsx settings/reference.ts
	@biome format --write settings/stackFile.schema.json plugin/schema.json README.md

screenshots: node_modules ## write the pictures of docs/landing.md
	@node --import tsx lab/client/screenshots.ts

monitoring: node_modules ## write what follows from the alerts: the rules file, the dashboard and the table in docs/monitoring.md
	@node --import tsx monitoring/write.ts
	@biome format --write monitoring docs/monitoring.md

symptoms: node_modules ## write the table in docs/doctor.md, which follows from the doctor's tables
	@node --import tsx operations/doctor/reference.ts
	@biome format --write docs/doctor.md

lock: ## write the lockfile anew, without the addresses of whatever registry was asked
	@npm install --package-lock-only --omit-lockfile-registry-resolved=false --no-audit --no-fund --loglevel=error
	@sed -i '/^ *"resolved": /d' package-lock.json

node_modules: package-lock.json
	@npm ci --no-audit --no-fund --loglevel=error && touch node_modules

.PHONY: help demo test test-staging-and-upgraded test-own-and-host test-host test-staging test-own test-upgraded test-standing e2e soak check bench lab-up lab-down lab-status lab-shell format schema screenshots monitoring symptoms lock
