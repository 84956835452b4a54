"""Balance sheet of each party of a loop: what it took in, gave out and kept, code by code.

A party handles more than the loop: it takes in other lots, mixes, treats and stores. All its
transfers in the time of the case are therefore counted, those of the loop beside them, and what
its own ledger says of treatment and stock. What was taken in and neither given out, treated nor
stored is left over; a ledger that was not delivered leaves that open.

Papers and ledger are counted by whole days. A lot leaves before it is accepted, and is entered a
day early or late; what lies within a day of the ends therefore may count or not, and only what it
cannot explain is left over.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import duckdb
import polars as pl

from analytics.loop_case import Case
from analytics.transfers import TRANSFER_CODES, TRANSFER_EDGES, TRANSFER_PARTIES
from records.clock import day_end, shanghai_day

# Between departure, acceptance and the line in the ledger (RULINGS 27: a trip lasts a day).
MARGIN_DAYS = 1
OTHER_CODES = "other"
NO_CODE = "unknown"


@dataclass(frozen=True, slots=True)
class BalanceLine:
    """One waste code at one party: tonnes and numbers of transfers.

    ``code`` is one of the loop's, ``unknown`` (goods) or ``other`` (all further codes).
    ``loop_in_t`` and ``loop_out_t`` are the loop's part of ``in_t`` and ``out_t``. ``treated_t``
    and ``stock_t`` (change of stock, negative when it fell; of what the ends leave open the value
    that agrees best with the papers) are None without a ledger.
    """

    organization: str
    code: str
    in_t: float
    out_t: float
    loop_in_t: float
    loop_out_t: float
    in_rows: int
    out_rows: int
    treated_t: float | None
    stock_t: float | None

    @property
    def held_t(self) -> float:
        """Taken in and not given out."""
        return self.in_t - self.out_t

    @property
    def open_t(self) -> float | None:
        """Held beyond what the ledger says was treated or stored; None without a ledger."""
        if self.treated_t is None or self.stock_t is None:
            return None
        return self.held_t - self.treated_t - self.stock_t


SUMS = f"""
WITH wanted AS (
    SELECT g.*, p.number FROM balance_given g JOIN {TRANSFER_PARTIES} p ON p.text = g.organization
), passed AS (
    SELECT w."case", w.organization, w.codes, true AS is_in, e.code, e.moved_at >= w.started_at
            AND e.moved_at < w.ended_at AS is_within, TRY_CAST(e.tonnes AS DECIMAL(18, 6)) AS tonnes
    FROM wanted w JOIN {TRANSFER_EDGES} e ON e.target = w.number
        AND e.moved_at >= w.started_at - to_days($margin)
        AND e.moved_at < w.ended_at + to_days($margin)
    UNION ALL
    SELECT w."case", w.organization, w.codes, false, e.code, e.moved_at >= w.started_at
            AND e.moved_at < w.ended_at, TRY_CAST(e.tonnes AS DECIMAL(18, 6))
    FROM wanted w JOIN {TRANSFER_EDGES} e ON e.source = w.number
        AND e.moved_at >= w.started_at - to_days($margin)
        AND e.moved_at < w.ended_at + to_days($margin)
), coded AS (
    SELECT p.*, CASE WHEN c.text IS NULL THEN $none WHEN list_contains(codes, c.text) THEN c.text
        ELSE $other END AS shown
    FROM passed p LEFT JOIN {TRANSFER_CODES} c ON c.number = p.code
)
SELECT "case", organization, shown AS code,
    coalesce(sum(tonnes) FILTER (WHERE is_in AND is_within), 0)::DOUBLE AS in_t,
    coalesce(sum(tonnes) FILTER (WHERE NOT is_in AND is_within), 0)::DOUBLE AS out_t,
    count(*) FILTER (WHERE is_in AND is_within) AS in_rows,
    count(*) FILTER (WHERE NOT is_in AND is_within) AS out_rows,
    coalesce(sum(tonnes) FILTER (WHERE is_in AND NOT is_within), 0)::DOUBLE AS near_in_t,
    coalesce(sum(tonnes) FILTER (WHERE NOT is_in AND NOT is_within), 0)::DOUBLE AS near_out_t
FROM coded GROUP BY ALL ORDER BY ALL
"""
LEDGER = """
WITH line AS (
    SELECT g."case", g.organization, l.event,
        CASE WHEN list_contains(g.codes, l.waste_code) THEN l.waste_code ELSE $other END AS code,
        l.occurred_at >= g.started_at AND l.occurred_at < g.ended_at AS is_within,
        TRY_CAST(l.qty_t AS DECIMAL(18, 6)) AS tonnes
    FROM balance_given g JOIN hw_ledger_linked l ON l.owner_entity = g.organization
        AND l.occurred_at >= g.started_at - to_days($margin)
        AND l.occurred_at < g.ended_at + to_days($margin)
    WHERE l.event IN ('IN', 'OUT', 'SELF') AND l.qty_t IS NOT NULL
)
SELECT "case", organization, code,
    coalesce(sum(tonnes) FILTER (WHERE event = 'SELF' AND is_within), 0)::DOUBLE AS treated_t,
    coalesce(sum(CASE event WHEN 'IN' THEN tonnes WHEN 'OUT' THEN -tonnes END)
        FILTER (WHERE is_within), 0)::DOUBLE AS stock_t,
    coalesce(sum(tonnes) FILTER (WHERE event = 'IN' AND NOT is_within), 0)::DOUBLE AS near_in_t,
    coalesce(sum(tonnes) FILTER (WHERE event = 'OUT' AND NOT is_within), 0)::DOUBLE AS near_out_t
FROM line GROUP BY ALL ORDER BY ALL
"""
GIVEN: dict[str, pl.DataType] = {
    "case": pl.Int64(),
    "organization": pl.String(),
    "codes": pl.List(pl.String),
    "started_at": pl.Datetime("us"),
    "ended_at": pl.Datetime("us"),
}
Key = tuple[int, str, str]


def _given(cases: Sequence[Case]) -> pl.DataFrame:
    rows: list[dict[str, object]] = []
    for number, case in enumerate(cases):
        codes = sorted({hop.code for f in case.facts for hop in f.round.hops if hop.code})
        first = shanghai_day(min(f.round.started_at for f in case.facts))
        started = day_end(first - timedelta(days=1))
        ended = day_end(shanghai_day(max(f.round.ended_at for f in case.facts)))
        rows += [
            dict(zip(GIVEN, (number, node, codes, started, ended), strict=True))
            for node in case.order
        ]
    return pl.DataFrame(rows, schema=GIVEN)


def _in_loop(cases: Sequence[Case]) -> dict[Key, list[float]]:
    """Tonnes that the loop brought to and took from each party, by code."""
    sums: dict[Key, list[float]] = {}
    for number, case in enumerate(cases):
        for hop in (hop for fact in case.facts for hop in fact.round.hops):
            for node, place in ((hop.target, 0), (hop.source, 1)):
                tonnes = sums.setdefault((number, node, hop.code or NO_CODE), [0.0, 0.0])
                tonnes[place] += hop.tonnes or 0.0
    return sums


def _by_key(frame: pl.DataFrame) -> Mapping[Key, Sequence[float]]:
    return {(row[0], row[1], row[2]): row[3:] for row in frame.iter_rows()}


def node_balances(
    sql: duckdb.DuckDBPyConnection, cases: Sequence[Case]
) -> list[tuple[BalanceLine, ...]]:
    """Lines of each case, parties in the order of its first round, its codes before the rest.

    The tables of ``analytics.transfers.transfer_tables`` must be open.
    """
    given = _given(cases)
    sql.register("balance_given", given.to_arrow())
    shared = {"other": OTHER_CODES, "margin": MARGIN_DAYS}
    sums = _by_key(sql.sql(SUMS, params={"none": NO_CODE, **shared}).pl())
    ledger = _by_key(sql.sql(LEDGER, params=shared).pl())
    sql.unregister("balance_given")
    loop = _in_loop(cases)
    kept = {(number, node) for number, node, _ in ledger}
    found: list[tuple[BalanceLine, ...]] = []
    for number, case in enumerate(cases):
        codes = sorted({hop.code for f in case.facts for hop in f.round.hops if hop.code})
        found.append(tuple(
            _line(node, code, sums.get(key), loop.get(key, (0.0, 0.0)),
                  ledger.get(key, (0.0,) * 4) if (number, node) in kept else None)
            for node in case.order
            for code in (*codes, NO_CODE, OTHER_CODES)
            if (key := (number, node, code)) in sums or key in ledger
        ))  # fmt: skip
    return found


def _line(
    node: str,
    code: str,
    sums: Sequence[float] | None,
    loop: Sequence[float],
    ledger: Sequence[float] | None,
) -> BalanceLine:
    taken, given, taken_rows, given_rows, *near = sums or (0.0,) * 6
    treated = stock = None
    if ledger is not None:
        treated, written, *entered = ledger
        low = written - entered[1] - near[0]
        high = written + entered[0] + near[1]
        stock = min(max(taken - given - treated, low), high)
    return BalanceLine(
        node, code, taken, given, loop[0], loop[1], int(taken_rows), int(given_rows), treated, stock
    )


def balance_quantities(lines: Sequence[BalanceLine], order: Sequence[str]) -> dict[str, float]:
    """Lines as quantities ``node2:336-064-17:in_t``, parties numbered as in ``order``."""
    quantities: dict[str, float] = {}
    for line in lines:
        stem = f"node{order.index(line.organization) + 1}:{line.code}:"
        values = {
            "in_t": line.in_t, "out_t": line.out_t, "held_t": line.held_t,
            "loop_in_t": line.loop_in_t, "loop_out_t": line.loop_out_t,
            "in_rows": float(line.in_rows), "out_rows": float(line.out_rows),
            "treated_t": line.treated_t, "stock_t": line.stock_t, "open_t": line.open_t,
        }  # fmt: skip
        quantities |= {stem + name: round(v, 6) for name, v in values.items() if v is not None}
    return quantities
