"""Temporal loops by trying everything: the definition of ``find_cycles``, without its speed.

Written from the definition alone; it shares no code with the kernel. For up to about thirty
edges.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from analytics.kernels.temporal_cycles import CycleRules
from analytics.kernels.temporal_rules import UNKNOWN_WASTE

SLACK = 1e-9


@dataclass(frozen=True)
class Part:
    """An edge or a bundle: ends, first and last time, tonnes (None unknown), code, edges, mark."""

    source: int
    target: int
    start: int
    end: int
    tonnes: float | None
    code: int | None
    edges: frozenset[int]
    is_marked: bool


Edge = tuple[int, int, int, float | None, int | None]
# None: all edges are marked.
Marks = frozenset[int] | None


def has_mark(edges: frozenset[int], marked: Marks) -> bool:
    """Whether any of the edges is marked."""
    return marked is None or bool(edges & marked)


def parts_of(edges: Sequence[Edge], rules: CycleRules, marked: Marks = None) -> list[Part]:
    """Usable edges and the bundles of their days; ``marked``: numbers of marked edges."""
    parts = []
    days: dict[tuple[int, int, int | None, int], list[int]] = {}
    for number, (source, target, time, tonnes, code) in enumerate(edges):
        if source == target or (tonnes is not None and tonnes <= 0):
            continue
        own = frozenset([number])
        parts.append(Part(source, target, time, time, tonnes, code, own, has_mark(own, marked)))
        if rules.bundle_length:
            day = (time + rules.bundle_offset) // rules.bundle_length
            days.setdefault((source, target, code, day), []).append(number)
    for (source, target, code, _), numbers in days.items():
        weights = [edges[i][3] for i in numbers]
        known = [w for w in weights if w is not None]
        if len(numbers) > 1 and len(known) == len(weights):
            times = [edges[i][2] for i in numbers]
            members = frozenset(numbers)
            is_marked = has_mark(members, marked)
            first, last = min(times), max(times)
            parts.append(Part(source, target, first, last, sum(known), code, members, is_marked))
    return parts


def keeps_flow(before: Part, after: Part, rules: CycleRules) -> bool:
    """Whether the hand-over from one part to the next keeps the ratio."""
    if before.tonnes is None or after.tonnes is None:
        return True
    ratio = after.tonnes / before.tonnes
    if rules.flow_low * (1 - SLACK) <= ratio <= rules.flow_high * (1 + SLACK):
        return True
    is_pooled = (
        rules.pool_length > 0
        and before.code is not None
        and before.code == after.code
        and 0 <= before.code < rules.goods_from
        and after.start - before.end <= rules.pool_length
    )
    most = (1 + SLACK) / rules.pool_share
    return is_pooled and rules.pool_share * (1 - SLACK) <= ratio <= most


def may_follow(before: Part, after: Part, rules: CycleRules) -> bool:
    """Whether one part can hand on to the next: in time and in quantity."""
    in_time = before.start <= after.start and before.end <= after.end
    return in_time and keeps_flow(before, after, rules)


def is_loop(walk: Sequence[Part], rules: CycleRules) -> bool:
    """Whether a sequence of parts is a loop by the definition."""
    if not 2 <= len(walk) <= rules.hop_limit:
        return False
    nodes = [part.source for part in walk]
    joined = all(a.target == b.source for a, b in zip(walk, [*walk[1:], walk[0]], strict=True))
    if not joined or len(set(nodes)) < len(nodes):
        return False
    if not all(may_follow(a, b, rules) for a, b in pairwise(walk)):
        return False
    if rules.most_changes is not None and changes_of_code(walk, rules) > rules.most_changes:
        return False
    if rules.needs_mark and not any(part.is_marked for part in walk):
        return False
    return walk[-1].end - walk[0].start <= rules.window


def _paths(path: list[Part], parts: Sequence[Part], rules: CycleRules) -> Iterator[list[Part]]:
    if is_loop(path, rules):
        yield list(path)
    if len(path) == rules.hop_limit:
        return
    for part in parts:
        if (
            part.source == path[-1].target
            and part.source != path[0].source
            and part.source not in [p.source for p in path]
            and may_follow(path[-1], part, rules)
        ):
            path.append(part)
            yield from _paths(path, parts, rules)
            path.pop()


def _keeps_rules_at_home(walk: Sequence[Part], rules: CycleRules) -> bool:
    # What a second time round adds: the changes on the whole ring.
    changes = changes_of_code([*walk, *walk], rules) - changes_of_code(walk, rules)
    return keeps_flow(walk[-1], walk[0], rules) and (
        rules.most_changes is None or rules.has_codes is False or changes <= rules.most_changes
    )


def all_loops(edges: Sequence[Edge], rules: CycleRules, marked: Marks = None) -> list[list[Part]]:
    """Every loop.

    Rotations of one loop, possible only when all its times are equal, are one where it keeps the
    rules all the way round, and else one each.
    """
    parts = parts_of(edges, rules, marked)
    seen, loops = set(), []
    for part in parts:
        for walk in _paths([part], parts, rules):
            ring = [(sorted(p.edges), len(p.edges)) for p in walk]
            turns = [ring[i:] + ring[:i] for i in range(len(ring))]
            key = str(min(turns))
            if key not in seen or not _keeps_rules_at_home(walk, rules):
                seen.add(key)
                loops.append(walk)
    return loops


def changes_of_code(walk: Sequence[Part], rules: CycleRules) -> int:
    """How often the code changes along a walk for certain; UNKNOWN_WASTE is any below goods."""
    changes, last = 0, None
    for part in walk:
        code = part.code
        if code is None:
            continue
        if last is None:
            last = code
        elif UNKNOWN_WASTE in (last, code):
            if max(last, code) >= rules.goods_from:
                changes, last = changes + 1, code
            else:
                last = max(last, code)
        elif code != last:
            changes, last = changes + 1, code
    return changes


def least_tonnes(walk: Sequence[Part]) -> float:
    """Smallest known quantity of a walk; NaN when none is known."""
    return min((p.tonnes for p in walk if p.tonnes is not None), default=math.nan)


def pooled_in(walk: Sequence[Part], rules: CycleRules) -> list[tuple[Part, Part]]:
    """Hand-overs of the walk that do not keep the ratio themselves."""
    unpooled = replace(rules, pool_length=0)
    return [(a, b) for a, b in pairwise(walk) if not keeps_flow(a, b, unpooled)]


def pools_hold(walk: Sequence[Part], edges: Sequence[Edge], rules: CycleRules) -> bool:
    """Whether each lot put together or shared out is covered by all that the node handled."""
    for before, after in pooled_in(walk, rules):
        assert before.tonnes is not None
        assert after.tonnes is not None
        if after.tonnes > before.tonnes:
            low, high = after.start - rules.pool_length, after.end
            moved = [e for e in edges if e[1] == after.source and e[0] != e[1]]
            needed = after.tonnes / rules.flow_high
        else:
            low, high = before.start, before.end + rules.pool_length
            moved = [e for e in edges if e[0] == before.target and e[0] != e[1]]
            needed = before.tonnes * rules.flow_low
        fitting = [e[3] for e in moved if e[4] == before.code and low <= e[2] <= high]
        if sum(t for t in fitting if t is not None and t > 0) < needed * (1 - 10 * SLACK):
            return False
    return True
