"""The funnel plot of a ring of bodies: anomalous share against number of sites, with limits.

Few sites may all be anomalous by chance, many may not: the limits narrow like a funnel around the
share that such sites are expected to have (Spiegelhalter 2005, doi:10.1002/sim.1970). They are
exact binomial ones and not smoothed: a point is outside only when its own tail says so.
"""

import io
import math
import re
from dataclasses import dataclass
from typing import Any, Literal

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from graph.types import Finding
from viz.figure import INK, SOFT
from viz.fonts import chinese_font

Floats = NDArray[np.float64]
PEERS = re.compile(r"bodies_with_(\d+)_sites_(\d+)_anomalous")
OWN, PEER, LIMIT = "#c8281e", "#8c979d", "#0f5c63"
# Two-sided limits: how much lies outside, words, dashes.
LIMITS = ((0.05, "95% 界限", (4, 2)), (0.002, "99.8% 界限", ()))
GRID = 90
FLOOR, TOP = -0.03, 1.05
PLOT_ASPECT, HEAD_IN, SIDE_IN, NOTE_PT = 0.44, 0.6, 0.6, 6.8
NOTE = (
    "菱形为本组，灰点为其他机构（越大家数越多），其预期比例可能不同。"
    "界限按精确二项分布；超出界限只说明偶然难以解释，须经核实。"
)


@dataclass(frozen=True, slots=True)
class Funnel:
    """What the plot shows.

    ``expected`` share, 0 to 1; ``peers``: other bodies by number of sites and of anomalous ones
    (sites, anomalous, bodies).
    """

    sites: int
    anomalous: int
    expected: float
    peers: tuple[tuple[int, int, int], ...]


def funnel_of(finding: Finding) -> Funnel | None:
    """The funnel of a finding; ``None`` when it does not rest on shares of sites."""
    sites = int(finding.quantities.get("sites", 0))
    expected = {s.name: s.value for s in finding.statistics}.get("expected_share")
    if not sites or expected is None:
        return None
    peers = []
    for name, bodies in finding.quantities.items():
        if found := PEERS.fullmatch(name):
            peers.append((int(found[1]), int(found[2]), int(bodies)))
    anomalous = int(finding.quantities.get("anomalous_sites", 0))
    return Funnel(sites, anomalous, float(expected), tuple(sorted(peers)))


def _cumulative(sites: int, share: float) -> Floats:
    """P(X <= k) of ``sites`` trials with chance ``share`` strictly between 0 and 1, k = 0, 1, …."""
    k = np.arange(sites + 1)
    ways = np.array(
        [math.lgamma(sites + 1) - math.lgamma(j + 1) - math.lgamma(sites - j + 1) for j in k]
    )
    return np.asarray(np.cumsum(np.exp(ways + k * np.log(share) + (sites - k) * np.log1p(-share))))


def limits(sites: int, share: float, tail: float) -> tuple[float, float]:
    """Shares between which the outcomes lie that chance explains.

    Halfway between two counts, so that a point is outside exactly when its own tail, ``P(X >= k)``
    above or ``P(X <= k)`` below, is at most ``tail``. A limit beyond 0 or 1 is passed by none.

    Parameters
    ----------
    share
        Chance of each site, 0 to 1; at 0 and 1 there is no other outcome.
    tail
        Strictly between 0 and 1/2.
    """
    if share <= 0 or share >= 1:
        count = sites if share >= 1 else 0
        return (count - 0.5) / sites, (count + 0.5) / sites
    below = _cumulative(sites, share)
    above = 1 - np.concatenate(([0.0], below[:-1]))
    low = int(np.searchsorted(below, tail, side="right"))
    high = int(np.flatnonzero(above > tail)[-1])
    return (low - 0.5) / sites, (high + 0.5) / sites


def funnel_figure(
    funnel: Funnel, form: Literal["svg", "png"] = "svg", width_in: float = 6.1
) -> bytes:
    """Draw the funnel; the same funnel gives the same bytes."""
    settings: dict[Any, Any] = {
        "font.family": chinese_font(),
        "svg.fonttype": "path",
        "svg.hashsalt": "jinghuan",
        "axes.unicode_minus": False,
    }
    with mpl.rc_context(settings):
        # Words take their room in points, the funnel what is left of a drawing of any width.
        note = _wrapped(NOTE, width_in)
        below = (len(note) * NOTE_PT * 1.35 + 38) / 72
        height_in = below + PLOT_ASPECT * width_in + HEAD_IN
        drawing = Figure(figsize=(width_in, height_in), facecolor="white")
        FigureCanvasAgg(drawing)
        drawing.text(
            0.02, 1 - 0.18 / height_in, "异常站点比例与站点数（漏斗图）", fontsize=9.5,
            va="center", color=INK,
        )  # fmt: skip
        drawing.text(0.02, 4 / 72 / height_in, "\n".join(note), fontsize=NOTE_PT, va="bottom",
                     linespacing=1.3, color=SOFT)  # fmt: skip
        left = SIDE_IN / width_in
        axes = drawing.add_axes(
            (left, below / height_in, 0.98 - left, PLOT_ASPECT * width_in / height_in)
        )
        _draw(axes, funnel)
        buffer = io.BytesIO()
        metadata = {"Date": None} if form == "svg" else {"Software": None}
        drawing.savefig(buffer, format=form, dpi=200, metadata=metadata)
    return buffer.getvalue()


def _wrapped(text: str, width_in: float) -> list[str]:
    most = max(int(width_in * 72 * 0.96 / NOTE_PT), 10)
    return [text[at : at + most] for at in range(0, len(text), most)]


def _draw(axes: Axes, funnel: Funnel) -> None:
    largest = max([funnel.sites, *(sites for sites, _, _ in funnel.peers), 10])
    grid = np.unique(np.geomspace(1, largest, GRID).round().astype(int))
    axes.axhline(funnel.expected, color=LIMIT, linewidth=1.0,
                 label=f"预期比例 {funnel.expected:.0%}")  # fmt: skip
    for outside, words, dashes in LIMITS:
        pairs = [limits(int(n), funnel.expected, outside / 2) for n in grid]
        for side, label in ((0, None), (1, words)):
            axes.plot(
                grid, np.clip([pair[side] for pair in pairs], FLOOR, TOP), color=LIMIT,
                linewidth=0.9, linestyle=(0, dashes) if dashes else "solid", alpha=0.8,
                label=label,
            )  # fmt: skip
    if funnel.peers:
        sites, anomalous, bodies = (np.array(side) for side in zip(*funnel.peers, strict=True))
        axes.scatter(sites, anomalous / np.maximum(sites, 1), s=12 + 10 * np.sqrt(bodies - 1),
                     color=PEER, alpha=0.6, linewidths=0, label="其他机构")  # fmt: skip
    share = funnel.anomalous / funnel.sites
    axes.scatter([funnel.sites], [share], s=64, marker="D", color=OWN, edgecolors="white",
                 zorder=4, clip_on=False, label="本组")  # fmt: skip
    # Beside the point, on the side that has room.
    is_right = funnel.sites > math.sqrt(largest)
    axes.annotate(
        f"{funnel.sites} 个站点中 {funnel.anomalous} 个异常", (funnel.sites, share),
        xytext=(-8 if is_right else 8, -11 if share > 0.5 else 6), textcoords="offset points",
        ha="right" if is_right else "left", fontsize=7.5, color=OWN, zorder=5,
        bbox={"boxstyle": "round,pad=0.15", "fc": "white", "ec": "none", "alpha": 0.85},
    )  # fmt: skip
    _frame(axes, largest)


def _frame(axes: Axes, largest: int) -> None:
    axes.set_xscale("log")
    axes.set_xlim(0.9, largest * 1.15)
    axes.set_ylim(FLOOR, TOP)
    ticks = [n for power in range(5) for n in (10**power, 2 * 10**power, 5 * 10**power)]
    shown = [n for n in ticks if n <= largest * 1.15]
    axes.set_xticks(shown, [str(n) for n in shown])
    axes.xaxis.minorticks_off()
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    axes.set_xlabel("所服务的站点数（对数刻度）", fontsize=7.5, color=INK)
    axes.set_ylabel("出现异常的比例", fontsize=7.5, color=INK)
    axes.tick_params(labelsize=7, colors=INK)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    # Above the plot: inside it would hide limits or points.
    axes.legend(
        fontsize=6.5, loc="lower right", bbox_to_anchor=(1.0, 1.0), ncol=5, frameon=False,
        borderaxespad=0.2, columnspacing=1.0, handlelength=1.8,
    )  # fmt: skip
