"""The picture of ``bench shells``: seconds and memory by number of edges, ours and the peers."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from api.bench.growth_axes import count_words, dress_growth, legend_below, mark_target, save_picture
from viz.figure import INK, SOFT
from viz.fonts import chinese_font

WIDTH_IN, HEIGHT_IN = 8.0, 5.5
LEFT, RIGHT = (0.08, 0.41, 0.4, 0.5), (0.58, 0.41, 0.4, 0.5)
OURS, TARGET_S = "#0f5c63", 60
PEERS = (
    ("duckdb", "DuckDB 自连接", "#b3541e", "s", "--"),
    ("networkx", "networkx 简单路径加筛选", "#7a6a9c", "^", ":"),
    ("cypher_neo4j", "Neo4j", "#c28a1b", "P", "-."),
    ("cypher_embedded", "内置图数据库", "#9aa3a8", "X", "-."),
)
SIZES = "交接条数（联单、发票）"
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
            0.02, 0.96, "空壳交接路径搜索的耗时与内存", fontsize=12, va="center", color=INK
        )
        note = (
            f"最右一点：模拟一年，{count_words(year['edges'], '条交接')}、"
            f"{count_words(year['organizations'], '家单位')}，预埋 {year['planted']:,} 条链，"
            f"找到 {year['planted_found']:,} 条。单进程；数据均为模拟生成。"
            "\n内存含程序本身；Neo4j 与内置图数据库为时钟秒数。"
        )
        drawing.text(0.02, 0.02, note, fontsize=8, va="bottom", color=SOFT, linespacing=1.5)
        left, right = drawing.add_axes(LEFT), drawing.add_axes(RIGHT)
        _line(left, _points(growth, "paths_s"), "路径搜索", (OURS, "o", "-"))
        _line(left, _points(growth, "seconds"), "路径搜索，含候选与指标", (OURS, "v", ":"))
        for name, words, color, marker, dashes in PEERS:
            runs = document["peers"].get(name, ())
            points = [(s["size"], s["peer"]["seconds"]) for s in runs if "ended" not in s]
            _line(left, points, f"路径搜索，{words}", (color, marker, dashes))
        dress_growth(left, SIZES, "秒", is_log=True)
        mark_target(left, TARGET_S, "目标：全省一年 60 秒")
        legend_below(left)
        _line(right, _points(growth, "peak_mib"), "进程峰值", (OURS, "o", "-"))
        _line(right, _points(growth, "arrays_mib"), "其中输入数组", (OURS, "v", ":"))
        dress_growth(right, SIZES, "内存（MiB）")
        legend_below(right)
        return [save_picture(drawing, folder / "shells_growth.png")]


def _points(growth: Sequence[dict[str, Any]], field: str) -> Points:
    return [(step["edges"], step[field]) for step in growth]


def _line(axes: Axes, points: Points, words: str, style: tuple[str, str, str]) -> None:
    color, marker, dashes = style
    if not points:
        return
    axes.plot(
        [x for x, _ in points], [max(y, 1e-3) for _, y in points], color=color, marker=marker,
        markersize=4, linestyle=dashes, linewidth=1.3, label=words,
    )  # fmt: skip
