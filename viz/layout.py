"""Where the nodes of a picture stand: positions in the unit square, the same at every drawing."""

import math
from datetime import datetime

import networkx as nx

from viz.picture import Picture

SEED = 20261031
BEND_STEP = 0.36
Position = tuple[float, float]
FLOW_KINDS = ("manifest", "vehicle", "waybill", "invoice", "visit")
# They carry what goes round and are no station of it.
PASSERS_BY = ("carrier",)
START_ROLES, END_ROLES = ("generator",), ("receiver", "site")
MIDDLE_ROLES = ("broker", "shell")
HELPERS_IN_ROW = 7
HELPER_ROW = 0.21
FULL_COLUMN, STAGGER = 4, 0.16
TILT = math.pi / 6
BODY_ROLES = ("operator", "tester", "controller")
TIE_KINDS = ("person", "phone", "address")


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


def bends(picture: Picture) -> list[float]:
    """Bend of each edge, as a share of its length to its own left, so that none hides another."""
    by_pair: dict[tuple[str, str], list[int]] = {}
    for index, edge in enumerate(picture.edges):
        pair = (min(edge.source, edge.target), max(edge.source, edge.target))
        by_pair.setdefault(pair, []).append(index)
    found = [0.0] * len(picture.edges)
    for (first, _), indices in by_pair.items():
        for position, index in enumerate(indices):
            bend = (position - (len(indices) - 1) / 2) * BEND_STEP
            found[index] = bend if picture.edges[index].source == first else -bend
    return found


def _time_order(picture: Picture) -> list[str]:
    firms = {
        n.id
        for n in picture.nodes
        if n.kind == "organization" and n.role and n.role not in PASSERS_BY
    }
    flows = sorted(
        (e for e in picture.edges if e.kind in FLOW_KINDS and {e.source, e.target} <= firms),
        key=lambda e: (e.at is None, e.at or datetime.min, e.source, e.target),
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
    # Two stations face each other across the page: paper is wider than high.
    placed = _on_circle(order, 0.33, -math.pi / 2 if len(order) == 2 else 0.0)
    rest = [n.id for n in picture.nodes if n.id not in placed]
    # In line with the two, a helper's name would run into theirs.
    return placed | _around(picture, rest, placed, 0.5, TILT if len(order) == 2 else 0.0)


def _around(
    picture: Picture,
    ids: list[str],
    placed: dict[str, Position],
    radius: float,
    tilt: float = 0.0,
) -> dict[str, Position]:
    """``ids`` evenly on a circle, in the order of the directions of their placed neighbours.

    ``tilt``: radians by which all are turned on from where they want to stand.
    """
    if not ids:
        return {}
    neighbours: dict[str, list[str]] = {}
    for edge in picture.edges:
        neighbours.setdefault(edge.source, []).append(edge.target)
        neighbours.setdefault(edge.target, []).append(edge.source)
    wanted: dict[str, float] = {}
    for node in ids:
        near = [placed[n] for n in neighbours.get(node, ()) if n in placed]
        x, y = sum(p[0] - 0.5 for p in near), sum(p[1] - 0.5 for p in near)
        wanted[node] = math.atan2(x, y) if near else math.pi
    order = sorted(ids, key=lambda node: (wanted[node], node))
    step = 2 * math.pi / len(order)
    # The turn that brings all nearest to where they want to stand.
    gaps = [wanted[node] - k * step for k, node in enumerate(order)]
    turn = math.atan2(sum(map(math.sin, gaps)), sum(map(math.cos, gaps)))
    return _on_circle(order, radius, turn + tilt)


def _chain(picture: Picture) -> dict[str, Position]:
    """From where the waste comes, through each hand, to where it ends; helpers in rows below."""
    first_at = {
        node.id: min(
            (e.at for e in picture.edges if e.target == node.id and e.kind in FLOW_KINDS and e.at),
            default=datetime.max,
        )
        for node in picture.nodes
    }
    starts = [n.id for n in picture.nodes if n.role in START_ROLES]
    ends = [n.id for n in picture.nodes if n.role in END_ROLES]
    middle = sorted(
        (n.id for n in picture.nodes if n.role in MIDDLE_ROLES), key=lambda i: (first_at[i], i)
    )
    columns = [ids for ids in (starts, *([one] for one in middle), ends) if ids]
    width = max(len(columns) - 1, 1)
    stations = {node for ids in columns for node in ids}
    rest = [n.id for n in picture.nodes if n.id not in stations]
    rows = [rest[k : k + HELPERS_IN_ROW] for k in range(0, len(rest), HELPERS_IN_ROW)]
    # Few helpers leave the stations more height: several origins then keep their names apart.
    helpers = min(0.5, HELPER_ROW * len(rows))
    placed = {
        node: (
            0.06 + 0.88 * column / width + _stagger(column, row, len(ids)),
            helpers + (1 - helpers) * (len(ids) - row - 0.5) / len(ids),
        )
        for column, ids in enumerate(columns)
        for row, node in enumerate(ids)
    }
    step = helpers / max(len(rows), 1)
    return placed | {
        node: ((k + 0.5 + 0.25 * (row % 2)) / (HELPERS_IN_ROW + 0.25), helpers - (row + 0.7) * step)
        for row, ids in enumerate(rows)
        for k, node in enumerate(ids)
    }


def _stagger(column: int, row: int, rows: int) -> float:
    """Every other node of a full column stands further in, so that names hide no neighbour."""
    if rows <= FULL_COLUMN or row % 2 == 0:
        return 0.0
    return STAGGER if column == 0 else -STAGGER


def _circle(picture: Picture) -> dict[str, Position]:
    """Bodies inside, what ties them around them, sites and all else outside."""
    bodies = [n.id for n in picture.nodes if n.role in BODY_ROLES]
    placed = _on_circle(bodies, 0.17)
    ties = [n.id for n in picture.nodes if n.id not in placed and n.kind in TIE_KINDS]
    placed |= _around(picture, ties, placed, 0.33)
    rest = [n.id for n in picture.nodes if n.id not in placed]
    return placed | _around(picture, rest, placed, 0.5)


def _force(picture: Picture) -> dict[str, Position]:
    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from(n.id for n in picture.nodes)
    graph.add_edges_from((e.source, e.target) for e in picture.edges)
    if len(graph) == 1:
        return {picture.nodes[0].id: (0.5, 0.5)}
    # More room between nodes than the library's own choice: names stand under them.
    raw = nx.spring_layout(graph, k=2.2 / math.sqrt(len(graph)), seed=SEED, iterations=150)
    xs, ys = [float(p[0]) for p in raw.values()], [float(p[1]) for p in raw.values()]
    spread_x, spread_y = (max(xs) - min(xs)) or 1.0, (max(ys) - min(ys)) or 1.0
    return {
        node: (
            0.06 + 0.88 * (float(p[0]) - min(xs)) / spread_x,
            0.06 + 0.88 * (float(p[1]) - min(ys)) / spread_y,
        )
        for node, p in raw.items()
    }
