#!/usr/bin/env python3
"""Read, check, split and convert the annotated corpus described in corpus/ANNOTATION.md.

usage: corpus.py check FILE...        print problems and label counts; exit 1 on any problem
       corpus.py show FILE [ID]       print the documents sentence by sentence, with their relations
       corpus.py standoff FILE...     one JSON line a document: plain text, character offsets, sentences
Character offsets count Unicode scalar values of the plain text. Standard library only.
"""
import collections, json, re, sys

TYPES = {"PER", "ORG", "LOC", "MISC"}
EVENTS = set("AGREE CONSULT SUPPORT COOPERATE AID YIELD REQUEST ACCUSE REJECT THREATEN PROTEST SANCTION MOBILIZE COERCE ASSAULT".split())
ACTS = set("""recognition.grant recognition.consider recognition.withhold recognition.withdraw mission.ambassador mission.lower
mission.nonresident mission.open mission.reduce contact.meet contact.mediate listing.delist listing.designate sanctions.impose
sanctions.lift trade.expand trade.restrict security.cooperate security.confront aid.give aid.suspend treaty.join treaty.leave
seat.support seat.oppose statement.support statement.criticize statement.demand people.move other""".split())
STANCES = {"favor", "neutral", "against"}
MODALITIES = {"actual", "planned", "hypothetical", "denied"}
ACTOR = re.compile(r"^[A-Z]{3}(/[A-Z0-9_-]+)?$")
MENTION = re.compile(r"\{(\w+)([|~])([^{}]*?)(?:#(PER|ORG|LOC|MISC))?\}")
ABBREVIATION = re.compile(r"(?:\b(?:Mr|Mrs|Ms|Dr|Gen|Col|Lt|Sgt|Maj|Adm|Gov|Sen|Rep|Prof|St|No|vs|Jan|Feb|Aug|Sept|Oct|Nov|Dec|Inc|Ltd|Co)|\b(?:[A-Z]\.)*[A-Z])\.$")
BOUNDARY = re.compile(r"[.!?…]+[\"'”’)\]]*(?=\s+[\"'“‘(\[]*[A-Z0-9])|\n+")


def sentences(text):
    """Half-open (start, end) spans of the sentences of `text`."""
    spans, start = [], 0
    for m in BOUNDARY.finditer(text):
        if m.group()[0] == "." and ABBREVIATION.search(text[max(0, m.start() - 12):m.start() + 1]):
            continue
        if text[start:m.end()].strip():
            spans.append((start, m.end()))
        start = m.end()
    if text[start:].strip():
        spans.append((start, len(text)))
    out = []
    for s, e in spans:
        while s < e and text[s].isspace(): s += 1
        while e > s and text[e - 1].isspace(): e -= 1
        out.append((s, e))
    return out


def standoff(doc):
    """Plain text and mentions with offsets from a document with inline mentions."""
    text, mentions, last = "", [], 0
    raw = doc["text"]
    for m in MENTION.finditer(raw):
        text += raw[last:m.start()]
        eid, kind, surface, override = m.groups()
        ent = doc["entities"].get(eid, {})
        mentions.append({"entity": eid, "start": len(text), "end": len(text) + len(surface), "text": surface,
                         "named": kind == "|", "type": override or ent.get("type")})
        text += surface
        last = m.end()
    text += raw[last:]
    relations = []
    for r in doc["relations"]:
        rel = {k: v for k, v in r.items() if k != "sym"}
        relations.append(rel)
        if r.get("sym"):
            relations.append(dict(rel, src=r["tgt"], tgt=r["src"]))
    return {"id": doc["id"], "date": doc.get("date"), "style": doc.get("style"), "text": text, "mentions": mentions,
            "entities": doc["entities"], "sentences": sentences(text), "relations": relations}


def problems(doc):
    so = standoff(doc)
    if "{" in so["text"] or "}" in so["text"]:
        yield "unparsed braces: " + re.search(r".{0,30}[{}].{0,30}", so["text"], re.S).group()
    mentioned = {m["entity"] for m in so["mentions"]}
    for e in mentioned - set(doc["entities"]): yield f"{e} is mentioned but not in entities"
    for e in set(doc["entities"]) - mentioned: yield f"{e} is never mentioned"
    for e, v in doc["entities"].items():
        if v.get("type") not in TYPES: yield f"{e}: type {v.get('type')}"
        if v.get("actor") is not None and not ACTOR.match(v["actor"]): yield f"{e}: actor {v['actor']}"
        if not v.get("name"): yield f"{e}: no name"
    for m in so["mentions"]:
        if not m["text"].strip() or m["text"] != m["text"].strip(): yield f"mention {m['text']!r}"
    seen = set()
    n = len(so["sentences"])
    for r in doc["relations"]:
        for k, ok in (("event", EVENTS), ("act", ACTS), ("stance", STANCES), ("modality", MODALITIES)):
            if r.get(k) not in ok: yield f"{k} {r.get(k)}"
        if r.get("src") not in mentioned or r.get("tgt") not in mentioned: yield f"relation of {r.get('src')}, {r.get('tgt')}: not mentioned"; continue
        if r["src"] == r["tgt"]: yield f"{r['src']} relates to itself"
        if not isinstance(r.get("sent"), int) or not 0 <= r["sent"] < n: yield f"sent {r.get('sent')} of {n}"; continue
        end = so["sentences"][r["sent"]][1]
        for x in ("src", "tgt"):
            if not any(m["entity"] == r[x] and m["start"] < end for m in so["mentions"]): yield f"{r[x]} first comes after sentence {r['sent']}"
        s, e = so["sentences"][r["sent"]]
        if not any(m["entity"] in (r["src"], r["tgt"]) and s <= m["start"] < e for m in so["mentions"]): yield f"neither {r['src']} nor {r['tgt']} is in sentence {r['sent']}"
        key = (r["src"], r["tgt"], r["event"], r["act"], r["sent"])
        if key in seen: yield f"twice: {key}"
        seen.add(key)


def load(path):
    with open(path, encoding="utf-8") as f:
        for i, line in enumerate(f, 1):
            if line.strip():
                try: yield i, json.loads(line)
                except ValueError as e: yield i, e


def main():
    cmd, files = sys.argv[1], sys.argv[2:]
    if cmd == "show":
        for _, d in load(files[0]):
            if len(files) > 1 and d["id"] != files[1]: continue
            so = standoff(d); print("\n==", d["id"], d.get("date"))
            for i, (s, e) in enumerate(so["sentences"]):
                print(f"[{i}] {so['text'][s:e]}")
                for r in d["relations"]:
                    if r["sent"] == i:
                        n = lambda x: d["entities"][x]["name"]
                        print(f"      {n(r['src'])} -> {n(r['tgt'])}: {r['event']} {r['act']} {r['stance']} {r['modality']}{' sym' if r.get('sym') else ''}")
        return 0
    if cmd == "standoff":
        for f in files:
            for _, d in load(f): print(json.dumps(standoff(d), ensure_ascii=False))
        return 0
    bad, ids, counts, words = 0, set(), collections.defaultdict(collections.Counter), 0
    for f in files:
        for i, d in load(f):
            if isinstance(d, Exception): print(f"{f}:{i}: {d}"); bad += 1; continue
            try: found = list(problems(d))
            except Exception as e: found = [f"{type(e).__name__} {e}"]
            if d.get("id") in ids: found.append("id used twice")
            ids.add(d.get("id"))
            for p in found: print(f"{f}:{i} {d.get('id')}: {p}")
            bad += bool(found)
            if not found:
                so = standoff(d); words += len(so["text"].split())
                counts["docs"]["all"] += 1
                for m in so["mentions"]: counts["mention"][m["type"] if m["named"] else "anaphor"] += 1
                for r in so["relations"]:
                    for k in ("event", "act", "stance", "modality"): counts[k][r[k]] += 1
    print(f"{len(ids)} documents, {words} words, {bad} with problems")
    for k, c in counts.items(): print(k, dict(c.most_common()))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
