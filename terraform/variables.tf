# What differs between environments. What does not (timeouts, memory, retries, retention, throttling) is in settings.json.

variable "project_name" {
  description = "First half of every name; also the namespace of the suite's own metrics"
  type        = string
  default     = "order-processing"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*[a-z0-9]$", var.project_name))
    error_message = "project_name must be lower-case letters, digits and dashes, start with a letter and not end with a dash: it is part of every resource's name."
  }
}

variable "environment" {
  description = "Second half of every name, the API's stage and the Terraform workspace, e.g. dev, staging, prod"
  type        = string
  default     = "dev"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*[a-z0-9]$", var.environment))
    error_message = "environment must be lower-case letters, digits and dashes, start with a letter and not end with a dash: it is part of every resource's name."
  }

  validation {
    condition     = length("${var.project_name}-${var.environment}") <= 32
    error_message = "project_name and environment together may have 31 characters at most: X-Ray refuses group and rule names over 32."
  }
}

variable "aws_region" {
  description = "Region of every resource"
  type        = string
  default     = "us-east-1"

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.aws_region))
    error_message = "aws_region must be a region's code, such as us-east-1."
  }
}

variable "endpoint" {
  description = "URL of a local emulator that stands in for every AWS service; empty means AWS"
  type        = string
  default     = ""

  validation {
    condition     = var.endpoint == "" || can(regex("^https?://[^/]+$", var.endpoint))
    error_message = "endpoint must be empty (AWS) or a URL without a path, such as http://127.0.0.1:4566."
  }
}

variable "tags" {
  description = "Tags on every resource, besides Project, Environment and ManagedBy"
  type        = map(string)
  default     = {}

  validation {
    condition     = length(setintersection(keys(var.tags), ["Project", "Environment", "ManagedBy"])) == 0
    error_message = "tags must not hold Project, Environment or ManagedBy: those are set from project_name and environment."
  }
}

variable "package_dir" {
  description = "Folder with the functions' zips, seen from this folder"
  type        = string
  default     = "../dist"
}

variable "architecture" {
  description = "Instruction set the packages were built for: x86_64 or arm64"
  type        = string
  default     = "x86_64"

  validation {
    condition     = contains(["x86_64", "arm64"], var.architecture)
    error_message = "architecture must be x86_64 or arm64, the one the packages were built for."
  }
}

variable "log_level" {
  description = "Least severe level the functions log: trace, debug, info, warn or error"
  type        = string
  default     = "info"

  validation {
    condition     = contains(["trace", "debug", "info", "warn", "error"], var.log_level)
    error_message = "log_level must be trace, debug, info, warn or error."
  }
}

variable "reserved_concurrency" {
  description = "Concurrent executions set aside for, and the most allowed to, each function; -1 shares the account's"
  # No object type: Terraform drops a key that such a type does not know, so a mistyped name would reserve nothing.
  type     = map(number)
  default  = {}
  nullable = false

  validation {
    condition     = length(setsubtract(keys(var.reserved_concurrency), ["validator", "processor", "viewer"])) == 0
    error_message = "reserved_concurrency knows validator, processor and viewer, not ${join(", ", setsubtract(keys(var.reserved_concurrency), ["validator", "processor", "viewer"]))}."
  }

  validation {
    condition     = alltrue([for n in values(var.reserved_concurrency) : n == -1 || n >= 1])
    error_message = "reserved_concurrency must be -1 (share the account's) or at least 1: 0 would stop the function."
  }

  validation {
    condition     = lookup(var.reserved_concurrency, "processor", -1) == -1 || lookup(var.reserved_concurrency, "processor", -1) >= jsondecode(file("${path.module}/settings.json")).event_source.maximum_concurrency
    error_message = "reserved_concurrency.processor must not be under event_source.maximum_concurrency of settings.json: throttled batches count as received and end in the dead-letter queue."
  }
}

variable "observability" {
  description = "full: every alarm, and the optional metrics that settings.json names; lean: the pages and what they are made of; null means full in prod and local, lean elsewhere"
  type        = string
  default     = null

  validation {
    condition     = var.observability == null || contains(["full", "lean"], coalesce(var.observability, "full"))
    error_message = "observability must be full or lean."
  }
}

variable "viewer_enabled" {
  description = "The function behind the dashboard's custom widgets, which only reads, and the widgets; null: as settings.json says, which is true"
  type        = bool
  default     = null
}

variable "viewer_actions" {
  description = "Dead letters may be sent back from the dashboard, by whoever may invoke the viewer; null: as settings.json says, which is false"
  type        = bool
  default     = null
}

variable "api_authorization" {
  description = "Who may call the API: NONE (anybody who has the URL) or AWS_IAM (signed requests)"
  type        = string
  default     = "NONE"

  validation {
    condition     = contains(["NONE", "AWS_IAM"], var.api_authorization)
    error_message = "api_authorization must be NONE or AWS_IAM."
  }
}

variable "cors_allow_origins" {
  description = "Origins whose pages may send orders from a browser, such as https://shop.example, or *; null: those of settings.json, which are none"
  type        = list(string)
  default     = null

  validation {
    condition     = alltrue([for origin in coalesce(var.cors_allow_origins, []) : origin == "*" || can(regex("^https?://[^/,'\\s]+$", origin))])
    error_message = "cors_allow_origins must be origins, a scheme and a host without a path, such as https://shop.example, or *."
  }
}

variable "api_access_log" {
  description = "API access log: existing-role (the account's API Gateway logging role is set), managed-role (set it here, for the whole account and region) or off"
  type        = string
  default     = "existing-role"

  validation {
    condition     = contains(["existing-role", "managed-role", "off"], var.api_access_log)
    error_message = "api_access_log must be existing-role, managed-role or off."
  }
}

variable "kms_key_arn" {
  description = "ARN of a customer managed key for logs, function environments, queues and table; null uses AWS's keys"
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a key (arn:aws:kms:REGION:ACCOUNT:key/ID), not an alias or an id."
  }
}

variable "deletion_protection" {
  description = "Refuse to delete the table; null means on everywhere but in dev and on an emulator"
  type        = bool
  default     = null
}

variable "page_emails" {
  description = "Addresses that get the alarms somebody must act on now; each has to confirm once"
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for address in var.page_emails : can(regex("^[^@ ]+@[^@ ]+$", address))])
    error_message = "page_emails must be e-mail addresses."
  }
}

variable "ticket_emails" {
  description = "Addresses that get the alarms that can wait for office hours; each has to confirm once"
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for address in var.ticket_emails : can(regex("^[^@ ]+@[^@ ]+$", address))])
    error_message = "ticket_emails must be e-mail addresses."
  }
}

variable "runbooks_url" {
  description = "Where the runbooks can be read; alarms link to RUNBOOKS_URL/NAME.md"
  type        = string
  default     = "runbooks"

  validation {
    condition     = var.runbooks_url != "" && !endswith(var.runbooks_url, "/")
    error_message = "runbooks_url must be a folder or URL without a slash at its end, such as https://example.com/runbooks."
  }
}

variable "alarms_file" {
  description = "The alarm catalogue, seen from this folder"
  type        = string
  default     = "alarms.yaml"

  validation {
    condition     = fileexists("${path.module}/${var.alarms_file}")
    error_message = "alarms_file must name a file, seen from terraform/."
  }
}

variable "on_call_rota" {
  description = "Where the people on call are listed: a URL, or a telephone number"
  type        = string
  default     = "nowhere yet: set on_call_rota in terraform/envs/ENVIRONMENT.tfvars"
}
