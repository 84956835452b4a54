"""Which heading of a file is which column of the contract, and where the heading row stands."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from ingest.errors import SourceError
from ingest.raw import HeadingMap
from ingest.units import is_unit
from records.contract import Dataset

DROPPED = re.compile(r"[\s_*:·\-]")
REQUIRED_MARK = re.compile(r"\(必填\)$")
BRACKETED = re.compile(r"^(.*?)[(\[]([^()\[\]]+)[)\]]$")
SLASHED = re.compile(r"^(.*)/([^/]+)$")
TITLE_UNIT = re.compile(r"单位\s*[:：]\s*([^\s,，;；)）]+)")
SEARCHED_ROWS = 20
Cells = Sequence[str | None]


def normal(heading: str) -> str:
    """A heading as it is compared."""
    text = unicodedata.normalize("NFKC", heading).casefold()
    return DROPPED.sub("", REQUIRED_MARK.sub("", text.strip()))


@cache
def _known(dataset: Dataset) -> dict[str, tuple[str, int]]:
    """Normal form of each accepted heading: its column and its place in the order of precedence."""
    known: dict[str, tuple[str, int]] = {}
    for column in dataset.columns:
        for place, heading in enumerate(column.headings):
            known.setdefault(normal(heading), (column.name, place))
    return known


def column_of(dataset: Dataset, heading: str) -> tuple[str, int, str] | None:
    """Column, precedence and unit of a heading; ``None`` when the contract does not know it."""
    known = _known(dataset)
    whole = normal(heading)
    if whole in known:
        return (*known[whole], "")
    text = unicodedata.normalize("NFKC", heading).strip()
    for pattern in (BRACKETED, SLASHED):
        found = pattern.match(REQUIRED_MARK.sub("", text))
        if found and is_unit(found.group(2)) and normal(found.group(1)) in known:
            return (*known[normal(found.group(1))], found.group(2).strip())
    return None


@dataclass(frozen=True, slots=True)
class HeadingRow:
    """Where the headings of a sheet stand and what they say; ``count`` rows from ``first``."""

    first: int
    count: int
    headings: tuple[str, ...]
    titles: tuple[str, ...]


def _joined(upper: Cells, lower: Cells, dataset: Dataset) -> list[str]:
    """Two stacked heading rows as one: parent and child, or the child alone when that is known."""
    children = [c or "" for c in lower]
    joined = []
    for position in range(max(len(upper), len(lower))):
        parent = (upper[position] if position < len(upper) else "") or ""
        child = children[position] if position < len(children) else ""
        both = parent if not child or child == parent else parent + child
        if both and column_of(dataset, both):
            joined.append(both)
        elif child and children.count(child) == 1 and column_of(dataset, child):
            joined.append(child)
        else:
            joined.append(both)
    return joined


def _score(dataset: Dataset, headings: Sequence[str]) -> int:
    return len({found[0] for h in headings if h and (found := column_of(dataset, h))})


def find_heading_row(dataset: Dataset, rows: Sequence[Cells]) -> HeadingRow | None:
    """The one row, or two stacked ones, among the first 20 that map most distinct columns."""
    best: tuple[int, int, int, list[str]] | None = None
    for first in range(min(len(rows), SEARCHED_ROWS)):
        single = [cell or "" for cell in rows[first]]
        options = [(1, single)]
        # Two rows are headings only together: the lower one must not be data of its own.
        if first + 1 < len(rows):
            options.append((2, _joined(rows[first], rows[first + 1], dataset)))
        for count, headings in options:
            score = _score(dataset, headings)
            if score and (best is None or score > best[0]):
                best = (score, first, count, headings)
    if best is None:
        return None
    _, first, count, headings = best
    titles = tuple(" ".join(cell for cell in dict.fromkeys(row) if cell) for row in rows[:first])
    return HeadingRow(first, count, tuple(headings), tuple(t for t in titles if t))


def map_headings(dataset: Dataset, row: HeadingRow) -> tuple[HeadingMap, dict[str, int]]:
    """The map of a heading row, and the cell position of each mapped column."""
    best: dict[str, tuple[int, int, str, str]] = {}
    passed_over: list[str] = []
    unknown: list[str] = []
    for position, heading in enumerate(row.headings):
        if not heading:
            continue
        found = column_of(dataset, heading)
        if found is None:
            unknown.append(heading)
            continue
        name, place, unit = found
        held = best.get(name)
        if held is None or place < held[0]:
            if held is not None:
                passed_over.append(held[2])
            best[name] = (place, position, heading, unit)
        else:
            passed_over.append(heading)
    unit = next((m.group(1) for t in row.titles if (m := TITLE_UNIT.search(t))), "")
    headings = HeadingMap(
        dataset=dataset.name,
        columns={name: held[2] for name, held in best.items()},
        units={name: held[3] for name, held in best.items() if held[3]},
        title_unit=unit if is_unit(unit) else "",
        unknown=tuple(unknown),
        passed_over=tuple(passed_over),
    )
    return headings, {name: held[1] for name, held in best.items()}


def check_required(dataset: Dataset, headings: HeadingMap, file: str, found: Sequence[str]) -> None:
    """Refuse a file that lacks a column it must have.

    Raises
    ------
    SourceError
        ``missing_column``, naming file, column, accepted headings and the headings found.
    """
    for column in dataset.columns:
        is_open_key = column.key and not column.default_note
        if (column.is_required or is_open_key) and column.name not in headings.columns:
            raise SourceError(
                "missing_column",
                f"文件 {file}（{dataset.name_zh}）缺少必需列“{column.heading_zh}”；"
                f"可用表头：{'、'.join(column.headings)}；文件中的表头：{'、'.join(found) or '无'}。"
                "请补上该列后重新投递",
            )
