"""The static figure of a finding's network, for paper: SVG or PNG, readable in black and white."""

import io
from collections.abc import Iterable
from typing import Any, Literal

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from viz.fonts import chinese_font
from viz.grammar import (
    LABELLED_EDGES,
    SEVERE_RING,
    edge_text,
    is_ringed,
    largest_amounts,
    left_out_text,
    legend_nodes,
    line_of,
    role_color,
    role_zh,
    shape_of,
    sizes,
    width_legend,
    width_of,
)
from viz.layout import Position, bends, positions
from viz.markers import marker_of
from viz.picture import Picture, PictureEdge, PictureNode

# Longest line of a name in characters, on a wide and on a narrow drawing.
NAME_WIDTH, NARROW, WIDE_IN = 14, 9, 5.5
LADDER, LABEL_ROOM_PT = 0.15, 38
# Another node so near above, in shares of the drawing, would be hidden by a name.
NEAR_X, NEAR_Y = 0.1, 0.38
MARKER_PT = 15.0
FEW_NODES, MANY_NODES, FLAT, HIGH, TALL = 6, 12, 0.68, 0.8, 1.05
NOTE_PT = 6.0
APART = 0.14
INK, SOFT = "#1c2529", "#55636a"


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
        height_in = width_in * _aspect(picture)
        drawing = Figure(figsize=(width_in, height_in), facecolor="white")
        FigureCanvasAgg(drawing)
        room = width_in * 72 * 0.96
        note = _footer(picture, room / NOTE_PT)
        legend_floor = (len(note) * NOTE_PT * 1.25 + 6) / (height_in * 72)
        floor = legend_floor + (_legend(drawing, picture, legend_floor) * 10 + 4) / (height_in * 72)
        title_pt = min(9.5, room / max(len(picture.title), 1))
        drawing.text(0.02, 0.965, picture.title, fontsize=title_pt, va="center", color=INK)
        drawing.text(
            0.02, 0.012, "\n".join(note), fontsize=NOTE_PT, va="bottom", linespacing=1.2, color=SOFT
        )
        placed = positions(picture)
        ladder = _ladder_edges(picture)
        if ladder:
            _draw_ladder(drawing, ladder, placed, floor)
            floor += LADDER
        axes = drawing.add_axes((0.01, floor, 0.98, 0.93 - floor))
        axes.set_xlim(-0.12, 1.12)
        # Names above and below the outermost nodes keep their room in points.
        inner = 1 - 2 * LABEL_ROOM_PT / ((0.93 - floor) * height_in * 72)
        margin = (1 / max(inner, 0.3) - 1) / 2
        axes.set_ylim(-margin, 1 + margin)
        axes.axis("off")
        _draw_edges(axes, picture, placed)
        is_crowded = len(picture.nodes) > (FEW_NODES if width_in < WIDE_IN else MANY_NODES)
        _draw_nodes(axes, picture, placed, NARROW if is_crowded else NAME_WIDTH)
        buffer = io.BytesIO()
        metadata = {"Date": None} if form == "svg" else {"Software": None}
        drawing.savefig(buffer, format=form, dpi=200, metadata=metadata)
    return buffer.getvalue()


def _aspect(picture: Picture) -> float:
    """Height to width of the drawing; few nodes need little room, a chain and its helpers much."""
    if len(picture.nodes) <= FEW_NODES:
        return FLAT
    return TALL if picture.layout == "chain" else HIGH


def _footer(picture: Picture, width: float) -> list[str]:
    """Period, source, widths and what is left out, in lines of ``width`` Chinese characters."""
    parts = (
        picture.period,
        f"来源：{picture.source}",
        width_legend(picture),
        left_out_text(picture),
    )
    lines, used = [""], 0.0
    for character in "；".join(part for part in parts if part):
        breadth = 0.58 if ord(character) < 0x2000 else 1.0
        if used + breadth > width:
            lines.append("")
            used = 0.0
        lines[-1] += character
        used += breadth
    return lines


def _wrapped(name: str, most: int) -> str:
    """The name in lines of about equal length; a number stays whole."""
    if name.isascii():
        return name
    lines = min(-(-len(name) // most), 3)
    width = max(-(-len(name) // lines), 1) if lines else 1
    cut = [name[i : i + width] for i in range(0, len(name), width)]
    return "\n".join(cut[:3])


def _draw_nodes(axes: Axes, picture: Picture, placed: dict[str, Position], name_width: int) -> None:
    scale = sizes(picture)
    for node in picture.nodes:
        x, y = placed[node.id]
        size = MARKER_PT * (0.8 if not node.role else 1.0) * (0.75 + 0.25 * scale[node.id])
        axes.plot(
            x,
            y,
            marker=marker_of(shape_of(node.kind)),
            markersize=size,
            color=role_color(node.role),
            markeredgecolor=SEVERE_RING if is_ringed(picture, node) else "white",
            markeredgewidth=1.6,
            zorder=3,
        )
        is_above = y > 0.55 and not _has_above((x, y), placed.values())
        axes.annotate(
            _label(node, name_width),
            (x, y),
            xytext=(0, size * 0.5 + 5 if is_above else -size * 0.5 - 5),
            textcoords="offset points",
            ha="center",
            va="bottom" if is_above else "top",
            fontsize=7,
            linespacing=1.15,
            color=INK,
            zorder=5,
            bbox={"boxstyle": "round,pad=0.15", "fc": "white", "ec": "none", "alpha": 0.85},
        )


def _has_above(own: Position, places: Iterable[Position]) -> bool:
    """Whether a name above would hide another node."""
    x, y = own
    return any(abs(x - u) < NEAR_X and 0 < v - y < NEAR_Y for u, v in places)


def _label(node: PictureNode, name_width: int) -> str:
    name = _wrapped(node.name, name_width)
    # A plate needs no word that says it is a vehicle.
    is_plain = node.role in ("", node.kind)
    return name if is_plain else f"{name}\n（{role_zh(node.role)}）"


def _draw_edges(axes: Axes, picture: Picture, placed: dict[str, Position]) -> None:
    largest = largest_amounts(picture.edges)
    for edge, bend in zip(picture.edges, bends(picture), strict=True):
        line = line_of(edge.kind)
        width = 0.7 * width_of(edge, largest)
        for lift in (-1.1, 1.1) if line.is_double else (0.0,):
            axes.annotate(
                "",
                xy=placed[edge.target],
                xytext=placed[edge.source],
                arrowprops={
                    "arrowstyle": "-|>" if line.is_directed else "-",
                    "linestyle": (0, line.dashes) if line.dashes else "solid",
                    "color": line.color,
                    "linewidth": width if not line.is_double else 0.6,
                    "shrinkA": 10,
                    "shrinkB": 10,
                    "connectionstyle": f"arc3,rad={bend + lift * 0.008}",
                },
                zorder=2,
            )
        if len(picture.edges) < LABELLED_EDGES:
            _label_edge(axes, edge, placed, bend)


def _label_edge(axes: Axes, edge: PictureEdge, placed: dict[str, Position], bend: float) -> None:
    text = edge_text(edge)
    if not text:
        return
    (x0, y0), (x1, y1) = placed[edge.source], placed[edge.target]
    # On the arc: its bend is measured on paper, where a unit is wider than high. Labels of edges
    # beside each other stand apart, each nearer to the end that its own side begins at.
    ratio = _unit_ratio(axes)
    at = 0.5 + max(-APART, min(APART, bend))
    lift = 2 * at * (1 - at) * bend
    x = x0 + at * (x1 - x0) + lift * (y1 - y0) / ratio
    y = y0 + at * (y1 - y0) - lift * (x1 - x0) * ratio
    axes.text(
        x,
        y,
        text,
        fontsize=6.2,
        linespacing=1.1,
        ha="center",
        va="center",
        color=INK,
        zorder=4,
        bbox={"boxstyle": "round,pad=0.1", "fc": "white", "ec": "none", "alpha": 0.85},
    )


def _unit_ratio(axes: Axes) -> float:
    """Length on paper of a unit of x to that of a unit of y."""
    box = axes.get_window_extent()
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    return float(box.width / (right - left) / (box.height / (top - bottom)))


def _ladder_edges(picture: Picture) -> list[PictureEdge]:
    """Edges with a price, when the picture is a chain: the ladder says who profits where."""
    if picture.layout != "chain":
        return []
    return [edge for edge in picture.edges if edge.price]


def _draw_ladder(
    drawing: Figure, edges: list[PictureEdge], placed: dict[str, Position], floor: float
) -> None:
    axes = drawing.add_axes((0.01, floor + 0.01, 0.98, LADDER - 0.02))
    axes.set_xlim(-0.12, 1.12)
    steps: dict[tuple[float, float], list[float]] = {}
    for edge in edges:
        first, last = sorted((placed[edge.source][0], placed[edge.target][0]))
        steps.setdefault((first, last), []).append(edge.price or 0.0)
    top = max(price for prices in steps.values() for price in prices)
    axes.set_ylim(0, top * 1.4)
    for ends, prices in steps.items():
        middle = sum(prices) / len(prices)
        low, high = f"{min(prices):.0f}", f"{max(prices):.0f}"
        axes.plot(ends, (middle, middle), color=INK, linewidth=1.6, solid_capstyle="butt")
        axes.text(
            sum(ends) / 2,
            middle + top * 0.05,
            f"{low if low == high else f'{low}–{high}'} 元/吨",
            fontsize=6.2,
            ha="center",
            color=INK,
        )
    axes.text(-0.075, top * 1.15, "货物每吨价格", fontsize=6.5, color=SOFT)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color("#9aa3a8")
    axes.set_xticks([])
    axes.set_yticks([])


def _legend(drawing: Figure, picture: Picture, floor: float) -> int:
    """Draw the legend above ``floor``; gives the number of its rows."""
    handles = [
        Line2D(
            [],
            [],
            marker=marker_of(shape),
            color=color,
            linestyle="none",
            markersize=6,
            label=word,
        )
        for color, shape, word in legend_nodes(picture)
    ]
    for kind in dict.fromkeys(e.kind for e in picture.edges):
        line = line_of(kind)
        handles.append(
            Line2D(
                [],
                [],
                color=line.color,
                linewidth=2.4 if line.is_double else 1.1,
                markerfacecolor="white",
                linestyle=(0, line.dashes) if line.dashes else "solid",
                label=line.label_zh,
            )
        )
    if picture.is_severe:
        handles.append(
            Line2D(
                [],
                [],
                marker="s",
                markerfacecolor="white",
                markeredgecolor=SEVERE_RING,
                linestyle="none",
                markersize=6,
                label="红框：一级疑似",
            )
        )
    columns = max(3, int(drawing.get_figwidth() * 1.2))
    drawing.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(0.01, floor),
        ncol=columns,
        fontsize=6.8,
        frameon=False,
        handlelength=2.4,
        columnspacing=1.0,
    )
    return -(-len(handles) // columns)
