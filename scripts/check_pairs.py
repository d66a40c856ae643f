#!/usr/bin/env python3
"""Check sentences with one labelled pair.

usage: check_pairs.py FILE...   print problems and the number of each event; exit 1 on any problem
Standard library only.
"""
import collections, json, sys

QUADS = dict.fromkeys("AGREE CONSULT SUPPORT".split(), 1) | dict.fromkeys("COOPERATE AID YIELD".split(), 2) \
    | dict.fromkeys("REQUEST ACCUSE REJECT THREATEN".split(), 3) \
    | dict.fromkeys("PROTEST SANCTION MOBILIZE COERCE ASSAULT".split(), 4)


def problems(pair):
    text, event = pair["text"], pair["event"]
    if QUADS.get(event) != pair["quad"]:
        yield f"event {event} with quad {pair['quad']}"
    for end in ("src", "tgt"):
        first, last = pair[end]
        if not 0 <= first < last <= len(text):
            yield f"{end} {pair[end]} outside of the text"
        elif text[first:last] != text[first:last].strip() or text[first - 1:first].isalnum() or text[last:last + 1].isalnum():
            yield f"{end} {text[first:last]!r} begins or ends inside a word or with a blank"
    if max(pair["src"][0], pair["tgt"][0]) < min(pair["src"][1], pair["tgt"][1]):
        yield "src and tgt overlap"


def main(paths):
    events, ids, bad = collections.Counter(), set(), 0
    for path in paths:
        for number, line in enumerate(open(path, encoding="utf-8"), 1):
            pair = json.loads(line)
            found = list(problems(pair)) + (["id seen before"] if pair["id"] in ids else [])
            for problem in found:
                print(f"{path}:{number} {pair['id']}: {problem}")
            bad += bool(found)
            ids.add(pair["id"])
            events[pair["event"]] += 1
    print(f"{len(ids)} pairs, {bad} with problems: " + ", ".join(f"{e} {n}" for e, n in sorted(events.items())))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]) if len(sys.argv) > 1 else __doc__)
