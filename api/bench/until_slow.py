"""A peer on data from small to large, until it takes too long."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from api.bench.loops_bounded import run_bounded
from graph.settings import GraphSettings


@dataclass(frozen=True, slots=True)
class Case:
    """One run of a peer: how large its data is, and what the function is called with."""

    size: int
    arguments: tuple[Any, ...]


def until_slow(
    bound_s: float, function: Callable[..., dict[str, Any]], cases: Iterable[Case]
) -> list[dict[str, Any]]:
    """What the function gives for each case, with its ``size``; the first too slow is the last.

    A case that takes longer than ``bound_s`` seconds of the clock, making of data and our own part
    included, says only ``ended`` and ``bound_s``: more data would only burn time.
    """
    found = []
    for case in cases:
        found.append({"size": case.size} | run_bounded(bound_s, function, *case.arguments))
        if "ended" in found[-1]:
            break
    return found


def stores(settings: GraphSettings) -> Mapping[str, GraphSettings]:
    """Graph stores that peers in Cypher run on: the embedded one, and the Neo4j that is named."""
    return {"embedded": GraphSettings()} | ({"neo4j": settings} if settings.uri else {})
