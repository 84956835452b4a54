"""Finding ids and what became of earlier ones (RULINGS 4).

The history lives in ``state/`` because an id that replaced another must say so again after the
lake has been built anew.
"""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date, timedelta
from pathlib import Path

from analytics.model import Draft
from records.clock import shanghai_day

SCHEMA = """
CREATE TABLE IF NOT EXISTS finding_history (
    finding_id TEXT PRIMARY KEY,
    case_key TEXT NOT NULL,
    started_on TEXT NOT NULL,
    ended_on TEXT NOT NULL,
    replaces TEXT
);
CREATE INDEX IF NOT EXISTS finding_history_case ON finding_history (case_key);
"""


def case_key(model_id: str, draft: Draft) -> str:
    """What stays equal while a case grows: model, identity subjects, discriminator."""
    text = "\x1f".join((model_id, *sorted(draft.identity), draft.discriminator))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def finding_id(model_id: str, draft: Draft) -> str:
    """Model id and 16 hex of the hash over the case and its first Shanghai day."""
    text = f"{case_key(model_id, draft)}\x1f{shanghai_day(draft.started_at).isoformat()}"
    return f"{model_id}:{hashlib.sha256(text.encode()).hexdigest()[:16]}"


class FindingHistory:
    """Ids given so far; tells which earlier id a new one replaces."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    @classmethod
    @contextmanager
    def open(cls, path: Path) -> "Iterator[FindingHistory]":
        """Open the history at ``path``; changes are kept when the block ends without error."""
        path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(path)) as connection:
            connection.executescript(SCHEMA)
            with connection:
                yield cls(connection)

    def replaced_by(self, model_id: str, draft: Draft, gap_days: int) -> str | None:
        """Record the draft's id and give the id that it replaces, if any.

        An id replaces another of the same case when their episodes are no further apart than
        ``gap_days``: then late data has moved the start of one and the same episode.
        """
        own = finding_id(model_id, draft)
        start, end = shanghai_day(draft.started_at), shanghai_day(draft.ended_at)
        known = self._connection.execute(
            "SELECT replaces FROM finding_history WHERE finding_id = ?", (own,)
        ).fetchone()
        if known is not None:
            self._connection.execute(
                "UPDATE finding_history SET ended_on = max(ended_on, ?) WHERE finding_id = ?",
                (end.isoformat(), own),
            )
            return None if known[0] is None else str(known[0])
        key = case_key(model_id, draft)
        earlier = self._connection.execute(
            "SELECT finding_id, started_on, ended_on FROM finding_history WHERE case_key = ?"
            " ORDER BY rowid DESC",
            (key,),
        ).fetchall()
        gap = timedelta(days=gap_days)
        replaced = next(
            (
                str(old)
                for old, first, last in earlier
                if start - gap <= date.fromisoformat(last)
                and date.fromisoformat(first) <= end + gap
            ),
            None,
        )
        self._connection.execute(
            "INSERT INTO finding_history VALUES (?, ?, ?, ?, ?)",
            (own, key, start.isoformat(), end.isoformat(), replaced),
        )
        return replaced
