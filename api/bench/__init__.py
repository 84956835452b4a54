"""Benchmarks by name; each is a function of a request that gives one JSON document.

A benchmark runs the peer and the product in one run and prints times, ratio and the counts that
show that both did the same work. Nothing here is asserted by tests: a machine is not a result.
"""

from collections.abc import Callable
from typing import Any

from api.bench import er, er_delta, line, loops, match_rows, rings, shells
from api.bench.request import Request

BENCHES: dict[str, Callable[[Request], dict[str, Any]]] = {
    "delta": er_delta.bench,
    "er": er.bench,
    "line": line.bench,
    "loops": loops.bench,
    "match": match_rows.bench,
    "rings": rings.bench,
    "shells": shells.bench,
}
