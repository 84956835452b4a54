"""How far up a list planted loops stand among those that close by chance.

A province has thousands of chance loops and, in truth, few planned ones. With hundreds of planted
loops in the list even a poor order fills its top, so that harder cases are measured as well: few of
them left at random among all chance loops, over many draws, of all kinds or of one kind only; the
few that run through the busiest firms; loops of one length among themselves, where length gives no
hint; and planted loops whose firms are taken to be as busy as those of a chance loop of the same
length. The last is supposed, not made, and a bound from below: chance loops run through the largest
firms of all, which even firms drawn by their papers are not, and only the bits for that are
changed.

At equal scores the chance loop stands first: no figure rests on the order in which sets are stored.
A planted loop that the search did not find stands nowhere and counts against recall.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
# Places from the top that are read, those of the issue among them.
PLACES = (10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000)
FEW, DRAWS, SEED = (50, 200), 200, 1


@dataclass(frozen=True, slots=True)
class Kind:
    """Planted sets of one kind: which sets of the list, shape (k,), and which of the missing."""

    listed: Flags
    missing: Flags


@dataclass(frozen=True, slots=True)
class Listed:
    """The node sets of a list, in any order; shape (k,) each.

    ``scores``: higher stands further up. ``firms``: nodes of the set. ``busiest``: most edges at
    any of them. ``rarity``: the part of the score that rests on how busy the firms are.
    ``missing``: most edges at any firm of each planted loop that should be in the list and is not,
    shape (m,). ``kinds``: planted sets by kind; a set may be of several.
    """

    scores: Floats
    is_planted: Flags
    firms: Ints
    busiest: Ints
    rarity: Floats
    missing: Ints
    kinds: Mapping[str, Kind] = field(default_factory=dict)


def measure_ranking(listed: Listed) -> dict[str, Any]:
    """Recall, precision and average precision of each case.

    Returns
    -------
    dict
        ``all``, ``few_at_random`` (mean and lowest of ``DRAWS`` draws for each of ``FEW``),
        ``busiest`` (for each of ``FEW``), ``by_firms``, ``by_kind``, and ``as_busy_as_chance`` with
        all and with few at random. A case that has too few planted loops is left out. ``recall``
        and ``precision`` are by number of places, ``r_precision`` is at as many places as there are
        planted loops. All between 0 and 1, rounded to four digits.
    """
    ahead = np.concatenate([chance_ahead(listed), np.full(len(listed.missing), np.inf)])
    busiest = np.concatenate([listed.busiest[listed.is_planted], listed.missing])
    others = int((~listed.is_planted).sum())
    sizes = [few for few in FEW if few <= len(ahead)]
    busy_first = np.argsort(-busiest, kind="stable")
    return {
        "planted": len(ahead),
        "not_in_list": len(listed.missing),
        "others": others,
        "all": _measured(places_of(ahead), others),
        "few_at_random": _few_at_random(ahead, others),
        "busiest": [
            {
                "planted": few,
                "edges_of_busiest_at_least": int(busiest[busy_first[few - 1]]),
                **_measured(places_of(ahead[busy_first[:few]]), others),
            }
            for few in sizes
        ],
        "by_firms": _by_firms(listed),
        "by_kind": _by_kind(listed),
        "as_busy_as_chance": _as_busy_as_chance(listed),
    }


def chance_ahead(listed: Listed) -> Floats:
    """For each planted set, in order of the list given: chance sets with no lower score."""
    others = np.sort(listed.scores[~listed.is_planted])
    ahead = len(others) - np.searchsorted(others, listed.scores[listed.is_planted], "left")
    return ahead.astype(np.float64)


def places_of(ahead: Floats) -> Floats:
    """Places from 1 on of planted sets in a list of them and all chance sets, the first first.

    Parameters
    ----------
    ahead
        Chance sets ahead of each, infinite for one that is not in the list.
    """
    places: Floats = np.sort(ahead) + np.arange(1, len(ahead) + 1)
    return places


def recall_at(places: Floats, tops: Ints) -> Floats:
    """Share of planted sets within each number of places."""
    return np.searchsorted(places, tops, "right") / max(len(places), 1)


def average_precision(places: Floats) -> float:
    """Mean over the planted sets of the precision at the place of each, 0 where it has none."""
    return float(np.mean(np.arange(1, len(places) + 1) / places)) if len(places) else 0.0


def _tops(planted: int, others: int) -> Ints:
    """The places that a list of that length has."""
    return np.array([top for top in PLACES if top <= planted + others], np.int64)


def _measured(places: Floats, others: int) -> dict[str, Any]:
    tops = _tops(len(places), others)
    recall = recall_at(places, tops)
    return {
        "recall": _by_top(tops, recall),
        "precision": _by_top(tops, recall * len(places) / np.maximum(tops, 1)),
        "r_precision": round(float(recall_at(places, np.array([len(places)]))[0]), 4),
        "average_precision": round(average_precision(places), 4),
    }


def _by_top(tops: Ints, values: Floats) -> dict[str, float]:
    return {
        str(top): round(value, 4) for top, value in zip(tops.tolist(), values.tolist(), strict=True)
    }


def _few_at_random(ahead: Floats, others: int) -> list[dict[str, Any]]:
    return [_drawn(ahead, others, few) for few in FEW if few <= len(ahead)]


def _drawn(ahead: Floats, others: int, few: int) -> dict[str, Any]:
    """Mean and lowest over draws of ``few`` of the planted sets."""
    random = np.random.default_rng((SEED, few))
    draws = [places_of(random.choice(ahead, few, replace=False)) for _ in range(DRAWS)]
    tops = _tops(few, others)
    recall = np.array([recall_at(places, tops) for places in draws])
    average = np.array([average_precision(places) for places in draws])
    return {
        "planted": few,
        "draws": DRAWS,
        "recall": _by_top(tops, recall.mean(axis=0)),
        "lowest_recall": _by_top(tops, recall.min(axis=0)),
        "average_precision": round(float(average.mean()), 4),
        "lowest_average_precision": round(float(average.min()), 4),
    }


def _by_firms(listed: Listed) -> dict[str, dict[str, Any]]:
    """Planted sets of the list among the chance sets with as many firms."""
    found = {}
    for firms in np.unique(listed.firms[listed.is_planted]).tolist():
        same = listed.firms == firms
        part = replace(listed, scores=listed.scores[same], is_planted=listed.is_planted[same])
        places = places_of(chance_ahead(part))
        measured = _measured(places, int(same.sum()) - len(places))
        found[str(firms)] = {
            "planted": len(places),
            "others": int(same.sum()) - len(places),
            "r_precision": measured["r_precision"],
            "average_precision": measured["average_precision"],
        }
    return found


def _by_kind(listed: Listed) -> dict[str, dict[str, Any]]:
    """Planted sets of each kind among all chance sets, without those of other kinds.

    At most the lowest of ``FEW`` are left, drawn at random. ``mean_place`` and ``median_place``:
    of each set of the kind that is in the list, were it the only planted one there.
    """
    others = int((~listed.is_planted).sum())
    found, ahead_of_all = {}, chance_ahead(listed)
    for name, kind in listed.kinds.items():
        alone = ahead_of_all[kind.listed[listed.is_planted]]
        ahead = np.concatenate([alone, np.full(int(kind.missing.sum()), np.inf)])
        if not len(ahead):
            continue
        few = min(FEW[0], len(ahead))
        found[name] = {
            **_drawn(ahead, others, few),
            "planted": len(ahead),
            "drawn": few,
            "not_in_list": len(ahead) - len(alone),
            "mean_place": round(float(alone.mean()) + 1, 1) if len(alone) else None,
            "median_place": round(float(np.median(alone)) + 1, 1) if len(alone) else None,
        }
    return found


def _as_busy_as_chance(listed: Listed) -> dict[str, Any]:
    """Planted sets with the rarity of chance sets of as many firms, drawn at random.

    Those of a length that no chance set has are left out.
    """
    random, scores = np.random.default_rng(SEED), listed.scores.copy()
    is_left = ~listed.is_planted
    for firms in np.unique(listed.firms[listed.is_planted]).tolist():
        same = listed.firms == firms
        chance, planted = same & ~listed.is_planted, same & listed.is_planted
        if chance.any():
            drawn = random.choice(listed.rarity[chance], int(planted.sum()))
            scores[planted] += drawn - listed.rarity[planted]
            is_left |= planted
    part = replace(listed, scores=scores[is_left], is_planted=listed.is_planted[is_left])
    ahead = np.concatenate([chance_ahead(part), np.full(len(listed.missing), np.inf)])
    others = int((~part.is_planted).sum())
    return {
        "planted": len(ahead),
        **_measured(places_of(ahead), others),
        "few_at_random": _few_at_random(ahead, others),
    }
