"""The picture of ``bench rings``: seconds and memory by number of entries, ours and the peers."""

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
# Whose runs: a part of our growth, or a peer; the measure; words, colour, marker, dashes.
TIMES = (
    ("year", "seconds", "团伙：分组、稳定性、超额检验", "#0f5c63", "o", "-"),
    ("all_organizations", "groups_s", "全部单位分组", "#55636a", "v", "-"),
    ("networkx", "seconds", "全部单位分组，networkx", "#7a6a9c", "^", ":"),
    ("all_organizations", "pairs_s", "全部单位成对", "#2f7d6b", "D", "-"),
    ("duckdb", "seconds", "全部单位成对，DuckDB 自连接", "#b3541e", "s", "--"),
    ("cypher_neo4j", "seconds", "全部单位成对，Neo4j", "#c28a1b", "P", "-."),
    ("cypher_embedded", "seconds", "全部单位成对，内置图数据库", "#9aa3a8", "X", "-."),
)
MEMORY = (
    ("year", "peak_mib", "团伙", "#0f5c63", "o", "-"),
    ("all_organizations", "peak_mib", "全部单位", "#55636a", "v", "-"),
    ("duckdb", "peak_mib", "DuckDB", "#b3541e", "s", "--"),
    ("networkx", "peak_mib", "networkx", "#7a6a9c", "^", ":"),
)
TARGET_S = 60
# A log scale has no place for 0: what took no measurable time stands at a thousandth.
LEAST = 1e-3
Lines = Sequence[tuple[str, str, str, str, str, str]]


def draw_pictures(document: dict[str, Any], folder: Path) -> list[Path]:
    """Draw ``rings_growth.png`` into ``folder``; equal results give equal bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    settings: dict[Any, Any] = {"font.family": chinese_font(), "axes.unicode_minus": False}
    with mpl.rc_context(settings):
        drawing = Figure(figsize=(WIDTH_IN, HEIGHT_IN), facecolor="white")
        FigureCanvasAgg(drawing)
        year = document["province_year"]
        drawing.text(0.02, 0.96, "团伙识别的耗时与内存", fontsize=12, va="center", color=INK)
        note = (
            f"最右一点：模拟一年，{count_words(year['entries'], '条标识')}、"
            f"{year['bodies']:,} 家机构、{year['sites']:,} 个站点。单进程；数据均为模拟生成。"
            "\n内存含程序本身；Neo4j 与内置图数据库为时钟秒数，其服务器的内存不在图中。"
        )
        drawing.text(0.02, 0.02, note, fontsize=8, va="bottom", color=SOFT, linespacing=1.5)
        left, right = drawing.add_axes(LEFT), drawing.add_axes(RIGHT)
        for axes, lines, unit in ((left, TIMES, "秒"), (right, MEMORY, "内存峰值（MiB）")):
            _lines(axes, document, lines)
            dress_growth(axes, "标识条数（单位的电话、地址、人员等）", unit, axes is left)
        mark_target(left, TARGET_S, "目标：全省一年的团伙 60 秒")
        legend_below(left)
        legend_below(right)
        return [save_picture(drawing, folder / "rings_growth.png")]


def _lines(axes: Axes, document: dict[str, Any], lines: Lines) -> None:
    for name, field, words, color, marker, dashes in lines:
        points = _points(document, name, field)
        if points:
            axes.plot(
                [size for size, _ in points], [max(value, LEAST) for _, value in points],
                color=color, marker=marker, markersize=4, linestyle=dashes, linewidth=1.3,
                label=words,
            )  # fmt: skip


def _points(document: dict[str, Any], name: str, field: str) -> list[tuple[int, float]]:
    """Entries and the measure, of a part of our growth or of a peer's runs that ended."""
    if name in document["peers"]:
        runs = document["peers"][name]
        return [(one["size"], one[field]) for one in runs if "ended" not in one]
    if name not in document["growth"][0]:
        return []
    return [(step["year"]["entries"], step[name][field]) for step in document["growth"]]
