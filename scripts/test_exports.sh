#!/usr/bin/env bash
# Reads what `demarche export` writes with other tools than those that wrote it: Python's sqlite3 and csv, and
# networkx. The records are those of corpus/gold, once as they are and once with hostile texts in them. Needs
# Python 3 with venv and pip, and the network the first time.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
tools=$(scripts/python_tools.sh exports networkx==3.6.1)
cargo build --quiet
program=${CARGO_TARGET_DIR:-target}/debug/demarche
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

python3 scripts/corpus.py standoff corpus/gold/sample.jsonl >"$work/annotations.jsonl"
"$program" --quiet aggregate "$work/annotations.jsonl" --out "$work/gold"
mkdir "$work/hostile"
"$tools/bin/python" scripts/read_exports.py spoil "$work/gold/records.jsonl" >"$work/hostile/records.jsonl"
for records in gold hostile; do
  for format in csv sqlite graphml gexf dyad-year; do
    "$program" export "$work/$records/records.jsonl" --format "$format" --out "$work/$records/$format"
  done
  echo "$records records:"
  "$tools/bin/python" scripts/read_exports.py check "$work/$records"
done
