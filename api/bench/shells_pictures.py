"""The picture of ``bench shells``: seconds and memory by number of edges, ours and the peers."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from api.bench.growth_axes import dress_growth
from viz.figure import INK, SOFT
from viz.fonts import chinese_font

WIDTH_IN, HEIGHT_IN, DPI = 8.0, 4.2, 160
OURS, TARGET_S = "#0f5c63", 60
PEERS = (
    ("duckdb", "DuckDB 自连接", "#b3541e", "s", "--"),
    ("networkx", "networkx 简单路径加筛选", "#7a6a9c", "^", ":"),
    ("cypher", "Cypher", "#55636a", "D", "-."),
)
Points = Sequence[tuple[float, float]]


def draw_pictures(document: dict[str, Any], folder: Path) -> list[Path]:
    """Draw ``shells_growth.png`` into ``folder``; equal results give equal bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    settings: dict[Any, Any] = {"font.family": chinese_font(), "axes.unicode_minus": False}
    with mpl.rc_context(settings):
        drawing = Figure(figsize=(WIDTH_IN, HEIGHT_IN), facecolor="white")
        FigureCanvasAgg(drawing)
        growth, year = document["growth"], document["province_year"]
        drawing.text(
            0.02, 0.95, "空壳交接路径搜索的耗时与内存", fontsize=12, va="center", color=INK
        )
        note = (
            f"最右为全省一年：{year['edges']:,} 条交接、{year['organizations']:,} 家单位，"
            f"预埋 {year['planted']} 条链，找到 {year['planted_found']} 条；模拟数据，单进程。"
        )
        drawing.text(0.02, 0.03, note, fontsize=8, va="bottom", color=SOFT)
        left = drawing.add_axes((0.08, 0.2, 0.4, 0.66))
        _line(left, _points(growth, "paths_s"), "路径搜索", (OURS, "o", "-"))
        _line(left, _points(growth, "seconds"), "含候选与指标", (OURS, "o", ":"))
        for name, words, color, marker, dashes in PEERS:
            points = [(s["edges"], s["peer"]["seconds"]) for s in document["peers"][name]]
            _line(left, points, words, (color, marker, dashes))
        left.axhline(TARGET_S, color="#9aa3a8", linewidth=0.9)
        _axes(left, "秒")
        left.set_yscale("log")
        left.legend(fontsize=7, frameon=False, loc="upper left")
        left.set_ylim(top=30 * left.get_ylim()[1])
        right = drawing.add_axes((0.58, 0.2, 0.4, 0.66))
        _line(right, _points(growth, "peak_mib"), "进程峰值", (OURS, "o", "-"))
        _line(right, _points(growth, "arrays_mib"), "其中输入数组", (OURS, "v", ":"))
        _axes(right, "内存（MiB）")
        right.set_ylim(bottom=0)
        right.legend(fontsize=7, frameon=False, loc="upper left")
        path = folder / "shells_growth.png"
        drawing.savefig(path, dpi=DPI, metadata={"Software": None})
    return [path]


def _points(growth: Sequence[dict[str, Any]], field: str) -> Points:
    return [(step["edges"], step[field]) for step in growth]


def _line(axes: Axes, points: Points, words: str, style: tuple[str, str, str]) -> None:
    color, marker, dashes = style
    axes.plot(
        [x for x, _ in points], [max(y, 1e-3) for _, y in points], color=color, marker=marker,
        markersize=4, linestyle=dashes, linewidth=1.3, label=words,
    )  # fmt: skip


def _axes(axes: Axes, unit: str) -> None:
    dress_growth(axes, "交接条数（联单、发票）", unit)
