"""Why two persons, vehicles, phones, addresses or sites are one, or not, out of what was stored.

Nothing is resolved anew: records and edges of the last run say what joined two records, or the
strongest pair between the two entities and the rule that kept them apart. A side is an entity id
or ``dataset:batch:row:part:role``; a row stands for its record if it is the smallest row of one,
else for the record of its entity that most rows state.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from ingest.errors import ResolveError
from ingest.resolve.kind_weights import load_kind_weights
from ingest.resolve.kinds.resolving import KINDS
from ingest.resolve.kinds.words import reason_zh
from ingest.resolve.stored import Said, StoredEdge
from ingest.resolve.waterfall import Part, Step
from records.mentions import load_mentions

BITS_PLACES = 3
# Of what a role of a row names, the first counts.
ROW_KINDS = ("organization", "person", "vehicle", "site", "address", "phone")
EDGES = """
WITH one AS (SELECT unnest($one::BIGINT[]) AS record),
two AS (SELECT unnest($two::BIGINT[]) AS record)
SELECT a, b, levels, weight, outcome, bits FROM resolve_edge
WHERE kind = $kind
    AND (a IN (FROM one) AND b IN (FROM two) OR b IN (FROM one) AND a IN (FROM two))
ORDER BY weight DESC, a, b
"""


@dataclass(frozen=True, slots=True)
class KindStep:
    """A compared pair with the level at which each value came, one entry per attribute."""

    step: Step
    said_a: tuple[Said, ...]
    said_b: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class KindExplanation:
    """Whether two sides are one ``kind`` of thing, why, and the comparisons that show it."""

    kind: str
    is_same: bool
    reason: str
    reason_zh: str
    steps: tuple[KindStep, ...]
    threshold_bits: float


@dataclass(frozen=True, slots=True)
class _Side:
    record: int
    records: tuple[int, ...]
    entity_id: str
    codes: frozenset[str]


def kind_of(text: str) -> str | None:
    """Kind that an entity id names, ``None`` for a row."""
    head, _, rest = text.partition(":")
    kind = "organization" if head == "org" else head
    return kind if kind in ("organization", *KINDS) and ":" not in rest else None


def common_kind(a: str, b: str) -> str:
    """Kind of two sides: that of an entity id, else the first that both rows' roles name.

    Raises
    ------
    ResolveError
        When the sides have no kind in common.
    """
    held = [_kinds_of(text) for text in (a, b)]
    for kind in ROW_KINDS:
        if all(kind in kinds for kinds in held):
            return kind
    raise ResolveError(
        f"{a} ({', '.join(held[0])}) and {b} ({', '.join(held[1])}) are of different kinds;"
        " give two ids of one kind, or rows with their roles"
    )


def _kinds_of(text: str) -> list[str]:
    kind = kind_of(text)
    if kind is not None:
        return [kind]
    dataset, _, _, _, *role = [*text.split(":"), "", "", ""]
    named = {m.kind for m in load_mentions() if m.dataset == dataset and role[0] in ("", m.role)}
    # A row that names nothing is said so by whoever looks for it.
    return [kind for kind in ROW_KINDS if kind in named] or list(ROW_KINDS)


def explain_kind(
    sql: duckdb.DuckDBPyConnection, kind: str, a: str, b: str, aliases: Mapping[str, str]
) -> KindExplanation:
    """Explain two sides of one kind.

    Parameters
    ----------
    sql
        A cursor over the views of a resolved lake.
    a, b
        Entity ids (also those that became another's alias) or rows with their role.

    Raises
    ------
    ResolveError
        When a side is not known to resolution, or was stored by a version that kept no records.
    """
    one, two = (_side(sql, kind, text, aliases) for text in (a, b))
    threshold = load_kind_weights(kind, KINDS[kind].level_names).threshold
    if one.entity_id != two.entity_id:
        reason, edges = _obstacle(sql, kind, one, two)
        return KindExplanation(
            kind, False, reason, reason_zh(reason), _steps(sql, kind, edges), threshold
        )
    if one.record == two.record:
        return KindExplanation(kind, True, "same_record", reason_zh("same_record"), (), threshold)
    path = _path(_edges(sql, kind, one.records, one.records), one.record, two.record)
    reason = "judged" if path is None else "joined"
    steps = _steps(sql, kind, path or [])
    return KindExplanation(kind, True, reason, reason_zh(reason), steps, threshold)


def _side(
    sql: duckdb.DuckDBPyConnection, kind: str, text: str, aliases: Mapping[str, str]
) -> _Side:
    reference, entity_id = "", aliases.get(text, text)
    if kind_of(text) is None:
        dataset, batch, row, part, *role = [*text.split(":"), "", "", ""][:5]
        lines = sql.execute(
            "SELECT DISTINCT entity_id FROM member WHERE kind = ? AND dataset = ? AND batch = ?"
            " AND row = try_cast(? AS BIGINT) AND part = try_cast(? AS INTEGER)"
            " AND (role = ? OR ? = '') ORDER BY entity_id",
            [kind, dataset, batch, row, part, role[0], role[0]],
        ).fetchall()
        if len(lines) != 1:
            raise ResolveError(
                f"row {text} names {len(lines)} entities of kind {kind};"
                " give dataset:batch:row:part:role, or an entity id where one cell names several"
            )
        reference, entity_id = ":".join((dataset, batch, row, part)), str(lines[0][0])
    found = sql.execute(
        "SELECT record, coalesce(code, '') FROM resolve_record WHERE kind = ? AND entity_id = ?"
        " ORDER BY coalesce(reference, '') = ? DESC, row_count DESC, record",
        [kind, entity_id, reference],
    ).fetchall()
    if not found:
        raise ResolveError(f"{text} has no stored records; check it, or run resolve again")
    codes = frozenset(str(code) for _, code in found if code)
    return _Side(found[0][0], tuple(record for record, _ in found), entity_id, codes)


def _edges(
    sql: duckdb.DuckDBPyConnection, kind: str, one: tuple[int, ...], two: tuple[int, ...]
) -> list[StoredEdge]:
    lines = sql.execute(EDGES, {"kind": kind, "one": list(one), "two": list(two)}).fetchall()
    return [StoredEdge(a, b, levels, w, o, tuple(bits)) for a, b, levels, w, o, bits in lines]


def _obstacle(
    sql: duckdb.DuckDBPyConnection, kind: str, one: _Side, two: _Side
) -> tuple[str, list[StoredEdge]]:
    """What kept two entities apart, with the strongest pair between them if one was kept."""
    between = _edges(sql, kind, one.records, two.records)
    if between:
        return between[0].outcome, between[:1]
    both = one.codes and two.codes and one.codes != two.codes
    return ("refused_different_codes" if both else "no_evidence"), []


def _path(edges: list[StoredEdge], a: int, b: int) -> list[StoredEdge] | None:
    """Joined edges from one record to another, ``None`` when only a judgement ties them."""
    ways: dict[int, list[tuple[int, StoredEdge]]] = {}
    for edge in edges:
        if edge.outcome == "joined":
            ways.setdefault(edge.a, []).append((edge.b, edge))
            ways.setdefault(edge.b, []).append((edge.a, edge))
    before: dict[int, tuple[int, StoredEdge] | None] = {a: None}
    queue = deque([a])
    while queue and b not in before:
        here = queue.popleft()
        for there, edge in ways.get(here, ()):
            if there not in before:
                before[there] = (here, edge)
                queue.append(there)
    if b not in before:
        return None
    path = []
    while (step := before[b]) is not None:
        b, edge = step
        path.append(edge)
    return path[::-1]


def _steps(
    sql: duckdb.DuckDBPyConnection, kind: str, edges: list[StoredEdge]
) -> tuple[KindStep, ...]:
    ends = sorted({end for edge in edges for end in (edge.a, edge.b)})
    lines = sql.execute(
        'SELECT record, "values", value_levels FROM resolve_record'
        " WHERE kind = $kind AND record IN (SELECT unnest($ends::BIGINT[]))",
        {"kind": kind, "ends": ends},
    ).fetchall()
    said = {
        record: tuple(Said(v, level or "L4") for v, level in zip(values, levels, strict=True))
        for record, values, levels in lines
    }
    return tuple(_step(kind, edge, said[edge.a], said[edge.b]) for edge in edges)


def _step(
    kind: str, edge: StoredEdge, said_a: tuple[Said, ...], said_b: tuple[Said, ...]
) -> KindStep:
    attributes = KINDS[kind].attributes
    parts = tuple(
        Part(attribute.name, list(attribute.levels)[int(digit)], x.value, y.value, bits)
        for attribute, digit, x, y, bits in zip(
            attributes, edge.levels, said_a, said_b, edge.bits, strict=True
        )
    )
    prior = round(edge.weight - sum(edge.bits), BITS_PLACES)
    title = [attribute.name for attribute in attributes].index(KINDS[kind].title)
    names = (said_a[title].value, said_b[title].value)
    step = Step(*names, parts, prior, round(edge.weight, BITS_PLACES))
    return KindStep(step, said_a, said_b)
