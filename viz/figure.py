"""The static figure of a finding's network, for paper: SVG or PNG, readable in black and white."""

import io
from typing import Any, Literal

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from viz.fonts import chinese_font
from viz.grammar import (
    KIND_SHAPE,
    LINES,
    SEVERE_RING,
    amount_text,
    role_color,
    role_zh,
)
from viz.layout import Position, positions
from viz.picture import Picture, PictureEdge, PictureNode

MAX_LABELLED_EDGES = 40
NAME_WIDTH = 15


def figure(picture: Picture, form: Literal["svg", "png"] = "svg", width_in: float = 6.1) -> bytes:
    """Draw the picture.

    Parameters
    ----------
    width_in
        Width in inches; 6.1 in fill the text block of a briefing.

    Returns
    -------
    bytes
        SVG with outlined glyphs, or PNG at 200 dpi. The same picture gives the same bytes.
    """
    settings: dict[Any, Any] = {
        "font.family": chinese_font(),
        "svg.fonttype": "path",
        "svg.hashsalt": "jinghuan",
        "axes.unicode_minus": False,
    }
    with mpl.rc_context(settings):
        drawing = Figure(figsize=(width_in, width_in * 0.78), facecolor="white")
        FigureCanvasAgg(drawing)
        axes = drawing.add_axes((0.01, 0.13, 0.98, 0.80))
        axes.set_xlim(-0.08, 1.08)
        axes.set_ylim(-0.06, 1.06)
        axes.axis("off")
        placed = positions(picture)
        _draw_edges(axes, picture, placed)
        _draw_nodes(axes, picture, placed)
        drawing.text(0.02, 0.965, f"{picture.title}　{picture.period}", fontsize=9.5, va="center")
        drawing.text(0.02, 0.018, _footer(picture), fontsize=6.5, color="#5b6670")
        _legend(drawing, picture)
        buffer = io.BytesIO()
        metadata = {"Date": None} if form == "svg" else {"Software": None}
        drawing.savefig(buffer, format=form, dpi=200, metadata=metadata)
    return buffer.getvalue()


def _footer(picture: Picture) -> str:
    left = sum(picture.left_out.values())
    return f"来源：{picture.source}" + (f"；另有 {left} 个节点未画出" if left else "")


def _wrapped(name: str) -> str:
    lines = [name[i : i + NAME_WIDTH] for i in range(0, len(name), NAME_WIDTH)]
    return "\n".join(lines[:3])


def _draw_nodes(axes: Axes, picture: Picture, placed: dict[str, Position]) -> None:
    for node in picture.nodes:
        x, y = placed[node.id]
        axes.plot(
            x,
            y,
            marker=KIND_SHAPE.get(node.kind, ("dot", "o"))[1],
            markersize=15,
            color=role_color(node.role),
            markeredgecolor=SEVERE_RING if picture.is_severe and node.role else "white",
            markeredgewidth=1.6,
            zorder=3,
        )
        is_above = y > 0.55
        axes.annotate(
            _label(node),
            (x, y),
            xytext=(0, 13 if is_above else -13),
            textcoords="offset points",
            ha="center",
            va="bottom" if is_above else "top",
            fontsize=7,
            linespacing=1.15,
            zorder=5,
            bbox={"boxstyle": "round,pad=0.15", "fc": "white", "ec": "none", "alpha": 0.85},
        )


def _label(node: PictureNode) -> str:
    name = _wrapped(node.name)
    return f"{name}\n（{role_zh(node.role)}）" if node.role else name


def _draw_edges(axes: Axes, picture: Picture, placed: dict[str, Position]) -> None:
    largest = max((e.amount or 0.0 for e in picture.edges if e.kind == "manifest"), default=0.0)
    seen: dict[tuple[str, str], int] = {}
    for edge in picture.edges:
        pair = (min(edge.source, edge.target), max(edge.source, edge.target))
        bend = 0.08 + 0.12 * seen.get(pair, 0)
        seen[pair] = seen.get(pair, 0) + 1
        line = LINES.get(edge.kind, LINES["office"])
        share = (edge.amount or 0.0) / largest if edge.kind == "manifest" and largest else 0.0
        axes.annotate(
            "",
            xy=placed[edge.target],
            xytext=placed[edge.source],
            arrowprops={
                "arrowstyle": "-|>" if line.is_directed else "-",
                "linestyle": (0, line.dashes) if line.dashes else "solid",
                "color": line.color,
                "linewidth": 0.8 + 1.6 * share,
                "shrinkA": 10,
                "shrinkB": 10,
                "connectionstyle": f"arc3,rad={bend}",
            },
            zorder=2,
        )
        if len(picture.edges) <= MAX_LABELLED_EDGES:
            _label_edge(axes, edge, placed, bend)


def _label_edge(axes: Axes, edge: PictureEdge, placed: dict[str, Position], bend: float) -> None:
    text = "\n".join(
        part
        for part in (
            amount_text(edge.amount, edge.unit),
            edge.at.strftime("%m-%d") if edge.at and edge.kind in ("manifest", "invoice") else "",
        )
        if part
    )
    if not text:
        return
    (x0, y0), (x1, y1) = placed[edge.source], placed[edge.target]
    x = (x0 + x1) / 2 + bend * (y1 - y0) / 2
    y = (y0 + y1) / 2 - bend * (x1 - x0) / 2
    axes.text(
        x,
        y,
        text,
        fontsize=6.2,
        ha="center",
        va="center",
        color="#33414e",
        zorder=4,
        bbox={"boxstyle": "round,pad=0.1", "fc": "white", "ec": "none", "alpha": 0.8},
    )


def _legend(drawing: Figure, picture: Picture) -> None:
    roles = list(dict.fromkeys((n.role, n.kind) for n in picture.nodes))
    handles: list[Line2D] = []
    for role, kind in roles:
        if role and role not in {h.get_gid() for h in handles}:
            handle = Line2D(
                [],
                [],
                marker=KIND_SHAPE.get(kind, ("dot", "o"))[1],
                color=role_color(role),
                linestyle="none",
                markersize=6,
                label=role_zh(role),
            )
            handle.set_gid(role)
            handles.append(handle)
    for kind in dict.fromkeys(e.kind for e in picture.edges):
        line = LINES.get(kind, LINES["office"])
        handles.append(
            Line2D(
                [],
                [],
                color=line.color,
                linewidth=1.1,
                linestyle=(0, line.dashes) if line.dashes else "solid",
                label=line.label_zh,
            )
        )
    drawing.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(0.01, 0.04),
        ncol=6,
        fontsize=6.8,
        frameon=False,
        handlelength=2.2,
        columnspacing=1.2,
    )
