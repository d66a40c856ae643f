#!/usr/bin/env python3
"""Fits the weights by which a document decides for whom somebody acts: models/actors/context_weights.tsv.

usage: cargo run --release --example actor_accuracy -- --features TRAIN.jsonl > choices.jsonl
       python3 scripts/fit_actor_context.py choices.jsonl models/actors/context_weights.tsv [DEV_CHOICES.jsonl]

A conditional logit over the candidates of every choice and "none of them", with an L2 penalty, fitted by AdaGrad.
A choice whose gold actor is not among the candidates is learnt as "none". Weights set by hand (HAND) are kept as the
table has them. Prints what every threshold would give. Needs numpy.
"""
import json
import re
import sys

import numpy as np

EPOCHS, RATE, PENALTY, LEAST, SMALL = 6, 0.1, 5e-3, 2, 0.03
HAND = re.compile(r"P known by |P heads |P only one of that |[NR] introduced before$|[NR] has D opening$|[NOPR] backed by$|P forms $")
THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8)


def read(path, index, grow):
    """Choices as (features, candidate of every feature, number of candidates, the right one, gold)."""
    choices = []
    for line in open(path, encoding="utf-8"):
        c = json.loads(line)
        features, owners, right = [], [], 0
        for i, (code, names) in enumerate(c["candidates"]):
            if code is not None and code == c["gold"]:
                right = i
            for name in names:
                if grow:
                    index.setdefault(name, len(index))
                if name in index:
                    features.append(index[name])
                    owners.append(i)
        choices.append((np.array(features, dtype=np.int64), np.array(owners, dtype=np.int64), len(c["candidates"]), right, c["gold"]))
    return choices


def probabilities(choice, w):
    features, owners, n, _, _ = choice
    scores = np.bincount(owners, weights=w[features], minlength=n)
    e = np.exp(scores - scores.max())
    return e / e.sum()


def report(name, choices, w):
    for least in THRESHOLDS:
        right = wrong = unknown = invented = none = 0
        for choice in choices:
            p = probabilities(choice, w)
            best = int(p.argmax())
            found = best if best and p[best] >= least else 0
            if choice[4] is None:
                invented += found > 0
                none += found == 0
            elif found == 0:
                unknown += 1
            elif found == choice[3]:
                right += 1
            else:
                wrong += 1
        print(f"{name} at {least}: right {right} wrong {wrong} unknown {unknown}; no actor: none {none} invented {invented}", file=sys.stderr)


def fit(choices, size, by_hand):
    counts = np.zeros(size)
    for features, *_ in choices:
        np.add.at(counts, features, 1)
    rare = counts < LEAST
    w, g2 = np.zeros(size), np.full(size, 1e-2)
    fixed = np.zeros(size, dtype=bool)
    for at, weight in by_hand:
        w[at], fixed[at], rare[at] = weight, True, False
    order = np.random.default_rng(1).permutation(len(choices))
    for _ in range(EPOCHS):
        for k in order:
            features, owners, n, right, _ = choices[k]
            if n < 2:
                continue
            d = probabilities(choices[k], w)
            d[right] -= 1
            d = d[owners]
            moved = (abs(d) > 1e-4) & ~fixed[features]
            at = features[moved]
            step = d[moved] + PENALTY * w[at]
            np.add.at(g2, at, step * step)
            np.add.at(w, at, -RATE * step / np.sqrt(g2[at]))
        w[rare] = 0
    return w


def main():
    index = {}
    train = read(sys.argv[1], index, True)
    dev = read(sys.argv[3], index, False) if len(sys.argv) > 3 else []
    table = [line.rstrip("\n").split("\t") for line in open(sys.argv[2], encoding="utf-8")]
    by_hand = [row for row in table if HAND.match(row[0])]
    w = fit(train, len(index), [(index[name], float(weight)) for name, weight in by_hand if name in index])
    report("train", train, w)
    if dev:
        report("dev", dev, w)
    rows = [(name, f"{w[i]:.3f}") for name, i in index.items() if abs(w[i]) >= SMALL and not HAND.match(name)]
    rows = sorted(rows + [tuple(row) for row in by_hand])
    with open(sys.argv[2], "w", encoding="utf-8") as out:
        out.write("feature\tweight\n")
        for name, weight in rows:
            out.write(f"{name}\t{weight}\n")
    print(f"{len(rows)} weights", file=sys.stderr)


if __name__ == "__main__":
    main()
