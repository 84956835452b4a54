"""When a load may have left and come, by its manifest.

A time of which only the day was written may be any of that day; intake marks it (``date_only``),
and a midnight to the second is nearly always such a day too. A manifest without arrival came
between departure and acceptance, which may follow by days.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import duckdb
import polars as pl

from analytics.quality import flagged


def is_day_only(alias: str, column: str) -> str:
    """SQL condition: of this time of the row ``alias`` only the day is known."""
    return (
        f"coalesce({flagged(alias, column, 'date_only')}"
        f" OR CAST({alias}.{column} AS TIME) = TIME '16:00:00', false)"
    )


def _until(column: str) -> str:
    """SQL: the latest that the time may have been."""
    return f"m.{column} + CASE WHEN {is_day_only('m', column)} THEN to_days(1) ELSE to_days(0) END"


@dataclass(frozen=True, slots=True)
class TripTimes:
    """Bounds of the departure and the arrival of a load, UTC without zone; None where open.

    A load had left when it came: ``left_until`` is no later than ``came_until``.
    """

    left_from: datetime | None
    left_until: datetime | None
    came_from: datetime | None
    came_until: datetime | None

    @property
    def is_exact(self) -> bool:
        """Whether both are known to the hour."""
        return (
            self.left_from is not None
            and self.came_from is not None
            and (self.left_from, self.came_from) == (self.left_until, self.came_until)
        )


TIMES = f"""
WITH told AS (
    SELECT g.edge, coalesce(m.departed_at, m.handover_at) AS left_from,
        coalesce({_until("departed_at")}, {_until("handover_at")}) AS left_until,
        m.arrived_at AS came_from,
        coalesce({_until("arrived_at")}, {_until("accepted_at")}) AS came_until
    FROM paper_given g JOIN manifest m USING (manifest_no)
    WHERE coalesce(m.status, '') NOT IN ('作废', '草稿')
    QUALIFY row_number() OVER (PARTITION BY g.edge ORDER BY m.batch, m.row, m.part) = 1
)
SELECT edge, left_from, least(left_until, came_until) AS left_until, came_from, came_until
FROM (SELECT * REPLACE (
    greatest(coalesce(came_from, left_from), left_from) AS came_from,
    CASE WHEN came_until IS NOT NULL THEN greatest(came_until, left_from) END AS came_until
) FROM told) ORDER BY edge
"""


def trip_times(sql: duckdb.DuckDBPyConnection, edges: pl.DataFrame) -> dict[int, TripTimes]:
    """Times by edge, for edges with a manifest; columns ``edge`` and ``manifest_no`` are read."""
    sql.register("paper_given", edges.select("edge", "manifest_no").to_arrow())
    found = sql.execute(TIMES).fetchall()
    sql.unregister("paper_given")
    return {int(edge): TripTimes(*times) for edge, *times in found}


@dataclass(frozen=True, slots=True)
class Stay:
    """How long a lot can have been at a firm: hours at least and at most, None where open.

    ``is_exact``: all times behind it are known to the hour.
    """

    shortest_h: float | None
    longest_h: float | None
    is_exact: bool


def _hours(start: datetime | None, end: datetime | None) -> float | None:
    return None if start is None or end is None else (end - start).total_seconds() / 3600


def stay_between(came: Sequence[TripTimes], left: Sequence[TripTimes]) -> Stay | None:
    """Stay of a lot that came on some loads and left on others.

    None where nothing is told of either, or where all had left before any came: another lot then.
    """
    if not came or not left:
        return None
    first = [times.came_from for times in came if times.came_from is not None]
    last = [times.came_until for times in came if times.came_until is not None]
    soonest = [times.left_from for times in left if times.left_from is not None]
    gone = [times.left_until for times in left if times.left_until is not None]
    longest = (
        _hours(min(first), max(gone))
        if len(first) == len(came) and len(gone) == len(left)
        else None
    )
    if longest is not None and longest < 0:
        return None
    shortest = (
        _hours(max(last), min(soonest))
        if len(last) == len(came) and len(soonest) == len(left)
        else None
    )
    is_exact = all(times.is_exact for times in (*came, *left))
    return Stay(shortest, longest, is_exact)
