"""Statistics of DOMAIN D0 on arrays: robust centre and scale, intervals, exact tests, many tests.

Everything is exact or a closed form; nothing draws random numbers.
"""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

MAD_TO_SIGMA = 1.4826
TIE = 1 + 1e-9


def _finite(values: npt.ArrayLike) -> Floats:
    array = np.asarray(values, dtype=np.float64).ravel()
    return array[np.isfinite(array)]


def robust_centre_scale(values: npt.ArrayLike, floor: float = 0.0) -> tuple[float, float]:
    """Median and ``max(1.4826 MAD, floor)``.

    Parameters
    ----------
    values
        Any shape; NaN and infinities are left out.
    floor
        Smallest scale, in the unit of the values; D0 takes max(0.5 % of the limit, LOD / 3).

    Returns
    -------
    tuple of float
        NaN for both when no finite value is left.
    """
    finite = _finite(values)
    if finite.size == 0:
        return math.nan, math.nan
    centre = float(np.median(finite))
    return centre, max(MAD_TO_SIGMA * float(np.median(np.abs(finite - centre))), floor)


def robust_z(values: npt.ArrayLike, reference: npt.ArrayLike, floor: float = 0.0) -> Floats:
    """Distance of each value from the reference's median in robust scales.

    A reference without any spread and without a floor gives 0 for its own median and ±inf else.
    """
    centre, scale = robust_centre_scale(reference, floor)
    distance = np.asarray(values, dtype=np.float64) - centre
    if scale > 0:
        return np.asarray(distance / scale, dtype=np.float64)
    return np.where(distance == 0, 0.0, np.sign(distance) * np.inf)


def robust_cv(values: npt.ArrayLike) -> float:
    """``1.4826 MAD / |median|``; NaN without finite values, infinite for a median of 0."""
    centre, scale = robust_centre_scale(values)
    if math.isnan(centre):
        return math.nan
    if centre == 0:
        return 0.0 if scale == 0 else math.inf
    return scale / abs(centre)


def wilson_interval(hits: int, trials: int, z: float = 1.959963984540054) -> tuple[float, float]:
    """Wilson score interval of a proportion; (0, 1) when nothing was tried.

    Raises
    ------
    ValueError
        When ``hits`` is not within 0 to ``trials``.
    """
    if not 0 <= hits <= trials:
        raise ValueError(f"hits {hits} must lie within 0 and trials {trials}")
    if trials == 0:
        return 0.0, 1.0
    share, square = hits / trials, z * z
    centre = (share + square / (2 * trials)) / (1 + square / trials)
    spread = math.sqrt(share * (1 - share) / trials + square / (4 * trials * trials))
    half = z * spread / (1 + square / trials)
    low = 0.0 if hits == 0 else centre - half
    high = 1.0 if hits == trials else centre + half
    return low, high


def benjamini_hochberg(p_values: npt.ArrayLike, q: float = 0.05) -> Bools:
    """Which hypotheses are rejected at false discovery rate ``q``.

    NaN means not tested: never rejected and not counted in the family. Source: Benjamini and
    Hochberg 1995, doi:10.1111/j.2517-6161.1995.tb02031.x.
    """
    given = np.asarray(p_values, dtype=np.float64).ravel()
    tested = np.isfinite(given)
    rejected = np.zeros(given.size, dtype=np.bool_)
    family = np.sort(given[tested])
    if family.size == 0:
        return rejected
    passes = family <= q * np.arange(1, family.size + 1) / family.size
    if passes.any():
        cut = family[np.nonzero(passes)[0][-1]]
        rejected[tested] = given[tested] <= cut
    return rejected


def _log_choose(n: int, k: npt.NDArray[np.int64]) -> Floats:
    logs = np.concatenate(([0.0], np.cumsum(np.log(np.arange(1, n + 1, dtype=np.float64)))))
    return np.asarray(logs[n] - logs[k] - logs[n - k], dtype=np.float64)


def binomial_tail(hits: int, trials: int, probability: float) -> float:
    """Exact P(X >= hits) of X ~ Binomial(trials, probability).

    Raises
    ------
    ValueError
        For a probability outside 0 to 1 or negative counts.
    """
    if not 0 <= probability <= 1 or trials < 0:
        raise ValueError(f"probability {probability} or trials {trials} out of range")
    if hits <= 0:
        return 1.0
    if hits > trials or probability == 0:
        return 0.0
    if probability == 1:
        return 1.0
    k = np.arange(hits, trials + 1)
    logs = (
        _log_choose(trials, k) + k * math.log(probability) + (trials - k) * math.log1p(-probability)
    )
    peak = float(logs.max())
    return min(1.0, math.exp(peak) * float(np.exp(logs - peak).sum()))


def fisher_exact(a: int, b: int, c: int, d: int, *, two_sided: bool = False) -> float:
    """P-value of the table [[a, b], [c, d]] given its margins.

    One-sided means ``a`` at least as large as seen; two-sided sums all tables that are no more
    probable than the one seen.

    Raises
    ------
    ValueError
        For negative counts.
    """
    if min(a, b, c, d) < 0:
        raise ValueError(f"counts must not be negative: {(a, b, c, d)}")
    row, column, total = a + b, a + c, a + b + c + d
    if total == 0:
        return 1.0
    k = np.arange(max(0, row + column - total), min(row, column) + 1)
    logs = _log_choose(column, k) + _log_choose(total - column, row - k)
    weights = np.exp(logs - logs.max())
    weights /= weights.sum()
    seen = weights[a - int(k[0])]
    chosen = weights <= seen * TIE if two_sided else k >= a
    return min(1.0, float(weights[chosen].sum()))


def theil_sen(x: Sequence[float], y: Sequence[float]) -> tuple[float, float]:
    """Slope and intercept: median of pairwise slopes, median of ``y - slope x``.

    Pairs of equal ``x`` are left out; NaN when none is left. Time and memory O(n²).
    """
    xs, ys = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    first, second = np.triu_indices(xs.size, k=1)
    run = xs[second] - xs[first]
    keep = run != 0
    if not keep.any():
        return math.nan, math.nan
    slope = float(np.median((ys[second] - ys[first])[keep] / run[keep]))
    return slope, float(np.median(ys - slope * xs))
