"""A made-up province-year for the ring search: who holds which identifier, who serves which site.

Drawn from distributions only: nothing here knows a threshold of the model. Numbers of holders have
a heavy tail (a bookkeeper's phone, a business incubator's address), numbers of sites per body as
well; some bodies form circles that share a few identifiers of their own, and some circles have more
anomalies than their sites would have elsewhere.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.excess import SiteFeatures
from analytics.kernels.rings import SharedIdentifiers, once

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
# Levels of site type, industry, device, district and age, and how unevenly they occur.
LEVELS = (6, 40, 60, 100, 3)
TAIL, LARGEST_SHARE = 1.25, 0.02
CIRCLE_OF, DIRTY_SHARE, DIRTY_TIMES = 10, 0.2, 6.0
USUAL_CHANCE, LEVEL_SPREAD = 0.05, 0.5


@dataclass(frozen=True, slots=True)
class Province:
    """How large: organisations, entries (organisation, identifier), bodies, sites; and the seed."""

    organizations: int
    entries: int
    bodies: int = 0
    sites: int = 0
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Holdings:
    """Entries of organisations and identifiers (0, 1, …), in no order, some of them twice."""

    organization: Ints
    identifier: Ints
    identifiers: int
    organizations: int

    def shared(self, bodies: int | None = None) -> SharedIdentifiers:
        """As the ring search takes it; only the first ``bodies`` organisations are members."""
        identifier, organization = once(self.identifier, self.organization)
        degree = np.bincount(identifier, minlength=self.identifiers)
        is_in = organization < (self.organizations if bodies is None else bodies)
        return SharedIdentifiers(organization[is_in], identifier[is_in], degree, self.organizations)


@dataclass(frozen=True, slots=True)
class Services:
    """Which body serves which site; ``is_bad`` by service: an anomaly for which the body answers.

    Bodies are the first organisations.
    """

    body: Ints
    site: Ints
    is_bad: Bools
    features: SiteFeatures


def make_holdings(province: Province) -> Holdings:
    """Identifiers by a Pareto number of holders, then those of the circles."""
    random = np.random.default_rng(province.seed)
    largest = max(2, int(LARGEST_SHARE * province.organizations))
    sizes = np.minimum(random.pareto(TAIL, province.entries).astype(np.int64) + 1, largest)
    sizes = sizes[: int(np.searchsorted(np.cumsum(sizes), province.entries)) + 1]
    identifier = np.repeat(np.arange(sizes.size), sizes)
    organization = random.integers(0, province.organizations, identifier.size)
    circles = make_circles(province)
    own_member, own_identifier = [organization], [identifier]
    count = sizes.size
    for circle in circles:
        for _ in range(int(random.integers(1, 5))):
            holders = circle[random.random(circle.size) < 0.8]
            own_member.append(holders)
            own_identifier.append(np.full(holders.size, count))
            count += 1
    order = random.permutation(sum(part.size for part in own_member))
    return Holdings(
        np.concatenate(own_member)[order],
        np.concatenate(own_identifier)[order],
        count,
        province.organizations,
    )


def make_circles(province: Province) -> list[Ints]:
    """Bodies of each circle: one body in about ten, two to some six together."""
    random = np.random.default_rng((province.seed, 1))
    free = random.permutation(province.bodies)[: province.bodies // CIRCLE_OF]
    sizes = 2 + np.minimum(random.geometric(0.5, free.size) - 1, 8)
    ends = np.cumsum(sizes)
    return [
        free[end - size : end] for end, size in zip(ends, sizes, strict=True) if end <= free.size
    ]


def make_services(province: Province) -> Services:
    """Sites with one or two bodies each; chances by features, more where a circle is dirty."""
    random = np.random.default_rng((province.seed, 2))
    codes = np.array(
        [(levels * random.random(province.sites) ** 2).astype(np.int64) for levels in LEVELS]
    )
    effects = random.lognormal(0, LEVEL_SPREAD, (len(LEVELS), max(LEVELS)))
    chance = USUAL_CHANCE * np.prod(np.take_along_axis(effects, codes, axis=1), axis=0)
    popularity = random.pareto(1.5, province.bodies) + 0.2
    body = random.choice(province.bodies, (2, province.sites), p=popularity / popularity.sum())
    has_second = random.random(province.sites) < 0.5
    sites = np.arange(province.sites)
    key = np.unique(
        np.concatenate((body[0], body[1][has_second])) * province.sites
        + np.concatenate((sites, sites[has_second]))
    )
    body_of, site = key // province.sites, key % province.sites
    times = np.ones(province.bodies)
    for circle in make_circles(province):
        if random.random() < DIRTY_SHARE:
            times[circle] = DIRTY_TIMES
    is_bad = random.random(key.size) < np.minimum(chance[site] * times[body_of], 0.95)
    return Services(body_of, site, is_bad, SiteFeatures(codes, max(LEVELS)))
