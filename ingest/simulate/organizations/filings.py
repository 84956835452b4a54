"""Which organisation stands in the files of which agency, and how often."""

import numpy as np

from ingest.simulate.organizations.agencies import HABITS
from ingest.simulate.organizations.parameters import OrganizationParameters
from ingest.simulate.streams import Ints, stream

# Shape of the gamma spread of records over organisations: some stand in every file.
SPREAD = 4.0


def draw_filings(parameters: OrganizationParameters, seed: int) -> list[Ints]:
    """Per agency of ``HABITS`` the organisations of its records, ascending.

    Every organisation has one record at least; an agency that keeps one record per organisation
    has no second one.
    """
    rng = stream(seed, "organizations", "filings")
    n = parameters.firm_count
    extra = parameters.record_count - n
    share = np.cumsum(rng.gamma(SPREAD, size=n))
    drawn = np.searchsorted(share, rng.random(extra) * share[-1], side="right")
    firm = np.sort(np.concatenate([np.arange(n), np.minimum(drawn, n - 1)]))
    first = np.searchsorted(firm, np.arange(n))
    turn = np.arange(len(firm)) - first[firm]  # how many records the organisation had before

    weights = np.array([habit.records_weight for habit in HABITS])
    order = np.argsort(-(np.log(weights) + rng.gumbel(size=(n, len(weights)))), axis=1)
    agency = order[firm, np.minimum(turn, len(weights) - 1)]
    again = turn >= len(weights)
    repeating = np.array([place for place, habit in enumerate(HABITS) if habit.repeats])
    odds = weights[repeating] / weights[repeating].sum()
    agency[again] = repeating[rng.choice(len(repeating), int(again.sum()), p=odds)]
    return [firm[agency == place].astype(np.int64) for place in range(len(HABITS))]
