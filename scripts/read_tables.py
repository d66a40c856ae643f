#!/usr/bin/env python3
"""Read the Parquet tables of `demarche export` with pyarrow, polars and DuckDB, and keep docs/SCHEMA.md true.

usage: read_tables.py check FOLDER            compare the tables in FOLDER/parquet with the JSON Lines in FOLDER
       read_tables.py embeddings FOLDER       look at the embeddings in FOLDER/parquet
       read_tables.py inputs PROGRAM FILE     annotate the documents of a JSON Lines file, and of tables of them
       read_tables.py document [--write] PROGRAM FOLDER
                                              ask the questions of docs/SCHEMA.md, compare the answers with one
                                              another, with those of FOLDER/sqlite and with the document, and run its
                                              example; --write puts answers and example into the document
Needs pyarrow, polars and duckdb; scripts/test_exports.sh installs them.
"""
import json, os, re, sqlite3, subprocess, sys, tempfile

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from read_exports import FACETS, pair, read, same

HERE = os.path.dirname(os.path.abspath(__file__))
DOCUMENT = os.path.join(HERE, "..", "docs", "SCHEMA.md")
RENAMED = {"from_date": "from", "to_date": "to", "when_date": "when", "start_char": "start", "end_char": "end"}
TABLES = ("records", "evidence", "history", "mentions", "relations")


def plain(value):
    """A value with the names of JSON."""
    if isinstance(value, dict):
        return {RENAMED.get(name, name): plain(v) for name, v in value.items()}
    return [plain(v) for v in value] if isinstance(value, list) else value


def rows(folder, table):
    """The rows of a table as pyarrow reads them; polars and DuckDB must read as many, and the same texts."""
    path = os.path.join(folder, "parquet", table + ".parquet")
    found = pq.read_table(path)
    frame = pl.read_parquet(path)
    same(f"{table}: rows for polars", frame.height, found.num_rows)
    same(f"{table}: columns for polars", frame.columns, found.column_names)
    names = ", ".join(f'"{name}"' for name in found.column_names if pa.types.is_string(found.schema.field(name).type))
    texts = found.select([n for n in found.column_names if pa.types.is_string(found.schema.field(n).type)])
    expected = [tuple(row.values()) for row in texts.to_pylist()]
    same(f"{table}: texts for polars", frame.select(texts.column_names).rows(), expected)
    same(f"{table}: texts for DuckDB", duckdb.sql(f"SELECT {names} FROM '{path}'").fetchall(), expected)
    described = [f for f in found.schema if not (f.metadata or {}).get(b"description")]
    same(f"{table}: columns without a description", described, [])
    same(f"{table}: version", found.schema.metadata[b"demarche.schema"], b"1")
    return plain(found.to_pylist())


def check(folder):
    records = read(os.path.join(folder, "records.jsonl"))
    found = rows(folder, "records")
    pieces = [(pair(r), i, e) for r in records for i, e in enumerate(r["evidence"])]
    for row in found:
        row["events"] = {e["event"]: e["count"] for e in row["events"]}
        row["acts"] = {a.pop("act"): a for a in row["acts"]}
        for evidence in row["evidence"]:
            evidence.pop("quad")
        row.pop("actor_name"), row.pop("counterpart_name")
    same("records", found, records)
    found = rows(folder, "evidence")
    same("evidence", [(pair(e), e["position"], {name: e[name] for name in p[2]}) for e, p in zip(found, pieces)], pieces)
    same("evidence rows", len(found), len(pieces))
    periods = []
    for r in records:
        for facet in (f for f in FACETS if r[f]):
            state = r[facet]
            now = {"status": state["status"], "from": state["since"], "to": None} | {k: state[k] for k in ("confidence", "evidence")}
            last = len(state["history"])
            periods += [(pair(r), facet, i, i == last, p) for i, p in enumerate([*state["history"], now])]
    found = rows(folder, "history")
    same("history", [(pair(h), h["facet"], h["position"], h["current"], {name: h[name] for name in p[4]})
                     for h, p in zip(found, periods)], periods)
    same("history rows", len(found), len(periods))
    documents = read(os.path.join(folder, "annotations.jsonl"))
    check_annotations(documents, rows(folder, "mentions"), rows(folder, "relations"))
    print(f"  parquet: {len(records)} records, {len(pieces)} sentences, {len(periods)} statuses, {len(documents)} documents, as in JSON")


def check_annotations(documents, mentions, relations):
    expected = [(d["id"], d["date"], i, m["start"], m["end"], d["text"][m["start"]:m["end"]], m["named"], m["type"], m["entity"],
                 d["entities"][m["entity"]]["name"], d["entities"][m["entity"]]["actor"])
                for d in documents for i, m in enumerate(sorted(d["mentions"], key=lambda m: (m["start"], m["end"])))]
    names = "document date mention start end text named type entity name actor".split()
    same("mentions", [tuple(m[name] for name in names) for m in mentions], expected)
    expected = []
    for d in documents:
        for r in d["relations"]:
            start, end = d["sentences"][r["sent"]]
            src, tgt = d["entities"][r["src"]], d["entities"][r["tgt"]]
            expected.append((d["id"], r["sent"], start, end, d["text"][start:end], r["src"], src["name"], src["actor"],
                             r["tgt"], tgt["name"], tgt["actor"], *(r[name] for name in "event act stance modality".split())))
    names = ("document sentence start end text src src_name src_actor tgt tgt_name tgt_actor"
             " event act stance modality").split()
    same("relations", sorted(tuple(r[name] for name in names) for r in relations), sorted(expected))


def embeddings(folder):
    told = []
    for table in ("mentions", "evidence"):
        path = os.path.join(folder, "parquet", table + ".parquet")
        kind = pq.read_schema(path).field("embedding").type
        same(f"{table}: fixed-size list of floats", (pa.types.is_fixed_size_list(kind), kind.value_type), (True, pa.float32()))
        frame = pl.read_parquet(path)
        same(f"{table}: polars", frame.schema["embedding"], pl.Array(pl.Float32, kind.list_size))
        same(f"{table}: without one", frame["embedding"].null_count(), 0)
        (likeness,), = duckdb.sql(f"SELECT min(list_cosine_similarity(embedding, embedding)) FROM '{path}'").fetchall()
        if not 0.999 < likeness < 1.001:
            sys.exit(f"{table}: a vector is like itself by {likeness}")
        told.append(f"{frame.height} of {table}")
    with open(DOCUMENT, encoding="utf-8") as page:
        search = re.search(r"```sql\n(.*?)```", page.read().split("## Embeddings")[1], re.S)[1]
    duck = duckdb.connect()
    duck.sql(f"SET file_search_path = '{folder}/parquet'")
    found = duck.sql(search).fetchall()
    if len(found) != 10 or not 0.999 < found[0][1] < 1.001 or not found[0][1] > found[-1][1]:
        sys.exit(f"the search of docs/SCHEMA.md finds {found}")
    # A name in two documents is more like itself than like other names.
    path = os.path.join(folder, "parquet", "mentions.parquet")
    (alike, other), = duckdb.sql(f"""
        SELECT avg(likeness) FILTER (a = b), avg(likeness) FILTER (a <> b)
        FROM (SELECT a.text AS a, b.text AS b, list_cosine_similarity(a.embedding, b.embedding) AS likeness
              FROM '{path}' a, '{path}' b WHERE a.named AND b.named AND a.document < b.document)""").fetchall()
    if not alike > other + 0.1:
        sys.exit(f"the same names are alike by {alike} and others by {other}")
    print(f"  embeddings: {', '.join(told)}; the same names are alike by {alike:.2f}, others by {other:.2f}")


def inputs(program, path):
    """Documents from Parquet of three writers are those from JSON Lines."""
    frame = pl.DataFrame([{k: d.get(k) for k in ("id", "date", "source", "text")} for d in read(path)], infer_schema_length=None)
    days = frame.with_columns(pl.col("date").str.to_date())
    with tempfile.TemporaryDirectory() as folder:
        place = lambda name: os.path.join(folder, name)
        frame.write_ndjson(place("lines.jsonl"))
        pq.write_table(days.with_columns(pl.col("date").cast(pl.Datetime("ns"))).to_arrow(), place("arrow.parquet"))
        frame.write_parquet(place("polars.parquet"), compression="gzip")
        duckdb.sql(f"COPY (SELECT id, date AS pub_date, source AS publisher, text AS body FROM days) TO '{place('duck.parquet')}'")
        annotate = lambda path, **given: subprocess.run([program, "--quiet", "annotate", path], check=True,
                                                        stdout=subprocess.PIPE, **given).stdout
        lines = annotate(place("lines.jsonl"))
        for name in ("arrow.parquet", "polars.parquet", "duck.parquet"):
            same(f"annotations of {name}", annotate(place(name)), lines)
        with open(place("duck.parquet"), "rb") as pipe:
            same("annotations of standard input", annotate("-", stdin=pipe), lines)
    print(f"  inputs: {frame.height} documents in Parquet of pyarrow, polars and DuckDB are those of JSON Lines")


def answers(folder):
    """For each question the header and rows of the three tools."""
    page = open(DOCUMENT, encoding="utf-8").read()
    block = lambda mark, language: re.findall(rf"<!-- {mark} -->\n```{language}\n(.*?)```\n", page, re.S)
    with open(os.path.join(HERE, "questions.sql"), encoding="utf-8") as file:
        lite = [q for q in file.read().split(";") if q.strip()]
    database = sqlite3.connect(f"file:{folder}/sqlite?mode=ro", uri=True)
    names = {name: pl.read_parquet(f"{folder}/parquet/{name}.parquet") for name in ("records", "evidence", "history")}
    duck = duckdb.connect()
    duck.sql(f"SET file_search_path = '{folder}/parquet'")
    rounded = lambda rows: [tuple(round(v, 4) if isinstance(v, float) else v for v in row) for row in rows]
    found = []
    for number, (sql, python, question) in enumerate(zip(block("sql", "sql"), block("polars", "python"), lite, strict=True)):
        result = duck.sql(sql)
        header, by_duck = result.columns, rounded(result.fetchall())
        frame = eval(python, {"pl": pl, **names})
        cursor = database.execute(question)
        # The database numbers its contradictions; in the tables they are known by their pair and facet.
        skip = int(cursor.description[0][0] == "conflict")
        same(f"question {number + 1}: columns", (frame.columns, [c[0] for c in cursor.description[skip:]]), (header, header))
        same(f"question {number + 1}: polars", sorted(rounded(frame.rows()), key=str), sorted(by_duck, key=str))
        same(f"question {number + 1}: SQLite", sorted(rounded(row[skip:] for row in cursor), key=str), sorted(by_duck, key=str))
        if not by_duck:
            sys.exit(f"question {number + 1} has no answer")
        found.append((header, by_duck))
    print(f"  questions: {[len(rows) for _, rows in found]} rows, the same from DuckDB, polars and SQLite")
    return found


def cell(value):
    text = "" if value is None else str(value).replace("|", "\\|").replace("\n", " ")
    return text if len(text) <= 90 else text[:89].rstrip() + "…"


def table(header, rows, most=10):
    lines = [header, ["---"] * len(header), *([cell(v) for v in row] for row in rows[:most])]
    more = f"\n{len(rows) - most} more rows.\n" if len(rows) > most else ""
    return "".join(f"| {' | '.join(line)} |\n" for line in lines) + more


def pretty(value, indent=""):
    """JSON with a line for each element of the outer two levels."""
    if not isinstance(value, (dict, list)) or not value or len(json.dumps(value)) + len(indent) <= 118:
        return json.dumps(value, ensure_ascii=False)
    deeper = indent + "  "
    if isinstance(value, dict):
        lines = [f"{json.dumps(k)}: {pretty(v, deeper)}" for k, v in value.items()]
    else:
        lines = [pretty(v, deeper) for v in value]
    inner = (",\n" + deeper).join(lines)
    return ("{" if isinstance(value, dict) else "[") + f"\n{deeper}{inner}\n{indent}" + ("}" if isinstance(value, dict) else "]")


def example(program):
    """What the program makes of the document's example: parts of the page by their marks."""
    page = open(DOCUMENT, encoding="utf-8").read()
    with tempfile.TemporaryDirectory() as folder:
        lines, out = os.path.join(folder, "example.jsonl"), os.path.join(folder, "out")
        with open(lines, "w", encoding="utf-8") as file:
            file.write(re.search(r"<!-- document -->\n```json\n(.*?)```", page, re.S)[1])
        command = [program, "--quiet", "run", lines, "--out", out, "--precision", "fp32", "--format", "parquet"]
        subprocess.run(command, check=True)
        annotation, = read(os.path.join(out, "annotations.jsonl"))
        record = next(r for r in read(os.path.join(out, "records.jsonl")) if pair(r) == ("RUS", "AFG/TALIBAN"))
        about = "WHERE actor = 'RUS' AND counterpart = 'AFG/TALIBAN'"
        ask = lambda sql: duckdb.sql(sql.format(folder=out))
        history = ask("SELECT actor, counterpart, facet, position, current, status, from_date, to_date, confidence, evidence"
                      " FROM '{folder}/history.parquet' " + about)
        evidence = ask("SELECT actor, counterpart, position, document, date, when_date, src, tgt, event, act, modality, score"
                       " FROM '{folder}/evidence.parquet' " + about)
        parts = {"annotation": f"```json\n{pretty(annotation)}\n```\n"}
        record = {name: value for name, value in record.items() if value is not None}
        parts["record"] = f"```json\n{pretty(record)}\n```\n"
        for name, result in (("history", history), ("evidence", evidence)):
            parts[name] = table(result.columns, result.fetchall())
    return parts


def document(program, folder, write):
    page = open(DOCUMENT, encoding="utf-8").read()
    parts = list(example(program).items()) + [("answer", table(*answer)) for answer in answers(folder)]
    made, at = "", 0
    for mark, text in parts:
        begin = re.compile(rf"<!-- {mark} -->\n").search(page, at).end()
        # A part goes up to the empty line behind it; a table may have one more sentence.
        length = re.match(r"```.*?\n```\n|(?:\|.*\n)+(?:\n\d+ more rows\.\n)?", page[begin:], re.S if text[0] == "`" else 0).end()
        made, at = made + page[at:begin] + text, begin + length
    made += page[at:]
    if write:
        with open(DOCUMENT, "w", encoding="utf-8") as file:
            file.write(made)
    # Scores differ between processors in their last places.
    decimals = re.compile(r"\b[01]\.\d+")
    if decimals.sub("#", made) != decimals.sub("#", page) and not write:
        changed = next((f, e) for f, e in zip(page.splitlines(), made.splitlines()) if decimals.sub("#", f) != decimals.sub("#", e))
        sys.exit(f"docs/SCHEMA.md says {changed[0]!r}, found is {changed[1]!r}; scripts/test_exports.sh --write renews it")
    print("  docs/SCHEMA.md: its example and answers are what is found")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["check", folder]:
            check(folder)
        case ["embeddings", folder]:
            embeddings(folder)
        case ["inputs", program, path]:
            inputs(program, path)
        case ["document", "--write", program, folder]:
            document(program, folder, True)
        case ["document", program, folder]:
            document(program, folder, False)
        case _:
            sys.exit(__doc__)
