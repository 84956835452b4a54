"""Hidden chains: generator, one to three firms between, and the place or receiver at the end.

The path search gives single paths of lots; here they become chains: all paths through the same
firms to the same end, cut where nothing moved for long.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analytics.chain_flows import Flows
from analytics.kernels.flow_edges import LONGEST, FlowEdges, FlowLimits, FlowRules, Ints
from analytics.kernels.flows import find_paths
from records.clock import UTC_OFFSET


@dataclass(frozen=True, slots=True)
class Chain:
    """Paths through the same firms to the same end within one episode.

    ``middle``: firms between, in order; ``end``: organisation or site; ``generators``: sources,
    the one with most tonnes first; ``paths``: edge numbers of each path, ``edges`` all of them
    sorted; ``best``: the path that carries most, the earliest of equals. ``is_cut``: the search
    met a limit behind one of its first hand-overs, so that more paths may exist.
    """

    middle: tuple[str, ...]
    end: str
    generators: tuple[str, ...]
    paths: tuple[tuple[int, ...], ...]
    edges: tuple[int, ...]
    best: tuple[int, ...]
    is_cut: bool = False

    @property
    def hands(self) -> tuple[str, ...]:
        """Firms between and end, in order."""
        return (*self.middle, self.end)


@dataclass(frozen=True, slots=True)
class FoundChains:
    """Chains in order of their hands and first edge; ``cut``: first hand-overs not searched out."""

    chains: tuple[Chain, ...]
    cut: int


def _numbers(values: pl.Series, known: Sequence[str]) -> Ints:
    """Position of each value among ``known``, -1 for NULL."""
    if not len(known):
        return np.full(len(values), -1, dtype=np.int64)
    places = pl.Series(range(len(known)), dtype=pl.Int64)
    numbers = values.replace_strict(
        pl.Series(known), places, default=-1, return_dtype=pl.Int64
    ).fill_null(-1)
    return numbers.to_numpy().astype(np.int64)


def _episodes(
    paths: list[tuple[int, ...]], days: Ints, gap_days: int
) -> list[list[tuple[int, ...]]]:
    found: list[list[tuple[int, ...]]] = []
    last = 0
    for path in sorted(paths, key=lambda p: (int(days[p[0]]), p)):
        if found and int(days[path[0]]) - last <= gap_days:
            found[-1].append(path)
        else:
            found.append([path])
        last = max(last, int(days[path[-1]])) if len(found[-1]) > 1 else int(days[path[-1]])
    return found


def _chain(
    hands: tuple[str, ...],
    paths: list[tuple[int, ...]],
    sources: Sequence[str],
    tonnes: NDArray[np.float64],
    days: Ints,
) -> Chain:
    def carried(path: tuple[int, ...]) -> float:
        known = [float(tonnes[e]) for e in path if not np.isnan(tonnes[e])]
        return min(known, default=0.0)

    first = {path[0] for path in paths}
    given: dict[str, float] = {}
    for edge in sorted(first):
        amount = 0.0 if np.isnan(tonnes[edge]) else float(tonnes[edge])
        given[sources[edge]] = given.get(sources[edge], 0.0) + amount
    return Chain(
        middle=hands[:-1],
        end=hands[-1],
        generators=tuple(sorted(given, key=lambda g: (-given[g], g))),
        paths=tuple(paths),
        edges=tuple(sorted({edge for path in paths for edge in path})),
        best=min(paths, key=lambda p: (-carried(p), int(days[p[0]]), p)),
    )


def flow_edges(flows: Flows, names: Sequence[str]) -> FlowEdges:
    """Flows as the arrays of the path search; nodes are positions in ``names``."""
    edges = flows.edges
    goods_known = edges["goods"].drop_nulls().unique().sort().to_list()
    return FlowEdges(
        source=_numbers(edges["source"], names),
        target=_numbers(edges["target"], names),
        day=edges["day"].to_numpy().astype(np.int64),
        tonnes=edges["tonnes"].fill_null(float("nan")).to_numpy().astype(np.float64),
        goods=_numbers(edges["goods"], goods_known),
        opens=edges["opens"].to_numpy().astype(np.bool_),
        follows=edges["follows"].to_numpy().astype(np.bool_),
        strict=edges["strict"].to_numpy().astype(np.bool_),
        passes=np.array([name in flows.passable for name in names], dtype=np.bool_),
    )


def in_order_of_leaving(paths: Ints, edges: pl.DataFrame) -> NDArray[np.bool_]:
    """Which paths have no load that left on a day before the load before it had left.

    Papers are accepted days after the load came, so that the days of the search are in order where
    the loads were not. Loads of which it is not known when they left are taken to be in order.

    Parameters
    ----------
    paths
        As ``kernels.flow_edges.FlowPaths.edges``.
    edges
        ``chain_flows.FLOW_COLUMNS`` in order of their numbers.
    """
    local = edges["departed_at"].dt.offset_by(f"{UTC_OFFSET // timedelta(hours=1)}h")
    left_on = local.dt.date().cast(pl.Int64)
    is_known = left_on.is_not_null().to_numpy()
    day = left_on.fill_null(0).to_numpy()
    holds = np.ones(len(paths), dtype=np.bool_)
    for e, f in zip(paths.T[:-1], paths.T[1:], strict=True):
        holds &= (f < 0) | ~(is_known[e] & is_known[f]) | (day[e] <= day[f])
    return holds


def find_chains(
    flows: Flows, rules: FlowRules, limits: FlowLimits, *, gap_days: int
) -> FoundChains:
    """Chains among flows; ``gap_days`` without movement end an episode."""
    names = pl.concat([flows.edges["source"], flows.edges["target"]]).unique().sort().to_list()
    found = find_paths(flow_edges(flows, names), rules, limits)
    paths = found.edges[in_order_of_leaving(found.edges, flows.edges)]
    days = flows.edges["day"].to_numpy().astype(np.int64)
    tonnes = flows.edges["tonnes"].fill_null(float("nan")).to_numpy().astype(np.float64)
    cut = {(names[source], names[target]) for source, target in found.cut.tolist()}
    targets, sources = flows.edges["target"].to_list(), flows.edges["source"].to_list()
    groups: dict[tuple[str, ...], list[tuple[int, ...]]] = {}
    for row in paths.tolist():
        path = tuple(edge for edge in row[:LONGEST] if edge >= 0)
        groups.setdefault(tuple(targets[edge] for edge in path), []).append(path)
    chains = []
    for hands, own in sorted(groups.items()):
        is_cut = any((sources[path[0]], hands[0]) in cut for path in own)
        for episode in _episodes(own, days, gap_days):
            one = _chain(hands, episode, sources, tonnes, days)
            chains.append(replace(one, is_cut=is_cut))
    return FoundChains(tuple(chains), len(cut))


@dataclass(frozen=True, slots=True)
class Rated:
    """A chain with its score and grade, 3 the mildest."""

    chain: Chain
    score: float
    grade: int


def without_parts(chains: Sequence[Rated]) -> list[Rated]:
    """The whole chains: a chain that is part of a longer one is told there.

    A part has some of the longer chain's hands in the same order and shares an edge with it. The
    longer chain takes the best score of its parts, as the score is the highest over the paths, and
    the gravest grade that one of them has by its own score and its own agencies.
    """
    kept: list[Rated] = []
    by_edge: dict[int, list[int]] = {}
    for one in sorted(chains, key=lambda c: (-len(c.chain.hands), c.chain.hands, c.chain.edges)):
        hands = one.chain.hands
        near = sorted({number for edge in one.chain.edges for number in by_edge.get(edge, ())})
        hosts = [
            number
            for number in near
            if len(kept[number].chain.hands) > len(hands)
            and _is_within(hands, kept[number].chain.hands)
        ]
        for number in hosts:
            host = kept[number]
            kept[number] = Rated(host.chain, max(host.score, one.score), min(host.grade, one.grade))
        if not hosts:
            for edge in one.chain.edges:
                by_edge.setdefault(edge, []).append(len(kept))
            kept.append(one)
    return sorted(kept, key=lambda c: (c.chain.hands, c.chain.edges))


def _is_within(part: tuple[str, ...], whole: tuple[str, ...]) -> bool:
    rest = iter(whole)
    return all(hand in rest for hand in part)
