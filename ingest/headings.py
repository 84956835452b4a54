"""Which heading of a file stands for which column of the contract, and where the headings stand.

Source: section 2 of the drop contract. Headings are compared after NFKC, case folding and removal
of blanks, line breaks, ``_ * : · -`` and a trailing ``(必填)``; a unit in trailing brackets or
after a slash is taken off only when the whole heading is unknown.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from ingest.raw import HeadingMap
from ingest.units import is_unit
from records.contract import Column, Dataset

HEAD_ROWS = 20
DROPPED = re.compile(r"[\s_*:·\-]")
MUST_FILL = "(必填)"
TRAILING_UNIT = re.compile(r"^(.+?)(?:\(([^()]+)\)|\[([^\[\]]+)\]|/([^/()]+(?:/[^/()]+)?))$")
UNIT_SHAPE = re.compile(r"[a-zA-Zμµ%‰℃°/³²·\d.^-]{1,8}")
TITLE_UNIT = re.compile(r"单位:\s*([^\s,;、)]+)")


@dataclass(frozen=True, slots=True)
class HeadRow:
    """One of the first rows of a table.

    ``cells`` are the texts as delivered (empty: no text); ``spread`` repeats the text of a merged
    cell in each cell that it covers and equals ``cells`` where a format knows no merges.
    """

    line: int
    cells: tuple[str, ...]
    spread: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HeadingChoice:
    """The heading rows of a table and what they map.

    ``index`` and ``height`` say which of the first rows they are; ``labels`` is the unique heading
    of each place up to the last one that has any; ``position`` the place of each mapped column;
    ``rivals`` the places of headings passed over, by column; ``titles`` the rows above.
    """

    index: int
    height: int
    labels: tuple[str, ...]
    position: dict[str, int]
    rivals: dict[str, tuple[int, ...]]
    titles: tuple[str, ...]
    mapped: HeadingMap


@dataclass(frozen=True, slots=True)
class _Heading:
    """Text of one place; ``spare`` is tried when ``text`` is unknown."""

    text: str
    spare: str = ""


@dataclass(frozen=True, slots=True)
class _Match:
    rank: int
    place: int
    unit: str
    is_spare: bool


@lru_cache(maxsize=65536)
def normal_heading(text: str) -> str:
    """A heading in the form in which headings are compared."""
    plain = DROPPED.sub("", unicodedata.normalize("NFKC", text).casefold())
    return plain.removesuffix(MUST_FILL)


_KNOWN: dict[str, dict[str, tuple[Column, int]]] = {}


def _known(dataset: Dataset) -> dict[str, tuple[Column, int]]:
    """Column and precedence of each normal heading of a dataset; made once per dataset."""
    if dataset.name not in _KNOWN:
        found: dict[str, tuple[Column, int]] = {}
        for column in dataset.columns:
            for rank, heading in enumerate(column.headings):
                found.setdefault(normal_heading(heading), (column, rank))
        _KNOWN[dataset.name] = found
    return _KNOWN[dataset.name]


def match_heading(dataset: Dataset, text: str) -> tuple[Column, int, str] | None:
    """Column that a heading names, its precedence there, and the unit taken off the heading."""
    known = _known(dataset)
    exact = known.get(normal_heading(text))
    if exact:
        return (*exact, "")
    plain = unicodedata.normalize("NFKC", text).strip()
    plain = plain.removesuffix(MUST_FILL).strip(" *")
    parts = TRAILING_UNIT.match(plain)
    if not parts:
        return None
    unit = next(part for part in parts.groups()[1:] if part).strip()
    column = known.get(normal_heading(parts[1]))
    # A bracket that holds no unit, as in 浓度(折算), makes another heading out of it.
    if column is None or not _reads_as_unit(unit, column[0]):
        return None
    return (*column, unit)


def _reads_as_unit(unit: str, column: Column) -> bool:
    return is_unit(unit) or bool(column.unit and UNIT_SHAPE.fullmatch(unit))


def map_head(dataset: Dataset, rows: Sequence[HeadRow]) -> HeadingChoice | None:
    """The heading row, or two stacked ones, that map most distinct columns.

    Parameters
    ----------
    dataset
        What the file should hold.
    rows
        The first rows of the table; only ``HEAD_ROWS`` of them are tried.

    Returns
    -------
    HeadingChoice or None
        ``None`` when no row maps a column. Of equal choices the upper one, and of those the one
        with a single row, stands.
    """
    best: HeadingChoice | None = None
    for index in range(min(len(rows), HEAD_ROWS)):
        for height in (1, 2):
            if index + height > len(rows):
                continue
            choice = _choice(dataset, rows, index, height)
            if choice and (best is None or len(choice.position) > len(best.position)):
                best = choice
    return best


def _stacked(parents: HeadRow, children: HeadRow) -> list[_Heading]:
    """Parent + child headings with the child alone as spare where it is unique in the file."""
    width = max(len(parents.cells), len(children.cells))
    lower = [*children.cells, *[""] * (width - len(children.cells))]
    upper: list[str] = []
    for place in range(width):
        text = parents.spread[place] if place < len(parents.spread) else ""
        # An empty cell above a child belongs to the merge that began on its left.
        upper.append(text or (upper[-1] if lower[place] and upper else ""))
    stacked = []
    for parent, child in zip(upper, lower, strict=True):
        if not child or parent == child:
            stacked.append(_Heading(parent))
        else:
            spare = child if lower.count(child) == 1 else ""
            stacked.append(_Heading(parent + child, spare))
    return stacked


def _choice(
    dataset: Dataset, rows: Sequence[HeadRow], index: int, height: int
) -> HeadingChoice | None:
    if height == 1:
        headings = [_Heading(text) for text in rows[index].cells]
    else:
        headings = _stacked(rows[index], rows[index + 1])
    matches = _matches(dataset, headings)
    has_parent = any(not m.is_spare for group in matches.values() for m in group)
    # Where only the lower row maps, the upper one is a title and no heading.
    if not has_parent:
        return None
    while headings and not headings[-1].text:
        headings.pop()
    labels = _unique_labels([heading.text for heading in headings])
    position = {name: group[0].place for name, group in matches.items()}
    rivals = {
        name: tuple(m.place for m in group[1:]) for name, group in matches.items() if group[1:]
    }
    passed = sorted({place for group in rivals.values() for place in group})
    used = {*position.values(), *passed}
    mapped = HeadingMap(
        dataset=dataset.name,
        columns={name: labels[place] for name, place in position.items()},
        units={name: group[0].unit for name, group in matches.items() if group[0].unit},
        title_unit=_title_unit(rows[:index]),
        unknown=tuple(
            label
            for place, label in enumerate(labels)
            if place not in used and headings[place].text
        ),
        passed_over=tuple(labels[place] for place in passed),
    )
    titles = (" ".join(filter(None, dict.fromkeys(row.cells))) for row in rows[:index])
    return HeadingChoice(
        index, height, labels, position, rivals, tuple(filter(None, titles)), mapped
    )


def _matches(dataset: Dataset, headings: Sequence[_Heading]) -> dict[str, list[_Match]]:
    """Headings of each column in order of precedence, columns in order of the contract."""
    found: dict[str, list[_Match]] = {}
    for place, heading in enumerate(headings):
        match = match_heading(dataset, heading.text) if heading.text else None
        is_spare = match is None and heading.spare != ""
        if is_spare:
            match = match_heading(dataset, heading.spare)
        if match:
            column, rank, unit = match
            found.setdefault(column.name, []).append(_Match(rank, place, unit, is_spare))
    return {
        column.name: sorted(found[column.name], key=lambda m: (m.rank, m.place))
        for column in dataset.columns
        if column.name in found
    }


def _unique_labels(texts: Sequence[str]) -> tuple[str, ...]:
    """Names of the cells in ``raw_json``: empty and repeated headings get their place."""
    seen: set[str] = set()
    labels = []
    for place, text in enumerate(texts, start=1):
        label = text or f"第{place}列"
        while label in seen:
            label = f"{label}#{place}"
        seen.add(label)
        labels.append(label)
    return tuple(labels)


def _title_unit(titles: Sequence[HeadRow]) -> str:
    """Unit that a title row names for headings without one, as in 单位：吨."""
    for row in titles:
        for cell in row.cells:
            found = TITLE_UNIT.search(unicodedata.normalize("NFKC", cell))
            if found and is_unit(found[1]):
                return found[1]
    return ""
