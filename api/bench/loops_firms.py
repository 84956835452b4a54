"""Made-up organisations of a province: roles, places, steps of the value chain, sizes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from api.bench.loops_heavy_tails import zipf

Ints = NDArray[np.int64]
Generator = np.random.Generator

GENERATOR, COLLECTOR, TREATMENT, ORDINARY = range(4)
ROLE_SHARES = (0.12, 0.006, 0.004, 0.87)
CITIES, LEVELS, GOODS_PER_LEVEL = 13, 6, 40
LOCAL_SHARE = 0.6
WASTES_PER_FIRM = 6
# Pareto exponent of sizes, near 1, and how large a firm of each role can be: hubs with some hundred
# thousand invoices a year, plants with a hundred loads a day.
SIZE_EXPONENT, SMALLEST, LARGEST = 1.15, 0.2, (1_000.0, 60.0, 60.0, 1_000.0)


@dataclass(frozen=True, slots=True)
class Firms:
    """One value per firm, shape (n,); ``wastes`` (n, WASTES_PER_FIRM) are codes that it handles.

    ``level`` is the step in the value chain (0 raw material, 5 retail), ``goods`` the class that it
    makes, numbered behind the waste codes.
    """

    role: Ints
    city: Ints
    level: Ints
    size: NDArray[np.float64]
    wastes: Ints
    goods: Ints

    def __len__(self) -> int:
        return len(self.role)


def make_firms(count: int, waste_codes: int, random: Generator) -> Firms:
    """Draw ``count`` firms; common waste codes are handled by many (Zipf)."""
    role = random.choice(4, count, p=ROLE_SHARES)
    level = random.integers(0, LEVELS, count)
    level[role == TREATMENT] = 1
    # Which code is common is no matter of its number.
    name = random.permutation(waste_codes)
    goods = waste_codes + level * GOODS_PER_LEVEL + random.integers(0, GOODS_PER_LEVEL, count)
    return Firms(
        role,
        zipf(random, CITIES, 0.7, count),
        level,
        np.minimum(random.pareto(SIZE_EXPONENT, count) + SMALLEST, np.array(LARGEST)[role]),
        name[zipf(random, waste_codes, 1.0, count * WASTES_PER_FIRM)].reshape(count, -1),
        goods,
    )


class Partners:
    """Draws partners by group and city, large firms often."""

    def __init__(self, firms: Firms, group: Ints, groups: int) -> None:
        cell = group * CITIES + firms.city
        self._order = np.argsort(cell, kind="stable")
        self._height = np.concatenate([[0.0], np.cumsum(firms.size[self._order])])
        bounds = np.searchsorted(cell[self._order], np.arange(groups * CITIES + 1))
        self._bound = self._height[bounds]

    def draw(self, group: Ints, city: Ints, random: Generator) -> Ints:
        """One firm of each group: of the same city with probability ``LOCAL_SHARE``."""
        local = group * CITIES + city
        low, high = self._bound[local], self._bound[local + 1]
        is_far = (random.random(len(group)) >= LOCAL_SHARE) | (high <= low)
        low = np.where(is_far, self._bound[group * CITIES], low)
        high = np.where(is_far, self._bound[(group + 1) * CITIES], high)
        at = low + random.random(len(group)) * (high - low)
        place = np.searchsorted(self._height, at, "right") - 1
        chosen: Ints = self._order[np.clip(place, 0, len(self._order) - 1)]
        return chosen

    def any_of(self, group: int, count: int, random: Generator) -> Ints:
        """``count`` firms of one group, wherever they are."""
        city = random.integers(0, CITIES, count)
        return self.draw(np.full(count, group), city, random)
