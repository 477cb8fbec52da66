# The suite's commands, by stage of life. `make` alone lists them.
#
#   ENVIRONMENT   dev (default), local (this machine, no AWS account), or any other name
#   PROJECT_NAME  the first part of every resource's name (order-processing)
#   AWS_REGION    us-east-1
#   ARCH          x86_64 or arm64: what the functions are built for (this machine's)
#   ORDER         what `make trace` shows
#   LOCAL_TIME_SCALE  how much faster the time of the local alarms runs (1; at 60 a minute passes in a second)
#   LOCAL_PORT    the local stack's port (4566; 0 takes a free one)
#   PROVISION     terraform: Terraform itself provisions the local stack, instead of tools/local
#   YES           1: terraform-apply, deploy and destroy don't ask
#   Anything else Terraform is told as TF_VAR_name=value; scripts/terraform says how environments are kept apart.

ENVIRONMENT  ?= dev
PROJECT_NAME ?= order-processing
AWS_REGION   ?= us-east-1
ARCH         ?= $(patsubst aarch64,arm64,$(shell uname -m))
PROVISION    ?= local
export ENVIRONMENT PROJECT_NAME AWS_REGION ARCH YES

SHELL       := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS   += --no-print-directory

PYTHON      ?= python3
VENV        := .venv
INSTALLED   := $(VENV)/installed
TOOLS       := target/debug
ORDERS      := $(TOOLS)/orders --env $(ENVIRONMENT)
SOURCES     := $(shell find functions telemetry -name '*.rs' -o -name Cargo.toml) terraform/order.schema.json Cargo.toml Cargo.lock

##@ Set up
.PHONY: help install doctor
help:
	@awk -f scripts/help.awk $(MAKEFILE_LIST)

install: $(INSTALLED) ## Put the emulator and the packager into .venv
	@echo "installed: the emulator and the packager, in $(VENV)" >&2

$(INSTALLED): scripts/requirements.txt
	@scripts/install $(PYTHON) $(VENV)
	@touch $@

doctor: ## What this machine still needs for ENVIRONMENT
	@scripts/doctor --for $(if $(filter local,$(ENVIRONMENT)),local,aws)

##@ Build
.PHONY: package tools built validate test check security-scan bench bench-check clean
package: dist/$(ARCH) ## The zips for provided.al2023, in dist/

# The stamp's name has the architecture, so that a change of ARCH builds anew.
dist/$(ARCH): $(INSTALLED) $(SOURCES)
	@scripts/package $(ARCH)

tools:
	@[ -x $(TOOLS)/orders ] || echo "building the tools (minutes at first, seconds later)" >&2
	@cargo build --quiet --workspace --bins

# The tools as `cargo test` builds them: with the tests' dependencies theirs have more features, and building first the one
# and then the other compiles everything twice.
built:
	@[ -x $(TOOLS)/orders ] || echo "building the tools and the tests (minutes at first, seconds later)" >&2
	@cargo build --quiet --workspace --all-targets

validate: built ## Formatting, lints, Terraform's tests
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --quiet -- -D warnings
	$(TOOLS)/alarms lint
	@scripts/check-terraform
	@scripts/terraform-tables --check
	@scripts/test-workspaces
	@scripts/test-doctor

test: package built ## Every test, on the real zips and emulator
	@scripts/test

check: validate test ## What must pass before a change lands

security-scan: ## Insecure settings in terraform/, by checkov
	@scripts/security-scan

bench: package ## What the functions cost, beside others; writes docs/benchmark.*
	@cargo build --quiet --release --package bench
	@target/release/bench run --write

bench-check: package tools ## Little of it, held against ratios
	@$(TOOLS)/bench check --rounds 5 --starts 4 --orders 200

clean: ## Remove what was built, stop the local stack
	@if [ -x $(TOOLS)/suite ]; then $(TOOLS)/suite down; fi
	rm -rf target dist .local $(VENV) .venv-checkov

##@ Deploy
.PHONY: local deploy destroy terraform-init terraform-plan terraform-apply outputs dashboard
local: ## Deploy to this machine, send an order
	@$(MAKE) deploy ENVIRONMENT=local

ifeq ($(ENVIRONMENT),local)
deploy: package tools ## Package and apply ENVIRONMENT; print its URL
	@$(if $(filter terraform,$(PROVISION)),scripts/provision-local,$(TOOLS)/suite up)

destroy: tools ## Show what goes, ask (YES=1: don't), delete it
	@$(TOOLS)/suite down
else
# Step by step, also with -j: nothing is built or changed before the doctor has found all that it takes.
deploy:
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

outputs: tools ## Names and URLs of ENVIRONMENT
	@$(ORDERS) outputs

dashboard: tools ## Where ENVIRONMENT's dashboard is
	@$(ORDERS) outputs dashboard_url

##@ Operate
.PHONY: status alarms test-api trace logs-validator logs-processor sqs-status dlq dynamodb-scan
status: tools ## Is ENVIRONMENT well
	@$(ORDERS) status

test-api: tools ## Send one order
	@$(ORDERS) send

trace: tools ## What became of an order: ORDER=<orderId>
	@$(ORDERS) trace $(if $(ORDER),$(ORDER),$(error which order? make trace ORDER=<orderId>, as `make test-api` prints it))

logs-validator logs-processor: logs-%: tools ## A function's last lines
	@$(ORDERS) logs $*

sqs-status: tools ## Messages waiting, in flight and failed
	@$(ORDERS) queue

alarms: tools ## Which alarms fire, and their runbooks
	@$(ORDERS) alarms

dlq: tools ## What lies in the dead-letter queue, by reason
	@$(ORDERS) dlq list

dynamodb-scan: tools ## Stored orders
	@$(ORDERS) scan
