#!/usr/bin/env bash
# Compare the figures of `demarche evaluate` with those of the tools of the field, on a thousand random
# cases beside the committed ones. Needs Python 3 with venv and pip, and the network the first time.
#
# usage: scripts/test_metrics.sh [RANDOM_CASES [SEED]]
set -euo pipefail
cd "$(dirname "$0")/.."
tools=$(scripts/python_tools.sh metrics seqeval==1.2.2 nervaluate==1.2.1 'scikit-learn>=1.5' scorch==0.2.0 \
  coreference-eval==0.0.2 krippendorff==0.9.0)
cases=target/metric-cases.jsonl
"$tools/bin/python" scripts/metric_cases.py --random "${1:-1000}" --seed "${2:-$RANDOM}" >"$cases"
DEMARCHE_METRIC_CASES="$PWD/$cases" cargo test --test reference_metrics
