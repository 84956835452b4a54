"""The grammar of network pictures: shapes by kind, colours by role, lines by what an edge is."""

from dataclasses import dataclass

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
    "": "#9aa3ab",
}
# A rounded bar is no marker of the drawing library: its corners in units of the marker's size.
WIDE_BAR = ((-1.5, -0.6), (1.5, -0.6), (1.5, 0.6), (-1.5, 0.6))
Marker = str | tuple[tuple[float, float], ...]
# shape on the screen, marker on paper
KIND_SHAPE: dict[str, tuple[str, Marker]] = {
    "organization": ("square", "s"),
    "person": ("dot", "o"),
    "vehicle": ("box", WIDE_BAR),
    "phone": ("diamond", "D"),
    "address": ("triangleDown", "v"),
    "site": ("triangleDown", "v"),
    "outlet": ("triangle", "^"),
    "account": ("hexagon", "h"),
    "case": ("star", "*"),
}
SEVERE_RING = "#c8281e"


@dataclass(frozen=True, slots=True)
class Line:
    """How an edge of one kind is drawn: label, dash pattern in points (empty: solid), colour."""

    label_zh: str
    dashes: tuple[int, ...]
    color: str
    is_directed: bool


LINES = {
    "manifest": Line("转移联单", (), "#33414e", True),
    "invoice": Line("发票", (6, 4), "#33414e", True),
    "waybill": Line("运单", (1, 3), "#33414e", True),
    "vehicle": Line("车辆到达", (1, 3), "#33414e", True),
    "carriage": Line("承运", (1, 3), "#7c8894", True),
    "ownership": Line("持股", (), "#7c8894", True),
    "office": Line("任职", (2, 2), "#7c8894", True),
    "test": Line("检测", (4, 2), "#7c8894", True),
    "operation": Line("运维", (4, 2, 1, 2), "#7c8894", True),
    "outlet": Line("排放口", (), "#b4bcc4", False),
    "shared": Line("共用标识", (), "#c4a3a3", False),
}


def role_zh(role: str) -> str:
    """Chinese word for a role; an unknown role is shown as it is."""
    return ROLE_ZH.get(role, role)


def role_color(role: str) -> str:
    """Colour of a role, grey for one without a colour of its own."""
    return ROLE_COLOR.get(role, ROLE_COLOR[""])


def amount_text(amount: float | None, unit: str) -> str:
    """A quantity as people read it: 48.2 吨, 12.35 万元, 30 %; empty when there is none."""
    if amount is None or not unit:
        return ""
    if unit == "元":
        return f"{amount / 10000:.2f} 万元" if abs(amount) >= 10000 else f"{amount:.0f} 元"
    if unit == "%":
        return f"{amount:.4g}%"
    return f"{amount:.1f} {unit}"
