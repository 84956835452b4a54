"""The product's ring search on a made-up province, step by step, each run in a process of its own.

Two tasks: what TP-06 does in a year (groups of bodies, stability, excess, false discovery rate),
and the groups of all organisations, which grow with the entries.
"""

from hashlib import sha256
from time import process_time
from typing import Any

import numpy as np

from analytics.excess import Excess, group_excess
from analytics.kernels.communities import ALONE, communities, components
from analytics.kernels.rings import Floats, Ints, RingRules, Rings, find_rings, share
from analytics.models.tp_06 import Params
from analytics.statistics import benjamini_hochberg
from api.bench.apart import peak_mib
from api.bench.rings_data import Province, Services, make_holdings, make_services

# Compiled code is loaded before the clock starts.
TINY = Province(200, 400, 40, 100)


def rules() -> RingRules:
    """The rules as TP-06 ships them."""
    own = Params()
    return RingRules(own.degree_cap, own.resolution, own.seed, own.resamples, own.dropped)


def search_year(province: Province) -> dict[str, Any]:
    """TP-06 on arrays: groups of bodies with stability, then their excess."""
    _year(TINY)
    return _year(province)


def _year(province: Province) -> dict[str, Any]:
    holdings, services = make_holdings(province), make_services(province)
    held = peak_mib()
    started = process_time()
    shared = holdings.shared(province.bodies)
    counted = process_time()
    found = find_rings(province.bodies, shared, rules())
    grouped = process_time()
    tested = _excesses(found, services, province)
    rejected = benjamini_hochberg([one.p for one in tested], Params().q)
    ended = process_time()
    return {
        "entries": int(holdings.identifier.size),
        "identifiers": holdings.identifiers,
        "largest_degree": int(shared.degree.max()),
        "bodies": province.bodies,
        "sites": province.sites,
        "services": int(services.body.size),
        "groups": int(found.stability.size),
        "stable_groups": int((found.stability >= Params().stability).sum()),
        "groups_tested": len(tested),
        "groups_rejected": int(np.sum(rejected)),
        "degrees_s": round(counted - started, 3),
        "groups_with_stability_s": round(grouped - counted, 3),
        "excess_s": round(ended - grouped, 3),
        "seconds": round(ended - started, 3),
        "data_mib": held,
        "peak_mib": peak_mib(),
    }


def _excesses(found: Rings, services: Services, province: Province) -> list[Excess]:
    outcomes = np.zeros(province.sites, dtype=np.bool_)
    outcomes[services.site[services.is_bad]] = True
    group = found.community[services.body]
    order = np.argsort(group, kind="stable")
    bounds = np.searchsorted(group[order], np.arange(found.stability.size + 1))
    tested = []
    for number in np.flatnonzero(found.stability >= Params().stability):
        rows = order[bounds[number] : bounds[number + 1]]
        is_own = np.zeros(province.sites, dtype=np.bool_)
        is_own[services.site[rows]] = True
        if not is_own.any():
            continue
        bad = np.zeros(province.sites, dtype=np.bool_)
        bad[services.site[rows[services.is_bad[rows]]]] = True
        tested.append(group_excess(services.features, outcomes, is_own, bad[is_own]))
    return tested


def search_all(province: Province) -> dict[str, Any]:
    """Groups among all organisations, each step timed."""
    _all(TINY)
    return _all(province)


def _all(province: Province) -> dict[str, Any]:
    holdings, own = make_holdings(province), rules()
    held = peak_mib()
    started = process_time()
    shared = holdings.shared()
    sharing = share(province.organizations, shared, own.degree_cap)
    weight = sharing.weights()
    paired = process_time()
    label = communities(
        province.organizations, sharing.first, sharing.second, weight,
        resolution=own.resolution, seed=own.seed,
    )  # fmt: skip
    grouped = process_time()
    root = components(province.organizations, sharing.first, sharing.second)
    return {
        "entries": int(holdings.identifier.size),
        "organizations": province.organizations,
        "pairs": int(sharing.first.size),
        "weight": float(weight.sum()),
        "pairs_digest": pairs_digest(sharing.first, sharing.second),
        "components": int(np.unique(root[label != ALONE]).size),
        "groups": int(label.max() + 1),
        "modularity": round(modularity(label, sharing.first, sharing.second, weight), 6),
        "pairs_s": round(paired - started, 3),
        "groups_s": round(grouped - paired, 3),
        "data_mib": held,
        "peak_mib": peak_mib(),
    }


def pairs_digest(first: Ints, second: Ints) -> str:
    """Fingerprint of sorted pairs, to hold one engine's against another's."""
    return sha256(np.column_stack((first, second)).astype("<i8").tobytes()).hexdigest()[:16]


def modularity(label: Ints, first: Ints, second: Ints, weight: Floats) -> float:
    """Newman's modularity of a cut; the same formula for every engine."""
    total = float(weight.sum())
    if not total:
        return 0.0
    groups = int(label.max()) + 1
    inside = label[first] == label[second]
    strength = np.bincount(label[first], weight, minlength=groups) + np.bincount(
        label[second], weight, minlength=groups
    )
    return float(weight[inside].sum() / total - ((strength / (2 * total)) ** 2).sum())
