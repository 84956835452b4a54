"""The order of loops: planted ones above chance ones, each part by a case worked out by hand."""

import math
from dataclasses import dataclass, fields, replace
from functools import cache

import numpy as np
import pytest

from analytics.kernels.temporal_cycles import CycleRules, Cycles, TimedEdges, find_cycles
from analytics.kernels.temporal_elements import NO_TIME, Ints
from analytics.loop_rank import LoopFacts, RankParts, loop_facts, rank_parts

DAY = 86_400
YEAR = 365
RULES = CycleRules(window=60 * DAY, hop_limit=5, bundle_length=DAY)
FIRMS, TRADES, PLANTED = 3_000, 56_000, 200


@dataclass(frozen=True)
class Market:
    """A year of trade with heavy tails and round lots, and loops handed round in it."""

    edges: TimedEdges
    planted: frozenset[tuple[int, ...]]


@cache
def market() -> Market:
    rng = np.random.default_rng(5)
    activity = 1 / np.arange(1, FIRMS + 1) ** 0.7
    activity /= activity.sum()
    source, target = (rng.choice(FIRMS, TRADES, p=activity) for _ in range(2))
    tonnes = rng.lognormal(2, 1, TRADES).round(2) + 0.01
    is_round = rng.random(TRADES) < 0.6
    tonnes[is_round] = np.ceil(tonnes[is_round] / 5) * 5
    code = np.minimum(rng.zipf(1.5, TRADES) - 1, 60)
    rows = [source, target, rng.integers(0, YEAR, TRADES) * DAY, tonnes, code]
    planted = []
    for _ in range(PLANTED):
        size = int(rng.integers(2, 6))
        nodes = rng.choice(FIRMS, size, replace=False)
        days = int(rng.integers(0, YEAR - 30)) + np.cumsum(rng.integers(1, 6, size))
        lot = rng.lognormal(2.5, 0.7)
        rows = [
            np.append(column, more)
            for column, more in zip(
                rows,
                (nodes, np.roll(nodes, -1), days * DAY, lot * 0.99 ** np.arange(size),
                 np.full(size, min(int(rng.zipf(1.5)) - 1, 60))),
                strict=True,
            )
        ]  # fmt: skip
        planted.append(tuple(sorted(int(n) for n in nodes)))
    edges = TimedEdges(
        rows[0].astype(np.int64),
        rows[1].astype(np.int64),
        rows[2].astype(np.int64),
        rows[3].astype(np.float64),
        rows[4].astype(np.int64),
        np.arange(len(rows[0]), dtype=np.int64),
    )
    return Market(edges, frozenset(planted))


def node_sets(cycles: Cycles) -> list[tuple[int, ...]]:
    return [tuple(int(n) for n in row if n >= 0) for row in cycles.nodes]


@cache
def searched() -> tuple[Cycles, LoopFacts]:
    cycles = find_cycles(market().edges, RULES)
    return cycles, loop_facts(cycles, market().edges, DAY)


def planted_among(count: int, order: Ints) -> int:
    sets = node_sets(searched()[0])
    return sum(sets[i] in market().planted for i in order[:count])


def test_planted_loops_stand_above_chance_loops() -> None:
    cycles, facts = searched()
    assert len(cycles.walks) > 10 * PLANTED, "chance must close many loops"
    assert market().planted <= set(node_sets(cycles))
    order = np.argsort(-rank_parts(facts).scores, kind="stable")
    assert planted_among(50, order) == 50
    assert planted_among(PLANTED, order) >= 0.95 * PLANTED
    by_tonnes = np.argsort(-np.nan_to_num(facts.tonnes), kind="stable")
    assert planted_among(50, by_tonnes) < 40, "else the test shows nothing"


def test_a_part_for_each_thing_that_speaks_for_a_loop() -> None:
    _, facts = searched()
    parts = rank_parts(facts)
    names = [part.name for part in fields(RankParts)]
    assert parts.scores == pytest.approx(sum(getattr(parts, name) for name in names))
    assert np.isfinite(rank_parts(facts).scores).all()


Trade = tuple[int, int, float, float | None, int | None]


def facts_of(trades: list[Trade], rules: CycleRules = RULES) -> tuple[LoopFacts, Cycles]:
    """Facts of trades (from, to, day, tonnes, code)."""
    edges = TimedEdges(
        np.array([t[0] for t in trades], np.int64),
        np.array([t[1] for t in trades], np.int64),
        np.array([round(t[2] * DAY) for t in trades], np.int64),
        np.array([math.nan if t[3] is None else t[3] for t in trades]),
        np.array([-1 if t[4] is None else t[4] for t in trades], np.int64),
        np.arange(len(trades)),
    )
    cycles = find_cycles(edges, rules)
    return loop_facts(cycles, edges, DAY), cycles


PAIR: list[Trade] = [(0, 1, 0, 8.0, 0), (1, 0, 4, 8.0, 0)]
OTHERS: list[Trade] = [
    (2, 3, 0, 8.0, 0), (2, 3, 1, 7.0, 1), (2, 3, 2, 9.0, 1), (4, 5, 64, 30.0, 1),
    (6, 7, 9, None, None), (7, 8, 20, 100.0, 1),
]  # fmt: skip


def test_parts_worked_out_by_hand() -> None:
    facts, _ = facts_of([*PAIR, *OTHERS])
    assert facts.rounds.tolist() == [1]
    assert facts.busiest.tolist() == [2]
    # Nine firms, eight edges, one in and one out at each of the two firms. Seven quantities are
    # known, three of them 8 t; three of eight edges have code 0.
    assert facts.rarity_bits.tolist() == pytest.approx([2 * math.log2(8 / 9)])
    assert facts.flow_bits.tolist() == pytest.approx([-math.log2(3 / 7)])
    assert facts.code_bits.tolist() == pytest.approx([-math.log2(3 / 8)])
    assert facts.pace_bits.tolist() == pytest.approx([math.log2(64 / 4)])
    parts = rank_parts(facts)
    assert parts.weight_bits.tolist() == pytest.approx([math.log2(1 + 8 / 3)])
    assert (parts.choice_bits.tolist(), parts.repeat_bits.tolist()) == ([0], [0])


def test_the_second_quantity_is_as_near_as_itself() -> None:
    facts, _ = facts_of([(0, 1, 0, 8.0, 0), (1, 0, 4, 6.5, 0), *OTHERS])
    # Of seven known quantities 6.5, 7, 8, 8 and 9 t lie within 6.5 to 9.85 t.
    assert facts.flow_bits.tolist() == pytest.approx([-math.log2(5 / 7)])


def test_waiting_begins_with_the_last_part_of_a_lot() -> None:
    facts, _ = facts_of([(0, 1, 0, 3.0, 0), (0, 1, 0.9, 5.0, 0), (1, 0, 4, 8.0, 0), *OTHERS])
    assert facts.pace_bits.tolist() == pytest.approx([math.log2(64 / 3.1)])


def part_of(name: str, trades: list[Trade]) -> float:
    facts, _ = facts_of(trades)
    value = getattr(rank_parts(facts), name)[0]
    return float(value)


@pytest.mark.parametrize(
    ("name", "better", "worse"),
    [
        ("flow_bits", PAIR, [PAIR[0], (1, 0, 4, 6.5, 0)]),
        ("flow_bits", [(0, 1, 0, 8.13, 0), (1, 0, 4, 8.13, 0)], PAIR),
        ("flow_bits", PAIR, [PAIR[0], (1, 0, 4, None, 0)]),
        ("code_bits", PAIR, [PAIR[0], (1, 0, 4, 8.0, 1)]),
        ("code_bits", [(0, 1, 0, 8.0, 2), (1, 0, 4, 8.0, 2)], PAIR),
        ("code_bits", PAIR, [PAIR[0], (1, 0, 4, 8.0, None)]),
        ("pace_bits", PAIR, [PAIR[0], (1, 0, 9, 8.0, 0)]),
        ("rarity_bits", PAIR, [*PAIR, *[(1, n, 70, 3.0, 1) for n in range(9, 19)]]),
        ("rarity_bits", PAIR, [*PAIR, *[(n, 1, 70, 3.0, 1) for n in range(9, 19)]]),
        ("choice_bits", PAIR, [*PAIR, (0, 1, 1, 7.9, 0), (0, 1, 2, 7.9, 0)]),
        ("repeat_bits", [*PAIR, (0, 1, 6, 8.0, 0), (1, 0, 7, 8.0, 0)], PAIR),
        ("repeat_bits", [*PAIR, (0, 1, 6, 8.0, 0), (1, 0, 7, 8.0, 0)],
         [*PAIR, (0, 1, 0.1, 8.0, 1), (1, 0, 4.1, 8.0, 1)]),
        ("weight_bits", PAIR, [(0, 1, 0, 2.0, 0), (1, 0, 4, 2.0, 0)]),
    ],
    ids=["exact quantity", "unusual quantity", "known quantity", "same code", "rare code",
         "known code", "sooner", "fewer ways out", "fewer ways in", "fewer walks", "again",
         "again on another day", "heavier"],
)  # fmt: skip
def test_what_moves_a_part(name: str, better: list[Trade], worse: list[Trade]) -> None:
    assert part_of(name, [*better, *OTHERS]) > part_of(name, [*worse, *OTHERS])


def test_the_best_round_of_a_set_counts() -> None:
    later: list[Trade] = [(0, 1, 20, 20.0, None), (1, 0, 25, 20.1, None)]
    facts, cycles = facts_of([*PAIR, *later, *OTHERS])
    assert cycles.round_tonnes.tolist() == [8.0, 20.0]
    assert facts.tonnes.tolist() == [8.0]
    assert facts.days_begun.tolist() == [2]


def test_a_split_lot_is_one_quantity() -> None:
    split: list[Trade] = [(0, 1, 0, 8.0, 0), (1, 0, 4, 3.0, 0), (1, 0, 4.2, 5.0, 0)]
    facts, cycles = facts_of([*split, *OTHERS])
    assert cycles.round_tonnes.tolist() == [8.0]
    # Of eight known quantities two are 8 t; the parts of the lot weigh something else.
    assert facts.flow_bits.tolist() == pytest.approx([-math.log2(2 / 8)])


def test_refused_edges_count_for_nothing() -> None:
    odd: list[Trade] = [(1, 1, 3, 8.0, 0), (1, 5, 3, 0.0, 0), (1, 5, NO_TIME / DAY, 8.0, 0)]
    facts, _ = facts_of([*PAIR, *OTHERS])
    with_odd, _ = facts_of([*PAIR, *OTHERS, *odd])
    assert rank_parts(with_odd).scores.tolist() == rank_parts(facts).scores.tolist()


def test_no_loops_no_scores() -> None:
    assert rank_parts(facts_of(OTHERS)[0]).scores.tolist() == []


def test_unknown_tonnes_weigh_nothing() -> None:
    _, facts = searched()
    blank = replace(facts, tonnes=np.full(len(facts.walks), np.nan))
    assert not rank_parts(blank).weight_bits.any()


def test_order_of_the_edges_does_not_matter() -> None:
    cycles, facts = searched()
    turn = np.random.default_rng(1).permutation(len(market().edges.time))
    turned = market().edges.take(turn)
    again = loop_facts(find_cycles(turned, RULES), turned, DAY)
    assert rank_parts(again).scores.tolist() == rank_parts(facts).scores.tolist()
    assert len(cycles.walks) == len(again.walks)
