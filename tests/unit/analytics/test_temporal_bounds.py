"""The loop kernel keeps its promises on work: steps beside a hub, slices after a wrong year."""

import numpy as np
import pytest

from analytics.kernels.temporal_cycles import CycleLimits, CycleRules, find_cycles, find_slices
from tests.unit.analytics.cycle_checks import DAY, as_arrays, joined
from tests.unit.analytics.test_temporal_odd_data import PLANTED, RULES, hub_of, is_bounded


@pytest.mark.parametrize("days", [1, 365])
def test_steps_stay_within_their_limit_beside_a_hub(days: int) -> None:
    n = 1_000_000
    times = np.random.default_rng(3).integers(0, days * DAY, n)
    limits = CycleLimits(steps=5_000_000, node_sets=1_000, sets_per_node=100)
    cycles = find_cycles(joined(hub_of(5_000, times, 4), as_arrays(PLANTED)), RULES, limits)
    # Opening a home looks once at what comes and goes, whatever is left.
    assert cycles.steps <= limits.steps + 6 * n
    is_bounded(cycles, limits)


def test_a_dear_day_takes_nothing_from_the_days_after_it() -> None:
    hub = hub_of(5_000, np.zeros(100_000, np.int64), 7)
    limits = CycleLimits(steps=20_000_000, node_sets=1_000, sets_per_node=100)
    is_bounded(find_cycles(joined(hub, as_arrays(PLANTED)), RULES, limits), limits)


def test_a_loop_in_a_wrong_year_makes_no_empty_slices() -> None:
    far = 100_000
    edges = as_arrays([*PLANTED, *((a, b, t + far * DAY, q, c) for a, b, t, q, c in PLANTED)])
    assert len(find_slices(edges, CycleRules(window=20, bundle_length=DAY))) < 10
