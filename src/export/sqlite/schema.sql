-- The database of `demarche export --format sqlite`: the records of a run, one table a list in them.
--
-- Dates are text, a day, a month or a year (2024-05-27, 2024-05, 2024), and NULL where not known; they sort
-- by time. Labels are those of corpus/ANNOTATION.md. A record is one directed pair, actor towards counterpart.

PRAGMA user_version = 2;

-- Everybody who is in a record. `cow` and `gw` are numbers of the state `country`.
CREATE TABLE actors (
    actor TEXT NOT NULL PRIMARY KEY,
    name TEXT,
    country TEXT NOT NULL,
    cow INTEGER,
    gw INTEGER
) WITHOUT ROWID;

CREATE TABLE records (
    record INTEGER PRIMARY KEY,
    actor TEXT NOT NULL REFERENCES actors,
    country TEXT NOT NULL,
    counterpart TEXT NOT NULL REFERENCES actors,
    counterpart_country TEXT NOT NULL,
    first TEXT,
    last TEXT,
    documents INTEGER NOT NULL,
    sources INTEGER NOT NULL,
    meetings INTEGER NOT NULL,
    last_meeting TEXT,
    stance TEXT NOT NULL,
    stance_score REAL NOT NULL,
    favor INTEGER NOT NULL,
    neutral INTEGER NOT NULL,
    against INTEGER NOT NULL
);
CREATE INDEX records_by_actor ON records (actor, counterpart);
CREATE INDEX records_by_counterpart ON records (counterpart, actor);

-- The sentences, each with one claim. `position` is the index in the record's list; `start_char` and
-- `end_char` count Unicode characters of the document's text; `when_date` is when the act took place, where the
-- sentence says so.
CREATE TABLE evidence (
    evidence INTEGER PRIMARY KEY,
    record INTEGER NOT NULL REFERENCES records,
    position INTEGER NOT NULL,
    document TEXT NOT NULL,
    source TEXT,
    date TEXT,
    when_date TEXT,
    start_char INTEGER NOT NULL,
    end_char INTEGER NOT NULL,
    text TEXT NOT NULL,
    src TEXT NOT NULL,
    tgt TEXT NOT NULL,
    event TEXT NOT NULL,
    quad TEXT NOT NULL,
    act TEXT NOT NULL,
    stance TEXT NOT NULL,
    modality TEXT NOT NULL,
    score REAL NOT NULL,
    duplicates INTEGER NOT NULL
);
CREATE UNIQUE INDEX evidence_by_record ON evidence (record, position);
CREATE INDEX evidence_by_document ON evidence (document);
CREATE INDEX evidence_by_act ON evidence (act, date);
CREATE INDEX evidence_by_date ON evidence (date);

-- The current status of each facet that is known.
CREATE TABLE facets (
    record INTEGER NOT NULL REFERENCES records,
    facet TEXT NOT NULL,
    status TEXT NOT NULL,
    since TEXT,
    confidence REAL NOT NULL,
    PRIMARY KEY (record, facet)
) WITHOUT ROWID;
CREATE INDEX facets_by_status ON facets (facet, status);

-- What each facet was before, in order.
CREATE TABLE history (
    record INTEGER NOT NULL,
    facet TEXT NOT NULL,
    position INTEGER NOT NULL,
    status TEXT NOT NULL,
    from_date TEXT,
    to_date TEXT,
    confidence REAL NOT NULL,
    PRIMARY KEY (record, facet, position),
    FOREIGN KEY (record, facet) REFERENCES facets
) WITHOUT ROWID;

-- The evidence for the current status.
CREATE TABLE facet_evidence (
    record INTEGER NOT NULL,
    facet TEXT NOT NULL,
    evidence INTEGER NOT NULL REFERENCES evidence,
    PRIMARY KEY (record, facet, evidence),
    FOREIGN KEY (record, facet) REFERENCES facets
) WITHOUT ROWID;
CREATE INDEX facet_evidence_by_evidence ON facet_evidence (evidence);

-- Evidence of one time that disagrees. A single status is disputed by its denial.
CREATE TABLE conflicts (
    conflict INTEGER PRIMARY KEY,
    record INTEGER NOT NULL REFERENCES records,
    facet TEXT NOT NULL
);
CREATE INDEX conflicts_by_record ON conflicts (record);

CREATE TABLE conflict_statuses (
    conflict INTEGER NOT NULL REFERENCES conflicts,
    status TEXT NOT NULL,
    PRIMARY KEY (conflict, status)
) WITHOUT ROWID;

CREATE TABLE conflict_evidence (
    conflict INTEGER NOT NULL REFERENCES conflicts,
    evidence INTEGER NOT NULL REFERENCES evidence,
    PRIMARY KEY (conflict, evidence)
) WITHOUT ROWID;
CREATE INDEX conflict_evidence_by_evidence ON conflict_evidence (evidence);

-- Pieces of evidence by act and modality, where there are any.
CREATE TABLE acts (
    record INTEGER NOT NULL REFERENCES records,
    act TEXT NOT NULL,
    modality TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (record, act, modality)
) WITHOUT ROWID;

-- Pieces of evidence by event, of those that happened.
CREATE TABLE events (
    record INTEGER NOT NULL REFERENCES records,
    event TEXT NOT NULL,
    quad TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (record, event)
) WITHOUT ROWID;

-- Pieces of evidence by month and stance, of those that happened.
CREATE TABLE timeline (
    record INTEGER NOT NULL REFERENCES records,
    month TEXT NOT NULL,
    favor INTEGER NOT NULL,
    neutral INTEGER NOT NULL,
    against INTEGER NOT NULL,
    PRIMARY KEY (record, month)
) WITHOUT ROWID;

-- Actors that mediated between the two.
CREATE TABLE mediators (
    record INTEGER NOT NULL REFERENCES records,
    mediator TEXT NOT NULL REFERENCES actors,
    PRIMARY KEY (record, mediator)
) WITHOUT ROWID;
CREATE INDEX mediators_by_mediator ON mediators (mediator);

-- The pair with names to read, for the views below.
CREATE VIEW pairs AS
SELECT r.record, r.actor, coalesce(a.name, r.actor) AS actor_name,
       r.counterpart, coalesce(c.name, r.counterpart) AS counterpart_name
FROM records r JOIN actors a ON a.actor = r.actor JOIN actors c ON c.actor = r.counterpart;

-- How every pair stands now, facet by facet.
CREATE VIEW current_status AS
SELECT p.*, f.facet, f.status, f.since, f.confidence
FROM pairs p JOIN facets f USING (record);

-- Who recognises whom.
CREATE VIEW recognitions AS
SELECT record, actor, actor_name, counterpart, counterpart_name, since, confidence
FROM current_status WHERE facet = 'recognition' AND status = 'recognized';

-- All statuses with the time in which they held; the current one has no `to_date`.
CREATE VIEW status_periods AS
SELECT p.*, h.facet, h.status, h.from_date, h.to_date, h.confidence
FROM pairs p JOIN history h USING (record)
UNION ALL
SELECT p.*, f.facet, f.status, f.since, NULL, f.confidence
FROM pairs p JOIN facets f USING (record);

-- The sentences that prove the current status.
CREATE VIEW status_evidence AS
SELECT s.*, e.evidence, e.date, e.when_date, e.source, e.document, e.text, e.act, e.modality, e.score, e.duplicates
FROM current_status s JOIN facet_evidence USING (record, facet) JOIN evidence e USING (evidence);

-- Both sides of every contradiction, a row a sentence.
CREATE VIEW contradictions AS
SELECT p.*, c.conflict, c.facet,
       (SELECT group_concat(status, ' / ') FROM conflict_statuses s WHERE s.conflict = c.conflict) AS statuses,
       e.evidence, e.date, e.when_date, e.source, e.document, e.text, e.act, e.modality, e.score
FROM conflicts c JOIN pairs p USING (record)
JOIN conflict_evidence ce USING (conflict) JOIN evidence e USING (evidence);

-- Stance month by month; `balance` lies between -1 (all against) and 1 (all in favour).
CREATE VIEW monthly_stance AS
SELECT p.*, t.month, t.favor, t.neutral, t.against,
       round((t.favor - t.against) * 1.0 / (t.favor + t.neutral + t.against), 4) AS balance
FROM pairs p JOIN timeline t USING (record);
