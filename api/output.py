"""What the command line prints: documents on stdout, progress and complaints on stderr."""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any

from rich.console import Console
from rich.table import Table

STAGE_ZH = {
    "simulate": "模拟",
    "ingest": "接入",
    "resolve": "归并",
    "load": "入图",
    "detect": "研判",
}


@dataclass(slots=True)
class Output:
    """Where a command writes; ``--json`` keeps stdout for one document."""

    is_json: bool = False
    is_quiet: bool = False

    def __post_init__(self) -> None:
        self._out = Console(file=sys.stdout, soft_wrap=True)
        self._err = Console(file=sys.stderr, soft_wrap=True)
        self._last = ("", 0.0)

    def document(self, document: Any) -> None:
        """The one JSON document of a ``--json`` command."""
        sys.stdout.write(json.dumps(document, ensure_ascii=False, default=str) + "\n")

    def line(self, text: str) -> None:
        """A line of the answer, as it is."""
        self._out.print(text, markup=False, highlight=False)

    def table(self, headings: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """A table of the answer; numbers stand right."""
        table = Table(box=None, pad_edge=False)
        for position, heading in enumerate(headings):
            is_number = bool(rows) and isinstance(rows[0][position], int | float)
            table.add_column(heading, justify="right" if is_number else "left")
        for row in rows:
            table.add_row(*("—" if cell is None else str(cell) for cell in row))
        self._out.print(table)

    def progress(self, stage: str, text: str) -> None:
        """A line of progress on stderr; off a terminal at most one a second for each stage."""
        if self.is_quiet:
            return
        now = monotonic()
        if not self._err.is_terminal and self._last[0] == stage and now - self._last[1] < 1.0:
            return
        self._last = (stage, now)
        self._err.print(f"{STAGE_ZH.get(stage, stage)}  {text}", markup=False, highlight=False)

    def complain(self, text: str) -> None:
        """What went wrong, on stderr."""
        self._err.print(text, markup=False, highlight=False, style="red")
