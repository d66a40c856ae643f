#!/usr/bin/env bash
# From a fresh clone to a table: sets libtorch up if it is not there, builds, reads corpus/sample,
# and prints who stands how to whom. Results are left in out/.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
scripts/libtorch.sh
cargo build --release
demarche=${CARGO_TARGET_DIR:-target}/release/demarche
# 1 means that documents were rejected; there is still a table to show.
"$demarche" run corpus/sample --out out || [[ $? -eq 1 ]]
"$demarche" export out/records.jsonl --format table
