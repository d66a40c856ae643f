#!/usr/bin/env bash
# From a fresh clone to a table: sets libtorch up if it is not there, builds, reads corpus/sample,
# and prints who stands how to whom. Results are left in out/.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
scripts/libtorch.sh
cargo build --release
demarche=${CARGO_TARGET_DIR:-target}/release/demarche
"$demarche" run corpus/sample --out out
"$demarche" export out/records.jsonl --format table
