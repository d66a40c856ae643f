#!/usr/bin/env python3
"""Compares two records.jsonl: usage: compare_records.py EXPECTED FOUND

Everything must be the same (pairs, statuses and their dates, counts, stances, conflicts, the text and place of the
evidence), but scores and confidences may differ by TOLERANCE: processors round differently.
Prints what differs and exits with 1 if anything does. Needs Python 3 and nothing else.
"""

import json
import sys

TOLERANCE = 0.02
SCORES = {"score", "confidence"}
MOST_SHOWN = 40


def read(path):
    with open(path, encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines if line.strip()]
    return {(record["actor"], record["counterpart"]): record for record in records}


def differences(expected, found, place=""):
    """Yields a line for each place where the two differ."""
    key = place.rsplit(".", 1)[-1]
    if key in SCORES and isinstance(expected, (int, float)) and isinstance(found, (int, float)):
        if abs(expected - found) > TOLERANCE:
            yield f"{place}: expected {expected}, found {found}"
    elif isinstance(expected, dict) and isinstance(found, dict):
        for name in sorted(expected.keys() | found.keys()):
            yield from differences(expected.get(name), found.get(name), f"{place}.{name}" if place else name)
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for index, (one, other) in enumerate(zip(expected, found)):
            yield from differences(one, other, f"{place}[{index}]")
    elif expected != found:
        yield f"{place}: expected {json.dumps(expected, ensure_ascii=False)}, found {json.dumps(found, ensure_ascii=False)}"


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    expected, found = read(sys.argv[1]), read(sys.argv[2])
    lines = []
    for pair in sorted(expected.keys() | found.keys()):
        name = " -> ".join(pair)
        if pair not in found:
            lines.append(f"{name}: missing")
        elif pair not in expected:
            lines.append(f"{name}: not expected")
        else:
            lines += [f"{name}: {line}" for line in differences(expected[pair], found[pair])]
    for line in lines[:MOST_SHOWN]:
        print(line)
    if len(lines) > MOST_SHOWN:
        print(f"and {len(lines) - MOST_SHOWN} more")
    print(f"{len(expected)} records expected, {len(found)} found, {len(lines)} differences")
    sys.exit(1 if lines else 0)


if __name__ == "__main__":
    main()
