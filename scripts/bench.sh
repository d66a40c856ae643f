#!/usr/bin/env bash
# How fast documents of 300 words are read, annotated and written, and how much memory that takes.
# usage: bench.sh [DOCUMENTS [THREADS]]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
documents=${1:-200}
threads=${2:-$(getconf _NPROCESSORS_ONLN)}
scripts/libtorch.sh
cargo build --release --quiet
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The texts of the development documents, one behind the other, cut every 300 words; as often as needed.
python3 - "$documents" "$work/news.jsonl" <<'PYTHON'
import glob, itertools, json, re, sys

count, out = int(sys.argv[1]), sys.argv[2]
mark = re.compile(r"\{\w+[|~]([^{}]*?)(?:#\w+)?\}")
texts = []
for path in sorted(glob.glob("corpus/dev/*.jsonl")):
    with open(path, encoding="utf-8") as lines:
        texts += [mark.sub(r"\1", json.loads(line)["text"]) for line in lines]
words = itertools.cycle(re.findall(r"\S+\s*", "\n\n".join(texts) + "\n\n"))
with open(out, "w", encoding="utf-8") as file:
    for n in range(count):
        text = "".join(itertools.islice(words, 300))
        file.write(json.dumps({"id": f"d{n}", "date": "2024-01-01", "text": text}) + "\n")
PYTHON

program=${CARGO_TARGET_DIR:-target}/release/demarche
"$program" doctor | grep -E "processor|precision" || true
echo "$documents documents of 300 words, $threads threads:"
python3 - "$program" "$work" "$threads" <<'PYTHON'
import os, subprocess, sys, time

program, work, threads = sys.argv[1:]
command = [program, "run", f"{work}/news.jsonl", "--out", f"{work}/out", "--threads", threads, "--quiet"]
began = time.monotonic()
process = subprocess.Popen(command)
_, status, usage = os.wait4(process.pid, 0)
seconds = time.monotonic() - began
if status:
    sys.exit(f"demarche ended with status {status}")
words = 300 * sum(1 for _ in open(f"{work}/news.jsonl"))
print(f"{words / seconds:,.0f} words/s (start-up counted), peak memory {usage.ru_maxrss / 1024:,.0f} MB")
PYTHON
