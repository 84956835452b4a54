"""What makes a walk a loop, and the bounds of the search: rules shared by the loop kernels."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numba import njit

SLACK = 1e-9
LONGEST = 8
NARROWEST_BAND = 0.05
UNBOUNDED = float("inf")
# Codes that are not known: of anything, and of something below ``goods_from``.
UNKNOWN = -1
UNKNOWN_WASTE = -2
# Times of one segment are kept in 32 bits, and sums of two of them must fit as well.
LONGEST_WINDOW = 1 << 28


@dataclass(frozen=True, slots=True)
class CycleRules:
    """What makes a walk a loop; times in the unit of the edges' times.

    ``bundle_length`` is the length of a day (0: no bundles), ``bundle_offset`` is added to a
    time before it is cut into days. ``flow_low`` 0 with ``flow_high`` infinite means no flow
    rule. ``most_changes``: how often the code may change from edge to edge on the way round, edges
    of unknown code left out; 0 asks for one code, None allows any number. ``needs_mark``: only
    loops with at least one marked edge are asked for.

    ``pool_length`` (0: none) lets a lot be put together with others of its own, known code at a
    node, or be shared out: handed on within that time after it came, next / this may lie within
    ``pool_share`` and its inverse. Whether the node took in and gave out enough is for the caller
    to check on all of the node's edges.

    Codes from ``goods_from`` on are of another kind than those below: they are never pooled, and
    an edge of code UNKNOWN_WASTE is of none of them.
    """

    window: int
    hop_limit: int = LONGEST
    flow_low: float = 0.7
    flow_high: float = 1.05
    most_changes: int | None = None
    needs_mark: bool = False
    bundle_length: int = 0
    bundle_offset: int = 0
    pool_length: int = 0
    pool_share: float = 0.25
    goods_from: int = 1 << 31

    def __post_init__(self) -> None:
        if not 2 <= self.hop_limit <= LONGEST:
            raise ValueError(f"hop_limit {self.hop_limit}: a loop has 2 to {LONGEST} edges")
        if self.has_flow and not 0 < self.flow_low <= self.flow_high < UNBOUNDED:
            raise ValueError(
                f"flow band {self.flow_low}..{self.flow_high}: give 0 < low <= high, or 0 and"
                " infinity for none"
            )
        if self.window < 0 or self.bundle_length < 0 or self.pool_length < 0:
            raise ValueError("window, bundle_length, pool_length: give 0 or more units of time")
        if max(self.window, self.bundle_length) > LONGEST_WINDOW:
            raise ValueError(
                f"window {self.window}, bundle_length {self.bundle_length}: longer than"
                f" {LONGEST_WINDOW} units of time; give times in a coarser unit"
            )
        if self.most_changes is not None and self.most_changes < 0:
            raise ValueError(f"most_changes {self.most_changes}: give 0 or more, or None for any")
        if not 0 < self.pool_share <= 1:
            raise ValueError(f"pool_share {self.pool_share}: give a share above 0, at most 1")

    @property
    def has_flow(self) -> bool:
        """Whether quantities must be kept at all."""
        return not (self.flow_low == 0 and self.flow_high == UNBOUNDED)

    @property
    def day(self) -> int:
        """Length of the spans by which results are kept: a day, else a window."""
        return self.bundle_length or max(self.window, 1)

    @property
    def has_codes(self) -> bool:
        """Whether changes of code must be counted at all."""
        return self.most_changes is not None and self.most_changes < self.hop_limit - 1

    def kernel(self) -> "Rules":
        """The rules as compiled code takes them."""
        most_changes = self.most_changes if self.has_codes and self.most_changes else 0
        codes = self.has_codes, most_changes, self.needs_mark, self.goods_from
        if not self.has_flow:
            none = 0.0, 0.0, 0.0, 0.0, 1.0
            return Rules(self.window, 0.0, UNBOUNDED, *none, *codes, 0, 0, 0.0, UNBOUNDED)
        near_low, near_high = float(np.log(self.flow_low)), float(np.log(self.flow_high))
        width = max(near_high - near_low, NARROWEST_BAND)
        low, high = near_low, near_high
        if self.pool_length:
            pool = float(np.log(self.pool_share))
            low, high = min(low, pool), max(high, -pool)
        return Rules(
            self.window,
            self.flow_low,
            self.flow_high,
            near_low,
            near_high,
            low,
            high,
            width,
            *codes,
            self.pool_length,
            self.pool_length + self.bundle_length,
            self.pool_share,
            1 / self.pool_share,
        )


@dataclass(frozen=True, slots=True)
class CycleLimits:
    """Bounds of work and output.

    ``steps`` elements looked at in the search of all segments, ``steps_per_set`` when the rounds
    of one node set are counted; ``rounds_per_set`` told of one set, and ``rounds_when_many`` once
    ``rounds`` are told in all; ``node_sets`` kept in all; a set is refused when each of its
    nodes is already in ``sets_per_node`` others. ``segment_days``: span of loop ends that is
    searched at once (0: chosen from the window); memory is bounded by the edges of one segment
    and window. Where a node has much to look at, loops of at most ``first_window`` come before the
    longer ones (0: no such order). A node is said to have much to look at beyond ``dear_steps``.
    """

    steps: int = 4_000_000_000
    steps_per_set: int = 2_000_000
    node_sets: int = 50_000
    sets_per_node: int = 500
    rounds_per_set: int = 10_000
    rounds_when_many: int = 64
    rounds: int = 1_000_000
    segment_days: int = 0
    first_window: int = 0
    dear_steps: int = 30_000


class Rules(NamedTuple):
    """What a walk must keep; logarithms of ratios and ``width`` place quantities in bands.

    ``near_low`` and ``near_high`` are those of ``low`` and ``high``; ``log_low`` and ``log_high``
    bound what any hand-over may keep, pooled ones included. A pooled one follows an element that
    began at most ``pool_reach`` before.
    ``most_changes`` counts only where ``has_codes``.
    """

    window: int
    low: float
    high: float
    near_low: float
    near_high: float
    log_low: float
    log_high: float
    width: float
    has_codes: bool
    most_changes: int
    needs_mark: bool
    goods_from: int
    pool_length: int
    pool_reach: int
    pool_low: float
    pool_high: float


@njit(cache=True, inline="always")
def ratio_holds(before: float, after: float, low: float, high: float) -> bool:
    """Whether next / this lies within the band, or one of them is unknown."""
    return (
        np.isnan(before)
        or np.isnan(after)
        or low * before * (1 - SLACK) <= after <= high * before * (1 + SLACK)
    )


@njit(cache=True, inline="always")
def flow_holds(
    before: float, after: float, before_code: int, after_code: int, wait: int, rules: Rules
) -> bool:
    """Whether the quantity handed on keeps the ratio; an unknown one never breaks it.

    ``wait`` passes from the end of the one to the start of the next.
    """
    if ratio_holds(before, after, rules.low, rules.high):
        return True
    return (
        rules.pool_length > 0
        and 0 <= before_code < rules.goods_from
        and before_code == after_code
        and wait <= rules.pool_length
        and ratio_holds(before, after, rules.pool_low, rules.pool_high)
    )


@njit(cache=True, inline="always")
def is_change(before: int, after: int, goods_from: int) -> bool:
    """Whether two codes differ for certain."""
    if before >= 0 and after >= 0:
        return before != after
    return (before == UNKNOWN_WASTE and after >= goods_from) or (
        after == UNKNOWN_WASTE and before >= goods_from
    )


@njit(cache=True, inline="always")
def carried_code(carried: int, code: int, goods_from: int) -> int:
    """What is known of the code after an element of ``code``."""
    if code >= 0:
        return code
    if code == UNKNOWN_WASTE and (carried == UNKNOWN or carried >= goods_from):
        return code
    return carried
