"""Pictures of ``bench er``: precision–recall curve, cluster sizes, one waterfall."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from ingest.resolve.waterfall import Part, Step
from viz.figure import INK, SOFT
from viz.fonts import chinese_font
from viz.waterfall import Bar, Waterfall, waterfall

OURS, PEER, PEER_ALONE, EXACT = "#0f5c63", "#b3541e", "#7a6a9c", "#55636a"
# What the curves are of: place in the result, words, colour, marker, dashes.
CURVES = (
    ("ours", "本产品", OURS, "o", "-"),
    ("splink", "Splink，本产品规则与聚类", PEER, "s", "--"),
    ("splink_components", "Splink，连通分量", PEER_ALONE, "^", ":"),
)
FOR, AGAINST, TOTAL = "#2f7d6b", "#b3541e", "#3d4f5c"
WIDTH_IN, DPI = 8.0, 160
CLOSE_LOW = 0.9


def draw_pictures(document: dict[str, Any], folder: Path) -> list[Path]:
    """Draw the result of ``bench er`` into ``folder``; equal results give equal bytes.

    Returns
    -------
    list of Path
        ``er_curve.png``, ``er_sizes.png`` and, when there is an example, ``er_waterfall.png``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    settings: dict[Any, Any] = {"font.family": chinese_font(), "axes.unicode_minus": False}
    organizations, details = document["organizations"], document["details"]
    with mpl.rc_context(settings):
        made = [
            _save(_curves(organizations, details), folder / "er_curve.png"),
            _save(_sizes(details["sizes"], organizations["ours"]), folder / "er_sizes.png"),
        ]
        if details["waterfall"]:
            drawn = _waterfall(details["waterfall"])
            made.append(_save(drawn, folder / "er_waterfall.png"))
    return made


def _save(drawing: Figure, path: Path) -> Path:
    drawing.savefig(path, dpi=DPI, metadata={"Software": None})
    return path


def _figure(height_in: float, title: str, note: str) -> Figure:
    drawing = Figure(figsize=(WIDTH_IN, height_in), facecolor="white")
    FigureCanvasAgg(drawing)
    drawing.text(0.02, 1 - 0.22 / height_in, title, fontsize=12, va="center", color=INK)
    drawing.text(0.02, 0.12 / height_in, note, fontsize=8, va="bottom", color=SOFT)
    return drawing


def _plain(axes: Axes) -> None:
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.tick_params(labelsize=8, colors=INK)
    axes.grid(color="#e3e7e9", linewidth=0.6)
    axes.set_axisbelow(True)


def _curves(organizations: dict[str, Any], details: dict[str, Any]) -> Figure:
    ours = organizations["ours"]
    drawing = _figure(
        4.6,
        f"归并的查准率与查全率（模拟 {ours['records']:,} 条记录，{ours['firms']:,} 家单位）",
        "每点一个门槛（比特）；大点为所用门槛，×为名称或代码相同即归并。"
        "右图为左图右上角放大，灰线为设计目标。",
    )
    curves = {
        "ours": (details["curve"], details["threshold_bits"]),
        **{
            name: (organizations[name]["curve"], organizations[name]["threshold_bits"])
            for name in ("splink", "splink_components")
        },
    }
    for place, low in (((0.08, 0.2, 0.4, 0.66), 0.0), ((0.57, 0.2, 0.4, 0.66), CLOSE_LOW)):
        axes = drawing.add_axes(place)
        _plain(axes)
        for name, words, color, marker, dashes in CURVES:
            points, used = curves[name]
            style = {"color": color, "marker": marker, "linestyle": dashes}
            _curve(axes, points, used, style, words)
        exact = organizations["exact"]["scores"]
        axes.plot(exact["recall"], exact["precision"], "x", color=EXACT, markersize=8,
                  markeredgewidth=2, label="名称或代码相同")  # fmt: skip
        axes.axhline(0.995, color="#9aa3a8", linewidth=0.7)
        axes.axvline(0.97, color="#9aa3a8", linewidth=0.7)
        axes.set_xlim(low, 1.0 + (1 - low) * 0.02)
        axes.set_ylim(low, 1.0 + (1 - low) * 0.02)
        axes.set_xlabel("查全率", fontsize=9, color=INK)
        axes.set_ylabel("查准率", fontsize=9, color=INK)
        if not low:
            axes.legend(fontsize=8, frameon=False, loc="lower left")
    return drawing


def _curve(
    axes: Axes, points: Sequence[dict[str, float]], used: float, style: dict[str, str], words: str
) -> None:
    recall, precision = ([p[name] for p in points] for name in ("recall", "precision"))
    axes.plot(
        recall, precision, color=style["color"], marker=style["marker"],
        linestyle=style["linestyle"], linewidth=1.3, markersize=3, label=words,
    )  # fmt: skip
    for point in points:
        if point["threshold_bits"] == used:
            axes.plot(
                point["recall"], point["precision"], marker=style["marker"], markersize=9,
                color=style["color"], markeredgecolor="white", markeredgewidth=1.2, zorder=4,
            )  # fmt: skip


def _sizes(sizes: dict[str, dict[str, int]], ours: dict[str, Any]) -> Figure:
    drawing = _figure(
        3.8,
        "每家单位的记录数：归并结果与真值",
        f"模拟数据 {ours['records']:,} 条记录；归并得 {ours['scores']['found_clusters']:,} 家，"
        f"真值 {ours['scores']['true_clusters']:,} 家。",
    )
    axes = drawing.add_axes((0.1, 0.22, 0.87, 0.62))
    _plain(axes)
    places = range(len(sizes["truth"]))
    for lift, name, words, color, hatch in (
        (-0.2, "found", "归并结果", OURS, ""),
        (0.2, "truth", "真值", "#b9c2c6", "//"),
    ):
        axes.bar([p + lift for p in places], list(sizes[name].values()), 0.38, color=color,
                 hatch=hatch, edgecolor="white", label=words)  # fmt: skip
    ticks = [size.replace("+", " 条以上") for size in sizes["truth"]]
    axes.set_xticks(list(places), ticks)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.set_xlabel("记录数", fontsize=9, color=INK)
    axes.set_ylabel("单位数", fontsize=9, color=INK)
    axes.legend(fontsize=9, frameon=False)
    return drawing


def _waterfall(example: dict[str, Any]) -> Figure:
    step = example["step"]
    parts = tuple(Part(**part) for part in step["parts"])
    whole = Step(step["name_a"], step["name_b"], parts, step["prior_bits"], step["bits"])
    drawn = waterfall(whole, example["threshold_bits"])
    rows = (drawn.prior, *drawn.bars, drawn.total)
    height_in = 1.3 + 0.4 * len(rows)
    drawing = _figure(
        height_in,
        "一对记录为何归并：各项证据的比特数",
        f"虚线为归并门槛 {drawn.threshold_bits:g} 比特；绿为支持，橙为反对。数据为模拟生成。",
    )
    axes = drawing.add_axes((0.5, 0.5 / height_in, 0.47, 1 - 1.05 / height_in))
    # Room for the number behind the longest bar.
    axes.set_xlim(0, drawn.width * 1.1)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.axis("off")
    axes.axvline(drawn.zero, color="#9aa3a8", linewidth=0.8)
    axes.axvline(drawn.threshold, color=INK, linewidth=0.9, linestyle="--")
    for place, bar in enumerate(rows):
        _bar(axes, drawn, bar, place)
    return drawing


def _bar(axes: Axes, drawn: Waterfall, bar: Bar, place: int) -> None:
    is_total = bar is drawn.total
    color = TOTAL if is_total else FOR if bar.bits >= 0 else AGAINST
    axes.barh(place, bar.width, 0.6, left=bar.x, color=color)
    end = bar.x + bar.width
    bits = f"{bar.bits:+.1f}".replace("-", "−")
    axes.text(end + 3, place, bits, fontsize=8, va="center", color=INK)
    # How the sides agree stands under the attribute: side by side they would run into the values.
    lift = 0.2 if bar.level else 0.0
    for at, height, text, size, ink in (
        (-1.02, place - lift, bar.title, 9.0, INK),
        (-1.02, place + lift, bar.level, 7.0, SOFT),
        (-0.62, place, _sides(bar), 7.0, SOFT),
    ):
        axes.annotate(
            text, (at, height), xycoords=("axes fraction", "data"), fontsize=size, va="center",
            color=ink, linespacing=1.3, annotation_clip=False,
        )  # fmt: skip


def _sides(bar: Bar) -> str:
    values = [value for value in (bar.value_a, bar.value_b) if value]
    return "\n".join(dict.fromkeys(values))
