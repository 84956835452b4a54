"""Temporal cycles by trying everything: the definition of ``count_cycles``, without its speed."""

from collections.abc import Sequence

Edge = tuple[int, int, int]


def all_cycles(
    edges: Sequence[Edge], window: int, hop_limit: int, is_rising: bool
) -> set[tuple[int, ...]]:
    """Each cycle as the positions of its edges in order; one of equal times from its lowest."""
    found: set[tuple[int, ...]] = set()

    def follow(path: list[int]) -> None:
        _, target, time = edges[path[-1]]
        first = edges[path[0]]
        if target == first[0]:
            if len({edges[e][2] for e in path}) == 1:
                turn = path.index(min(path))
                path = path[turn:] + path[:turn]
            found.add(tuple(path))
            return
        passed = {edges[e][0] for e in path}
        for number, (s, t, when) in enumerate(edges):
            in_time = when > time if is_rising else when >= time
            in_time = in_time and when - first[2] <= window and len(path) < hop_limit
            is_new = t == first[0] or (t not in passed and t != s)
            if s == target and in_time and is_new:
                follow([*path, number])

    for number, (source, target, _) in enumerate(edges):
        if source != target:
            follow([number])
    return found
