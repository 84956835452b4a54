"""Tables of leads in ``state/casework.sqlite``: leads, their steps, their frozen copies."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS lead (
    lead_no TEXT PRIMARY KEY,
    finding_id TEXT NOT NULL UNIQUE,
    model TEXT NOT NULL,
    grade INTEGER NOT NULL,
    state TEXT NOT NULL,
    title TEXT NOT NULL,
    division_code TEXT,
    window_to TEXT NOT NULL,
    score REAL NOT NULL,
    opened_on TEXT NOT NULL,
    owner TEXT,
    is_corrected INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS lead_event (
    lead_no TEXT NOT NULL REFERENCES lead (lead_no),
    position INTEGER NOT NULL,
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    event TEXT NOT NULL,
    from_state TEXT NOT NULL,
    to_state TEXT NOT NULL,
    note TEXT NOT NULL,
    PRIMARY KEY (lead_no, position)
);
CREATE TABLE IF NOT EXISTS lead_copy (
    lead_no TEXT NOT NULL REFERENCES lead (lead_no),
    position INTEGER NOT NULL,
    as_of TEXT NOT NULL,
    finding TEXT NOT NULL,
    evidence TEXT NOT NULL,
    PRIMARY KEY (lead_no, position)
);
"""
COLUMNS = (
    "lead_no, finding_id, model, grade, state, title, division_code, window_to, score,"
    " opened_on, owner, is_corrected"
)
