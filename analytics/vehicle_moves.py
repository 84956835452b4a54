"""Loads that a vehicle was seen to carry from one firm to another, by scales and gates.

A camera, a toll station or a position says that a vehicle passed or stood somewhere, not that it
carried anything: an empty truck on its way home would close every ordinary delivery to a loop.
Only what states a load makes a move: a weighing, or a gate that noted the load. The other records
confirm or deny the trips that papers claim (``analytics/whereabouts.py``).

A vehicle's records at one firm, none more than a trip apart, are one visit. A move leads from a
visit that the vehicle was seen to leave to its next visit, at another firm, that it was seen to
enter within the time of a trip: a stop at a third firm in between cuts it (RULINGS 27). A gate
that noted an empty vehicle on leaving rules it out, and so do two weights that differ.

Goods that a ticket names without a waste code are of a class, by the name that invoices have too
(``analytics/goods_invoices.py``), unless the name speaks of waste: cement on a truck is not what a
manifest's sludge went on as.
"""

import duckdb

from analytics.goods_invoices import SHORT_NAME

VEHICLE_MOVES = "vehicle_move"

EVENTS = """
CREATE OR REPLACE TEMP TABLE vehicle_event AS
SELECT vehicle_vehicle AS vehicle, owner_entity AS owner, weighed_at AS seen_at, direction,
    net_t AS load_t, waste_code AS code, goods, plate, true AS is_weighed,
    'weighbridge' AS dataset, batch, row, part, ticket_no AS key
FROM weighbridge_linked
WHERE vehicle_vehicle IS NOT NULL AND owner_entity IS NOT NULL AND direction IN ('出厂', '进厂')
    AND weighed_at >= $since - to_hours($hours) AND weighed_at < $until
UNION ALL
SELECT vehicle_vehicle, owner_entity, passed_at, direction, load_t, NULL, goods, plate, false,
    'gate_pass', batch, row, part, gate_no || ' ' || plate
FROM gate_pass_linked
WHERE vehicle_vehicle IS NOT NULL AND owner_entity IS NOT NULL AND direction IN ('出厂', '进厂')
    AND passed_at >= $since - to_hours($hours) AND passed_at < $until
"""
# The last weighing on leaving and the first on entering count, a gate's note where there is none.
MOVES = f"""
CREATE OR REPLACE TEMP TABLE {VEHICLE_MOVES} AS
WITH cut AS (
    SELECT *, lag(owner) OVER w IS DISTINCT FROM owner
        OR date_diff('second', lag(seen_at) OVER w, seen_at) > 3600 * $hours AS is_new,
        row_number() OVER w AS place
    FROM vehicle_event WINDOW w AS (PARTITION BY vehicle
        ORDER BY seen_at, owner, direction, dataset, batch, row, part)
), numbered AS (
    SELECT *, sum(CAST(is_new AS INTEGER)) OVER (PARTITION BY vehicle ORDER BY place) AS visit
    FROM cut
), visited AS (
    SELECT vehicle, visit, owner,
        arg_max(struct_pack(seen_at, load_t, code, goods, plate, dataset, batch, row, part, key),
            CAST(is_weighed AS BIGINT) * 1000000000 + place) FILTER (WHERE direction = '出厂')
            AS leaving,
        arg_max(struct_pack(seen_at, load_t, code, goods, plate, dataset, batch, row, part, key),
            CAST(is_weighed AS BIGINT) * 1000000000 - place) FILTER (WHERE direction = '进厂')
            AS coming
    FROM numbered GROUP BY vehicle, visit, owner
), moved AS (
    SELECT vehicle, owner AS source, leaving, lead(owner) OVER w AS target,
        lead(coming) OVER w AS coming
    FROM visited WINDOW w AS (PARTITION BY vehicle ORDER BY visit)
), named AS (
    SELECT *, coalesce(leaving.code, coming.code) AS code,
        coalesce(nullif(trim(leaving.goods), ''), nullif(trim(coming.goods), '')) AS item_name,
        regexp_matches(item_name, $waste_words) AS is_waste
    FROM moved
)
SELECT source, target, coming.seen_at AS moved_at, coalesce(coming.load_t, leaving.load_t)
        AS tonnes,
    code, item_name, code IS NULL AND is_waste AS is_waste,
    CASE WHEN code IS NULL AND NOT is_waste THEN {SHORT_NAME.format("item_name")} END AS class,
    vehicle, coalesce(leaving.plate, coming.plate) AS plate, leaving.seen_at AS departed_at,
    leaving.dataset AS dataset, leaving.batch AS batch, leaving.row AS row, leaving.part AS part,
    leaving.key AS key, coming.dataset AS in_dataset, coming.batch AS in_batch,
    coming.row AS in_row, coming.part AS in_part, coming.key AS in_key
FROM named
WHERE leaving IS NOT NULL AND coming IS NOT NULL
    AND date_diff('second', leaving.seen_at, coming.seen_at) BETWEEN 1 AND 3600 * $hours
    AND coming.seen_at >= $since
    AND coalesce(coming.load_t, leaving.load_t) > 0
    AND coalesce(abs(coming.load_t - leaving.load_t) <= $tolerance * leaving.load_t, true)
"""


def load_vehicle_moves(
    sql: duckdb.DuckDBPyConnection,
    span: dict[str, object],
    hours: int,
    tolerance: float,
    waste_words: str,
) -> str:
    """Fill the temporary table of moves and give its name.

    Parameters
    ----------
    span
        ``since`` and ``until`` of the arrivals, UTC without zone.
    hours, tolerance
        Longest trip, and the share by which two weights of one load may differ.
    waste_words
        Pattern of names that speak of waste.

    Returns
    -------
    str
        Table with source, target, moved_at (arrival), tonnes, code, item_name, is_waste (named as
        such without a code), class (of named goods without a code), vehicle, plate, departed_at,
        and the rows of leaving (dataset, batch, row, part, key) and entering (the
        same with ``in_``).
    """
    sql.execute(EVENTS, {**span, "hours": hours})
    rules = {"hours": hours, "tolerance": tolerance, "waste_words": waste_words}
    sql.execute(MOVES, {"since": span["since"], **rules})
    sql.execute("DROP TABLE vehicle_event")
    return VEHICLE_MOVES
