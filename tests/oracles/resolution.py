"""Plain, slow statements of what resolution computes, and scores of clusterings."""

from collections import Counter
from dataclasses import dataclass
from itertools import combinations


@dataclass(frozen=True, slots=True)
class Scores:
    """Pair precision, recall and F1, and B-cubed F1, each in 0..1."""

    precision: float
    recall: float
    f1: float
    b_cubed: float


def _pairs(counts: Counter) -> int:
    return sum(n * (n - 1) // 2 for n in counts.values())


def _harmonic(p: float, r: float) -> float:
    return 2 * p * r / (p + r) if p + r else 0.0


def scores(truth: list, found: list) -> Scores:
    """Scores of the labels ``found`` against ``truth``, parallel lists."""
    both = Counter(zip(truth, found, strict=True))
    true, made = Counter(truth), Counter(found)
    hit = _pairs(both)
    precision = hit / _pairs(made) if _pairs(made) else 1.0
    recall = hit / _pairs(true) if _pairs(true) else 1.0
    n = len(truth)
    b_precision = sum(c * c / made[f] for (_, f), c in both.items()) / n
    b_recall = sum(c * c / true[t] for (t, _), c in both.items()) / n
    return Scores(precision, recall, _harmonic(precision, recall), _harmonic(b_precision, b_recall))


def merged_in_order(
    n: int,
    edges: list[tuple[int, int, float]],
    threshold: float,
    code: list[int],
    branch: list[int],
    apart: set[tuple[int, int]],
) -> list[int]:
    """Clusters by sets: strongest edge first, refusing what the rules refuse."""
    group = {i: frozenset([i]) for i in range(n)}
    for a, b, weight in sorted(edges, key=lambda e: (-e[2], e[0], e[1])):
        one, two = group[a], group[b]
        if weight < threshold or one == two:
            continue
        held = {code[i] for i in one | two if code[i] >= 0}
        tails = {branch[i] for i in one | two}
        judged = any((min(i, j), max(i, j)) in apart for i in one for j in two)
        if len(held) > 1 or len(tails) > 1 or judged:
            continue
        whole = one | two
        for i in whole:
            group[i] = whole
    return [min(group[i]) for i in range(n)]


def edit_distance(x: str, y: str) -> int:
    """Levenshtein distance by its table."""
    row = list(range(len(y) + 1))
    for i, a in enumerate(x, 1):
        before, row[0] = row[0], i
        for j, b in enumerate(y, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (a != b))
    return row[-1]


def common_length(x: str, y: str) -> int:
    """Length of the longest common subsequence by its table."""
    row = [0] * (len(y) + 1)
    for a in x:
        before = 0
        for j, b in enumerate(y, 1):
            before, row[j] = row[j], before + 1 if a == b else max(row[j], row[j - 1])
    return row[-1]


def shared_pairs(values: list[str | None], cap: int) -> set[tuple[int, int]]:
    """Pairs of positions that share a value held by at most ``cap`` positions."""
    holders: dict[str, list[int]] = {}
    for i, value in enumerate(values):
        if value is not None:
            holders.setdefault(value, []).append(i)
    return {pair for own in holders.values() if len(own) <= cap for pair in combinations(own, 2)}
