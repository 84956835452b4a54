"""What the command line prints: documents on stdout, progress and complaints on stderr."""

import json
import re
import sys
from collections.abc import Sequence
from time import monotonic
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

STAGE_ZH = {
    "simulate": "模拟",
    "ingest": "接入",
    "resolve": "归并",
    "load": "入图",
    "detect": "研判",
    "leads": "线索",
    "serve": "服务",
    "bench": "基准",
}
GRADE_ZH = {1: "一级", 2: "二级", 3: "三级"}
COUNTED = re.compile(r"(\d+)/(\d+)")
# Off a terminal at most one line of a stage in this time, so that logs stay readable.
LINE_EVERY_S = 1.0
WIDE = 10_000


class Output:
    """Where a command writes; ``--json`` keeps stdout for one document."""

    def __init__(self, is_json: bool = False, is_quiet: bool = False) -> None:
        self.is_json = is_json
        self.is_quiet = is_quiet
        # Off a terminal nothing is cut to a width: another program may read it.
        width = None if sys.stdout.isatty() else WIDE
        self._out = Console(file=sys.stdout, soft_wrap=True, width=width)
        self._err = Console(file=sys.stderr, soft_wrap=True)
        self._last = ("", 0.0)
        self._bar: Progress | None = None

    def document(self, document: Any) -> None:
        """The one JSON document of a ``--json`` command."""
        self._end_bar()
        sys.stdout.write(json.dumps(document, ensure_ascii=False, default=str) + "\n")
        sys.stdout.flush()

    def line(self, text: str) -> None:
        """A line of the answer, as it is."""
        self._end_bar()
        self._out.print(text, markup=False, highlight=False)

    def text(self, text: str) -> None:
        """Text of the answer that other programs read: byte for byte."""
        self._end_bar()
        sys.stdout.write(text)

    def table(self, headings: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """A table of the answer; numbers stand right."""
        self._end_bar()
        table = Table(box=None, pad_edge=False)
        for position, heading in enumerate(headings):
            is_number = bool(rows) and isinstance(rows[0][position], int | float)
            table.add_column(heading, justify="right" if is_number else "left")
        for row in rows:
            table.add_row(*("—" if cell is None else str(cell) for cell in row))
        self._out.print(table, markup=False)

    def progress(self, stage: str, text: str) -> None:
        """How far a stage is: a bar on a terminal, plain lines elsewhere."""
        if self.is_quiet:
            return
        if self._err.is_terminal and stage != "serve":
            self._show_bar(stage, text)
            return
        self._end_bar()
        now = monotonic()
        if self._last[0] == stage and now - self._last[1] < LINE_EVERY_S:
            return
        self._last = (stage, now)
        self._err.print(f"{STAGE_ZH.get(stage, stage)}  {text}", markup=False, highlight=False)

    def complain(self, text: str) -> None:
        """What went wrong, on stderr."""
        self._end_bar()
        self._err.print(text, markup=False, highlight=False, style="red")

    def _show_bar(self, stage: str, text: str) -> None:
        if self._last[0] != stage:
            self._end_bar()
            self._last = (stage, monotonic())
        if self._bar is None:
            self._bar = Progress(
                TextColumn("{task.description}", markup=False),
                BarColumn(bar_width=24),
                TimeElapsedColumn(),
                TextColumn("{task.fields[text]}", markup=False),
                console=self._err,
                transient=False,
            )
            self._bar.start()
            self._bar.add_task(STAGE_ZH.get(stage, stage), total=None, text="")
        counted = COUNTED.search(text)
        done, total = (int(counted[1]), int(counted[2])) if counted else (None, None)
        self._bar.update(self._bar.task_ids[0], completed=done, total=total, text=text[:60])

    def _end_bar(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
