"""The interactive network of a finding as one offline HTML file."""

import html
import re

from pyvis.network import Network

from viz.grammar import (
    KIND_SHAPE,
    KIND_ZH,
    LABELLED_EDGES,
    SEVERE_RING,
    edge_detail,
    edge_text,
    is_ringed,
    largest_amounts,
    left_out_text,
    legend_nodes,
    line_of,
    role_color,
    role_zh,
    sizes,
    width_legend,
    width_of,
)
from viz.layout import bends, positions
from viz.picture import Picture

WIDTH, HEIGHT = 1100, 720
OUTSIDE = re.compile(r"<(?:link|script)[^>]*(?:href|src)=\"https?://[^>]*>(?:\s*</script>)?", re.S)
FONT = '"Microsoft YaHei","PingFang SC","Noto Sans CJK SC",sans-serif'

CSS_SHAPE = {
    "circle": "border-radius:50%",
    "bar": "border-radius:6px;width:20px",
    "diamond": "transform:rotate(45deg) scale(.8)",
    "pin": "clip-path:polygon(0 0,100% 0,50% 100%)",
    "drop": "clip-path:polygon(50% 0,100% 100%,0 100%)",
}


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
    _add_nodes(network, picture)
    _add_edges(network, picture)
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


def _add_nodes(network: Network, picture: Picture) -> None:
    placed, scale = positions(picture), sizes(picture)
    for node in picture.nodes:
        x, y = placed[node.id]
        role = role_zh(node.role) if node.role else ""
        network.add_node(
            node.id,
            label=node.name if len(node.name) <= 14 else node.name[:13] + "…",
            title="\n".join(p for p in (node.name, KIND_ZH.get(node.kind, node.kind), role) if p),
            shape=KIND_SHAPE.get(node.kind, ("circle", "dot"))[1],
            size=16 * scale[node.id],
            x=round((x - 0.5) * WIDTH * 0.8, 2),
            y=round((0.5 - y) * HEIGHT * 0.8, 2),
            physics=False,
            color={
                "background": role_color(node.role) if node.kind != "vehicle" else "#e9edee",
                "border": SEVERE_RING if is_ringed(picture, node) else "#ffffff",
            },
            borderWidth=3,
            font={"face": FONT, "size": 14, "strokeWidth": 4, "strokeColor": "#ffffff"},
        )


def _add_edges(network: Network, picture: Picture) -> None:
    largest = largest_amounts(picture.edges)
    names = {node.id: node.name for node in picture.nodes}
    for edge, bend in zip(picture.edges, bends(picture), strict=True):
        line = line_of(edge.kind)
        network.add_edge(
            edge.source,
            edge.target,
            title=edge_detail(edge, names),
            label=edge_text(edge) if len(picture.edges) < LABELLED_EDGES else "",
            color=line.color,
            dashes=list(line.dashes) if line.dashes else False,
            arrows="to" if line.is_directed else "",
            width=round(1.2 * width_of(edge, largest), 2),
            # The library has no double line: a pale wide shadow stands for it.
            shadow={"enabled": line.is_double, "size": 0, "x": 3, "y": 3, "color": line.color},
            smooth={
                "type": "curvedCW" if bend >= 0 else "curvedCCW",
                "roundness": round(abs(bend), 3),
            },
            font={"face": FONT, "size": 12, "strokeWidth": 4, "strokeColor": "#ffffff"},
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
    swatch = "display:inline-block;width:12px;height:12px;margin-right:4px;vertical-align:-1px"
    items = [
        f"<span><i style='{swatch};background:{color};{CSS_SHAPE.get(shape, '')}'></i>"
        f"{html.escape(word)}</span>"
        for color, shape, word in legend_nodes(picture)
    ]
    for kind in dict.fromkeys(e.kind for e in picture.edges):
        line = line_of(kind)
        style = "double" if line.is_double else "dashed" if line.dashes else "solid"
        weight = 4 if line.is_double else 2
        items.append(
            "<span><i style='display:inline-block;width:26px;margin-right:4px;vertical-align:4px;"
            f"border-top:{weight}px {style} {line.color}'></i>{line.label_zh}</span>"
        )
    if picture.is_severe:
        items.append(f"<span style='color:{SEVERE_RING}'>红框：一级疑似</span>")
    notes = (f"来源：{picture.source}", width_legend(picture), left_out_text(picture))
    text = html.escape("；".join(note for note in notes if note))
    return (
        f"<div style='font:13px {html.escape(FONT, quote=True)};clear:both;padding:8px 16px;"
        f"display:flex;flex-wrap:wrap;gap:4px 16px'>{''.join(items)}</div>"
        f"<p style='font:13px {html.escape(FONT, quote=True)};margin:0 16px 12px;color:#5b6670'>"
        f"{text}</p>"
    )
