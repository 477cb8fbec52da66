# The suite's commands, by stage of life. `make` alone lists them.
#
#   ENVIRONMENT   local (this machine, no AWS account) or an environment on AWS, such as prod. `make local`, `make test` and what
#                 only builds or checks need none; everything else asks for it and has no default
#   PROJECT_NAME  the first part of every resource's name (order-processing)
#   AWS_REGION    us-east-1
#   ARCH          x86_64 or arm64: what the functions are built for (this machine's)
#   ORDER         what `make find` and `make trace` look for; DRILL what `make drill` breaks
#   RATE          of orders, for `make cost` (1000/day)
#   LOCAL_PROFILE dev: `make local` runs a quick build of the functions. release: the zips that AWS gets, as the tests do
#   LOCAL_TIME_SCALE  how much faster the time of the local alarms runs (1; at 60 a minute passes in a second)
#   LOCAL_PORT    the local stack's port (4566; 0 takes a free one)
#   PROVISION     terraform: Terraform itself provisions the local stack, instead of tools/local
#   ORDERS, SEED  of `make soak`: how many orders, and what makes them and the faults (2000, 1); REPORT=FILE keeps its report
#   PGO           1: packages optimized by a profile, for speed (needs llvm-profdata; minutes more)
#   YES           1: terraform-apply, deploy and destroy don't ask
#   Anything else Terraform is told as TF_VAR_name=value; scripts/terraform says how environments are kept apart.
#
# Exit codes are make's: 0, or 2 whatever went wrong. A script that tells 1 (something is wrong) from 2 (the command could not
# run) calls bin/orders itself. Nothing under "Operate" builds: the tools are in bin/, where `make local` and `make tools` put them.

ENVIRONMENT   ?=
PROJECT_NAME  ?= order-processing
AWS_REGION    ?= us-east-1
ARCH          ?= $(patsubst aarch64,arm64,$(shell uname -m))
PROVISION     ?= local
LOCAL_PROFILE ?= dev
ORDERS        ?= 2000
SEED          ?= 1
RATE          ?= 1000/day
export ENVIRONMENT PROJECT_NAME AWS_REGION ARCH PGO YES

SHELL       := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS   += --no-print-directory

PYTHON      ?= python3
VENV        := .venv
INSTALLED   := $(VENV)/installed
# Hints then have make's form.
OPERATE     := ORDERS_BY_MAKE=1 bin/orders
# The viewer has the runbooks in it, and draws with tools/views.
SOURCES     := $(shell find functions telemetry tools/views tools/waterfall runbooks -name '*.rs' -o -name Cargo.toml -o -path 'runbooks/*.md') terraform/order.schema.json Cargo.toml Cargo.lock
# What the local stack runs.
LOCAL_DIST  := $(if $(filter release,$(LOCAL_PROFILE)),dist,target/local)

##@ Set up
.PHONY: help install doctor
help:
	@awk -f scripts/help.awk $(MAKEFILE_LIST)

install: $(INSTALLED) ## Put the emulator and the packager into .venv
	@echo "installed: the emulator and the packager, in $(VENV)" >&2

$(INSTALLED): scripts/requirements.txt
	@scripts/install $(PYTHON) $(VENV)
	@touch $@

doctor: ## What this machine still needs, here or for ENVIRONMENT
	@scripts/doctor --for $(if $(filter-out local,$(ENVIRONMENT)),aws,local)

##@ Build
CASES ?= 3000
.PHONY: package tools watch built validate test contract soak soak-mutants check security-scan bench bench-check clean
# The stamp's name has the architecture and the profile, so that a change of either builds anew.
PACKAGED := dist/$(ARCH)$(if $(filter 1,$(PGO)),-pgo)
package: $(PACKAGED) ## The zips for provided.al2023, in dist/

$(PACKAGED): $(INSTALLED) $(SOURCES)
	@scripts/package $(ARCH)

tools: ## The tools, into bin/
	@scripts/tools

# Whoever operates never builds: only a tool that is not there at all is made.
bin/%:
	@scripts/tools

watch: bin/suite ## Rebuild and reload the local functions on change
	@scripts/watch

# As `cargo test` builds them: with the tests' dependencies the tools have more features, and building first the one and then
# the other compiles everything twice.
built:
	@scripts/build --all-targets

validate: built $(INSTALLED) ## Formatting, lints, Terraform's tests
	@scripts/format --check
	cargo clippy --workspace --all-targets --quiet -- -D warnings
# With the examples the dependencies have the features that clippy has just checked them with: nothing is checked twice.
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --lib --examples --quiet
	target/debug/alarms lint
	target/debug/alarms lint --observability lean
	@scripts/check-shell
	@scripts/check-python
	@scripts/check-dependencies
	@scripts/check-terraform
	@$(VENV)/bin/python scripts/terraform-tables --check
	@scripts/openapi --check
	@scripts/test-workspaces
	@scripts/test-doctor

test: package built ## Every test, on the real zips and emulator
	@scripts/test

contract: package tools ## 3,000 generated orders against a local stack, held to docs/openapi.json
	@dir=$$(mktemp -d); trap 'bin/suite --dir $$dir down >&2; rm -rf $$dir' EXIT; \
	bin/suite --dir $$dir up --port 0 >&2; \
	scripts/contract-cases "$$(sed -nE 's/.*"api_url": *"([^"]+)".*/\1/p' $$dir/outputs.json)" $(CASES)

soak: package tools ## ORDERS (2,000) through every fault, each accounted for; SEED makes them
	@target/debug/soak --orders $(ORDERS) --seed $(SEED) $(if $(REPORT),--report $(REPORT))

soak-mutants: tools ## Functions that forget a duty: the soak must find each
	@scripts/soak-mutants

check: validate test ## What must pass before a change lands

security-scan: ## Insecure settings in terraform/, by checkov
	@scripts/security-scan

dist/pgo/$(ARCH)-pgo: $(INSTALLED) $(SOURCES)
	@PGO=1 DIST=dist/pgo scripts/package $(ARCH) || { code=$$?; [ $$code = 2 ] || exit $$code; }

bench: package built dist/pgo/$(ARCH)-pgo ## What the functions cost, beside others; writes docs/benchmark.*
	@cargo build --quiet --release --package bench
	@target/release/bench run --write
	@$(VENV)/bin/python scripts/terraform-tables

bench-check: package built ## Little of it, held against ratios
	@target/debug/bench check --rounds 5 --starts 4 --orders 200

clean: ## Stop the local stack, delete all build output
	@if [ -x bin/suite ]; then bin/suite down; fi
	rm -rf target dist bin .local $(VENV) .venv-checkov .venv-contract

##@ Deploy
.PHONY: local deploy destroy terraform-init terraform-plan terraform-apply outputs dashboard console
local: ## Deploy to this machine, send an order
	@$(MAKE) deploy ENVIRONMENT=local

ifeq ($(ENVIRONMENT),local)
deploy: $(INSTALLED) $(if $(filter release,$(LOCAL_PROFILE)),package) ## Build and apply ENVIRONMENT; print its URL
	@scripts/tools $(if $(filter release,$(LOCAL_PROFILE)),,--functions target/local)
	@$(if $(filter terraform,$(PROVISION)),DIST=$(LOCAL_DIST) scripts/provision-local,bin/suite up --console --dist $(LOCAL_DIST))

destroy: bin/suite ## Show what goes, ask (YES=1: don't), delete it
	@bin/suite down
else
# Step by step, also with -j: nothing is built or changed before the doctor has found all that it takes.
deploy:
	@scripts/terraform environment
	@scripts/doctor --for aws --quiet
	@$(MAKE) package
	@scripts/terraform apply
	@scripts/terraform output -raw api_url; echo

destroy:
	@scripts/terraform destroy
endif

# `make` itself knows no exit code but 0 and 2, so terraform-plan's 2 can also be a failure: a script calls
# `scripts/terraform plan`, which ends with 0 (nothing to do), 2 (changes) or 1 (it failed).
terraform-init terraform-plan terraform-apply: terraform-%: ## Step by step; plan only reads
	@scripts/terraform $*

outputs: bin/orders ## Names and URLs of ENVIRONMENT
	@$(OPERATE) outputs

dashboard: bin/orders ## ENVIRONMENT's dashboard: here, or where it is on AWS
	@$(OPERATE) $(if $(filter local,$(ENVIRONMENT)),dashboard,outputs dashboard_url)

console: bin/orders ## The console, for a browser
	@$(OPERATE) console

##@ Operate
.PHONY: status alarms slo cost find trace logs-validator logs-processor sqs-status dlq dynamodb-scan test-api drill
status: bin/orders ## Show ENVIRONMENT's health
	@$(OPERATE) status

alarms: bin/orders ## Show firing alarms and their runbooks
	@$(OPERATE) alarms

cost: bin/orders ## What a month costs, at RATE (1000/day)
	@$(OPERATE) cost --orders $(RATE)

slo: bin/orders ## Objectives, budget left, burn
	@$(OPERATE) slo

find: bin/orders ## Where an order is now: ORDER=<any id of it>
	@$(OPERATE) find $(ORDER)

trace: bin/orders ## An order's way, step by step: ORDER=<orderId>
	@$(OPERATE) trace $(ORDER)

logs-validator logs-processor: logs-%: bin/orders ## A function's last lines
	@$(OPERATE) logs $*

sqs-status: bin/orders ## Messages waiting, in flight and failed
	@$(OPERATE) queue

dlq: bin/orders ## What lies in the dead-letter queue
	@$(OPERATE) dlq list

dynamodb-scan: bin/orders ## Stored orders
	@$(OPERATE) scan

test-api: bin/orders ## Send one order
	@$(OPERATE) send

drill: bin/orders ## Break the local stack, to practise: DRILL=<name>
	@$(OPERATE) drill $(if $(DRILL),$(DRILL),--list)
