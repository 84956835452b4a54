"""The province-year through our kernel: cost, what was found of what was planted, one day more."""

from dataclasses import dataclass, fields, replace
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.kernels.temporal_cycles import (
    CycleLimits,
    CycleRules,
    Cycles,
    TimedEdges,
    cycles_ending,
    find_slices,
)
from analytics.loop_rank import loop_facts, rank_scores
from api.bench.apart import peak_mib
from api.bench.loops_counts import set_counts
from api.bench.loops_edges import DAY_S, Edges, load_edges
from api.bench.loops_heavy_tails import heavy_tails
from api.bench.loops_ours import WARM, cut_words, timed_search
from api.bench.loops_planted import Planted
from api.bench.loops_province import ProvinceParameters, province_year

Ints = NDArray[np.int64]
TOPS = (50, 200)
HOPS, BUNDLE_S = 8, DAY_S


@dataclass(frozen=True, slots=True)
class YearSearch:
    """One way to search the year; ``title`` in the words of its reader."""

    name: str
    title: str
    window_days: int
    is_equal_code: bool

    def rules(self) -> CycleRules:
        """With the product's band of flow and bundles of days."""
        return CycleRules(
            self.window_days * DAY_S,
            HOPS,
            code_rule="equal" if self.is_equal_code else "any",
            bundle_length=BUNDLE_S,
        )


SEARCHES = (
    YearSearch("equal_code_30_days", "代码相同，30 天", 30, True),
    YearSearch("equal_code_90_days", "代码相同，90 天", 90, True),
    YearSearch("any_code_30_days", "代码不限，30 天", 30, False),
    YearSearch("any_code_90_days", "代码不限，90 天", 90, False),
)


def make_year(folder: Path, parameters: ProvinceParameters, seed: int) -> dict[str, Any]:
    """Make a province-year and write it, its manifests alone, and what was planted."""
    started = process_time()
    year = province_year(parameters, seed)
    seconds = process_time() - started
    year.edges.save(folder / "year")
    year.edges.take(year.is_manifest).save(folder / "manifests")
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
        "planted_with_code_changed": int(planted.is_changed.sum()),
        "planted_with_split_lots": int(planted.is_split.sum()),
        "planted_longer_than_30_days": int((planted.span > 30 * DAY_S).sum()),
    }


def load_planted(folder: Path, edges: Edges) -> Planted:
    """What :func:`make_year` planted."""
    with np.load(folder / "planted.npz") as facts:
        return Planted(edges=edges.take(edges.loop >= 0), **{name: facts[name] for name in facts})


def search_year(folder: Path, search: YearSearch, day: int) -> dict[str, Any]:
    """Cost of a search, planted loops found, how many stand at the top, and cost of ``day``."""
    edges = load_edges(folder / "year")
    rules, timed = search.rules(), edges.timed()
    cycles, seconds = timed_search(timed, rules, CycleLimits())
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
        **_judged(load_planted(folder, edges), cycles, ranking(cycles, timed), rules),
        "day": search_day(edges, search, day),
    }


def ranking(cycles: Cycles, edges: TimedEdges) -> Ints:
    """Positions of node sets as the model lists them, the most suspicious first."""
    scores = rank_scores(loop_facts(cycles, edges, DAY_S))
    return np.argsort(-scores, kind="stable").astype(np.int64)


def _judged(planted: Planted, cycles: Cycles, order: Ints, rules: CycleRules) -> dict[str, Any]:
    """Planted loops that the rules can find, those found, and node sets at the top of the list."""
    sets = node_sets(planted.nodes)
    found = row_numbers(cycles.nodes, sets)
    is_findable = planted.span <= rules.window
    if rules.code_rule == "equal":
        is_findable &= ~planted.is_changed
    is_planted = row_numbers(sets, cycles.nodes) >= 0
    return {
        "planted_findable": int(is_findable.sum()),
        "planted_found": int((is_findable & (found >= 0)).sum()),
        "split_findable": int((is_findable & planted.is_split).sum()),
        "split_found": int((is_findable & planted.is_split & (found >= 0)).sum()),
        "planted_at_top": {str(top): int(is_planted[order[:top]].sum()) for top in TOPS},
        "planted_sets": int(is_planted.sum()),
        "other_sets": int((~is_planted).sum()),
    }


def node_sets(nodes: Ints) -> Ints:
    """Rows of nodes as the kernel writes node sets: sorted, -1 behind."""
    last = np.iinfo(np.int64).max
    rows: Ints = np.sort(np.where(nodes < 0, last, nodes), axis=1)
    return np.where(rows == last, -1, rows)


def row_numbers(rows: Ints, wanted: Ints) -> Ints:
    """Position of each wanted row among the rows, -1 where it is not; both of one width."""
    position = {row.tobytes(): number for number, row in enumerate(rows.astype(np.int64))}
    return np.array([position.get(row.tobytes(), -1) for row in wanted.astype(np.int64)], np.int64)


def search_day(edges: Edges, search: YearSearch, day: int) -> dict[str, Any]:
    """Cost of the loops that end on one day, with the edges of a window held in memory.

    The same day of a run over all these edges must have the same node sets and walks.
    """
    rules, limits = search.rules(), CycleLimits(segment_days=1)
    span = day * DAY_S, (day + 1) * DAY_S
    held = edges.take((edges.time >= span[0] - rules.window - BUNDLE_S) & (edges.time < span[1]))
    timed = held.timed()
    cycles_ending(heavy_tails(WARM, 0).timed(), rules, limits, 0, WARM.days * DAY_S)
    started = process_time()
    found = cycles_ending(timed, rules, limits, *span)
    seconds = process_time() - started
    whole = replace(limits, steps=1 << 50)
    full = [one for one in find_slices(timed, rules, whole) if one.ends_from == span[0]]
    return {
        "number": day,
        "edges_held": len(held),
        "new_edges": int((held.time >= span[0]).sum()),
        "seconds": round(seconds, 3),
        "sets": len(found.walks),
        "nodes_ended_early": len(found.cut),
        "equals_full_run": len(full) == 1
        and np.array_equal(found.nodes, full[0].nodes)
        and np.array_equal(found.walks, full[0].walks),
    }
