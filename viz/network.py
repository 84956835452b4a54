"""The interactive network of a finding as one offline HTML file."""

import html
import re

from pyvis.network import Network

from viz.grammar import (
    KIND_SHAPE,
    KIND_ZH,
    LINES,
    SEVERE_RING,
    amount_text,
    role_color,
    role_zh,
)
from viz.layout import positions
from viz.picture import Picture

WIDTH, HEIGHT = 1100, 720
OUTSIDE = re.compile(r"<(?:link|script)[^>]*(?:href|src)=\"https?://[^>]*>(?:\s*</script>)?", re.S)
FONT = '"Microsoft YaHei","PingFang SC","Noto Sans CJK SC",sans-serif'


class OutsideAddress(Exception):
    """The library's page still points outside the machine: its template has changed."""


def network_html(picture: Picture) -> str:
    """One HTML page with the network, its legend and its source; it loads nothing from outside.

    Raises
    ------
    OutsideAddress
        When the page does not hold exactly the two outside tags known to be removed.
    """
    network = Network(
        height=f"{HEIGHT}px",
        width="100%",
        directed=True,
        cdn_resources="in_line",
        bgcolor="#ffffff",
        font_color="#22303c",
    )
    network.toggle_physics(False)
    placed = positions(picture)
    degree = {n.id: 0 for n in picture.nodes}
    for edge in picture.edges:
        degree[edge.source] += 1
        degree[edge.target] += 1
    largest = max(degree.values(), default=1) or 1
    for node in picture.nodes:
        x, y = placed[node.id]
        network.add_node(
            node.id,
            label=node.name if len(node.name) <= 14 else node.name[:13] + "…",
            title=f"{node.name}\n{KIND_ZH.get(node.kind, node.kind)} · {role_zh(node.role)}",
            shape=KIND_SHAPE.get(node.kind, ("dot", "o"))[0],
            size=12 + 14 * degree[node.id] / largest,
            x=(x - 0.5) * WIDTH * 0.8,
            y=(0.5 - y) * HEIGHT * 0.8,
            physics=False,
            color={
                "background": role_color(node.role),
                "border": SEVERE_RING if picture.is_severe and node.role else "#ffffff",
            },
            borderWidth=3,
            font={"face": FONT, "size": 14},
        )
    for edge in picture.edges:
        line = LINES.get(edge.kind, LINES["office"])
        when = edge.at.strftime("%Y-%m-%d") if edge.at else ""
        amount = amount_text(edge.amount, edge.unit)
        network.add_edge(
            edge.source,
            edge.target,
            title="\n".join(p for p in (line.label_zh, amount, when) if p),
            label=f"{amount} {when[5:]}".strip() if len(picture.edges) < 40 else "",
            color=line.color,
            dashes=list(line.dashes) if line.dashes else False,
            arrows="to" if line.is_directed else "",
            width=1.5,
            smooth={"type": "curvedCW", "roundness": 0.15},
            font={"face": FONT, "size": 12, "strokeWidth": 4, "strokeColor": "#ffffff"},
        )
    page = network.generate_html(notebook=False)
    page, removed = OUTSIDE.subn("", page)
    if removed != 2 or OUTSIDE.search(page):
        raise OutsideAddress(
            f"network page: {removed} outside tags removed, 2 expected; check the pinned pyvis"
        )
    page = page.replace("<html>", '<html lang="zh-CN">', 1)
    page = re.sub(r"<center>\s*<h1>.*?</h1>\s*</center>", "", page, flags=re.S)
    return page.replace("<body>", f"<body>{_head(picture)}", 1).replace(
        "</body>", f"{_legend(picture)}</body>", 1
    )


def _head(picture: Picture) -> str:
    return (
        f"<title>{html.escape(picture.title)}</title>"
        f"<h1 style='font:600 20px {html.escape(FONT, quote=True)};margin:12px 16px 2px'>"
        f"{html.escape(picture.title)}</h1>"
        f"<p style='font:14px {html.escape(FONT, quote=True)};margin:0 16px 8px;color:#5b6670'>"
        f"{html.escape(picture.period)}</p>"
    )


def _legend(picture: Picture) -> str:
    roles = dict.fromkeys(n.role for n in picture.nodes if n.role)
    lines = dict.fromkeys(e.kind for e in picture.edges)
    swatch = "display:inline-block;width:12px;height:12px;margin-right:4px;vertical-align:-1px"
    items = [
        f"<span style='margin-right:16px'><i style='{swatch};background:{role_color(role)}'></i>"
        f"{html.escape(role_zh(role))}</span>"
        for role in roles
    ]
    for kind in lines:
        line = LINES.get(kind, LINES["office"])
        style = "dashed" if line.dashes else "solid"
        items.append(
            "<span style='margin-right:16px'><i style='display:inline-block;width:26px;"
            f"border-top:2px {style} {line.color};margin-right:4px;vertical-align:4px'></i>"
            f"{line.label_zh}</span>"
        )
    if picture.is_severe:
        items.append(f"<span style='color:{SEVERE_RING}'>红框：一级疑似</span>")
    left = sum(picture.left_out.values())
    note = f"；另有 {left} 个节点未画出" if left else ""
    return (
        f"<div style='font:13px {html.escape(FONT, quote=True)};margin:8px 16px'>{''.join(items)}"
        f"<p style='color:#5b6670'>来源：{html.escape(picture.source)}{note}</p></div>"
    )
