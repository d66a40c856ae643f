#!/usr/bin/env python3
"""Make cases for tests/reference_metrics.rs: gold, prediction and what the field's tools say of them.

usage: metric_cases.py [--random N] [--seed S] > CASES.jsonl

Needs seqeval, nervaluate, scikit-learn, scorch, coreference-eval and krippendorff (scripts/test_metrics.sh installs
them).
The first cases are the odd ones, made by hand; N random ones follow, a quarter of each kind:
  tags      CoNLL columns, among them broken tag sequences: seqeval, and nervaluate over the same entities
  spans     mentions that overlap, in text beyond ASCII: nervaluate
  clusters  entities: scorch for MUC, B3 and CEAF-e, coreference-eval for LEA where no entity has one mention
  events    root classes: scikit-learn, and krippendorff for alpha
An expected value of null says that there is nothing to score, where the tools print 0.
"""
import argparse, contextlib, io, json, random, statistics, sys, warnings

import corefeval, krippendorff, nervaluate, scorch.scores
from seqeval.metrics.sequence_labeling import get_entities, precision_recall_fscore_support as seqeval_scores
from sklearn.metrics import accuracy_score, cohen_kappa_score, f1_score

TYPES = ["PER", "ORG", "LOC", "MISC"]
QUADS = {
    "verbal_cooperation": ["AGREE", "CONSULT", "SUPPORT"],
    "material_cooperation": ["COOPERATE", "AID", "YIELD"],
    "verbal_conflict": ["REQUEST", "ACCUSE", "REJECT", "THREATEN"],
    "material_conflict": ["PROTEST", "SANCTION", "MOBILIZE", "COERCE", "ASSAULT"],
}
QUAD_OF = {event: quad for quad, events in QUADS.items() for event in events}
EVENTS = list(QUAD_OF)


def scores(prefix, precision, recall, f1):
    return {f"{prefix}.precision": float(precision), f"{prefix}.recall": float(recall), f"{prefix}.f1": float(f1)}


def nervaluate_scores(gold, pred):
    """Expected figures of [start, end, type] lists in characters, half-open, of one document."""
    def entities(spans):
        return [[{"label": t, "start": s, "end": e - 1} for s, e, t in sorted(spans, key=lambda m: (m[0], m[1], TYPES.index(m[2])))]]
    result = nervaluate.Evaluator(entities(gold), entities(pred), tags=TYPES, loader="dict").evaluate()
    expected = {}
    parts = [("semeval.overall", result["overall"])]
    parts += [(f"semeval.types.{t}", modes) for t, modes in result["entities"].items()]
    for path, modes in parts:
        for mode, r in modes.items():
            expected.update(scores(f"{path}.{mode}", r.precision, r.recall, r.f1))
            for name in ("correct", "incorrect", "partial", "missed", "spurious", "possible", "actual"):
                expected[f"{path}.{mode}.{name}"] = getattr(r, name)
    return expected


def spans_of_tags(sentences):
    """Entities of [[token, tag]...] sentences in characters, with the tokens joined as the reader joins them."""
    spans, offset = [], 0
    for sentence in sentences:
        starts = []
        for token, _ in sentence:
            starts.append((offset, offset + len(token)))
            offset += len(token) + 1
        for kind, first, last in get_entities([tag for _, tag in sentence]):
            spans.append([starts[first][0], starts[last][1], kind])
    return spans


def tags_case(name, tokens, gold, pred):
    """A case from tokens and tags, by sentence."""
    expected = {}
    used = {t[2:] for side in (gold, pred) for tags in side for t in tags if t != "O"}
    if used:
        for average in ("micro", "macro", "weighted"):
            p, r, f, _ = seqeval_scores(gold, pred, average=average)
            expected.update(scores(f"ner.{average}", p, r, f))
        for kind, p, r, f, n in zip(sorted(used), *seqeval_scores(gold, pred, average=None)):
            expected.update(scores(f"ner.classes.{kind}", p, r, f))
            expected[f"ner.classes.{kind}.gold"] = int(n)
        pairs = [[list(zip(s, t)) for s, t in zip(tokens, side)] for side in (gold, pred)]
        expected.update(nervaluate_scores(*map(spans_of_tags, pairs)))
    else:
        expected["ner.micro.f1"] = None
    columns = ["\n".join(" ".join(row) if row else "" for s, t in zip(tokens, side) for row in [*zip(s, t), ()]) for side in (gold, pred)]
    return {"name": name, "kind": "tags", "gold": columns[0], "pred": columns[1], "expected": expected}


def spans_case(name, text, gold, pred):
    expected = nervaluate_scores(gold, pred) if gold or pred else {"semeval.overall.strict.f1": None}
    return {"name": name, "kind": "spans", "text": text, "gold": gold, "pred": pred, "expected": expected}


def clusters_case(name, length, gold, pred):
    """A case from documents, each a list of clusters of mention numbers below `length`."""
    def joined(side):
        return [{(d, m) for m in cluster} for d, clusters in enumerate(side) for cluster in clusters]
    key, response = joined(gold), joined(pred)
    expected = {}
    if any(len(k) > 1 for k in key):
        f1 = []
        for metric, of in (("muc", scorch.scores.muc), ("b3", scorch.scores.b_cubed), ("ceaf_e", scorch.scores.ceaf_e)):
            try:
                r, p, f = of(key, response)
            except statistics.StatisticsError:
                # scorch takes the harmonic mean of minus zeros where no two clusters share a mention.
                assert not any(k & c for k in key for c in response)
                r = p = f = 0.0
            f1.append(f)
            expected.update(scores(f"coreference.{metric}", p, r, f))
        expected["coreference.conll"] = sum(f1) / 3
        if all(len(c) > 1 for c in key + response):
            lists = [[[list(m) for m in sorted(c)] for c in side] for side in (response, key)]
            with contextlib.redirect_stdout(io.StringIO()):
                _, metrics = corefeval.get_metrics(*lists, verbose=False)
            lea = metrics["lea"]
            expected.update(scores("coreference.lea", lea["precision"], lea["recall"], lea["f1"]))
    else:
        expected["coreference.conll"] = None
    return {"name": name, "kind": "clusters", "length": length, "gold": gold, "pred": pred, "expected": expected}


def events_case(name, gold, pred):
    expected = {}
    for level, of in (("roots", lambda e: e), ("quad", lambda e: QUAD_OF.get(e, e))):
        g, p = [of(e) for e in gold], [of(e) if e else "not predicted" for e in pred]
        labels = sorted((set(g) | set(p)) - {"not predicted"})
        expected[f"events.{level}.accuracy"] = float(accuracy_score(g, p))
        for average in ("macro", "weighted"):
            f1 = f1_score(g, p, labels=labels, average=average, zero_division=0)
            expected[f"events.{level}.{average}_f1"] = float(f1)
        if len(set(g) | set(p)) > 1:
            expected[f"events.{level}.kappa"] = float(cohen_kappa_score(g, p))
            numbers = {label: n for n, label in enumerate(sorted(set(g) | set(p)))}
            rows = [[numbers[label] for label in side] for side in (g, p)]
            expected[f"events.{level}.alpha"] = float(krippendorff.alpha(reliability_data=rows, level_of_measurement="nominal"))
        for label, f1 in zip(labels, f1_score(g, p, labels=labels, average=None, zero_division=0)):
            expected[f"events.{level}.classes.{label}.f1"] = float(f1)
    return {"name": name, "kind": "events", "gold": gold, "pred": pred, "expected": expected}


def odd_cases():
    def tags(name, *rows):
        tokens = [[f"t{i}" for i in range(len(gold.split()))] for gold, _ in rows]
        return tags_case(name, tokens, [g.split() for g, _ in rows], [p.split() for _, p in rows])

    yield tags("I- after O", ("O I-PER I-PER O", "O B-PER I-PER O"), ("I-LOC O", "O I-LOC"))
    yield tags("type changes within I-", ("B-PER I-LOC I-LOC O", "B-PER I-PER I-LOC O"))
    yield tags("adjacent entities", ("B-PER B-PER I-PER B-LOC", "B-PER I-PER B-PER B-LOC"), ("I-PER B-PER", "B-PER I-PER"))
    yield tags("entity at the end of a sentence", ("O B-ORG", "O B-ORG"), ("I-ORG O", "I-ORG O"))
    yield tags("no gold", ("O O O", "B-PER O B-LOC"))
    yield tags("no prediction", ("B-PER I-PER O", "O O O"))
    yield tags("neither", ("O O", "O O"))
    yield tags("wrong type", ("B-PER O B-ORG", "B-LOC O B-MISC"))
    yield tags("one predicted over two", ("B-PER I-PER O B-PER", "B-PER I-PER I-PER I-PER"))
    yield spans_case("nested", "Zoë of Erdoğan's ministry", [[0, 3, "PER"], [7, 16, "PER"], [7, 25, "ORG"]], [[7, 25, "ORG"], [7, 14, "PER"]])
    yield spans_case("the same span twice", "Zoë met", [[0, 3, "PER"], [0, 3, "ORG"]], [[0, 3, "ORG"], [0, 3, "ORG"]])
    yield spans_case("less than one per cent", "ä" + "b" * 300, [[0, 301, "ORG"]], [[0, 2, "ORG"], [1, 3, "PER"]])
    yield spans_case("nothing", "Nobody", [], [])
    yield clusters_case("the example of Pradhan et al.", 9, [[[0, 1, 2], [3, 4, 5, 6]]], [[[0, 1], [2, 3], [5, 6, 7, 8]]])
    yield clusters_case("all in one", 6, [[[0, 1], [2, 3], [4, 5]]], [[[0, 1, 2, 3, 4, 5]]])
    yield clusters_case("all alone", 4, [[[0, 1], [2, 3]]], [[[0], [1], [2], [3]]])
    yield clusters_case("nothing predicted", 4, [[[0, 1], [2, 3]]], [[]])
    yield clusters_case("no links in the gold", 4, [[[0], [1]]], [[[0, 1]]])
    yield clusters_case("two documents", 4, [[[0, 1], [2]], [[0, 3]]], [[[0], [1, 2]], [[0, 3], [1, 2]]])
    yield events_case("one class", ["AID"] * 3, ["AID"] * 3)
    yield events_case("some not predicted", ["AID", "AGREE", "ASSAULT"], ["AID", None, "COERCE"])


def random_tags(rng, n, name):
    """Broken sequences as often as sound ones."""
    def tag(before):
        kind = rng.choice(TYPES)
        if rng.random() < 0.5:
            return "O"
        return rng.choice(["B-", "I-"]) + (before[2:] if before != "O" and rng.random() < 0.6 else kind)
    tokens, gold, pred = [], [], []
    for _ in range(rng.randint(1, 4)):
        length = rng.randint(1, 12)
        tokens.append([rng.choice(["a", "Xi", "Zoë", "Erdoğan", "東京", "x" * 30]) for _ in range(length)])
        g = []
        for _ in range(length):
            g.append(tag(g[-1] if g else "O"))
        p = []
        for before in g:
            p.append(before if rng.random() < 0.7 else tag(p[-1] if p else "O"))
        gold.append(g)
        pred.append(p)
    return tags_case(name, tokens, gold, pred)


def random_spans(rng, n, name):
    text = "".join(rng.choice("abc äöğ東🙂 ") for _ in range(rng.randint(10, 60)))
    def span():
        start = rng.randrange(len(text) - 1)
        return [start, min(len(text), start + rng.randint(1, 8)), rng.choice(TYPES)]
    def near(s, e, t):
        s, e = max(0, s + rng.randint(-1, 1)), min(len(text), e + rng.randint(-1, 1))
        return [s, max(s + 1, e), rng.choice([t, t, rng.choice(TYPES)])]
    gold = [span() for _ in range(rng.randint(0, 8))]
    pred = [rng.choice([m, near(*m)]) for m in gold if rng.random() < 0.8] + [span() for _ in range(rng.randint(0, 3))]
    inside = lambda m: m[0] < m[1] <= len(text)
    return spans_case(name, text, list(filter(inside, gold)), list(filter(inside, pred)))


def random_clusters(rng, n, name):
    def partition(mentions, single):
        clusters = {}
        for m in mentions:
            clusters.setdefault(rng.randrange(max(1, len(mentions) // 3 + 1)), []).append(m)
        return [c for c in clusters.values() if single or len(c) > 1]
    length, single = rng.randint(2, 14), rng.random() < 0.5
    gold, pred = [], []
    for _ in range(rng.randint(1, 3)):
        marked = [m for m in range(length) if rng.random() < 0.8]
        gold.append(partition(marked, single))
        found = [m for m in range(length) if (rng.random() < 0.85) == (m in marked)]
        kept = [[m for m in c if m in found and rng.random() < 0.8] for c in gold[-1]]
        copied = [c for c in kept if len(c) > (0 if single else 1)]
        pred.append(copied if rng.random() < 0.6 else partition(found, single))
    return clusters_case(name, length, gold, pred)


def random_events(rng, n, name):
    labels = rng.sample(EVENTS, rng.randint(2, 15))
    gold = [rng.choice(labels) for _ in range(rng.randint(1, 60))]
    pred = [g if rng.random() < 0.6 else rng.choice([*labels, None]) for g in gold]
    return events_case(name, gold, pred)


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--random", type=int, default=1000)
    options.add_argument("--seed", type=int, default=1)
    options = options.parse_args()
    warnings.simplefilter("ignore")
    rng = random.Random(options.seed)
    for case in odd_cases():
        print(json.dumps(case, ensure_ascii=False))
    kinds = [random_tags, random_spans, random_clusters, random_events]
    for n in range(options.random):
        kind = kinds[n % len(kinds)]
        print(json.dumps(kind(rng, n, f"random {n}"), ensure_ascii=False))


if __name__ == "__main__":
    sys.exit(main())
