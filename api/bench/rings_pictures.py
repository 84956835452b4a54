"""The picture of ``bench rings``: seconds and memory by number of entries, ours and the peers."""

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
# What is drawn: path in a step of the growth, words, colour, marker, dashes.
TIMES = (
    (("year", "seconds"), "团伙：分组、稳定性、超额检验", "#0f5c63", "o", "-"),
    (("all_organizations", "pairs_s"), "全部单位成对", "#2f7d6b", "D", "-"),
    (("duckdb", "seconds"), "全部单位成对，DuckDB 自连接", "#b3541e", "s", "--"),
    (("all_organizations", "groups_s"), "全部单位分组", "#55636a", "v", "-"),
    (("networkx", "seconds"), "全部单位分组，networkx", "#7a6a9c", "^", ":"),
)
MEMORY = (
    (("year", "peak_mib"), "团伙", "#0f5c63", "o", "-"),
    (("all_organizations", "peak_mib"), "全部单位", "#55636a", "v", "-"),
    (("duckdb", "peak_mib"), "DuckDB", "#b3541e", "s", "--"),
    (("networkx", "peak_mib"), "networkx", "#7a6a9c", "^", ":"),
)
TARGET_S = 60


def draw_pictures(document: dict[str, Any], folder: Path) -> list[Path]:
    """Draw ``rings_growth.png`` into ``folder``; equal results give equal bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    settings: dict[Any, Any] = {"font.family": chinese_font(), "axes.unicode_minus": False}
    with mpl.rc_context(settings):
        drawing = Figure(figsize=(WIDTH_IN, HEIGHT_IN), facecolor="white")
        FigureCanvasAgg(drawing)
        growth = document["growth"]
        year = document["province_year"]
        drawing.text(0.02, 0.95, "团伙识别的耗时与内存", fontsize=12, va="center", color=INK)
        note = (
            f"最右为全省一年：{year['entries']:,} 条标识、{year['bodies']:,} 家机构、"
            f"{year['sites']:,} 个站点；数据为模拟生成，单进程。"
        )
        drawing.text(0.02, 0.03, note, fontsize=8, va="bottom", color=SOFT)
        left = drawing.add_axes((0.08, 0.2, 0.4, 0.66))
        _lines(left, growth, TIMES, "秒")
        left.set_yscale("log")
        left.axhline(TARGET_S, color="#9aa3a8", linewidth=0.9)
        left.annotate("目标 60 秒", (left.get_xlim()[0], TARGET_S), xytext=(4, 3),
                      textcoords="offset points", fontsize=7.5, color=SOFT)  # fmt: skip
        # Below the lines, which rise to the right.
        left.set_ylim(bottom=left.get_ylim()[0] / 10)
        left.legend(fontsize=7, frameon=False, loc="lower right")
        right = drawing.add_axes((0.58, 0.2, 0.4, 0.66))
        _lines(right, growth, MEMORY, "内存峰值（MiB）")
        right.set_ylim(bottom=0)
        right.legend(fontsize=7, frameon=False, loc="lower left")
        path = folder / "rings_growth.png"
        drawing.savefig(path, dpi=DPI, metadata={"Software": None})
    return [path]


def _lines(
    axes: Axes,
    growth: Sequence[dict[str, Any]],
    lines: Sequence[tuple[tuple[str, str], str, str, str, str]],
    unit: str,
) -> None:
    for (part, field), words, color, marker, dashes in lines:
        known = [step for step in growth if part in step]
        axes.plot(
            [step["year"]["entries"] for step in known],
            [max(step[part][field], 1e-3) for step in known],
            color=color, marker=marker, markersize=4, linestyle=dashes, linewidth=1.3, label=words,
        )  # fmt: skip
    dress_growth(axes, "标识条数（单位 × 电话、地址、人员……）", unit)
