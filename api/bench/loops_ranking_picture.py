"""The picture of how far up the list planted loops stand: recall by places read, per search."""

from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from api.bench.loops_ranking import DRAWS
from viz.figure import INK, SOFT

WIDTH_IN, TITLE_IN, PANEL_IN, NOTE_IN = 8.0, 0.4, 3.4, 0.7
ALL = "#0f5c63"


def draw_ranking(searches: Mapping[str, dict[str, Any]]) -> Figure:
    """The first and the last search of ``bench loops``, the widest and that of the model."""
    height = TITLE_IN + PANEL_IN + NOTE_IN
    drawing = Figure(figsize=(WIDTH_IN, height), facecolor="white")
    FigureCanvasAgg(drawing)
    drawing.text(0.02, 1 - TITLE_IN / 2 / height, "预埋环在清单中的位置：读到第几位，能见到几成",
                 fontsize=12, va="center", color=INK)  # fmt: skip
    note = (
        "预埋环与全部偶然成环同列，按可疑程度排序，分数相同时偶然环在前；未搜到的预埋环计为看不到。"
        f"\n随机：清单中只留这么多预埋环，{DRAWS} 次抽取的平均；最忙：只留经过交接最多者的预埋环。"
        "\n同样忙：同“随机”，并设想预埋环各单位与偶然环的同样忙。"
        "细线：预埋环都排在最前时的样子。数据均为模拟生成。"
    )
    drawing.text(0.02, 0.1 / height, note, fontsize=8, va="bottom", color=SOFT, linespacing=1.5)
    shown = list(searches.values())
    for number, search in enumerate(shown[:1] + shown[1:][-1:]):
        axes = drawing.add_axes(
            (0.08 + 0.49 * number, (NOTE_IN + 0.9) / height, 0.41, (PANEL_IN - 1.4) / height)
        )
        _panel(axes, search["title"], search["ranking"])
    return drawing


def _panel(axes: Axes, title: str, ranking: dict[str, Any]) -> None:
    axes.set_title(
        f"{title}\n另有偶然环 {ranking['others']:,} 个",
        fontsize=8.5,
        color=INK,
        loc="left",
        linespacing=1.4,
    )
    _line(axes, ranking["all"], ranking["planted"], "全部预埋", (ALL, "o", "-"))
    for runs, words, colors, marker in (
        (ranking["few_at_random"], "随机", ("#b3541e", "#c28a1b"), "s"),
        (ranking["busiest"], "最忙", ("#7a6a9c",), "^"),
        (ranking["as_busy_as_chance"]["few_at_random"], "同样忙", ("#a3242b",), "D"),
    ):
        for one, color in zip(runs, colors, strict=False):
            _line(axes, one, one["planted"], words, (color, marker, "--"))
    axes.set_xscale("log")
    axes.set_ylim(0, 1.03)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda place, _: f"{place:,.0f}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{share:.0%}"))
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.grid(color="#e3e7e9", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(labelsize=8, colors=INK)
    axes.set_xlabel("读到第几位", fontsize=8.5, color=INK)
    axes.set_ylabel("见到的预埋环", fontsize=8.5, color=INK)
    if axes.lines:
        axes.legend(fontsize=7.5, frameon=False, loc="upper left", bbox_to_anchor=(-0.05, -0.23),
                    ncols=3, borderaxespad=0, columnspacing=1.2)  # fmt: skip


def _line(
    axes: Axes, measured: dict[str, Any], planted: int, words: str, style: tuple[str, str, str]
) -> None:
    """Recall by places, and thin beneath it the most that the places hold."""
    places = [int(place) for place in measured["recall"]]
    if not places:
        return
    color, marker, dashes = style
    most = [min(1.0, place / planted) for place in places]
    axes.plot(places, most, color=color, linewidth=0.6, alpha=0.6)
    axes.plot(
        places, list(measured["recall"].values()), color=color, marker=marker, markersize=4,
        linestyle=dashes, linewidth=1.3, label=f"{words} {planted:,} 个", zorder=4,
    )  # fmt: skip
