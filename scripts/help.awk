# Lists a Makefile's targets that have a `## text`, with their `##@ Stage` beside the first of each: a screen of 24 lines of 80.
# Targets that share a rule share a line: `logs-a logs-b: ...` is shown as logs-a|b.
BEGIN { FS = ":.*## "; print "usage: make COMMAND [ENVIRONMENT=local|NAME] [YES=1]" }
/^##@ / { stage = substr($0, 5) }
/^[a-z][a-z -]*:.*## / {
  count = split($1, names, " ")
  shown = names[1]
  for (i = 2; i <= count; i++) { sub(/^[a-z]+-/, "", names[i]); shown = shown "|" names[i] }
  printf "%-8s %-25s %s\n", stage, shown, $2
  stage = ""
}
