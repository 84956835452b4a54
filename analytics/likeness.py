"""What different bodies of one group did in the same way: settings, series, photos, samplers.

A likeness joins two bodies and names the rows on both sides. What many other bodies do as well is
no likeness.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import duckdb
import numpy as np
import polars as pl

from analytics.kernels.fragments import equal_fragments
from graph.types import Evidence

KINDS = ("parameter", "fragment", "photo", "raw_file", "sampler")
VALUE_STEP = 1e-4


@dataclass(frozen=True, slots=True)
class LikenessRules:
    """``parameter_days`` between two equal changes; ``fragment`` values of an equal stretch.

    ``distinct`` different values in it; ``fragment_days`` of series looked at; ``rows_shown`` per
    pair of bodies and kind.
    """

    parameter_days: int
    fragment: int
    distinct: int
    fragment_days: int
    rows_shown: int


@dataclass(frozen=True, slots=True)
class Likeness:
    """Two bodies (first < second), the kind, how often, and rows of both sides."""

    first: str
    second: str
    kind: str
    count: int
    rows: tuple[Evidence, ...]


POINT_BODY = """
CREATE OR REPLACE TEMP TABLE point_body AS
SELECT mn, operator_entity AS body, valid_from, valid_to FROM om_contract_linked
WHERE operator_entity IS NOT NULL
UNION
SELECT mn, operator_entity, NULL, NULL FROM monitor_point_linked
WHERE operator_entity IS NOT NULL AND mn NOT IN (SELECT mn FROM om_contract_linked
    WHERE operator_entity IS NOT NULL AND mn IS NOT NULL)
"""
PAIRED = """
SELECT a.body AS first, b.body AS second, a.batch AS batch_a, a.row AS row_a, a.part AS part_a,
    a.key AS key_a, b.batch AS batch_b, b.row AS row_b, b.part AS part_b, b.key AS key_b
FROM one a JOIN one b ON a.body < b.body AND {same}
WHERE a.body IN (SELECT body FROM ring_given) AND b.body IN (SELECT body FROM ring_given)
ORDER BY ALL
"""
PARAMETERS = f"""
WITH changed AS (
    SELECT c.body, p.mn, p.factor_code, p.param_code, round(p.old_value, 4) AS old_value,
        round(p.new_value, 4) AS new_value, p.changed_at, p.batch, p.row, p.part,
        p.mn || ' ' || p.param_code AS key
    FROM param_log p JOIN point_body c ON c.mn = p.mn
        AND coalesce(CAST(p.changed_at + to_hours(8) AS DATE) BETWEEN
            coalesce(c.valid_from, DATE '1900-01-01') AND coalesce(c.valid_to, DATE '2100-01-01'),
            true)
    WHERE p.old_value IS NOT NULL AND p.new_value IS NOT NULL AND p.old_value <> p.new_value
        AND p.changed_at >= $since AND p.changed_at < $until
), rare AS (
    SELECT factor_code, param_code, old_value, new_value FROM changed
    GROUP BY ALL
    HAVING count(DISTINCT body) >= 2 AND count(DISTINCT body) FILTER (
        WHERE body NOT IN (SELECT body FROM ring_given)) * 2 <= count(DISTINCT body)
), one AS (
    SELECT c.* FROM changed c JOIN rare USING (factor_code, param_code, old_value, new_value)
)
{
    PAIRED.format(
        same="a.mn <> b.mn AND a.factor_code = b.factor_code AND a.param_code = b.param_code "
        "AND a.old_value = b.old_value AND a.new_value = b.new_value AND "
        "abs(date_diff('day', a.changed_at, b.changed_at)) <= $days"
    )
}
"""
PHOTOS = f"""
WITH one AS (
    SELECT tester_entity AS body, unnest(list_distinct(['f' || file_sha256, 'p' || phash])) AS mark,
        batch, row, part, photo_id AS key
    FROM test_photo_linked WHERE tester_entity IS NOT NULL
)
SELECT DISTINCT * FROM (
{PAIRED.format(same="a.mark = b.mark AND a.mark IS NOT NULL").replace("ORDER BY ALL", "")})
ORDER BY ALL
"""
RAW_FILES = f"""
WITH one AS (
    SELECT tester_entity AS body, file_sha256, batch, row, part, file_sha256 AS key
    FROM test_raw_file_linked WHERE tester_entity IS NOT NULL
)
{PAIRED.format(same="a.file_sha256 = b.file_sha256")}
"""
SAMPLERS = f"""
WITH certified AS (
    SELECT tester_entity AS body, unnest(string_split_regex(sampler_cert_nos, '[、，,;；\\s]+'))
        AS sampler, sampling_start_at AS from_at, sampling_end_at AS to_at, batch, row, part,
        report_no || ' ' || sample_no AS key
    FROM test_sample_linked
    WHERE tester_entity IS NOT NULL AND sampling_end_at >= sampling_start_at
        AND sampling_start_at >= $since AND sampling_start_at < $until
), one AS (SELECT * FROM certified WHERE length(sampler) >= 4)
{PAIRED.format(same="a.sampler = b.sampler AND a.from_at < b.to_at AND b.from_at < a.to_at")}
"""
# Minutes are preferred; a body whose points only deliver hours is compared by hours.
SERIES = """
WITH wanted AS (
    SELECT DISTINCT mn, body FROM point_body WHERE body IN (SELECT body FROM ring_given)
), value AS (
    SELECT w.body, o.mn, o.factor_code, o.data_time, o.avg AS value, 'obs_hour' AS dataset,
        o.batch, o.row, o.part
    FROM obs_hour o JOIN wanted w USING (mn)
    WHERE o.data_time >= $since AND o.data_time < $until
    UNION ALL
    SELECT w.body, o.mn, o.factor_code, o.data_time, o.avg, 'obs_minute', o.batch, o.row, o.part
    FROM obs_minute o JOIN wanted w USING (mn)
    WHERE o.data_time >= $since AND o.data_time < $until
)
SELECT body, mn, factor_code, dataset, dense_rank() OVER (ORDER BY dataset, factor_code, mn, body)
    AS series, CAST(round(value / $step) AS BIGINT) AS code, batch, row, part
FROM value WHERE value IS NOT NULL AND isfinite(value) AND abs(value) < 1e9
ORDER BY dataset, factor_code, mn, body, data_time, batch, row, part
"""
Row = dict[str, object]


def _paired(frame: pl.DataFrame, dataset: str, kind: str, rules: LikenessRules) -> list[Likeness]:
    grouped: dict[tuple[str, str], list[Row]] = {}
    for row in frame.iter_rows(named=True):
        grouped.setdefault((str(row["first"]), str(row["second"])), []).append(row)
    found = []
    for (first, second), rows in sorted(grouped.items()):
        shown = [
            Evidence(
                dataset, str(row[f"batch_{side}"]), int(str(row[f"row_{side}"])),
                int(str(row[f"part_{side}"])), str(row[f"key_{side}"]), f"likeness {kind}",
            )
            for row in rows[: rules.rows_shown]
            for side in "ab"
        ]  # fmt: skip
        found.append(Likeness(first, second, kind, len(rows), tuple(dict.fromkeys(shown))))
    return found


def _fragments(
    sql: duckdb.DuckDBPyConnection, until: datetime, rules: LikenessRules
) -> list[Likeness]:
    since = until - timedelta(days=rules.fragment_days)
    frame = sql.sql(SERIES, params={"since": since, "until": until, "step": VALUE_STEP}).pl()
    found = equal_fragments(
        frame["series"].to_numpy().astype(np.int64),
        frame["code"].to_numpy().astype(np.int64),
        length=rules.fragment,
        distinct=rules.distinct,
    )
    rows = sorted({*found.first.tolist(), *found.second.tolist()})
    about = dict(zip(rows, frame[rows].iter_rows(named=True), strict=True))
    grouped: dict[tuple[str, str], list[Evidence]] = {}
    for a, b in zip(found.first.tolist(), found.second.tolist(), strict=True):
        ends = sorted((about[a], about[b]), key=lambda row: str(row["body"]))
        bodies = (str(ends[0]["body"]), str(ends[1]["body"]))
        if bodies[0] == bodies[1] or ends[0]["mn"] == ends[1]["mn"]:
            continue
        grouped.setdefault(bodies, []).extend(
            Evidence(
                str(row["dataset"]), str(row["batch"]), int(row["row"]), int(row["part"]),
                f"{row['mn']} {row['factor_code']}", "likeness fragment",
            )
            for row in ends
        )  # fmt: skip
    return [
        Likeness(
            first, second, "fragment", len(many) // 2,
            tuple(dict.fromkeys(many[: 2 * rules.rows_shown])),
        )
        for (first, second), many in sorted(grouped.items())
    ]  # fmt: skip


def likenesses(
    sql: duckdb.DuckDBPyConnection,
    bodies: Sequence[str],
    since: datetime,
    until: datetime,
    rules: LikenessRules,
) -> list[Likeness]:
    """Likenesses between bodies of one group in ``[since, until)``, by kind and pair."""
    sql.register(
        "ring_given", pl.DataFrame({"body": list(bodies)}, schema={"body": pl.String}).to_arrow()
    )
    sql.execute(POINT_BODY)
    span = {"since": since, "until": until}
    statements: tuple[tuple[str, str, str, Row], ...] = (
        ("parameter", "param_log", PARAMETERS, {**span, "days": rules.parameter_days}),
        ("photo", "test_photo", PHOTOS, {}),
        ("raw_file", "test_raw_file", RAW_FILES, {}),
        ("sampler", "test_sample", SAMPLERS, {**span}),
    )
    found = [
        one
        for kind, dataset, statement, values in statements
        for one in _paired(sql.sql(statement, params=values).pl(), dataset, kind, rules)
    ]
    found += _fragments(sql, until, rules)
    sql.execute("DROP TABLE point_body")
    sql.unregister("ring_given")
    return sorted(found, key=lambda one: (KINDS.index(one.kind), one.first, one.second))
