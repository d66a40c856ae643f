#!/usr/bin/env python3
"""Check the sample corpus and the gold annotation beside it.

usage: check_sample.py [CORPUS_DIR]       default: the corpus folder of this repository

Every document of CORPUS_DIR/sample has a unique id, every document of CORPUS_DIR/gold/sample.jsonl is one of them
with the same date and, once its markup is taken out, the same text to the character, and every line of
CORPUS_DIR/gold/records.jsonl is a well-formed record of a pair that the annotated documents relate.
Prints what is wrong, one line each, and exits 1 if anything is. Standard library only.
"""
import collections
import json
import re
import sys
from pathlib import Path

MENTION = re.compile(r"\{\w+[|~]([^{}]*?)(?:#(?:PER|ORG|LOC|MISC))?\}")
DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
STATUSES = {
    "recognition": {"recognized", "considering", "withheld", "withdrawn"},
    "representation": {"ambassador", "lower", "nonresident", "open", "reduced"},
    "listing": {"designated", "delisting", "delisted"},
    "sanctions": {"imposed", "threatened", "easing", "lifted"},
    "trade": {"expanding", "restricted"},
    "security": {"cooperating", "confronting"},
    "treaty": {"joined", "pending", "left"},
    "aid": {"giving", "pledged", "suspended"},
    "seat": {"supported", "opposed"},
}
FIELDS = {"actor", "counterpart", "first", "last", "documents", "contact", "stance", *STATUSES}


def json_lines(path):
    """(line number, object) of every line of a JSON Lines file."""
    with open(path, encoding="utf-8", newline="") as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                yield number, json.loads(line)


def read_sample(folder):
    """(place, document) of every document in the sample, in the input formats that the README describes."""
    for path in sorted(folder.iterdir()):
        if path.suffix == ".jsonl":
            for number, document in json_lines(path):
                yield f"{path.name}:{number}", document
        elif path.suffix == ".txt":
            title, blank, text = path.read_text(encoding="utf-8").partition("\n\n")
            yield path.name, {"id": path.name, "title": title if blank else None, "text": text}
        else:
            yield path.name, {"id": path.name, "text": ""}


def check_sample(folder):
    """The sample's documents by id, and what is wrong with them."""
    documents, problems = {}, []
    for place, document in read_sample(folder):
        words = len(document.get("text", "").split())
        if document["id"] in documents:
            problems.append(f"{place}: id {document['id']} is used twice")
        if not 150 <= words <= 500:
            problems.append(f"{place}: {words} words, expected 150 to 500")
        if not document.get("title"):
            problems.append(f"{place}: no title")
        if "date" in document and not DATE.fullmatch(document["date"]):
            problems.append(f"{place}: date {document['date']!r}")
        documents[document["id"]] = document
    return documents, problems


def first_difference(a, b):
    """Index of the first character in which two strings differ."""
    return next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))


def check_gold(path, documents):
    """What is wrong with the annotated documents, and the dates of each related pair of actor codes."""
    problems, seen, pairs = [], set(), collections.defaultdict(set)
    for number, gold in json_lines(path):
        place = f"{path.name}:{number}"
        document = documents.get(gold["id"])
        if gold["id"] in seen:
            problems.append(f"{place}: {gold['id']} is annotated twice")
        seen.add(gold["id"])
        if document is None:
            problems.append(f"{place}: {gold['id']} is not in the sample")
            continue
        text = MENTION.sub(r"\1", gold["text"])
        if text != document["text"]:
            at = first_difference(text, document["text"])
            problems.append(f"{place}: text differs from the sample at character {at}: "
                            f"{text[at:at + 30]!r}, expected {document['text'][at:at + 30]!r}")
        if gold.get("date") != document.get("date"):
            problems.append(f"{place}: date {gold.get('date')}, expected {document.get('date')}")
        code = {entity: about["actor"] for entity, about in gold["entities"].items()}
        for relation in gold["relations"]:
            ends = code[relation["src"]], code[relation["tgt"]]
            for pair in {ends, ends[::-1]} if relation.get("sym") else {ends}:
                if None not in pair and pair[0] != pair[1]:
                    pairs[pair].add((gold["date"], gold["id"]))
    return problems, pairs


def check_record(record, evidence):
    """What is wrong with one record, given (date, id) of the documents that relate its pair."""
    if record.keys() != FIELDS:
        yield f"fields {sorted(record.keys() ^ FIELDS)} are missing or unknown"
        return
    for facet, statuses in STATUSES.items():
        value = record[facet]
        if value is None:
            continue
        if value.get("status") not in statuses:
            yield f"{facet}: status {value.get('status')!r}"
        since = value.get("since")
        if since is not None and not DATE.fullmatch(since):
            yield f"{facet}: since {since!r}"
        elif since is not None and since > record["last"]:
            yield f"{facet}: since {since} is later than the last document, {record['last']}"
    if record["stance"]["label"] not in {"favor", "neutral", "against"}:
        yield f"stance {record['stance']['label']!r}"
    meetings = record["contact"]["meetings"]
    if not isinstance(meetings, int) or meetings < 0:
        yield f"meetings {meetings!r}"
    dates = sorted(date for date, _ in evidence)
    if not dates:
        yield "no annotated document relates the two"
    elif (record["first"], record["last"], record["documents"]) != (dates[0], dates[-1], len(dates)):
        yield f"first, last, documents: expected {dates[0]}, {dates[-1]}, {len(dates)}"


def check_records(path, pairs):
    """What is wrong with the record-level gold."""
    problems, seen = [], []
    for number, record in json_lines(path):
        pair = record.get("actor"), record.get("counterpart")
        seen.append(pair)
        problems += [f"{path.name}:{number} {pair[0]} -> {pair[1]}: {p}" for p in check_record(record, pairs.get(pair, ()))]
    if seen != sorted(set(seen)):
        problems.append(f"{path.name}: pairs are not unique and sorted by both codes")
    problems += [f"{path.name}: no record of {a} -> {b}" for a, b in sorted(pairs.keys() - set(seen))]
    return problems, len(seen)


def main():
    corpus = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent / "corpus"
    documents, problems = check_sample(corpus / "sample")
    found, pairs = check_gold(corpus / "gold" / "sample.jsonl", documents)
    problems += found
    found, records = check_records(corpus / "gold" / "records.jsonl", pairs)
    problems += found
    for problem in problems:
        print(problem)
    print(f"{len(documents)} documents, {len(pairs)} related pairs, {records} records, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
