#!/usr/bin/env bash
# Reads what `demarche export` writes with other tools than those that wrote it: Python's sqlite3 and csv, networkx,
# pyarrow, polars and DuckDB. The records are those of corpus/gold, once as they are and once with hostile texts in
# them. Keeps docs/SCHEMA.md true; --write renews its example and answers. Needs Python 3 with venv and pip, and the
# network the first time.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
tools=$(scripts/python_tools.sh exports networkx==3.6.1 pyarrow==26.0.1 polars==2.1.0 duckdb==2.0.1)
cargo build --quiet
program=${CARGO_TARGET_DIR:-target}/debug/demarche
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir "$work/gold" "$work/hostile"
python3 scripts/corpus.py standoff corpus/gold/sample.jsonl >"$work/gold/annotations.jsonl"
cp "$work/gold/annotations.jsonl" "$work/hostile"
"$program" --quiet aggregate "$work/gold/annotations.jsonl" --out "$work/gold"
"$tools/bin/python" scripts/read_exports.py spoil "$work/gold/records.jsonl" >"$work/hostile/records.jsonl"
for records in gold hostile; do
  for format in csv sqlite graphml gexf dyad-year parquet; do
    "$program" --quiet export "$work/$records/records.jsonl" --format "$format" --out "$work/$records/$format"
  done
  echo "$records records:"
  "$tools/bin/python" scripts/read_exports.py check "$work/$records"
  "$tools/bin/python" scripts/read_tables.py check "$work/$records"
done

"$tools/bin/python" scripts/read_tables.py document ${1:+"$1"} "$program" "$work/gold"
"$program" --quiet export "$work/gold/records.jsonl" --format parquet --out "$work/gold/parquet" --embeddings
"$tools/bin/python" scripts/read_tables.py embeddings "$work/gold"
"$tools/bin/python" scripts/read_tables.py inputs "$program" corpus/sample/kosovo.jsonl
