#!/usr/bin/env python3
"""Read the exports of records with other tools and compare them with records.jsonl.

usage: read_exports.py spoil RECORDS   print the records with hostile texts in them
       read_exports.py check FOLDER    compare csv, sqlite, graphml, gexf and dyad-year with records.jsonl there
Needs networkx beside the standard library; scripts/test_exports.sh installs it.
"""
import csv, datetime, json, os, re, sqlite3, sys

FACETS = "recognition representation listing sanctions trade security treaty aid seat".split()
HOSTILE = ["=1+1", "@SUM(A1)", "a\0b", "\x1b[2J\x07", "\u202eesrever\u202c", "</data><script>&lt;\"'", "]]>", "\ufffe\uffff",
           "'); DROP TABLE records; --", " \t\r\nlines\r\n ", "\U0001f600 \u0627\u0644\u0639\u0631\u0628\u064a\u0629"]
FORBIDDEN = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def legal(text):
    """The text as XML 1.0 can hold it."""
    return FORBIDDEN.sub("\ufffd", text)


def spoil(path):
    """Put a hostile text into every piece of evidence."""
    count = 0
    for record in read(path):
        for evidence in record["evidence"]:
            word = HOSTILE[count % len(HOSTILE)]
            count += 1
            for field in ("text", "source", "document", "src", "tgt"):
                evidence[field] = word + str(count) + (evidence[field] or "")
        print(json.dumps(record))


def read(path):
    with open(path, encoding="utf-8", newline="\n") as lines:
        return [json.loads(line) for line in lines]


def pair(record):
    return record["actor"], record["counterpart"]


def same(what, found, expected):
    """Fail unless both are equal, and show the first difference."""
    if found == expected:
        return
    if isinstance(found, list) and isinstance(expected, list):
        differ = [(f, e) for f, e in zip(found, expected) if f != e][:1]
        sys.exit(f"{what}: {len(found)} found, {len(expected)} expected; first difference {differ}")
    sys.exit(f"{what}: {found!r} found, {expected!r} expected")


def check_sqlite(path, records):
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    ask = lambda sql: database.execute(sql).fetchall()
    same("integrity", ask("PRAGMA integrity_check"), [("ok",)])
    same("foreign keys", ask("PRAGMA foreign_key_check"), [])
    evidence = "document source date when_date start_char end_char text src tgt event act stance modality score duplicates".split()
    fields = [f.removesuffix("_char").removesuffix("_date") for f in evidence]
    same("evidence", ask(f"SELECT actor, counterpart, position, {', '.join('e.' + e for e in evidence)} FROM evidence e"
                         " JOIN records USING (record) ORDER BY evidence"),
         [(*pair(r), i, *(e[f] for f in fields)) for r in records for i, e in enumerate(r["evidence"])])
    same("records", ask("SELECT actor, country, counterpart, counterpart_country, first, last, documents, sources, meetings,"
                        " last_meeting, stance, stance_score, favor, neutral, against FROM records ORDER BY record"),
         [(r["actor"], r["country"], r["counterpart"], r["counterpart_country"], r["first"], r["last"], r["documents"],
           r["sources"], r["contact"]["meetings"], r["contact"]["last"], r["stance"]["label"], r["stance"]["score"],
           r["stance"]["favor"], r["stance"]["neutral"], r["stance"]["against"]) for r in records])
    states = [(r, f, r[f]) for r in records for f in FACETS if r[f]]
    key = "SELECT actor, counterpart, facet"
    same("facets", sorted(ask(f"{key}, status, since, confidence FROM facets JOIN records USING (record)"), key=str),
         sorted(((*pair(r), f, s["status"], s["since"], s["confidence"]) for r, f, s in states), key=str))
    same("history", sorted(ask(f"{key}, position, status, from_date, to_date, confidence FROM history JOIN records USING (record)"), key=str),
         sorted(((*pair(r), f, i, p["status"], p["from"], p["to"], p["confidence"]) for r, f, s in states
                 for i, p in enumerate(s["history"])), key=str))
    same("facet evidence", sorted(ask(f"{key}, position FROM facet_evidence JOIN evidence USING (evidence)"
                                      " JOIN records ON records.record = evidence.record")),
         sorted((*pair(r), f, i) for r, f, s in states for i in s["evidence"]))
    same("conflicts", sorted(ask(f"{key}, status, position FROM conflicts JOIN conflict_statuses USING (conflict)"
                                 " JOIN conflict_evidence USING (conflict) JOIN evidence USING (evidence)"
                                 " JOIN records ON records.record = evidence.record")),
         sorted((*pair(r), c["facet"], s, i) for r in records for c in r["conflicts"] for s in c["statuses"]
                for i in c["evidence"]))
    same("acts", sorted(ask("SELECT actor, counterpart, act, modality, count FROM acts JOIN records USING (record)")),
         sorted((*pair(r), a, m, n) for r in records for a, ms in r["acts"].items() for m, n in ms.items() if n))
    same("events", sorted(ask("SELECT actor, counterpart, event, count FROM events JOIN records USING (record)")),
         sorted((*pair(r), e, n) for r in records for e, n in r["events"].items()))
    same("quad classes", sorted(ask("SELECT actor, counterpart, quad, sum(count) FROM events JOIN records USING (record)"
                                    " GROUP BY record, quad")),
         sorted((*pair(r), q, n) for r in records for q, n in r["quad"].items() if n))
    same("timeline", sorted(ask("SELECT actor, counterpart, month, t.favor, t.neutral, t.against FROM timeline t"
                                " JOIN records USING (record)")),
         sorted((*pair(r), m["month"], m["favor"], m["neutral"], m["against"]) for r in records for m in r["timeline"]))
    same("mediators", sorted(ask("SELECT actor, counterpart, mediator FROM mediators JOIN records USING (record)")),
         sorted((*pair(r), m) for r in records for m in r["contact"]["mediators"]))
    with open(os.path.join(os.path.dirname(__file__), "questions.sql"), encoding="utf-8") as file:
        questions = [q for q in file.read().split(";") if q.strip()]
    answers = [len(ask(question)) for question in questions]
    if len(answers) != 5 or not all(answers):
        sys.exit(f"questions.sql: {answers} rows of answers; expected some for each of five")
    return f"{len(records)} records, {sum(len(r['evidence']) for r in records)} sentences, rows of answers {answers}"


def best_evidence(record):
    order = ["recognition", "representation", "listing", *FACETS]
    state = next((record[f] for f in order if record[f]), None)
    chosen = [record["evidence"][i] for i in state["evidence"]] if state else record["evidence"]
    best = chosen[0]
    for evidence in chosen[1:]:
        if (evidence["score"], evidence["date"] or "") >= (best["score"], best["date"] or ""):
            best = evidence
    return best


def flat(record):
    """A record as the row that CSV and GraphML make of it, without what is not known."""
    row = {k: record[k] for k in "actor country counterpart counterpart_country first last documents sources".split()}
    for facet in FACETS:
        state = record[facet] or {"status": None, "since": None, "confidence": None}
        row |= {facet: state["status"], f"{facet}_since": state["since"], f"{facet}_confidence": state["confidence"]}
    contact, stance, best = record["contact"], record["stance"], best_evidence(record)
    row |= {"meetings": contact["meetings"], "last_meeting": contact["last"], "mediators": " ".join(contact["mediators"]) or None}
    row |= {"stance": stance["label"], "stance_score": stance["score"]}
    row |= {k: stance[k] for k in ("favor", "neutral", "against")} | {"conflicts": len(record["conflicts"])}
    row |= {"evidence_document": best["document"], "evidence_source": best["source"], "evidence_date": best["date"],
            "evidence": best["text"]}
    return {name: value for name, value in row.items() if value is not None}


def check_csv(path, records):
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    same("rows", len(rows), len(records))
    cells = 0
    for row, record in zip(rows, records):
        expected = flat(record)
        for name, cell in row.items():
            value = expected.get(name, "")
            if isinstance(value, str):
                if cell != value and cell != "'" + value:
                    sys.exit(f"{pair(record)} {name}: {cell!r} found, {value!r} expected")
                if re.match(r"\s*[=+@\-]", cell):
                    sys.exit(f"{pair(record)} {name}: {cell!r} is a formula to a spreadsheet")
            elif float(cell) != value:
                sys.exit(f"{pair(record)} {name}: {cell} found, {value} expected")
            cells += 1
    return f"{len(rows)} rows, {cells} cells"


def check_graphml(path, records):
    import networkx
    graph = networkx.read_graphml(path)
    same("directed", graph.is_directed() and not graph.is_multigraph(), True)
    check_nodes(graph, records)
    expected = {}
    for record in records:
        data = {k: legal(v) if isinstance(v, str) else v for k, v in flat(record).items()}
        for name in ("actor", "country", "counterpart", "counterpart_country"):
            data.pop(name)
        expected[pair(record)] = data
    same("edges", {(s, t): data for s, t, data in graph.edges(data=True)}, expected)
    return f"{len(graph)} nodes, {graph.size()} edges"


def check_nodes(graph, records):
    codes = {code for record in records for code in pair(record)}
    same("nodes", {code: data["country"] for code, data in graph.nodes(data=True)}, {code: code[:3] for code in codes})
    if "AFG/TALIBAN" in codes:
        same("name", graph.nodes["AFG/TALIBAN"]["label"], "Taliban")


def day(date):
    """First day that a date may mean."""
    return datetime.date.fromisoformat((date + "-01-01")[:10])


def periods(record, state):
    """Status, first and last date of each period of a facet, as the documentation of dyad-years and GEXF has them."""
    dates = [d for i in state["evidence"] if (d := record["evidence"][i]["date"])]
    now = {"status": state["status"], "from": state["since"] or min(dates, default=None), "to": None}
    found, before = [], None
    for past in [*state["history"], now]:
        found.append((past["status"], past["from"] or before, past["to"]))
        before = past["to"]
    return found


def check_gexf(path, records):
    import networkx
    graph = networkx.read_gexf(path, version="1.3")
    same("directed", graph.is_directed(), True)
    check_nodes(graph, records)
    expected = []
    for record in records:
        for facet in FACETS:
            for status, start, end in periods(record, record[facet]) if record[facet] else []:
                first = start and day(start)
                last = end and day(end) - datetime.timedelta(1)
                last = max(first, last) if first and last else last
                expected.append((*pair(record), facet, status, str(first or ""), str(last or "")))
        expected.append((*pair(record), "stance", record["stance"]["label"], *(str(day(record[k]) if record[k] else "") for k in ("first", "last"))))
    edges = [(s, t, data) for s, t, data in graph.edges(data=True)]
    same("edges", sorted((s, t, d["facet"], d["status"], d.get("start", ""), d.get("end", "")) for s, t, d in edges), sorted(expected))
    texts = {legal(e["text"]) for record in records for e in record["evidence"]}
    quoted = [d["evidence"] for _, _, d in edges if "evidence" in d]
    same("facets with evidence", len(quoted), sum(bool(record[f]) for record in records for f in FACETS))
    same("evidence that no record has", [text for text in quoted if text not in texts], [])
    return f"{len(graph)} nodes, {len(edges)} edges, {len(quoted)} sentences"


def took_place(evidence):
    """Whether it counts as an event: a threat is one although what it threatens is not, and so is a refusal."""
    deeds = {"hypothetical": ["THREATEN"], "denied": ["REJECT"]}
    return evidence["event"] in deeds.get(evidence["modality"], [evidence["event"]])


def check_dyad_years(path, records):
    with open(path, encoding="utf-8", newline="") as file:
        rows = {(row["actor"], row["counterpart"], int(row["year"])): row for row in csv.DictReader(file)}
    seen = 0
    for record in records:
        dated = [e for e in record["evidence"] if e["date"]]
        mine = {year: row for (*p, year), row in rows.items() if tuple(p) == pair(record)}
        seen += len(mine)
        same(f"{pair(record)} years", sorted(mine), list(range(min(mine), max(mine) + 1)) if mine else [])
        met = set()
        for year, row in sorted(mine.items()):
            told = [e for e in dated if e["date"].startswith(f"{year:04}")]
            same(f"{pair(record)} {year} evidence", int(row["evidence"]), len(told))
            sums = sum(int(row[q]) for q in record["quad"])
            happened = [e for e in told if took_place(e)]
            same(f"{pair(record)} {year} stances", sum(int(row[s]) for s in ("favor", "neutral", "against")), len(happened))
            same(f"{pair(record)} {year} happenings", sums, len({e["happening"] for e in happened} - met))
            met.update(e["happening"] for e in told)
            same(f"{pair(record)} {year} events", sum(int(n) for name, n in row.items() if name.isupper()), sums)
            for facet in FACETS:
                held = [s for s, start, end in periods(record, record[facet]) if (not start or int(start[:4]) <= year)
                        and (not end or int(end[:4]) > year)] if record[facet] else []
                same(f"{pair(record)} {year} {facet}", row[facet], held[-1] if held else "")
        if len(dated) == len(record["evidence"]):
            for event, count in record["events"].items():
                same(f"{pair(record)} {event}", sum(int(row[event]) for row in mine.values()), count)
    same("rows of known pairs", seen, len(rows))
    numbers = {(r["actor_iso3"], r["actor_cow"], r["actor_gw"]) for r in rows.values()}
    same("numbers of Russia and China", {n for n in numbers if n[0] in ("RUS", "CHN")}, {("RUS", "365", "365"), ("CHN", "710", "710")})
    return f"{len(rows)} rows"


def check(folder):
    records = read(os.path.join(folder, "records.jsonl"))
    checks = {"csv": check_csv, "sqlite": check_sqlite, "graphml": check_graphml, "gexf": check_gexf, "dyad-year": check_dyad_years}
    for name, compare in checks.items():
        print(f"  {name}: {compare(os.path.join(folder, name), records)}, as in records.jsonl")


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in ("spoil", "check"):
        sys.exit(__doc__)
    {"spoil": spoil, "check": check}[sys.argv[1]](sys.argv[2])
