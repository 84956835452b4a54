"""The look of growth plots: one measure over size, size on a logarithmic scale."""

from matplotlib.axes import Axes

from viz.figure import INK


def dress_growth(axes: Axes, sizes: str, unit: str) -> None:
    """Plain frame and grid, with what stands along the two axes."""
    axes.set_xscale("log")
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.grid(color="#e3e7e9", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(labelsize=8, colors=INK)
    axes.set_xlabel(sizes, fontsize=8.5, color=INK)
    axes.set_ylabel(unit, fontsize=8.5, color=INK)
