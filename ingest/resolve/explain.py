"""Why two mentions are one thing, or why they are not: bits per attribute, side by side.

Asked about two entities or rows, it gives the chain of joined edges between them, or the one rule
that kept them apart: no shared key, weight below the threshold, or a refusal and its kind.
Organisations are resolved anew for it; the other kinds are explained from what was stored
(:mod:`explain_kinds`).
"""

from collections import deque
from dataclasses import dataclass
from typing import Literal

import duckdb
import numpy as np
import polars as pl

from ingest.errors import ResolveError
from ingest.resolve.cluster import (
    JOINED,
    REFUSED_BRANCH,
    REFUSED_CODE,
    REFUSED_CONTRARY,
    REFUSED_JUDGEMENT,
)
from ingest.resolve.compare import ATTRIBUTES, LEVEL_NAMES, compare
from ingest.resolve.explain_kinds import common_kind, explain_kind
from ingest.resolve.extract import number_batches, tuples
from ingest.resolve.kinds import organization as org
from ingest.resolve.kinds.firms import Firms, resolve_organizations
from ingest.resolve.known import current_judgements, judged_rows, load_known
from ingest.resolve.run import ResolveOptions, placed
from ingest.resolve.waterfall import VALUE_COLUMNS, Part, Step, attribute_bits
from ingest.resolve.weigh import surprises, weigh
from ingest.resolve.weight_files import workspace_weights
from records.mentions import load_mentions
from records.registry import Judgement, Registry
from records.views import open_views
from records.workspace import Workspace

Reason = Literal[
    "same_code",
    "joined",
    "no_shared_key",
    "below_threshold",
    "refused_different_codes",
    "refused_branch",
    "refused_judgement",
    "refused_short_name",
    "refused_ambiguous",
    "refused_contradictory",
    "refused_contrary",
]
REASON_BY_STATUS: dict[int, Reason] = {
    org.SHORT_ALONE: "refused_short_name",
    org.AMBIGUOUS: "refused_ambiguous",
    org.CONTRADICTORY: "refused_contradictory",
    org.DIFFERENT_CODES: "refused_different_codes",
}
REASON_BY_OUTCOME: dict[int, Reason] = {
    REFUSED_CODE: "refused_different_codes",
    REFUSED_BRANCH: "refused_branch",
    REFUSED_JUDGEMENT: "refused_judgement",
    REFUSED_CONTRARY: "refused_contrary",
}


@dataclass(frozen=True, slots=True)
class Explanation:
    """Whether two mentions are one entity, the reason, and the comparisons that show it.

    ``reason`` is a :data:`Reason`, or one of :func:`kinds.words.reasons_zh` for kinds other than
    organisations.
    """

    is_same: bool
    reason: str
    steps: tuple[Step, ...]
    threshold_bits: float


def why(workspace: Workspace, a: str, b: str) -> Explanation:
    """Explain two things of one kind, each an entity id or a row with its role.

    Parameters
    ----------
    a, b
        ``org:…``, ``person:…``, ``vehicle:…`` (aliases too) or ``dataset:batch:row:part`` with
        ``:role`` where the row names several things. Two rows mean organisations where their roles
        name any, else persons, vehicles, sites, addresses or phones, in this order.

    Raises
    ------
    ResolveError
        When an id or row is not known to resolution, or the two are of different kinds.
    """
    views = open_views(workspace)
    try:
        sql = views.cursor()
        registry = Registry(workspace)
        kind = common_kind(a, b)
        if kind != "organization":
            told = explain_kind(sql, kind, a, b, registry.aliases())
            steps = tuple(each.step for each in told.steps)
            return Explanation(told.is_same, told.reason, steps, told.threshold_bits)
        number_batches(sql)
        load_known(sql, registry)
        options = ResolveOptions(weights=workspace_weights(workspace))
        found = placed(tuples(sql, "organization"))
        judgements = current_judgements(sql, registry.judgements())
        resolved = resolve_organizations(
            sql, found, judgements, options.threshold_bits, options.weights, keep_all=True
        )
        kept = resolved.tuples
        ends = [_record(sql, registry, text, kept, resolved.record) for text in (a, b)]
        return explain(resolved.firms, ends[0], ends[1], options.threshold_bits)
    finally:
        views.close()


def _record(
    sql: duckdb.DuckDBPyConnection,
    registry: Registry,
    text: str,
    kept: pl.DataFrame,
    numbers: pl.Series,
) -> int:
    if text.startswith("org:"):
        entity = registry.aliases().get(text, text)
        lines = sql.execute(
            "SELECT dataset, batch, row, part, role FROM member WHERE kind = 'organization'"
            " AND entity_id = ? ORDER BY ALL LIMIT 1",
            [entity],
        ).fetchall()
        if not lines:
            raise ResolveError(f"entity {text} is not known; run resolve, or check the id")
        *place, role = lines[0]
        row = ":".join(map(str, place))
    else:
        parts = text.split(":")
        row, role = ":".join(parts[:4]), ":".join(parts[4:5]) or _only_role(parts[0])
    asked = Judgement(row, role, row, role, "unsure", "", "", "")
    record = judged_rows(sql, [asked], "organization", kept, numbers)
    if record.is_empty():
        raise ResolveError(f"row {text} names no organisation; give dataset:batch:row:part:role")
    return int(record["record"][0])


def _only_role(dataset: str) -> str:
    roles = [m.role for m in load_mentions() if (m.dataset, m.kind) == (dataset, "organization")]
    if len(roles) != 1:
        raise ResolveError(
            f"rows of {dataset} name several organisations ({', '.join(roles)}):"
            " add the role, as in dataset:batch:row:part:role"
        )
    return roles[0]


def explain(firms: Firms, a: int, b: int, threshold: float) -> Explanation:
    """Explain two record numbers of resolved organisations."""
    root = firms.clusters.root
    if root[a] == root[b]:
        path = _path(firms, a, b)
        steps = tuple(_step(firms, i, j) for i, j in path)
        codes = {firms.packed.code[i] for i in (a, b)}
        is_code = len(codes) == 1 and -1 not in codes
        return Explanation(True, "same_code" if is_code else "joined", steps, threshold)
    i, j, reason = _obstacle(firms, a, b, threshold)
    return Explanation(False, reason, (_step(firms, i, j),), threshold)


def _path(firms: Firms, a: int, b: int) -> list[tuple[int, int]]:
    """Joined edges from one record to another; they form a forest, so the way is the only one."""
    joined = firms.clusters.outcome == JOINED
    ways: dict[int, list[int]] = {}
    for i, j in zip(firms.edges.a[joined].tolist(), firms.edges.b[joined].tolist(), strict=True):
        ways.setdefault(i, []).append(j)
        ways.setdefault(j, []).append(i)
    before = {a: a}
    queue = deque([a])
    while queue and b not in before:
        here = queue.popleft()
        for there in ways.get(here, ()):
            if there not in before:
                before[there] = here
                queue.append(there)
    path = []
    while b != a:
        path.append((before[b], b))
        b = before[b]
    return path[::-1]


def _obstacle(firms: Firms, a: int, b: int, threshold: float) -> tuple[int, int, Reason]:
    """The strongest pair between the two clusters and what kept it from joining them."""
    root, scored = firms.clusters.root, firms.scored
    one, two = root[scored.candidates.a], root[scored.candidates.b]
    between = ((one == root[a]) & (two == root[b])) | ((one == root[b]) & (two == root[a]))
    pairs = np.flatnonzero(between)
    if not len(pairs):
        held = [
            set(firms.packed.code[np.flatnonzero(root == root[end])].tolist()) - {-1}
            for end in (a, b)
        ]
        return a, b, "refused_different_codes" if all(held) else "no_shared_key"
    best = pairs[np.lexsort((pairs, -scored.weight[pairs]))[0]]
    i, j = int(scored.candidates.a[best]), int(scored.candidates.b[best])
    status = int(scored.status[best])
    if status in REASON_BY_STATUS and status != org.AMBIGUOUS:
        return i, j, REASON_BY_STATUS[status]
    if scored.weight[best] < threshold:
        return i, j, "below_threshold"
    if status == org.AMBIGUOUS:
        return i, j, "refused_ambiguous"
    edge = np.flatnonzero((firms.edges.a == i) & (firms.edges.b == j))
    outcomes = [int(firms.clusters.outcome[e]) for e in edge]
    for outcome in outcomes:
        if outcome in REASON_BY_OUTCOME:
            return i, j, REASON_BY_OUTCOME[outcome]
    return i, j, "below_threshold"


def _step(firms: Firms, a: int, b: int) -> Step:
    first, second = np.array([a]), np.array([b])
    levels = compare(firms.packed, first, second)
    surprise = surprises(firms.packed, first, second, levels)
    total = float(weigh(firms.weights, levels, surprise)[0])
    bits = attribute_bits(firms.weights, levels, surprise)[0]
    left, right = firms.records.row(a, named=True), firms.records.row(b, named=True)
    parts = tuple(
        Part(
            attribute,
            LEVEL_NAMES[attribute][levels[0, k]],
            str(left[VALUE_COLUMNS[attribute]]),
            str(right[VALUE_COLUMNS[attribute]]),
            round(float(bits[k]), 3),
        )
        for k, attribute in enumerate(ATTRIBUTES)
    )
    return Step(
        str(left["clean"]), str(right["clean"]), parts, firms.weights.prior, round(total, 3)
    )
