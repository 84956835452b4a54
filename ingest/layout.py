"""Rows of a table that are no data: blank rows, headings again, footers; and totals that differ.

Source: section 3 of the drop contract.
"""

import re
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from ingest.convert import NUMBERED
from ingest.formats.cells import CellBlock
from ingest.headings import HeadingChoice, HeadRow
from ingest.values.parsed import clean, nulled
from records.contract import Dataset

LISTED_ROWS = 500
TOTAL_TOLERANCE = 0.005
# What stands in the column of a key without being one: a total, or the signature of a form.
NO_KEY = (
    r"^(?:(?:合\s*计|总\s*计|小\s*计|本\s*页\s*合\s*计|累\s*计)[:：]?$"
    r"|(?:制\s*表\s*人|填\s*报\s*人|审\s*核\s*人|打\s*印\s*时\s*间|注|说\s*明)\s*[:：])"
)
GRAND_TOTAL = re.compile(r"(合\s*计|总\s*计)")
FOOTER = (
    r"^(合\s*计|总\s*计|小\s*计|本\s*页\s*合\s*计|累\s*计|制\s*表\s*人|填\s*报\s*人|审\s*核\s*人"
    r"|打\s*印\s*时\s*间|注\s*[:：]|说\s*明\s*[:：])"
)


@dataclass(slots=True)
class Layout:
    """What stood around the data of a file; at most ``LISTED_ROWS`` rows are listed.

    ``is_numbered`` says that the file has no line numbers of its own, so that its lines get running
    numbers within their parent.
    """

    titles: list[str] = field(default_factory=list)
    rows: list[dict[str, str | int | None]] = field(default_factory=list)
    row_count: int = 0
    sheets_passed_over: list[str] = field(default_factory=list)
    headings_unknown: list[str] = field(default_factory=list)
    headings_passed_over: list[str] = field(default_factory=list)
    total_mismatch: list[dict[str, str | float | int]] = field(default_factory=list)
    is_numbered: bool = False
    packets: dict[str, int] = field(default_factory=dict)

    def to_json(self) -> dict[str, object]:
        """Part of the batch report; empty lists are left out."""
        found: dict[str, object] = {
            "titles": self.titles,
            "rows": self.rows,
            "row_count": self.row_count,
            "sheets_passed_over": self.sheets_passed_over,
            "headings_unknown": self.headings_unknown,
            "headings_passed_over": self.headings_passed_over,
            "total_mismatch": self.total_mismatch,
            "is_numbered": self.is_numbered,
            "packets": self.packets,
        }
        return {name: value for name, value in found.items() if value}


class LayoutReader:
    """Tells data from layout in the blocks of one sheet and adds up its numbers."""

    def __init__(
        self,
        dataset: Dataset,
        choice: HeadingChoice,
        heads: list[HeadRow],
        sheet: str | None,
        layout: Layout,
    ) -> None:
        self._choice = choice
        self._sheet = sheet
        self._layout = layout
        self._head_rows = heads[choice.index : choice.index + choice.height]
        self._keys = [choice.position[c.name] for c in dataset.keys if c.name in choice.position]
        self._summed = {
            column.name: choice.position[column.name]
            for column in dataset.columns
            if column.base_type in ("int", "float") and column.name in choice.position
        }
        self._sums = dict.fromkeys(self._summed, 0.0)
        number = NUMBERED.get(dataset.name)
        layout.is_numbered |= number is not None and number not in choice.position
        layout.titles += choice.titles
        layout.headings_unknown += choice.mapped.unknown
        layout.headings_passed_over += choice.mapped.passed_over

    def is_data(self, block: CellBlock) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
        """Which rows of a block are data; the others are noted in the layout."""
        cells = block.cells
        odd = block.is_broken | block.has_excess
        first = cells.select(pl.coalesce(pl.all()).alias("first"))["first"]
        maybe = first.to_frame().select(self._may_be_layout()).to_series().to_numpy()
        suspects = np.flatnonzero(maybe & ~odd)
        marks = cells[suspects].select(
            pl.coalesce(_stripped(pl.all())).alias("first"),
            self._is_heading().alias("is_heading"),
            self._has_key().alias("has_key"),
        )
        is_blank, is_footer, is_heading = (np.zeros(cells.height, np.bool_) for _ in range(3))
        is_blank[suspects] = marks["first"].is_null().to_numpy()
        is_heading[suspects] = marks["is_heading"].to_numpy()
        is_footer[suspects] = marks.select(
            (pl.col("first").str.contains(FOOTER) & ~pl.col("has_key")).fill_null(value=False)
        ).to_series()
        passed = is_blank | is_footer | is_heading
        footers = np.flatnonzero(is_footer)
        start = 0
        for place in footers:
            self._add(cells, ~passed, start, int(place))
            start = int(place)
            self._compare(cells.row(start), int(block.line[start]), first[start])
        self._add(cells, ~passed, start, cells.height)
        for place in np.flatnonzero(passed):
            kind = "blank" if is_blank[place] else "footer" if is_footer[place] else "heading"
            self._note(kind, int(block.line[place]), cells, int(place))
        return ~passed

    def _may_be_layout(self) -> pl.Expr:
        """A cheap look at the first filled cell; few rows of a file are worth the whole look."""
        begins = [next(filter(None, row.cells), "") for row in self._head_rows]
        cell = pl.col("first").str.strip_chars()
        return (cell.is_null() | (cell == "") | cell.is_in(begins)) | cell.str.contains(FOOTER)

    def _is_heading(self) -> pl.Expr:
        """A row that repeats one of the heading rows, as after a page break."""
        repeats = []
        for row in self._head_rows:
            texts = row.cells[: len(self._choice.labels)]
            if not any(texts):
                continue
            repeats.append(
                pl.all_horizontal(
                    _stripped(pl.col(str(place))).fill_null("") == text
                    for place, text in enumerate(texts)
                )
            )
        return pl.any_horizontal(repeats) if repeats else pl.lit(False)

    def _has_key(self) -> pl.Expr:
        filled = []
        for place in self._keys:
            cell = nulled(clean(pl.col(str(place))), with_words=False)
            filled.append(cell.is_not_null() & ~cell.str.contains(NO_KEY))
        return pl.any_horizontal(filled) if filled else pl.lit(False)

    def _add(
        self,
        cells: pl.DataFrame,
        is_kept: "np.ndarray[tuple[int], np.dtype[np.bool_]]",
        start: int,
        stop: int,
    ) -> None:
        part = cells[start:stop].filter(pl.Series(is_kept[start:stop]))
        if not self._summed or part.is_empty():
            return
        sums = part.select(
            _number(pl.col(str(place))).sum().alias(name) for name, place in self._summed.items()
        ).row(0)
        for name, value in zip(self._summed, sums, strict=True):
            self._sums[name] += value or 0.0

    def _compare(self, cells: tuple[str | None, ...], line: int, first: str) -> None:
        """Note each column whose total in the file differs from the sum of its rows."""
        if not GRAND_TOTAL.match(first.strip()):
            return
        for name, place in self._summed.items():
            text = cells[place] or ""
            try:
                stated = float(text.strip().replace(",", "").replace("，", ""))
            except ValueError:
                continue
            if abs(stated - self._sums[name]) > TOTAL_TOLERANCE * max(abs(stated), 1e-9):
                self._layout.total_mismatch.append(
                    {
                        "column": name,
                        "line": line,
                        "stated": stated,
                        "sum": round(self._sums[name], 6),
                    }
                )

    def _note(self, kind: str, line: int, cells: pl.DataFrame, place: int) -> None:
        self._layout.row_count += 1
        if len(self._layout.rows) < LISTED_ROWS:
            text = " ".join(cell for cell in cells.row(place) if cell)
            self._layout.rows.append(
                {"kind": kind, "sheet": self._sheet, "line": line, "text": text[:200]}
            )


def _stripped(cell: pl.Expr) -> pl.Expr:
    """A cell without blanks at its ends; null when nothing is left."""
    plain = cell.str.strip_chars()
    return pl.when(plain != "").then(plain)


def _number(cell: pl.Expr) -> pl.Expr:
    value = cell.str.replace_all(",", "", literal=True).str.strip_chars()
    number = value.cast(pl.Float64, strict=False)
    return pl.when(number.is_finite()).then(number)
