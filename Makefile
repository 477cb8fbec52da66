# The suite's commands, by stage of life. `make` alone lists them.
#
#   ENVIRONMENT   dev (default), local (this machine, no AWS account), or any other name
#   PROJECT_NAME  the first part of every resource's name (order-processing)
#   AWS_REGION    us-east-1
#   ARCH          x86_64 or arm64: what the functions are built for (this machine's)
#   LOCAL_PORT    the local stack's port (4566; 0 takes a free one)

ENVIRONMENT  ?= dev
PROJECT_NAME ?= order-processing
AWS_REGION   ?= us-east-1
ARCH         ?= $(patsubst aarch64,arm64,$(shell uname -m))
export ENVIRONMENT PROJECT_NAME AWS_REGION ARCH

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
help: ## List the commands
	@awk -f scripts/help.awk $(MAKEFILE_LIST)

install: $(INSTALLED) ## Install what the project needs and this machine lacks, into .venv
	@echo "installed: the emulator and the packager, in $(VENV)" >&2

$(INSTALLED): scripts/requirements.txt
	@scripts/install $(PYTHON) $(VENV)
	@touch $@

##@ Build
.PHONY: package tools validate test check clean
package: dist/$(ARCH) ## Build dist/validator.zip and dist/processor.zip for provided.al2023

# The stamp's name has the architecture, so that a change of ARCH builds anew.
dist/$(ARCH): $(INSTALLED) $(SOURCES)
	@scripts/package $(ARCH)

tools: ## Build the command-line tools into target/debug
	@cargo build --quiet --package local --package orders

validate: ## Check formatting, lints and, where they can be had, Terraform's checks
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --quiet -- -D warnings
	@scripts/check-terraform

test: package ## Run every test, end to end on the real zips and the real emulator
	cargo test --workspace --quiet

check: validate test ## Everything that must pass before a change lands

clean: ## Remove what was built and stop the local stack
	@if [ -x $(TOOLS)/local ]; then $(TOOLS)/local down; fi
	rm -rf target dist .local $(VENV)

##@ Deploy
.PHONY: local deploy destroy
local: ## The whole suite on this machine: build, start, send one order (same as deploy ENVIRONMENT=local)
	@$(MAKE) deploy ENVIRONMENT=local

ifeq ($(ENVIRONMENT),local)
deploy: package tools ## Bring ENVIRONMENT up
	@$(TOOLS)/local up

destroy: tools ## Take ENVIRONMENT down
	@$(TOOLS)/local down
else
deploy: package
	@scripts/terraform apply

destroy:
	@scripts/terraform destroy
endif

##@ Operate
.PHONY: alarms status test-api logs-validator logs-processor sqs-status dynamodb-scan
status: tools ## Is ENVIRONMENT well
	@$(ORDERS) status

test-api: tools ## Send one order to ENVIRONMENT
	@$(ORDERS) send

logs-validator: tools ## The validator's last lines
	@$(ORDERS) logs validator

logs-processor: tools ## The processor's last lines
	@$(ORDERS) logs processor

sqs-status: tools ## Messages waiting, in flight and failed
	@$(ORDERS) queue

alarms: tools ## Alarms: state, since when, value, runbook; those that fire first
	@$(ORDERS) alarms

dynamodb-scan: tools ## Stored orders
	@$(ORDERS) scan
