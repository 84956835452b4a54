"""The history of a lead: every change is a step of its own, never rewritten."""

import sqlite3
from datetime import UTC, datetime


def record(
    connection: sqlite3.Connection,
    lead_no: str,
    actor: str,
    event: str,
    *,
    to_state: str | None = None,
    note: str = "",
) -> None:
    """Append a step to the lead's history, moving the lead when ``to_state`` is given."""
    state = connection.execute("SELECT state FROM lead WHERE lead_no = ?", (lead_no,)).fetchone()[0]
    (position,) = connection.execute(
        "SELECT count(*) + 1 FROM lead_event WHERE lead_no = ?", (lead_no,)
    ).fetchone()
    at = datetime.now(UTC).isoformat(timespec="seconds")
    connection.execute(
        "INSERT INTO lead_event VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (lead_no, position, at, actor, event, state, to_state or state, note),
    )
    if to_state:
        connection.execute("UPDATE lead SET state = ? WHERE lead_no = ?", (to_state, lead_no))
