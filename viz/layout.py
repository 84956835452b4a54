"""Where the nodes of a picture stand: positions in the unit square, the same at every drawing."""

import math

import networkx as nx

from viz.picture import Picture, PictureEdge

SEED = 20261031
Position = tuple[float, float]
FLOW_KINDS = ("manifest", "invoice", "waybill")


def positions(picture: Picture) -> dict[str, Position]:
    """Position of each node; x and y within 0..1.

    A loop stands as a ring in time order, a shell chain from left to right, an operator ring with
    its bodies inside and all others outside; everything else by forces with a fixed seed.
    """
    if not picture.nodes:
        return {}
    placers = {"ring": _ring, "chain": _chain, "circle": _circle}
    placed = placers.get(picture.layout, _force)(picture)
    return placed if len(placed) == len(picture.nodes) else {**_force(picture), **placed}


def _time_order(picture: Picture) -> list[str]:
    flows = sorted(
        (e for e in picture.edges if e.kind in FLOW_KINDS),
        key=lambda e: (e.at is None, e.at, e.source, e.target),
    )
    following: dict[str, str] = {}
    for edge in flows:
        following.setdefault(edge.source, edge.target)
    order: list[str] = []
    for edge in flows:
        node = edge.source
        while node not in order:
            order.append(node)
            if node not in following:
                break
            node = following[node]
    return order


def _on_circle(ids: list[str], radius: float, turn: float = 0.0) -> dict[str, Position]:
    step = 2 * math.pi / max(len(ids), 1)
    return {
        node: (
            0.5 + radius * math.sin(turn + k * step),
            0.5 + radius * math.cos(turn + k * step),
        )
        for k, node in enumerate(ids)
    }


def _ring(picture: Picture) -> dict[str, Position]:
    order = _time_order(picture)
    rest = [n.id for n in picture.nodes if n.id not in order]
    return _on_circle(order, 0.34) | _on_circle(rest, 0.47, math.pi / max(len(rest), 1))


def _chain(picture: Picture) -> dict[str, Position]:
    flows = [e for e in picture.edges if e.kind in FLOW_KINDS]
    depth = _depths(flows)
    columns: dict[int, list[str]] = {}
    for node in picture.nodes:
        if node.id in depth:
            columns.setdefault(depth[node.id], []).append(node.id)
    width = max(columns, default=0) or 1
    placed = {
        node: (0.08 + 0.84 * column / width, (row + 1) / (len(ids) + 1) * 0.7 + 0.25)
        for column, ids in columns.items()
        for row, node in enumerate(ids)
    }
    rest = [n.id for n in picture.nodes if n.id not in placed]
    return placed | {node: ((k + 1) / (len(rest) + 1), 0.1) for k, node in enumerate(rest)}


def _depths(flows: list[PictureEdge]) -> dict[str, int]:
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_edges_from((e.source, e.target) for e in flows)
    if not graph:
        return {}
    condensed = nx.condensation(graph)
    level: dict[int, int] = {}
    for component in nx.topological_sort(condensed):
        before = [level[p] + 1 for p in condensed.predecessors(component)]
        level[component] = max(before, default=0)
    return {
        node: level[component]
        for component, data in condensed.nodes(data=True)
        for node in data["members"]
    }


def _circle(picture: Picture) -> dict[str, Position]:
    bodies = [n.id for n in picture.nodes if n.role in ("operator", "tester", "controller")]
    rest = [n.id for n in picture.nodes if n.id not in bodies]
    return _on_circle(bodies, 0.2) | _on_circle(rest, 0.45)


def _force(picture: Picture) -> dict[str, Position]:
    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from(n.id for n in picture.nodes)
    graph.add_edges_from((e.source, e.target) for e in picture.edges)
    if len(graph) == 1:
        return {picture.nodes[0].id: (0.5, 0.5)}
    raw = nx.spring_layout(graph, seed=SEED, iterations=80)
    xs, ys = [float(p[0]) for p in raw.values()], [float(p[1]) for p in raw.values()]
    spread_x, spread_y = (max(xs) - min(xs)) or 1.0, (max(ys) - min(ys)) or 1.0
    return {
        node: (
            0.06 + 0.88 * (float(p[0]) - min(xs)) / spread_x,
            0.06 + 0.88 * (float(p[1]) - min(ys)) / spread_y,
        )
        for node, p in raw.items()
    }
