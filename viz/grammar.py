"""The grammar of network pictures: shapes by kind, colours by role, lines by what an edge is.

The canvas, the offline network and the paper figure all read it, so that one sign means one thing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt

from viz.picture import Picture, PictureEdge, PictureNode

ROLE_ZH = {
    "generator": "产废单位",
    "carrier": "承运单位",
    "receiver": "接受单位",
    "broker": "中间商",
    "shell": "疑似空壳单位",
    "controller": "控制人",
    "operator": "运维单位",
    "tester": "检测机构",
    "outlet": "排放口",
    "site": "场所",
    "served": "受服务单位",
    "vehicle": "车辆",
    "driver": "驾驶员",
    "person": "人员",
    "case": "案件",
    "": "其他",
}
KIND_ZH = {
    "organization": "单位",
    "person": "人员",
    "vehicle": "车辆",
    "phone": "电话",
    "address": "地址",
    "site": "场所",
    "outlet": "排放口",
    "account": "账户",
    "case": "案件",
    "lead": "线索",
    "document": "文书",
    "event": "警情投诉",
}
# Eight hues that stay apart for colour-blind readers and by lightness in black and white.
ROLE_COLOR = {
    "generator": "#3b6ea5",
    "carrier": "#c58a1b",
    "receiver": "#2f8f83",
    "broker": "#8d6cab",
    "shell": "#b5533c",
    "controller": "#7a3b69",
    "operator": "#4c7a34",
    "tester": "#6f7fbf",
    "": "#8f989f",
}
# Shape of a kind: on the canvas and on paper, then the nearest that the offline network has.
KIND_SHAPE: dict[str, tuple[str, str]] = {
    "organization": ("square", "square"),
    "person": ("circle", "dot"),
    "vehicle": ("bar", "box"),
    "phone": ("diamond", "diamond"),
    "address": ("pin", "triangleDown"),
    "site": ("pin", "triangleDown"),
    "outlet": ("drop", "triangle"),
    "account": ("hexagon", "hexagon"),
    "case": ("folder", "star"),
    "lead": ("flag", "star"),
    "document": ("folder", "box"),
    "event": ("flag", "star"),
}
SEVERE_RING = "#c8281e"
# What moves on a day, alone or many times from that day on.
FLOWS = ("manifest", "invoice", "fee", "waybill", "visit")
LABELLED_EDGES = 40


@dataclass(frozen=True, slots=True)
class Line:
    """How an edge of one kind is drawn; ``dashes`` in points, empty for a solid line."""

    label_zh: str
    dashes: tuple[int, ...]
    is_strong: bool
    is_directed: bool
    is_double: bool = False

    @property
    def color(self) -> str:
        """Colour on white ground."""
        return "#33414e" if self.is_strong else "#7c8894"


LINES = {
    "manifest": Line("转移联单", (), True, True),
    "invoice": Line("发票", (6, 4), True, True),
    "fee": Line("处置、运输等费用发票", (2, 2), False, True),
    "visit": Line("车辆停留", (10, 3), True, True),
    "vehicle": Line("车辆到达", (2, 3), True, True),
    "waybill": Line("运单", (8, 3, 2, 3), True, True),
    "carriage": Line("承运", (2, 3), False, True),
    "ownership": Line("持股", (), False, True),
    "office": Line("任职", (3, 3), False, True),
    "test": Line("检测", (5, 3), False, True),
    "operation": Line("运维", (5, 3), False, True),
    "outlet": Line("所属排放口", (), False, False),
    "shared": Line("共用标识", (), False, False, is_double=True),
    "other": Line("其他关系", (), False, False),
}


def line_of(kind: str) -> Line:
    """How an edge of ``kind`` is drawn."""
    return LINES.get(kind, LINES["other"])


def shape_of(kind: str) -> str:
    """Shape of a node of ``kind`` on canvas and paper."""
    return KIND_SHAPE.get(kind, ("circle", "dot"))[0]


def role_zh(role: str) -> str:
    """Chinese word for a role; an unknown role is shown as it is."""
    return ROLE_ZH.get(role, role)


def role_color(role: str) -> str:
    """Colour of a role, grey for one without a colour of its own."""
    return ROLE_COLOR.get(role, ROLE_COLOR[""])


def amount_text(amount: float | None, unit: str) -> str:
    """A quantity as people read it: 48.2 吨, 12.35 万元, 30%; empty when there is none."""
    if amount is None or not unit:
        return ""
    if unit == "元":
        return f"{amount / 10000:.2f} 万元" if abs(amount) >= 10000 else f"{amount:.0f} 元"
    if unit == "%":
        return f"{amount:.4g}%"
    return f"{amount:.1f} {unit}"


def edge_text(edge: PictureEdge) -> str:
    """What stands at an edge: amount and, for what moves, the day."""
    # A truck's arrivals stand beside the manifests that tell the same; when somebody became a
    # shareholder is told to whoever points at the line.
    is_flow = edge.kind in FLOWS or (edge.kind == "vehicle" and bool(edge.amount))
    since = "起" if edge.count > 1 else ""
    day = f"{edge.at:%m-%d}{since}" if edge.at and is_flow else ""
    return "\n".join(part for part in (amount_text(edge.amount, edge.unit), day) if part)


def edge_detail(edge: PictureEdge, names: dict[str, str]) -> str:
    """One sentence about an edge, for whoever points at it."""
    parts = [
        edge.label or line_of(edge.kind).label_zh,
        f"{names.get(edge.source, '')} → {names.get(edge.target, '')}",
        edge.at.strftime("%Y-%m-%d") if edge.at else "",
        amount_text(edge.amount, edge.unit),
        f"共 {edge.count} 条记录" if edge.count > 1 else "",
    ]
    return " · ".join(part for part in parts if part)


def largest_amounts(edges: Iterable[PictureEdge]) -> dict[str, float]:
    """Largest amount by unit, for line widths and their legend."""
    largest: dict[str, float] = {}
    for edge in edges:
        if edge.amount and edge.unit in ("吨", "元"):
            largest[edge.unit] = max(largest.get(edge.unit, 0.0), abs(edge.amount))
    return largest


def width_of(edge: PictureEdge, largest: dict[str, float]) -> float:
    """Width of an edge relative to the thinnest, 1 to 3, by its tonnes or yuan."""
    top = largest.get(edge.unit, 0.0)
    if not edge.amount or not top:
        return 1.0
    return 1.0 + 2.0 * sqrt(abs(edge.amount) / top)


def width_legend(picture: Picture) -> str:
    """Words for the widths; empty when all edges are equally wide."""
    largest = largest_amounts(picture.edges)
    parts = [amount_text(amount, unit) for unit, amount in sorted(largest.items(), reverse=True)]
    return f"线宽随数量，最粗为 {'、'.join(parts)}" if parts else ""


def sizes(picture: Picture) -> dict[str, float]:
    """Relative size of each node by its degree, 1 to 3 at most and in the picture's own scale."""
    degree = {node.id: 0 for node in picture.nodes}
    for edge in picture.edges:
        degree[edge.source] += 1
        degree[edge.target] += 1
    top = max(degree.values(), default=0)
    # Few nodes differ little: there the size would say nothing.
    spread = min(2.0, max(len(picture.nodes) - 4, 0) / 20)
    return {node: 1.0 + spread * (n / top if top else 0.0) for node, n in degree.items()}


def is_ringed(picture: Picture, node: PictureNode) -> bool:
    """Whether the node carries the red ring: a subject of a grade 1 suspicion."""
    return picture.is_severe and bool(node.role)


def legend_nodes(picture: Picture) -> list[tuple[str, str, str]]:
    """Colour, shape and word of each sign for nodes that the picture uses, subjects first."""
    signs: dict[tuple[str, str, str], None] = {}
    for node in sorted(picture.nodes, key=lambda n: not n.role):
        word = role_zh(node.role) if node.role else KIND_ZH.get(node.kind, node.kind)
        signs[(role_color(node.role), shape_of(node.kind), word)] = None
    words: dict[str, tuple[str, str, str]] = {}
    for sign in signs:
        words.setdefault(sign[2], sign)
    return list(words.values())


def legend_lines(picture: Picture) -> list[Line]:
    """Lines that the picture uses, in the order of their first edge."""
    return [line_of(kind) for kind in dict.fromkeys(edge.kind for edge in picture.edges)]


def left_out_text(picture: Picture) -> str:
    """What is not drawn, by kind; empty when all is."""
    parts = [f"{KIND_ZH.get(kind, kind)} {n} 个" for kind, n in sorted(picture.left_out.items())]
    return f"未画出：{'、'.join(parts)}" if parts else ""
