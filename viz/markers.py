"""Shapes of the grammar as markers of the drawing library; corners in units of half the size."""

from functools import cache

from matplotlib.markers import MarkerStyle
from matplotlib.path import Path

NAMED = {"square": "s", "circle": "o", "diamond": "D", "hexagon": "h"}
MOVE, LINE, CURVE, CLOSE = Path.MOVETO, Path.LINETO, Path.CURVE3, Path.CLOSEPOLY


def _bar() -> Path:
    """A lying bar with round ends."""
    points = [
        (-0.9, -0.6), (0.9, -0.6), (1.5, -0.6), (1.5, 0.0), (1.5, 0.6), (0.9, 0.6),
        (-0.9, 0.6), (-1.5, 0.6), (-1.5, 0.0), (-1.5, -0.6), (-0.9, -0.6),
    ]  # fmt: skip
    codes = [MOVE, LINE, CURVE, CURVE, CURVE, CURVE, LINE, CURVE, CURVE, CURVE, CURVE]
    return Path(points, codes)


def _drop(way: int) -> Path:
    """A drop, point up; with ``way`` -1 a pin, point down."""
    points = [
        (0.0, 1.2), (0.75, 0.3), (0.75, -0.25), (0.75, -0.9), (0.0, -0.9), (-0.75, -0.9),
        (-0.75, -0.25), (-0.75, 0.3), (0.0, 1.2),
    ]  # fmt: skip
    codes = [MOVE, CURVE, CURVE, CURVE, CURVE, CURVE, CURVE, CURVE, CURVE]
    return Path([(x, y * way) for x, y in points], codes)


def _polygon(*points: tuple[float, float]) -> Path:
    return Path([*points, points[0]], [MOVE, *[LINE] * (len(points) - 1), CLOSE])


@cache
def marker_of(shape: str) -> MarkerStyle:
    """Marker of a shape of the grammar; a circle for an unknown one."""
    drawn = {
        "bar": _bar(),
        "drop": _drop(1),
        "pin": _drop(-1),
        "folder": _polygon(
            (-1.1, -0.8), (1.1, -0.8), (1.1, 0.6), (0.0, 0.6), (-0.2, 0.9), (-1.1, 0.9)
        ),
        "flag": _polygon((-0.8, -1.1), (-0.6, -1.1), (-0.6, 0.0), (1.0, 0.5), (-0.8, 1.1)),
    }
    return MarkerStyle(drawn[shape]) if shape in drawn else MarkerStyle(NAMED.get(shape, "o"))
