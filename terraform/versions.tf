terraform {
  # 1.9: a variable's validation may look at other variables, and `workspace select -or-create` is old enough to rely on.
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source = "hashicorp/aws"
      # 5.46 is the oldest the suite is validated against; nothing that 6.0 removed is used.
      version = ">= 5.46, < 7.0"
    }
  }
}
