#!/bin/sh
# One simulated province from files to findings, scored against its truth file. The product never
# sees the truth: it lies outside the workspace and is read by tools/score_findings.py only.
set -eu
BIN=${BIN:-.venv/bin}
SEED=${SEED:-1}
SIZE=${SIZE:-small}
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
