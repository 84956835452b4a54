"""One function in a process of its own, so that its peak memory is its own."""

import resource
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

KIB_PER_MIB = 1024


def run_apart(function: Callable[..., dict[str, Any]], *arguments: Any) -> dict[str, Any]:
    """The document that ``function`` gives, with ``peak_mib`` of its process unless it has one.

    Parameters
    ----------
    function
        A function of a module, since it is found by its name in the new process.
    arguments
        What it is called with; they are copied.
    """
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_measured, function, arguments).result()


def peak_mib() -> int:
    """Most memory that this process has held so far."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIB_PER_MIB)


def _measured(
    function: Callable[..., dict[str, Any]], arguments: tuple[Any, ...]
) -> dict[str, Any]:
    found = function(*arguments)
    return {"peak_mib": peak_mib()} | found
