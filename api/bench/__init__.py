"""Benchmarks by name; each is a function of a folder to work in that gives one JSON document.

A benchmark runs the peer and the product in one run and prints times, ratio and the counts that
show that both did the same work. Nothing here is asserted by tests: a machine is not a result.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from api.bench import line

Progress = Callable[[str, str], None]
BENCHES: dict[str, Callable[[Path, Progress], dict[str, Any]]] = {"line": line.bench}
