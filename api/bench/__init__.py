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
# Those whose module also has ``QUICK``: sizes that show in a minute or two that everything runs.
QUICK_BENCHES = ("loops", "rings", "shells")


def run_bench(name: str, request: Request, is_quick: bool = False) -> dict[str, Any]:
    """The document of a benchmark.

    Parameters
    ----------
    is_quick
        On little data, for those of ``QUICK_BENCHES``: its figures say nothing about the targets.
    """
    module = import_module(f"api.bench.{BENCHES[name]}")
    found: dict[str, Any] = (
        module.bench(request, module.QUICK) | {"targets_met": None}
        if is_quick
        else module.bench(request)
    )
    return {"is_quick": is_quick} | found
