"""Pictures of ``bench loops``: growth of time and memory with the peers' points, and the list."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from api.bench.growth_axes import count_words, dress_growth, save_picture
from api.bench.loops_ranking_picture import draw_ranking
from viz.figure import INK, SOFT
from viz.fonts import chinese_font

WIDTH_IN, HEIGHT_IN = 8.0, 5.2
OURS, OURS_SEARCH = "#0f5c63", "#5c9aa0"
# Peers on the plot: name in the document, words, colour, marker.
PEERS = (
    ("networkx", "networkx（5 跳）", "#b3541e", "s"),
    ("duckdb_count_6", "DuckDB 计数（6 跳）", "#7a6a9c", "^"),
    ("duckdb_rules_6", "DuckDB 全部条件（6 跳）", "#a99bc4", "v"),
    ("cypher_neo4j", "Neo4j（4 跳）", "#55636a", "D"),
    ("cypher_embedded", "内置图数据库（4 跳）", "#9aa3a8", "d"),
    ("snapml", "Snap ML（无平行边）", "#c28a1b", "o"),
    ("snapml_parallel", "Snap ML（含平行边）", "#e0bd6d", "P"),
)


def draw_pictures(document: dict[str, Any], folder: Path) -> list[Path]:
    """Draw the result of ``bench loops``; equal results give equal bytes.

    Returns
    -------
    list of Path
        ``loops_time.png``, ``loops_memory.png`` and ``loops_ranking.png``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    settings: dict[Any, Any] = {"font.family": chinese_font(), "axes.unicode_minus": False}
    time = ("seconds", "时间环搜索：处理器时间随边数增长", "处理器时间（秒）")
    memory = ("peak_mib", "时间环搜索：内存峰值随边数增长", "内存峰值（MiB）")
    with mpl.rc_context(settings):
        return [
            save_picture(_growth(document, *time), folder / "loops_time.png"),
            save_picture(_growth(document, *memory), folder / "loops_memory.png"),
            save_picture(draw_ranking(document["year"]["searches"]), folder / "loops_ranking.png"),
        ]


def _growth(document: dict[str, Any], field: str, title: str, axis: str) -> Figure:
    drawing = Figure(figsize=(WIDTH_IN, HEIGHT_IN), facecolor="white")
    FigureCanvasAgg(drawing)
    drawing.text(0.02, 0.96, title, fontsize=12, va="center", color=INK)
    note = (
        "单线程。各线的跳数与条件不同，对照应看同规模的数据文件；箭头：下一规模超过时限或内存上限。\n"
        "星号为至多 8 跳、代码相同、30 天的搜索。Cypher 为时钟秒数且不含服务器内存。"
        "数据均为模拟生成。"
    )
    drawing.text(0.02, 0.02, note, fontsize=8, va="bottom", color=SOFT, linespacing=1.5)
    axes = drawing.add_axes((0.09, 0.2, 0.57, 0.7))
    growth = document["growth"]
    ours = (
        (growth["count"], "本产品：计数（6 跳）", OURS, "-"),
        (growth["search"], "本产品：搜索（8 跳）", OURS_SEARCH, "--"),
    )
    for line, words, color, dashes in ours:
        points = [(size["edges"], size[field]) for size in line["sizes"]]
        axes.plot(*_columns(points), color=color, linestyle=dashes, marker="o", markersize=5,
                  linewidth=1.8, label=words, zorder=4)  # fmt: skip
    for name, words, color, marker in PEERS:
        if name in document["peers"]:
            _peer(axes, document["peers"][name]["sizes"], field, words, color, marker)
    _year(axes, document["year"], field)
    dress_growth(axes, "边数", axis, is_log=field == "seconds")
    axes.legend(fontsize=8, frameon=False, loc="upper left", bbox_to_anchor=(1.01, 1.0))
    return drawing


def _peer(
    axes: Axes, sizes: Sequence[dict[str, Any]], field: str, words: str, color: str, marker: str
) -> None:
    """A peer's points; an arrow where it was stopped at the next size."""
    points = [(one["peer"]["edges"], one["peer"][field]) for one in sizes if "ratio" in one]
    if not points:
        return
    columns = _columns(points)
    axes.plot(*columns, color=color, marker=marker, markersize=5, linewidth=1, linestyle=":",
              label=words)  # fmt: skip
    if "ended" in sizes[-1]["peer"]:
        axes.annotate(
            "", xy=(columns[0][-1], columns[1][-1]), xytext=(0, 18), textcoords="offset points",
            arrowprops={"arrowstyle": "<-", "color": color, "linewidth": 1},
        )  # fmt: skip


def _year(axes: Axes, year: dict[str, Any], field: str) -> None:
    """The year made, by the search of the target."""
    search = year["searches"]["equal_code_30_days"]
    edges = year["made"]["manifests"] + year["made"]["goods_edges"]
    words = f"本产品：模拟一年，{count_words(edges, '条')}"
    axes.plot([edges], [search[field]], color="#a3242b", marker="*", markersize=12, linestyle="",
              label=words, zorder=5)  # fmt: skip


def _columns(points: Sequence[tuple[float, float]]) -> tuple[list[float], list[float]]:
    """Both coordinates; what took no measurable time stands at a ten-thousandth."""
    return [x for x, _ in points], [max(y, 1e-4) for _, y in points]
