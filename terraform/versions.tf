terraform {
  # 1.9: a variable's validation may look at other variables, and `workspace select -or-create` is old enough to rely on.
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source = "hashicorp/aws"
      # What is tested: 5.46 by its schema, 5.100 (the last of 5) by the released provider. README.md says how to go on to 6.
      version = ">= 5.46, <= 5.100"
    }
  }
}
