"""Paths of goods by trying everything: the definition of ``find_paths``, without its speed.

Written from the definition alone; it shares no code with the kernel. For up to about twenty
edges.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from analytics.kernels.flow_edges import NO_DAY, FlowRules

SLACK = 1e-9


@dataclass(frozen=True)
class Step:
    """An edge: ends (-1 unknown), day (NO_DAY unknown), tonnes, goods (None) and what it may do."""

    source: int
    target: int
    day: int
    tonnes: float | None
    goods: int | None
    opens: bool
    follows: bool
    strict: bool


def _sum(parts: Iterator[float | None]) -> float | None:
    values = list(parts)
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None


def _flow_holds(e: Step, f: Step, steps: Sequence[Step], rules: FlowRules) -> bool:
    node = e.target

    def after(step: Step) -> bool:
        return e.day <= step.day <= e.day + rules.window

    def before(step: Step) -> bool:
        return f.day - rules.window <= step.day <= f.day

    sent = _sum(s.tonnes for s in steps if (s.source, s.target) == (node, f.target) and after(s))
    given = _sum(s.tonnes for s in steps if s.source == node and after(s))
    taken = _sum(s.tonnes for s in steps if s.target == node and before(s))
    own = _sum(s.tonnes for s in steps if (s.source, s.target) == (e.source, node) and before(s))
    if sent is not None and e.tonnes is not None and sent < rules.low * e.tonnes * (1 - SLACK):
        return False
    if f.tonnes is not None and taken is not None and f.tonnes > rules.high * taken * (1 + SLACK):
        return False
    thin_in = (
        own is not None and taken is not None and own < rules.concentration * taken * (1 - SLACK)
    )
    thin_out = (
        sent is not None and given is not None and sent < rules.concentration * given * (1 - SLACK)
    )
    return not (thin_in and thin_out)


def _is_usable(step: Step) -> bool:
    return min(step.source, step.target) >= 0 and step.source != step.target and step.day != NO_DAY


def _meant(step: Step) -> Step:
    """A quantity of nothing, less, or more than a million tonnes says nothing."""
    is_known = step.tonnes is not None and 0 < step.tonnes <= 1e6
    return step if is_known else replace(step, tonnes=None)


def all_paths(
    given: Sequence[Step], passes: Sequence[bool], rules: FlowRules
) -> set[tuple[int, ...]]:
    """Edge numbers of every path."""
    found: set[tuple[int, ...]] = set()
    numbers = [number for number, step in enumerate(given) if _is_usable(step)]
    steps = [_meant(given[number]) for number in numbers]

    def extend(path: tuple[int, ...]) -> None:
        if len(path) > 1:
            found.add(tuple(numbers[place] for place in path))
        last = steps[path[-1]]
        if len(path) == rules.hop_limit or not passes[last.target]:
            return
        seen = {steps[path[0]].source, *(steps[i].target for i in path)}
        for number, step in enumerate(steps):
            if (
                step.source == last.target
                and step.target not in seen
                and step.follows
                and last.day <= step.day <= steps[path[0]].day + rules.window
                and (not step.strict or (step.goods is not None and step.goods == last.goods))
                and _flow_holds(last, step, steps, rules)
            ):
                extend((*path, number))

    for number, step in enumerate(steps):
        if step.opens:
            extend((number,))
    return found
