"""The look of the pictures: one measure over size, size on a logarithmic scale."""

from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from viz.figure import INK, SOFT

DPI = 120
TEN_THOUSAND = 10_000
# So many times a target the axis goes on, for its words.
ROOM_ABOVE = 3


def legend_below(axes: Axes) -> None:
    """What the lines are, below the axes, where nothing is covered."""
    axes.legend(fontsize=7.5, frameon=False, loc="upper left", bbox_to_anchor=(-0.06, -0.17),
                borderaxespad=0)  # fmt: skip


def dress_growth(axes: Axes, sizes: str, unit: str, is_log: bool = False) -> None:
    """Plain frame and grid, with what stands along the two axes.

    Parameters
    ----------
    is_log
        The measure on a logarithmic scale as well; else from 0.
    """
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda count, _: count_words(count)))
    axes.xaxis.set_minor_formatter(NullFormatter())
    if is_log:
        axes.set_yscale("log")
        axes.yaxis.set_minor_formatter(NullFormatter())
        axes.set_ylim(top=2 * axes.get_ylim()[1])
    else:
        axes.set_ylim(0, 1.05 * axes.get_ylim()[1])
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number_words(value)))
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.grid(color="#e3e7e9", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(labelsize=8, colors=INK)
    axes.set_xlabel(sizes, fontsize=8.5, color=INK)
    axes.set_ylabel(unit, fontsize=8.5, color=INK)


def mark_target(axes: Axes, seconds: float, words: str) -> None:
    """A thin line at a target, its words above its left end, when all else is drawn."""
    axes.axhline(seconds, color="#9aa3a8", linewidth=0.9)
    axes.set_ylim(top=max(axes.get_ylim()[1], ROOM_ABOVE * seconds))
    axes.annotate(words, (axes.get_xlim()[0], seconds), xytext=(4, 3), fontsize=7.5, color=SOFT,
                  textcoords="offset points")  # fmt: skip


def count_words(count: float, what: str = "") -> str:
    """A count as it is read in Chinese, in units of ten thousand from there on, of what."""
    if count < TEN_THOUSAND:
        return f"{number_words(count)} {what}".rstrip()
    return f"{number_words(count / TEN_THOUSAND)} 万{what}"


def number_words(value: float) -> str:
    """A number in full, without an exponent."""
    return f"{value:,.0f}" if value >= 1 else f"{value:.10f}".rstrip("0").rstrip(".")


def save_picture(drawing: Figure, path: Path) -> Path:
    """Write a PNG for a page of documentation; equal drawings give equal bytes."""
    drawing.savefig(path, dpi=DPI, metadata={"Software": None}, pil_kwargs={"optimize": True})
    return path
