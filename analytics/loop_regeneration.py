"""Whether a product that comes back explains a round: spent solvent out, clean solvent home."""

import re
from collections.abc import Sequence
from datetime import timedelta

from analytics.loops import Hop
from analytics.paper_times import TripTimes
from analytics.transfers import PACKAGING_CODE, WASTE_WORDS
from records.clock import day_end, shanghai_day

# Solvents, acids, catalysts (GRAPH_MODELS HW-11, innocent); drums come back clean as well.
REGENERATED = ("06", "34", "50")
# Share of the waste that comes back as product. Regeneration leaves residues; who returns all of
# it returned the waste. Set by design for solvents, acids, catalysts and drums alike.
YIELD_LOW, YIELD_HIGH = 0.3, 0.98


def regeneration_explains(
    out: Hop,
    home: Hop,
    came: Sequence[TripTimes],
    may_recycle: bool | None,
    needed_h: float,
) -> bool | None:
    """Whether ``home`` brings the product of ``out`` back; None where it may be so.

    Parameters
    ----------
    came
        Times of the loads of ``out``, as far as known.
    may_recycle
        Whether the plant's licence covers recycling of the code on that day; None if not known.
    needed_h
        Hours that the process needs at least.
    """
    is_of_kind = bool(
        out.is_waste
        and out.code
        and (out.code[-2:] in REGENERATED or out.code == PACKAGING_CODE)
        and not home.is_waste
        and "invoice" in home.kinds
        and home.target == out.source
    )
    if not (is_of_kind and _is_product(home.items)) or may_recycle is False:
        return False
    checks = (may_recycle, _is_plausible_yield(out, home), _had_time(home, came, needed_h))
    return False if False in checks else None if None in checks else True


def _is_product(names: Sequence[str]) -> bool:
    """Whether every name is that of goods, not of waste under another name."""
    return bool(names) and not any(re.search(WASTE_WORDS, name) for name in names)


def _is_plausible_yield(out: Hop, home: Hop) -> bool | None:
    if not out.tonnes or not home.tonnes:
        return None
    return YIELD_LOW <= home.tonnes / out.tonnes <= YIELD_HIGH


def _had_time(home: Hop, came: Sequence[TripTimes], needed_h: float) -> bool | None:
    """Whether the product was sold late enough after the waste had come.

    The hour of an invoice says when it was written; only its day counts.
    """
    first = [times.came_from for times in came if times.came_from is not None]
    last = [times.came_until for times in came if times.came_until is not None]
    needed = timedelta(hours=needed_h)
    sold_from = day_end(shanghai_day(home.received_at) - timedelta(days=1))
    if last and len(last) == len(came) and sold_from - max(last) >= needed:
        return True
    is_too_soon = (
        first
        and len(first) == len(came)
        and day_end(shanghai_day(home.last_at)) - min(first) < needed
    )
    return False if is_too_soon else None
