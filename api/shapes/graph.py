"""Nodes, edges, neighbours and ways of the graph."""

from pydantic import JsonValue

from api.shapes.body import Shape


class NodeShape(Shape):
    """A node of the graph; ``name`` is what to write on it."""

    id: str
    label: str
    name: str
    role: str
    properties: dict[str, JsonValue]


class EdgeShape(Shape):
    """Relationships of one type between two nodes, with counts, sums and times."""

    source: str
    target: str
    type: str
    properties: dict[str, JsonValue]


class SubgraphShape(Shape):
    """Nodes and edges for drawing; ``left_out`` counts what did not fit, by label."""

    nodes: list[NodeShape]
    edges: list[EdgeShape]
    left_out: dict[str, int]


class TieCountShape(Shape):
    """How many neighbours one kind of relationship leads to."""

    type: str
    type_zh: str
    label: str
    label_zh: str
    is_out: bool
    neighbours: int
    relationships: int


class TieShape(Shape):
    """One neighbour by one kind of relationship."""

    node: NodeShape
    type: str
    is_out: bool
    relationships: int
    sources: int
    first_at: str | None
    last_at: str | None


class NeighbourhoodShape(Shape):
    """Counts of all ties, and one page of neighbours."""

    entity: NodeShape
    counts: list[TieCountShape]
    items: list[TieShape]
    next: str | None


class WayShape(Shape):
    """One way between two objects."""

    nodes: list[NodeShape]
    edges: list[EdgeShape]


class WaysShape(Shape):
    """The shortest ways; ``is_exhausted`` says that the search looked everywhere within reach."""

    hops: int | None
    ways: list[WayShape]
    has_more: bool
    is_exhausted: bool
