#!/usr/bin/env bash
# Loads what `demarche convert` writes with the tool that it is for, where that is a Python package: spaCy and its
# displaCy; and converts what spaCy writes. Needs Python 3 with venv and pip, and the network the first time.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
tools=$(scripts/python_tools.sh formats spacy==3.8.18)
cargo build --quiet
program=${CARGO_TARGET_DIR:-target}/debug/demarche
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$program" --quiet convert corpus/dev --to spacy --out "$work/spacy.jsonl"
"$program" --quiet convert corpus/dev --to displacy --out "$work/displacy.json"
"$tools/bin/python" scripts/read_spacy.py "$work/spacy.jsonl" "$work/displacy.json" "$work/own.json"
"$program" --quiet convert "$work/own.json" --to corpus |
  grep -F '{e1|Angela Merkel} met {e2|Vladimir Putin} in {e3|Moscow}. 🙂 She thanked him.'
