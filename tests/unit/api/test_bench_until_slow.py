"""Peers stop at what takes too long, and run on the stores that are there."""

from time import sleep
from typing import Any

from api.bench.until_slow import Case, stores, until_slow
from graph.settings import GraphSettings


def sleeps(seconds: float) -> dict[str, Any]:
    """A peer that takes so long."""
    sleep(seconds)
    return {"slept": seconds}


def test_no_case_is_run_after_the_first_that_is_too_slow() -> None:
    cases = [Case(1, (0.0,)), Case(2, (600.0,)), Case(3, (0.0,))]
    first, second = until_slow(1.0, sleeps, cases)
    assert (first["size"], first["slept"]) == (1, 0.0)
    assert second == {"size": 2, "ended": "time", "bound_s": 1.0}


def test_the_embedded_store_is_always_there_and_a_neo4j_when_named() -> None:
    assert list(stores(GraphSettings())) == ["embedded"]
    named = GraphSettings(uri="bolt://localhost:7687")
    assert stores(named) == {"embedded": GraphSettings(), "neo4j": named}
