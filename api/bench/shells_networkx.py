"""networkx as a peer: simple paths of the multigraph, each held against the rules afterwards."""

from collections import defaultdict
from itertools import pairwise
from time import process_time
from typing import Any

import networkx as nx

from analytics.kernels.flow_edges import FlowEdges, FlowRules
from analytics.kernels.flow_search import SLACK
from analytics.kernels.flow_sums import grams_of
from api.bench.shells_counts import Nodes, node_counts


class Slice:
    """Edges as Python numbers, with what each node and pair moved."""

    def __init__(self, edges: FlowEdges, rules: FlowRules) -> None:
        self.rules = rules
        self.source, self.target, self.day, self.goods = (
            column.tolist() for column in (edges.source, edges.target, edges.day, edges.goods)
        )
        self.grams = grams_of(edges.tonnes).tolist()
        self.opens, self.follows, self.strict, self.passes = (
            column.tolist() for column in (edges.opens, edges.follows, edges.strict, edges.passes)
        )
        self.moved: dict[tuple[str, Any], list[tuple[int, int]]] = defaultdict(list)
        for a, b, day, grams in zip(self.source, self.target, self.day, self.grams, strict=True):
            if a != b:
                for key in (("in", b), ("out", a), ("pair", (a, b))):
                    self.moved[key].append((day, grams))

    def graph(self) -> Any:
        """The multigraph without what may neither open nor follow, and without way through hubs."""
        graph: Any = nx.MultiDiGraph()
        for number, (a, b) in enumerate(zip(self.source, self.target, strict=True)):
            may_follow = self.follows[number] and self.passes[a]
            if a != b and (self.opens[number] or may_follow):
                graph.add_edge(a, b, key=number)
        return graph

    def total(self, kind: str, key: Any, first: int, last: int) -> int | None:
        """Grams from day to day, None when one lot is unknown."""
        found = [grams for day, grams in self.moved[(kind, key)] if first <= day <= last]
        return None if any(grams < 0 for grams in found) else sum(found)

    def holds(self, path: tuple[int, ...]) -> bool:
        """Whether the edges are a path of the definition."""
        in_time = all(self.day[e] <= self.day[f] for e, f in pairwise(path))
        span = self.day[path[-1]] - self.day[path[0]]
        if not self.opens[path[0]] or not in_time or span > self.rules.window:
            return False
        return all(self._follows(e, f) for e, f in pairwise(path))

    def _follows(self, e: int, f: int) -> bool:
        if not self.follows[f] or not self.passes[self.source[f]]:
            return False
        if self.strict[f] and (self.goods[f] < 0 or self.goods[f] != self.goods[e]):
            return False
        rules, node = self.rules, self.source[f]
        until, since = self.day[e] + rules.window, self.day[f] - rules.window
        sent = self.total("pair", (node, self.target[f]), self.day[e], until)
        given = self.total("out", node, self.day[e], until)
        taken = self.total("in", node, since, self.day[f])
        own = self.total("pair", (self.source[e], node), since, self.day[f])
        e_grams, f_grams = self.grams[e], self.grams[f]
        if e_grams > 0 and sent is not None and sent < rules.low * e_grams * (1 - SLACK):
            return False
        if f_grams > 0 and taken is not None and f_grams > rules.high * taken * (1 + SLACK):
            return False
        thin = rules.concentration * (1 - SLACK)
        is_thin_in = own is not None and taken is not None and own < thin * taken
        return not (is_thin_in and sent is not None and given is not None and sent < thin * given)


def paths_by_networkx(edges: FlowEdges, rules: FlowRules) -> dict[str, Any]:
    """Counts, and seconds of path enumeration with its filter, from every firm that may open."""
    part = Slice(edges, rules)
    graph = part.graph()
    starts = sorted({a for a, opens in zip(part.source, part.opens, strict=True) if opens})
    found: dict[Nodes, int] = defaultdict(int)
    simple = 0
    started = process_time()
    for start in starts:
        if start not in graph:
            continue
        ends = set(graph) - {start}
        for way in nx.all_simple_edge_paths(graph, start, ends, cutoff=rules.hop_limit):
            simple += 1
            # Of a multigraph each edge is its two ends and its key.
            path = tuple(edge[-1] for edge in way)
            if len(path) > 1 and part.holds(path):
                found[(start, *(part.target[e] for e in path))] += 1
    seconds = process_time() - started
    return {"seconds": round(seconds, 4), "simple_paths": simple, **node_counts(found)}
