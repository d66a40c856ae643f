#!/usr/bin/env python3
"""Loads what `demarche convert --to spacy` and `--to displacy` wrote with spaCy itself, and writes a Doc of its own.

usage: read_spacy.py SPACY.jsonl DISPLACY.json OWN.json

Fails when a text, a name, a sentence or a group of mentions comes out otherwise than it was written.
"""
import json
import sys

import spacy
from spacy import displacy
from spacy.tokens import Doc

written, manual, own = sys.argv[1:]
nlp = spacy.blank("en")
names = groups = documents = 0
with open(written, encoding="utf-8") as lines:
    for line in lines:
        value = json.loads(line)
        doc = Doc(nlp.vocab).from_json(value)

        def spans(found):
            return [(s.start_char, s.end_char, s.label_) for s in found]

        def expected(found):
            return [(s["start"], s["end"], s["label"]) for s in found]

        assert doc.text == value["text"]
        assert spans(doc.ents) == expected(value["ents"])
        sentences = [s.text.strip() for s in doc.sents if s.text.strip()]
        assert sentences == [doc.text[s["start"] : s["end"]].strip() for s in value["sents"]]
        for name, group in value["spans"].items():
            assert spans(doc.spans[name]) == expected(group), name
        documents, names, groups = documents + 1, names + len(doc.ents), groups + len(doc.spans)
assert documents and names and groups
with open(manual, encoding="utf-8") as file:
    shown = json.load(file)
assert len(shown) == documents and all("<mark" in displacy.render(d, style="ent", manual=True) for d in shown if d["ents"])
doc = nlp("Angela Merkel met Vladimir Putin in Moscow. 🙂 She thanked him.")
doc.ents = [doc.char_span(0, 13, "PERSON"), doc.char_span(18, 32, "PERSON"), doc.char_span(36, 42, "GPE")]
with open(own, "w", encoding="utf-8") as file:
    json.dump(doc.to_json(), file)
print(f"spaCy {spacy.__version__} loads {documents} documents, {names} names, {groups} groups of mentions")
