#!/bin/sh
# One simulated province from files to findings, scored against its truth file. The product never
# sees the truth: it lies outside the workspace and is read by tools/score_findings.py only.
# With DAYS=N the models run again as of each of the last N days, to count what a day brings.
set -eu
BIN=${BIN:-.venv/bin}
SEED=${SEED:-1}
SIZE=${SIZE:-small}
DAYS=${DAYS:-0}
FOLDER=$(mktemp -d)
trap 'rm -rf "$FOLDER"' EXIT
"$BIN/jinghuan" simulate "$FOLDER/workspace/inbox" --size "$SIZE" --seed "$SEED" \
  --truth "$FOLDER/truth.json" --quiet >/dev/null
"$BIN/jinghuan" run --workspace "$FOLDER/workspace" --quiet >"$FOLDER/run.txt" || {
  status=$?
  cat "$FOLDER/run.txt"
  exit $status
}
"$BIN/jinghuan" findings --workspace "$FOLDER/workspace" --format jsonl \
  --out "$FOLDER/findings.jsonl" --quiet >/dev/null
"$BIN/jinghuan" members --workspace "$FOLDER/workspace" --out "$FOLDER/members.csv" --quiet >/dev/null
"$BIN/python" tools/score_findings.py "$FOLDER/truth.json" "$FOLDER/findings.jsonl" \
  "$FOLDER/members.csv"
echo
set -- "$FOLDER/findings.jsonl"
if [ "$DAYS" -gt 0 ]; then
  mkdir "$FOLDER/daily"
  AS_OF=$("$BIN/python" -c 'import json, sys; print(json.loads(sys.stdin.readline())["as_of"])' \
    <"$FOLDER/findings.jsonl")
  BACK=$DAYS
  while [ "$BACK" -ge 0 ]; do
    DAY=$(date -d "$AS_OF - $BACK days" +%F)
    "$BIN/jinghuan" detect --workspace "$FOLDER/workspace" --as-of "$DAY" --quiet >/dev/null
    "$BIN/jinghuan" findings --workspace "$FOLDER/workspace" --format jsonl \
      --out "$FOLDER/daily/$DAY.jsonl" --quiet >/dev/null
    BACK=$((BACK - 1))
  done
  set -- "$@" --daily "$FOLDER/daily"
fi
"$BIN/python" tools/duty_load.py "$@"
