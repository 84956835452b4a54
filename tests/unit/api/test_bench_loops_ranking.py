"""Measures of a list of loops: worked out by hand, and what they must tell apart."""

from dataclasses import replace

import numpy as np
import pytest

from api.bench.loops_edges import Edges
from api.bench.loops_judged import busiest_of
from api.bench.loops_ranking import (
    DRAWS,
    Kind,
    Listed,
    average_precision,
    chance_ahead,
    measure_ranking,
    places_of,
    recall_at,
)


def listed(planted: list[float], others: list[float], missing: int = 0) -> Listed:
    """A list of sets of three firms with these scores; what is missing is the busiest."""
    count = len(planted) + len(others)
    return Listed(
        np.array([*others, *planted], np.float64),
        np.arange(count) >= len(others),
        np.full(count, 3),
        np.arange(count),
        np.zeros(count),
        np.full(missing, count),
    )


def every_third(planted: int) -> Listed:
    """A list in which every third set is planted, the first ones being chance."""
    place = np.arange(3 * planted, 0, -1)
    is_planted = place % 3 == 0
    firms = np.where(place % 2 == 0, 3, 4)
    none = np.empty(0, np.int64)
    return Listed(-place.astype(np.float64), is_planted, firms, place, np.zeros(len(place)), none)


def test_places_and_precision_by_hand() -> None:
    # In order, chance first where scores are equal: P C C P P C C P.
    given = listed([9, 1, 7, 7], [8, 3, 7, 2])
    places = places_of(chance_ahead(given))
    assert places.tolist() == [1, 4, 5, 8]
    assert recall_at(places, np.array([1, 3, 4, 8])).tolist() == [0.25, 0.25, 0.5, 1.0]
    assert average_precision(places) == pytest.approx((1 / 1 + 2 / 4 + 3 / 5 + 4 / 8) / 4)
    found = measure_ranking(given)
    assert found["all"]["r_precision"] == 0.5
    assert found["all"]["average_precision"] == 0.65
    assert found["by_firms"] == {
        "3": {"planted": 4, "others": 4, "r_precision": 0.5, "average_precision": 0.65}
    }
    assert found["few_at_random"] == found["busiest"] == []


def test_a_loop_that_was_not_found_counts_against_recall() -> None:
    found = measure_ranking(listed([9, 1, 7, 7], [8, 3, 7, 2], missing=1))
    assert (found["planted"], found["not_in_list"], found["others"]) == (5, 1, 4)
    assert found["all"]["r_precision"] == 0.6
    assert found["all"]["average_precision"] == pytest.approx(0.65 * 4 / 5)


def test_of_few_those_that_were_not_found_are_among_the_busiest_and_among_those_drawn() -> None:
    found = measure_ranking(listed([9.0] * 70, [1.0] * 30, missing=10))
    (busiest,) = found["busiest"]
    assert (busiest["planted"], busiest["edges_of_busiest_at_least"]) == (50, 60)
    assert busiest["recall"]["50"] == 0.8
    (drawn,) = found["few_at_random"]
    assert drawn["recall"]["50"] == pytest.approx(70 / 80, abs=0.03)


def test_every_third_place() -> None:
    found = measure_ranking(every_third(60))
    assert found["all"]["recall"] == {
        "10": 0.05, "20": 0.1, "50": round(16 / 60, 4), "100": 0.55,
    }  # fmt: skip
    assert found["all"]["precision"] == {"10": 0.3, "20": 0.3, "50": 0.32, "100": 0.33}
    assert found["all"]["average_precision"] == pytest.approx(1 / 3, abs=1e-4)
    # The fifty lowest are the busiest: with 2 j chance sets ahead, j from 11 on, they stand at
    # places 23, 26, and so on.
    (busiest,) = found["busiest"]
    assert busiest["edges_of_busiest_at_least"] == 33
    assert busiest["recall"] == {"10": 0.0, "20": 0.0, "50": 0.2, "100": 0.52}
    # Every second planted set has three firms, and every second chance set.
    assert {firms: one["planted"] for firms, one in found["by_firms"].items()} == {"3": 30, "4": 30}
    assert found["by_firms"]["3"]["others"] == 60


def test_few_among_all_chance_loops_show_what_many_hide() -> None:
    # Half of the planted loops stand above all chance loops, half below a hundred of them.
    given = listed([9.0] * 500 + [5.0] * 500, [7.0] * 100 + [1.0] * 5_000)
    found = measure_ranking(given)
    assert found["all"]["precision"]["50"] == found["all"]["precision"]["500"] == 1.0
    few = found["few_at_random"][0]
    assert (few["planted"], few["draws"]) == (50, DRAWS)
    assert few["recall"]["50"] == pytest.approx(0.5, abs=0.03)
    assert few["recall"]["200"] == 1.0
    assert 0 < few["lowest_recall"]["50"] < few["recall"]["50"]
    assert few["lowest_average_precision"] < few["average_precision"] < 0.8
    assert found["few_at_random"] == measure_ranking(given)["few_at_random"]


def test_loops_that_are_told_by_how_busy_firms_are_do_not_stand_when_they_are_as_busy() -> None:
    # Planted sets are rare by eight bits; but for that they score 2, chance sets of three firms 1
    # and chance sets of two firms 3. Those of four firms have no chance set to be compared with.
    firms = np.repeat([3, 4, 2, 3], [60, 40, 70, 70])
    is_planted = np.arange(240) < 100
    rarity = np.where(is_planted, 8.0, 0.0)
    scores = rarity + np.repeat([2.0, 3.0, 1.0], [100, 70, 70])
    given = Listed(scores, is_planted, firms, np.ones(240, np.int64), rarity, np.ones(3, np.int64))
    found = measure_ranking(given)
    assert found["all"]["precision"]["100"] == 1.0
    supposed = found["as_busy_as_chance"]
    assert supposed["planted"] == 63
    assert supposed["recall"]["50"] == 0.0
    assert supposed["recall"]["100"] == round(30 / 63, 4)
    (few,) = supposed["few_at_random"]
    assert few["planted"] == 50
    assert few["recall"]["100"] == pytest.approx(30 / 50, abs=0.03)
    assert np.array_equal(given.scores, scores)


def test_kinds_are_measured_each_among_chance_loops_alone() -> None:
    # In order, chance first where scores are equal: P C C P P C C P; by kind e C C b b C C e.
    of_listed = {
        "evenly": [0, 0, 0, 0, 1, 1, 0, 0],
        "busy": [0, 0, 0, 0, 0, 0, 1, 1],
        "lost": [0] * 8,
        "none": [0] * 8,
    }
    of_missing = {"evenly": [0], "busy": [1], "lost": [1], "none": [0]}
    kinds = {
        name: Kind(np.array(flags, np.bool_), np.array(of_missing[name], np.bool_))
        for name, flags in of_listed.items()
    }
    found = measure_ranking(replace(listed([9, 1, 7, 7], [8, 3, 7, 2], missing=1), kinds=kinds))
    by_kind = found["by_kind"]
    assert set(by_kind) == {"evenly", "busy", "lost"}
    evenly, busy, lost = by_kind["evenly"], by_kind["busy"], by_kind["lost"]
    assert (evenly["planted"], evenly["drawn"], evenly["not_in_list"]) == (2, 2, 0)
    assert (evenly["mean_place"], evenly["median_place"]) == (3.0, 3.0)
    assert evenly["average_precision"] == pytest.approx((1 + 2 / 6) / 2, abs=1e-4)
    # Both are third alone; together the second of them is fourth, and one is not in the list.
    assert (busy["planted"], busy["not_in_list"], busy["mean_place"]) == (3, 1, 3.0)
    assert busy["average_precision"] == pytest.approx((1 / 3 + 2 / 4) / 3, abs=1e-4)
    assert (lost["planted"], lost["not_in_list"], lost["mean_place"]) == (1, 1, None)
    assert lost["average_precision"] == 0.0


def test_few_of_a_kind_are_drawn_among_all_chance_loops() -> None:
    # Half of the kind stands above a hundred chance loops, half below; loops of other kinds do
    # not push them down.
    given = listed([9.0] * 100 + [5.0] * 100 + [10.0] * 900, [7.0] * 100 + [1.0] * 400)
    kind = Kind(np.arange(1_600) < 0, np.empty(0, np.bool_))
    kind = replace(kind, listed=(np.arange(1_600) >= 500) & (np.arange(1_600) < 700))
    found = measure_ranking(replace(given, kinds={"half": kind}))["by_kind"]["half"]
    assert (found["planted"], found["drawn"], found["draws"]) == (200, 50, DRAWS)
    assert found["recall"]["50"] == pytest.approx(0.5, abs=0.03)
    assert found["recall"]["200"] == 1.0
    assert found["mean_place"] == 51.0


def test_nothing_planted_and_nothing_listed() -> None:
    for given in (listed([], [1.0, 2.0]), listed([], [])):
        found = measure_ranking(given)
        assert found["all"] == {
            "recall": {}, "precision": {}, "r_precision": 0.0, "average_precision": 0.0,
        }  # fmt: skip
        assert found["by_firms"] == {}


def test_the_busiest_firm_of_a_loop_is_the_one_with_most_edges_in_and_out() -> None:
    source, target = np.array([0, 0, 1, 3, 3], np.int32), np.array([1, 2, 3, 1, 1], np.int32)
    rest = np.ones(5)
    edges = Edges(
        source,
        target,
        rest.astype(np.int32),
        rest.astype(np.float32),
        rest.astype(np.int16),
        rest.astype(np.int32),
    ).timed()
    assert busiest_of(np.array([[0, 2, -1], [2, -1, -1], [2, 1, 0]]), edges).tolist() == [2, 1, 4]
    assert len(busiest_of(np.empty((0, 8), np.int64), edges)) == 0
