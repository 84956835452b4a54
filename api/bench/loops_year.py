"""The province-year through our kernel: cost, what was found of what was planted, one day more."""

from dataclasses import dataclass, fields, replace
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np

from analytics.kernels.temporal_cycles import (
    CycleLimits,
    CycleRules,
    TimedEdges,
    cycles_ending,
)
from analytics.kernels.temporal_rules import UNKNOWN_WASTE
from api.bench.apart import peak_mib
from api.bench.loops_counts import set_counts
from api.bench.loops_edges import DAY_S, Edges, load_edges
from api.bench.loops_judged import judged
from api.bench.loops_ours import WARM, cut_words, timed_search, warm_edges
from api.bench.loops_planted import Planted
from api.bench.loops_planted_papers import NO_CODE
from api.bench.loops_province import ProvinceParameters, province_year, waste_code_numbers

HOPS, BUNDLE_S = 8, DAY_S


@dataclass(frozen=True, slots=True)
class YearSearch:
    """One way to search the year; ``title`` in the words of its reader."""

    name: str
    title: str
    window_days: int
    most_changes: int
    needs_manifest: bool
    pool_days: int = 0
    steps: int = CycleLimits().steps

    def limits(self) -> CycleLimits:
        """Bounds of the search."""
        return CycleLimits(steps=self.steps, first_window=FIRST_DAYS * DAY_S)

    def rules(self) -> CycleRules:
        """With the product's band of flow and bundles of days."""
        return CycleRules(
            self.window_days * DAY_S,
            HOPS,
            most_changes=self.most_changes,
            needs_mark=self.needs_manifest,
            bundle_length=BUNDLE_S,
            pool_length=self.pool_days * DAY_S,
            goods_from=len(waste_code_numbers()),
        )


SEARCHES = (
    YearSearch("equal_code_30_days", "代码相同，30 天，联单与货物发票", 30, 0, False),
    YearSearch("manifest_equal_code_30_days", "至少一张联单，代码相同，30 天", 30, 0, True),
    YearSearch("manifest_equal_code_90_days", "至少一张联单，代码相同，90 天", 90, 0, True),
    YearSearch("manifest_one_change_30_days", "至少一张联单，代码至多变一次，30 天", 30, 1, True),
    YearSearch(
        "as_the_model",
        "HW-11 全部条件：代码至多变一次，90 天，并批，20 亿步",
        90,
        1,
        True,
        7,
        2_000_000_000,
    ),
)
# As the product does where there is much to look at: loops within so many days come first.
FIRST_DAYS = 30


def make_year(folder: Path, parameters: ProvinceParameters, seed: int) -> dict[str, Any]:
    """Make a province-year and write it, its manifests alone, and what was planted."""
    started = process_time()
    year = province_year(parameters, seed)
    seconds = process_time() - started
    year.edges.save(folder / "year")
    # Peers compare codes as they are; a paper without one would go with any.
    year.edges.take(year.is_manifest & (year.edges.code != NO_CODE)).save(folder / "manifests")
    planted = year.planted
    facts = {f.name: getattr(planted, f.name) for f in fields(planted) if f.name != "edges"}
    np.savez(folder / "planted.npz", **facts)
    busiest = np.bincount(year.edges.source) if len(year.edges) else np.zeros(1, np.int64)
    return {
        "seconds": round(seconds, 2),
        "organizations": parameters.organizations,
        "manifests": int(year.is_manifest.sum()),
        "goods_edges": int((~year.is_manifest).sum()),
        "most_edges_from_one_firm": int(busiest.max()),
        "planted_loops": len(planted.hops),
        "planted_edges": len(planted.edges),
        "manifests_without_code": int((year.edges.code == NO_CODE).sum()),
        "planted_with_code_changed": int((planted.changes > 0).sum()),
        "planted_with_split_lots": int(planted.is_split.sum()),
        "planted_longer_than_30_days": int((planted.span > 30 * DAY_S).sum()),
        "planted_by_kind": {name: int(flags.sum()) for name, flags in planted.kinds().items()},
    }


def load_planted(folder: Path, edges: Edges) -> Planted:
    """What :func:`make_year` planted."""
    with np.load(folder / "planted.npz") as facts:
        return Planted(edges=edges.take(edges.loop >= 0), **{name: facts[name] for name in facts})


def search_year(folder: Path, search: YearSearch, day: int) -> dict[str, Any]:
    """Cost of a search, planted loops found, how many stand at the top, and cost of ``day``."""
    edges = load_edges(folder / "year")
    planted = load_planted(folder, edges)
    rules, timed = search.rules(), with_manifests(edges)
    # Columns that the search does not need are not held while it runs.
    del edges
    cycles, seconds = timed_search(timed, rules, search.limits())
    peak = peak_mib()
    counted = set_counts(cycles.nodes, cycles.walks, HOPS)
    return {
        "title": search.title,
        "seconds": round(seconds, 2),
        "peak_mib": peak,
        "steps": cycles.steps,
        "sets": counted["sets"],
        "walks": counted["walks"],
        "rounds": len(cycles.round_set),
        "cut": cut_words(cycles.cut),
        **judged(planted, cycles, timed, rules),
        "day": search_day(timed, search, day),
    }


def with_manifests(edges: Edges) -> TimedEdges:
    """The edges as the kernel takes them, marked where they have a manifest: waste codes first.

    A manifest without a code carries a waste, not just anything.
    """
    return replace(
        edges.timed(),
        code=np.where(edges.code == NO_CODE, np.int16(UNKNOWN_WASTE), edges.code),
        is_marked=edges.code < len(waste_code_numbers()),
    )


def search_day(edges: TimedEdges, search: YearSearch, day: int) -> dict[str, Any]:
    """Cost of the loops that end on one day, with the edges of a window held in memory.

    The same search among all edges of the year must give the same node sets and walks.
    """
    span, rules, limits = (day * DAY_S, (day + 1) * DAY_S), search.rules(), search.limits()
    held = edges.take((edges.time >= span[0] - rules.window - BUNDLE_S) & (edges.time < span[1]))
    cycles_ending(warm_edges(), rules, limits, 0, WARM.days * DAY_S)
    started = process_time()
    found = cycles_ending(held, rules, limits, *span)
    seconds = process_time() - started
    full = cycles_ending(edges, rules, limits, *span)
    return {
        "number": day,
        "edges_held": len(held.time),
        "new_edges": int((held.time >= span[0]).sum()),
        "seconds": round(seconds, 3),
        "sets": len(found.walks),
        "nodes_ended_early": len(found.cut),
        "equals_full_run": np.array_equal(found.nodes, full.nodes)
        and np.array_equal(found.walks, full.walks),
    }
