"""Ten thousand edges with heavy tails: every loop is one, and DuckDB counts as many."""

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from analytics.kernels.temporal_cycles import CycleLimits, CycleRules, TimedEdges, find_cycles
from tests.unit.analytics.cycle_checks import COLUMNS, as_tuples, check, walks_of

HOURS = 24


@pytest.fixture(scope="module")
def trade() -> TimedEdges:
    """A quarter of 10,000 deliveries between 400 parties, some of them busy, in whole hours."""
    random = np.random.default_rng(20)
    n = 10_000
    weight = 1 / np.arange(1, 401) ** 0.6
    party = random.choice(400, (n, 2), p=weight / weight.sum())
    tonnes = np.round(random.lognormal(2, 0.8, n), 1)
    tonnes[random.random(n) < 0.03] = np.nan
    # A tenth are further trucks of a delivery: the same pair and code on the same day.
    again = random.choice(n, n // 10, replace=False)
    model = random.choice(n, n // 10)
    time = random.integers(0, 90 * HOURS, n)
    code = random.integers(-1, 3, n)
    party[again], code[again] = party[model], code[model]
    time[again] = time[model] // HOURS * HOURS + random.integers(0, HOURS, len(again))
    return TimedEdges(party[:, 0], party[:, 1], time, tonnes, code, np.arange(n, dtype=np.int64))


# Single edges, and bundles of all edges of one pair, code and day whose quantities are known.
PARTS = """
CREATE TABLE usable AS
    SELECT * FROM edges WHERE source <> target AND (tonnes > 0 OR isnan(tonnes));
CREATE TABLE parts AS
    SELECT source, target, time AS since, time AS until, tonnes, code, edge_id AS part FROM usable
    UNION ALL
    SELECT source, target, min(time), max(time), sum(tonnes), code, -1 - min(edge_id)
    FROM usable GROUP BY source, target, code, time // 24
    HAVING count(*) > 1 AND NOT bool_or(isnan(tonnes));
"""


def keeps_flow(before: str, after: str) -> str:
    return (
        f"(isnan({before}.tonnes) OR isnan({after}.tonnes)"
        f" OR {after}.tonnes / {before}.tonnes BETWEEN 0.7 - 1e-9 AND 1.05 + 1e-9)"
    )


def changes_of(names: list[str]) -> str:
    """How often the code changes along parts, unknown codes left out."""
    codes = f"list_filter([{', '.join(f'{name}.code' for name in names)}], lambda c: c >= 0)"
    return f"len(list_filter(list_zip({codes}, {codes}[2:]), lambda p: p[1] <> p[2]))"


def self_join(hops: int, window: int, most_changes: int | None) -> str:
    """Closed walks by node set; a loop that also holds when begun elsewhere is counted once."""
    names = [f"p{i}" for i in range(hops)]
    joins = ["parts p0"]
    for i in range(1, hops):
        one, other = names[i - 1], names[i]
        distinct = [f"{other}.source <> {name}.source" for name in names[: i - 1]]
        joins.append(
            f"JOIN parts {other} ON {other}.source = {one}.target"
            f" AND {other}.since BETWEEN {one}.since AND p0.since + {window}"
            f" AND {other}.until BETWEEN {one}.until AND p0.since + {window}"
            f" AND {keeps_flow(one, other)} "
            + " ".join(f" AND {condition}" for condition in distinct)
        )
    last = names[-1]
    nodes = ", ".join(f"{name}.source" for name in names)
    ring = ", ".join(f"{name}.part" for name in names)
    return f"""
        SELECT list_sort([{nodes}]) AS nodes,
            list_position([{ring}], list_min([{ring}])) AS turn,
            [{ring}] AS ring
        FROM {" ".join(joins)} WHERE {last}.target = p0.source
            AND {changes_of(names)} <= {hops if most_changes is None else most_changes}
    """


def walks_by_sql(edges: TimedEdges, hops: int, rules: CycleRules) -> dict[tuple[int, ...], int]:
    with duckdb.connect() as connection:
        table = pa.table({name: getattr(edges, name) for name in COLUMNS})
        connection.register("edges", table)
        connection.execute(PARTS)
        rows = connection.sql(f"""
            SELECT nodes, count(DISTINCT ring[turn:] || ring[:turn - 1])
            FROM ({self_join(hops, rules.window, rules.most_changes)}) GROUP BY nodes
        """).fetchall()
    return {tuple(nodes): walks for nodes, walks in rows}


@pytest.mark.parametrize("most_changes", [None, 0, 1])
def test_as_many_loops_as_self_joins_of_two_to_four_hops(
    trade: TimedEdges, most_changes: int | None
) -> None:
    rules = CycleRules(
        window=40 * HOURS, hop_limit=4, bundle_length=HOURS, most_changes=most_changes
    )
    cycles = find_cycles(trade, rules, CycleLimits(rounds_per_set=10_000))
    check(cycles, as_tuples(trade), rules)
    assert not cycles.cut.is_truncated
    expected = {}
    for hops in (2, 3, 4):
        found = walks_by_sql(trade, hops, rules)
        assert len(found) > 20, hops
        expected |= found
    assert walks_of(cycles) == expected


def test_long_loops_keep_the_invariants(trade: TimedEdges) -> None:
    rules = CycleRules(window=40 * HOURS, hop_limit=6, bundle_length=HOURS)
    cycles = find_cycles(trade, rules, CycleLimits(node_sets=200_000, sets_per_node=200_000))
    check(cycles, as_tuples(trade), rules)
    assert not len(cycles.cut.roots)
    assert (cycles.round_hops == 6).sum() > 100
