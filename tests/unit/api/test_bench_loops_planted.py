"""Planted loops of the benchmark: each kind is made as it is said to be, and no more is asked.

One small province with many loops, made once; searches are not run here.
"""

from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from analytics.kernels.temporal_rules import UNKNOWN_WASTE
from api.bench.loops_edges import DAY_S, Edges
from api.bench.loops_planted import HOP_SHARES, SHORTEST, Planted
from api.bench.loops_planted_firms import ALL_BUSY_SHARE, BUSY_SHARE, STANDING_SHARE
from api.bench.loops_planted_papers import (
    CHANGED_ONCE_SHARE,
    CHANGED_TWICE_SHARE,
    LEAST_LOT_T,
    MOST_LOSS,
    NO_CODE,
    NO_CODE_HOP_SHARE,
    NO_CODE_SHARE,
    SPLIT_SHARE,
    leave_out_codes,
    without_some_codes,
)
from api.bench.loops_province import (
    ProvinceParameters,
    ProvinceYear,
    province_year,
    waste_code_numbers,
)
from api.bench.loops_year import with_manifests

PARAMETERS = ProvinceParameters(4_000, 40_000, 60_000, 800, 200)
SEED = 7
WASTES = len(waste_code_numbers())


@cache
def year() -> ProvinceYear:
    return province_year(PARAMETERS, SEED)


def planted() -> Planted:
    return year().planted


def ordinary() -> Edges:
    return year().edges.take(year().edges.loop < 0)


def of_loop(number: int) -> Edges:
    return planted().edges.take(planted().edges.loop == number)


def codes_on_way(number: int) -> list[int]:
    """Code at each hop of the first turn."""
    of = planted()
    chosen = (of.edges.loop == number) & (of.turn == 0)
    return [
        int(of.edges.code[chosen & (of.hop == hop)].max()) for hop in range(int(of.hops[number]))
    ]


def pairs(edges: Edges) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return edges.source.astype(np.int64) * PARAMETERS.organizations + edges.target


@pytest.mark.parametrize(
    ("kind", "share"),
    [
        ("all_firms_busy", ALL_BUSY_SHARE),
        ("some_firms_busy", BUSY_SHARE - ALL_BUSY_SHARE),
        ("along_standing_relations", STANDING_SHARE),
        ("two_firms", HOP_SHARES[0]),
        ("code_changed_once", CHANGED_ONCE_SHARE + CHANGED_TWICE_SHARE * HOP_SHARES[0]),
        ("code_changed_twice", CHANGED_TWICE_SHARE * (1 - HOP_SHARES[0])),
        ("code_missing", NO_CODE_HOP_SHARE),
        ("split_over_trucks", SPLIT_SHARE),
    ],
)
def test_of_each_kind_there_are_as_many_as_is_said(kind: str, share: float) -> None:
    count = PARAMETERS.loops
    deviation = np.sqrt(count * share * (1 - share))
    assert abs(planted().kinds()[kind].sum() - count * share) < 4 * deviation


def test_every_planted_loop_goes_round_in_time_and_keeps_its_lot() -> None:
    of = planted()
    assert set(of.hops.tolist()) == set(range(SHORTEST, SHORTEST + len(HOP_SHARES)))
    for loop, hops in enumerate(of.hops.tolist()):
        edges, nodes = of_loop(loop), of.nodes[loop]
        turn, place = (column[of.edges.loop == loop] for column in (of.turn, of.hop))
        assert len(set(nodes[:hops].tolist())) == hops
        assert (nodes[hops:] == -1).all()
        assert (edges.source == nodes[place]).all()
        assert (edges.target == nodes[(place + 1) % hops]).all()
        assert set(turn.tolist()) == set(range(int(of.rounds[loop])))
        assert (len(edges) > hops * of.rounds[loop]) == bool(of.is_split[loop])
        for number in range(int(of.rounds[loop])):
            lots = [edges.take((turn == number) & (place == hop)) for hop in range(hops)]
            for lot in lots:
                # All its trucks on one day.
                assert len(np.unique(lot.time // DAY_S)) == 1
            for before, after in pairwise(lots):
                assert before.time.max() <= after.time.min()
                kept = after.tonnes.sum() / before.tonnes.sum()
                assert 1 - MOST_LOSS - 1e-3 <= kept <= 1 + 1e-3
            assert lots[-1].time.max() - lots[0].time.min() <= 90 * DAY_S
        # Each loop begins as a waste.
        assert edges.code[place == 0].max() < WASTES


def test_busy_firms_are_drawn_in_proportion_to_their_papers() -> None:
    of, edges = planted(), ordinary()
    activity = np.bincount(np.concatenate([edges.source, edges.target]))
    manifests = edges.take(edges.code < WASTES)
    by_manifests = np.bincount(np.concatenate([manifests.source, manifests.target]))
    busy, evenly = (of.kinds()[name] for name in ("all_firms_busy", "firms_drawn_evenly"))

    def mean(value: np.ndarray[tuple[int], np.dtype[np.int64]], chosen: np.ndarray) -> float:
        nodes = of.nodes[chosen]
        return float(value[nodes[nodes >= 0]].mean())

    waste_firms = by_manifests[by_manifests > 0]
    # Drawn with a chance in proportion to it, a value has the mean of its squares by its sum.
    proportional = float((by_manifests.astype(np.float64) ** 2).sum() / by_manifests.sum())
    assert proportional > 5 * waste_firms.mean()
    assert mean(by_manifests, busy) > 0.5 * proportional
    assert mean(by_manifests, evenly) < 2 * waste_firms.mean()
    assert mean(activity, busy) > 5 * mean(activity, evenly)
    # Of some a part of the firms only.
    some = of.kinds()["some_firms_busy"]
    assert ((of.busy[some] >= 1) & (of.busy[some] < of.hops[some])).all()


def test_loops_under_cover_run_along_pairs_that_trade_anyway() -> None:
    of, edges = planted(), ordinary()
    is_parallel = np.isin(pairs(of.edges), pairs(edges))
    hops = np.unique(np.stack([of.edges.loop, of.hop])[:, is_parallel], axis=1)
    parallel = np.bincount(hops[0], minlength=PARAMETERS.loops)
    assert (parallel >= of.standing).all()
    covered = of.kinds()["along_standing_relations"]
    assert (of.standing[covered] < of.hops[covered]).all()
    evenly = of.kinds()["firms_drawn_evenly"]
    assert parallel[evenly].sum() < 0.02 * of.hops[evenly].sum()
    # Most hide among manifests of the same pair and code.
    key = pairs(edges) * (1 << 10) + edges.code
    is_hidden = np.isin(pairs(of.edges) * (1 << 10) + of.edges.code, key)
    hidden = np.bincount(of.edges.loop, is_hidden, PARAMETERS.loops) > 0
    assert hidden[covered].mean() > 0.6
    assert hidden[evenly].mean() < 0.02
    assert np.bincount(of.edges.loop, of.edges.tonnes)[covered].min() >= LEAST_LOT_T


def test_a_code_changes_once_or_is_washed_and_washed_back() -> None:
    of = planted()
    products = 0
    for loop, changes in enumerate(of.changes.tolist()):
        if NO_CODE in codes_on_way(loop):
            continue
        codes = codes_on_way(loop)
        assert sum(a != b for a, b in pairwise(codes)) == changes
        if changes == 2:
            assert codes[0] == codes[-1]
        products += max(codes) >= WASTES
    assert 0 < products < 0.5 * (of.changes > 0).sum()


def test_some_manifests_have_no_code_and_are_wastes_all_the_same() -> None:
    edges, is_manifest = year().edges, year().is_manifest
    is_lost = edges.code == NO_CODE
    background = int((is_lost & (edges.loop < 0)).sum())
    expected = PARAMETERS.manifests * NO_CODE_SHARE
    assert abs(background - expected) < 4 * np.sqrt(expected)
    assert not (is_lost & ~is_manifest).any()
    assert is_manifest.sum() >= PARAMETERS.manifests
    of = planted()
    assert np.array_equal(
        np.flatnonzero(of.is_uncoded), np.unique(of.edges.loop[of.edges.code == NO_CODE])
    )
    # More loops than mistakes explain: some leave it out on purpose.
    assert of.is_uncoded.sum() > 2 * NO_CODE_SHARE * len(of.edges)
    timed = with_manifests(edges)
    assert timed.is_marked is not None
    assert np.array_equal(timed.is_marked, is_manifest)
    assert (timed.code[is_lost] == UNKNOWN_WASTE).all()
    assert np.array_equal(timed.code[~is_lost], edges.code[~is_lost])


def test_codes_are_left_out_of_manifests_only() -> None:
    random, count = np.random.default_rng(SEED), 20_000
    code = np.tile(np.array([3, WASTES, 3]), (count, 1))
    leave_out_codes(code, np.full(count, 3), WASTES, random)
    lost = code == NO_CODE
    assert set(lost.sum(axis=1).tolist()) == {0, 1}
    assert abs(lost.sum() - NO_CODE_HOP_SHARE * count) < 4 * np.sqrt(NO_CODE_HOP_SHARE * count)
    assert not lost[:, 1].any()
    # The first hop stands in for the second, which carries a product.
    assert lost[:, 0].sum() > 1.5 * lost[:, 2].sum() > 0
    papers = np.repeat(np.array([3, WASTES], np.int16), 50_000)
    without_some_codes(papers, WASTES, random)
    assert abs((papers == NO_CODE).sum() - 50) < 4 * np.sqrt(50)
    assert (papers[50_000:] == WASTES).all()


def test_edges_of_the_year_are_told_by_turn_and_hop_in_their_own_order() -> None:
    edges, of = year().edges, planted()
    own = edges.take(edges.loop >= 0)
    for name in Edges.__slots__:
        assert np.array_equal(getattr(own, name), getattr(of.edges, name)), name
    assert len(of.turn) == len(of.hop) == len(own)
