#!/usr/bin/env python3
"""Writes tests/fixtures/borrowed_logits.json: what Hugging Face's transformers compute with small models.

For every architecture that `demarche --ner-model` and `--nli-model` take: the configuration, the names and shapes of
the weights as transformers save them, two sequences of pieces and their logits. The weights themselves follow from
their names (`weight` below and in src/borrowed/reference.rs), so that the tests of demarche can make the same models.

usage: pip install torch transformers; scripts/borrowed_logits.py
"""
import json
import os

import numpy as np
import torch
from transformers import AutoConfig, AutoModelForSequenceClassification, AutoModelForTokenClassification

COMMON = dict(hidden_size=24, num_attention_heads=3, num_hidden_layers=2, intermediate_size=32, vocab_size=40,
              max_position_embeddings=34)
ROBERTA_LIKE = dict(COMMON, type_vocab_size=1, layer_norm_eps=1e-5)
RELATIVE = dict(COMMON, relative_attention=True, position_biased_input=False, type_vocab_size=0)
CONFIGS = {
    "albert": dict(COMMON, embedding_size=16),
    "bart": dict(d_model=24, encoder_layers=2, decoder_layers=2, encoder_attention_heads=3, decoder_attention_heads=3,
                 encoder_ffn_dim=32, decoder_ffn_dim=32, vocab_size=40, max_position_embeddings=34),
    "bert": COMMON,
    "camembert": ROBERTA_LIKE,
    "deberta": dict(RELATIVE, pos_att_type=["c2p", "p2c"], max_relative_positions=-1, pooler_hidden_size=24),
    "deberta-v2": dict(RELATIVE, pos_att_type=["p2c", "c2p"], position_buckets=8, norm_rel_ebd="layer_norm",
                       share_att_key=True, max_relative_positions=-1, pooler_hidden_size=24),
    # Other variants: keys and queries of places of their own, positions without buckets, added positions and types.
    "deberta-v2/2": dict(COMMON, relative_attention=True, position_biased_input=True, type_vocab_size=2,
                         pos_att_type=["c2p", "p2c"], max_relative_positions=6, pooler_hidden_size=24),
    "distilbert": dict(dim=24, n_heads=3, n_layers=2, hidden_dim=32, vocab_size=40, max_position_embeddings=34),
    "electra": dict(COMMON, embedding_size=16),
    "roberta": ROBERTA_LIKE,
    "xlm-roberta": ROBERTA_LIKE,
}
TASKS = {
    "tokens": (AutoModelForTokenClassification, ["O", "B-PER", "I-PER", "B-GPE", "I-GPE"], ["bart"]),
    "sequences": (AutoModelForSequenceClassification, ["contradiction", "neutral", "entailment"], ["electra"]),
}
# Two texts behind one another, as each family frames them; the first ones are longer than there are heads or buckets.
LONG = list(range(5, 25)), list(range(30, 36))
BERT = ([2, *LONG[0], 3, *LONG[1], 3], [0] * 22 + [1] * 7), ([2, 30, 3, 31, 3], [0, 0, 0, 1, 1])
ROBERTA = ([0, *LONG[0], 2, 2, *LONG[1], 2], [0] * 30), ([0, 30, 2, 2, 31, 2], [0] * 6)


def weight(name, shape):
    """The weight of this name: numbers between -0.3 and 0.3, around 1 for the scale of a norm."""
    start = 0x811C9DC5
    for byte in name.encode():
        start = (start ^ byte) * 0x01000193 & 0xFFFFFFFF
    x = (np.arange(np.prod(shape), dtype=np.uint64) * 0x9E3779B9 + start) & 0xFFFFFFFF
    for shift, factor in (16, 0x85EBCA6B), (13, 0xC2B2AE35), (16, 1):
        x = ((x ^ (x >> np.uint64(shift))) * np.uint64(factor)) & np.uint64(0xFFFFFFFF)
    values = (x.astype(np.float64) / 2**32 - 0.5) * 0.6 + (1.0 if "orm" in name and name.endswith("weight") else 0.0)
    return torch.tensor(values.astype(np.float32)).reshape(shape)


def case(model_type, task):
    auto, labels, _ = TASKS[task]
    config = AutoConfig.for_model(model_type.split("/")[0], **CONFIGS[model_type])
    config.id2label = dict(enumerate(labels))
    config.label2id = {label: i for i, label in enumerate(labels)}
    model = auto.from_config(config, attn_implementation="eager").eval()
    # Of tied weights one name is saved, as `save_pretrained` does it.
    tied = {name for name in model.state_dict() if name.endswith("embed_tokens.weight")}
    weights = {name: weight(name, tuple(w.shape)) for name, w in model.state_dict().items()
               if w.is_floating_point() and name not in tied}
    missing, unexpected = model.load_state_dict(weights, strict=False)
    assert not unexpected and all(name in tied or "position_ids" in name for name in missing), (missing, unexpected)
    model.tie_weights()
    sequences = []
    framed = ROBERTA if model_type in ("bart", "camembert", "roberta", "xlm-roberta") else BERT
    for ids, types in framed:
        inputs = dict(input_ids=torch.tensor([ids]), attention_mask=torch.ones(1, len(ids), dtype=torch.long))
        if model_type not in ("bart", "distilbert"):
            inputs["token_type_ids"] = torch.tensor([types])
        with torch.no_grad():
            logits = model(**inputs).logits[0]
        sequences.append({"ids": ids, "types": types, "logits": [round(x, 6) for x in logits.flatten().tolist()]})
    shapes = {name: list(w.shape) for name, w in weights.items()}
    return {"task": task, "config": json.loads(config.to_json_string()), "shapes": shapes, "sequences": sequences}


def main():
    cases = [case(name, task) for name in CONFIGS for task, (_, _, without) in TASKS.items() if name not in without]
    path = os.path.join(os.path.dirname(__file__), "..", "tests", "fixtures", "borrowed_logits.json")
    with open(path, "w") as out:
        out.write("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]\n")
    for c in cases:
        spread = np.std([x for s in c["sequences"] for x in s["logits"]])
        print(f"{c['config']['model_type']:12} {c['task']:10} {len(c['shapes']):3} weights, logits spread {spread:.3f}")


if __name__ == "__main__":
    main()
