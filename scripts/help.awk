# Lists a Makefile's targets that have a `## text`, under their `##@ Stage`.
BEGIN { FS = ":.*## "; printf "usage: make COMMAND [ENVIRONMENT=dev|local|...]\n" }
/^##@ / { printf "\n%s\n", substr($0, 5) }
/^[a-z][a-z-]*:.*## / { printf "  %-16s %s\n", $1, $2 }
