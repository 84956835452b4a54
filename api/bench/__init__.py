"""Benchmarks by name; each is a function of a request that gives one JSON document.

A benchmark runs the peer and the product in one run and prints times, ratio and the counts that
show that both did the same work. Nothing here is asserted by tests: a machine is not a result.
"""

from importlib import import_module
from typing import Any

from api.bench.request import Request

# Modules of this package with a function ``bench``; loaded when asked for, since a benchmark runs
# its parts in processes of their own, which would load all the others as well.
BENCHES = {
    "delta": "er_delta",
    "er": "er",
    "line": "line",
    "loops": "loops",
    "match": "match_rows",
    "rings": "rings",
    "shells": "shells",
}


def run_bench(name: str, request: Request) -> dict[str, Any]:
    """The document of a benchmark."""
    document: dict[str, Any] = import_module(f"api.bench.{BENCHES[name]}").bench(request)
    return document
