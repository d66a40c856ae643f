#!/usr/bin/env python3
"""Fits the weights by which a document decides for whom somebody acts: models/actors/context_weights.tsv.

usage: cargo run --release --example actor_accuracy -- --features TRAIN.jsonl > choices.jsonl
       python3 scripts/fit_actor_context.py choices.jsonl models/actors/context_weights.tsv [DEV_CHOICES.jsonl]

A conditional logit over the candidates of every choice and "none of them", with an L2 penalty, fitted by AdaGrad.
A choice whose gold actor is not among the candidates is learnt as "none". Needs numpy.
"""
import json
import sys

import numpy as np

EPOCHS, RATE, PENALTY, LEAST, SMALL = 12, 0.25, 2e-3, 3, 0.03


def read(path, index, grow):
    choices = []
    for line in open(path, encoding="utf-8"):
        c = json.loads(line)
        gold, sets, right = c["gold"], [], 0
        for i, (code, features) in enumerate(c["candidates"]):
            if code is not None and code == gold:
                right = i
            if grow:
                for f in features:
                    index.setdefault(f, [len(index), 0])[1] += 1
            sets.append([index[f][0] for f in features if f in index])
        choices.append((sets, right, gold))
    return choices


def probabilities(sets, w):
    scores = np.array([w[s].sum() for s in sets])
    e = np.exp(scores - scores.max())
    return e / e.sum()


def report(name, choices, w):
    for least in (0.4, 0.5, 0.6, 0.7):
        right = wrong = unknown = invented = none = 0
        for sets, gold_at, gold in choices:
            p = probabilities(sets, w)
            best = int(p.argmax())
            found = best if best and p[best] >= least else 0
            if gold is None:
                invented += found > 0
                none += found == 0
            elif found == 0:
                unknown += 1
            elif found == gold_at:
                right += 1
            else:
                wrong += 1
        print(f"{name} at {least}: right {right} wrong {wrong} unknown {unknown}; no actor: none {none} invented {invented}", file=sys.stderr)


def main():
    index = {}
    train = read(sys.argv[1], index, True)
    dev = read(sys.argv[3], index, False) if len(sys.argv) > 3 else []
    counts = np.zeros(len(index))
    for i, n in index.values():
        counts[i] = n
    rare = counts < LEAST
    w, g2 = np.zeros(len(index)), np.full(len(index), 1e-2)
    order = np.random.default_rng(1).permutation(len(train))
    for _ in range(EPOCHS):
        for k in order:
            sets, right, _ = train[k]
            if len(sets) < 2:
                continue
            p = probabilities(sets, w)
            p[right] -= 1
            for s, d in zip(sets, p):
                if abs(d) < 1e-4 or not s:
                    continue
                s = np.array(s)
                step = d + PENALTY * w[s]
                g2[s] += step * step
                w[s] -= RATE * step / np.sqrt(g2[s])
            w[rare] = 0
    report("train", train, w)
    if dev:
        report("dev", dev, w)
    rows = sorted((f, w[i]) for f, (i, _) in index.items() if abs(w[i]) >= SMALL)
    with open(sys.argv[2], "w", encoding="utf-8") as out:
        out.write("feature\tweight\n")
        for f, weight in rows:
            out.write(f"{f}\t{weight:.3f}\n")
    print(f"{len(rows)} weights", file=sys.stderr)


if __name__ == "__main__":
    main()
