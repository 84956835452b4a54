"""Delimited text cut into records and cells: kernels over UTF-8 bytes, no I/O.

Rules of RFC 4180 with what agencies' exports add: a quote inside an unquoted cell is text, blanks
after a closing quote are dropped, a record may be shorter or longer than the heading row. A quoted
cell that goes on for more than ``QUOTED_LINES`` lines or is followed by other text is taken as
broken: then only the line on which the record began is given up.
"""

from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt

QUOTE, LINE_FEED, RETURN, BLANK, BACKSLASH = 34, 10, 13, 32, 92
QUOTED_LINES = 100
QUOTED_BYTES = 1 << 16
Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Tokens:
    """Cells of the whole records of a block, as places in its bytes.

    ``first`` (n + 1) is the place of each record's first cell in ``start``, ``end`` and
    ``is_escaped``; ``record_start``, ``record_end`` and ``line`` (n) say where each record stands;
    ``is_broken`` (n) marks records without cells. ``used`` bytes were consumed; ``next_line`` is
    the line that follows.
    """

    data: Bytes
    first: Places
    start: Places
    end: Places
    is_escaped: Flags
    record_start: Places
    record_end: Places
    line: Places
    is_broken: Flags
    used: int
    next_line: int

    @property
    def size(self) -> int:
        """Number of records."""
        return len(self.line)

    def text(self, record: int) -> str:
        """A record as delivered, without its line break."""
        part = self.data[self.record_start[record] : self.record_end[record]]
        return part.tobytes().decode("utf-8")


@numba.njit(cache=True)
def _line_end(data: Bytes, at: int) -> int:
    """Place of the line feed at or after ``at``; the length of ``data`` when there is none."""
    while at < len(data) and data[at] != LINE_FEED:
        at += 1
    return at


@numba.njit(cache=True)
def _quoted(data: Bytes, at: int, is_last: bool) -> tuple[int, int, int, bool, int]:
    """End of a quoted cell whose text begins at ``at``: (end, next, lines, escaped, state).

    State 0 whole, 1 broken, 2 the block ends first.
    """
    lines, escaped, begin = 0, False, at
    while at < len(data):
        c = data[at]
        if c == QUOTE:
            if at + 1 < len(data) and data[at + 1] == QUOTE:
                escaped = True
                at += 2
                continue
            if at + 1 >= len(data) and not is_last:
                return at, at, lines, escaped, 2
            return at, at + 1, lines, escaped, 0
        if c == LINE_FEED:
            lines += 1
            if lines > QUOTED_LINES:
                return at, at, lines, escaped, 1
        if at - begin > QUOTED_BYTES:
            return at, at, lines, escaped, 1
        at += 1
    return at, at, lines, escaped, 1 if is_last else 2


@numba.njit(cache=True)
def _cut(
    data: Bytes,
    separator: int,
    is_last: bool,
    line: int,
    cells: int,
    records: int,
    has_quotes: bool,
) -> tuple[Places, Places, Places, Flags, Places, Places, Places, Flags, int, int]:
    """Fill the arrays of :class:`Tokens`; returns them with their sizes cut."""
    first = np.empty(records + 1, np.int64)
    start = np.empty(cells, np.int64)
    end = np.empty(cells, np.int64)
    escaped = np.zeros(cells, np.bool_)
    record_start = np.empty(records, np.int64)
    record_end = np.empty(records, np.int64)
    lines = np.empty(records, np.int64)
    broken = np.zeros(records, np.bool_)
    n, m, at = 0, 0, 0
    first[0] = 0
    while at < len(data):
        begin, cell, spanned, state = at, m, 0, 0
        while True:
            is_escaped = False
            if has_quotes and at < len(data) and data[at] == QUOTE:
                left = at + 1
                right, at, inner, is_escaped, state = _quoted(data, left, is_last)
                spanned += inner
                if state:
                    break
                while (
                    at < len(data)
                    and (data[at] == BLANK or data[at] == RETURN)
                    and data[at] != separator
                ):
                    at += 1
                if at < len(data) and data[at] != separator and data[at] != LINE_FEED:
                    state = 1
                    break
            else:
                left = at
                while at < len(data) and data[at] != separator and data[at] != LINE_FEED:
                    at += 1
                right = at
                if right > left and data[right - 1] == RETURN:
                    right -= 1
            start[m], end[m], escaped[m] = left, right, is_escaped
            m += 1
            if at < len(data) and data[at] == separator:
                at += 1
                continue
            break
        if state == 2 or (state == 0 and at >= len(data) and not is_last):
            m = cell
            at = begin
            break
        if state == 1:
            stop = _line_end(data, begin)
            if stop >= len(data) and not is_last:
                m = cell
                at = begin
                break
            m, spanned, at = cell, 0, stop
            broken[n] = True
        record_start[n], record_end[n], lines[n] = begin, at, line
        if at > begin and data[at - 1] == RETURN:
            record_end[n] = at - 1
        n += 1
        first[n] = m
        line += spanned + 1
        at += 1
    used = min(at, len(data))
    return (
        first[: n + 1],
        start[:m],
        end[:m],
        escaped[:m],
        record_start[:n],
        record_end[:n],
        lines[:n],
        broken[:n],
        used,
        line,
    )


def cut(
    data: Bytes, separator: int, *, is_last: bool, line: int, has_quotes: bool = True
) -> Tokens:
    """Whole records of a block; what follows the last whole one is left for the next block.

    Parameters
    ----------
    data
        UTF-8 bytes beginning at the start of a record, lines ended by line feeds.
    separator
        Byte between cells.
    is_last
        Whether the text ends with this block.
    line
        Number of the first line.
    has_quotes
        Whether a cell may stand in quotes; without it they are text.
    """
    ends = int(np.count_nonzero(data == LINE_FEED)) + 1
    cells = int(np.count_nonzero(data == separator)) + ends
    return Tokens(data, *_cut(data, separator, is_last, line, cells, ends, has_quotes))


@numba.njit(cache=True)
def _gather(
    data: Bytes,
    first: Places,
    start: Places,
    end: Places,
    escaped: Flags,
    place: int,
    kept: Places,
) -> tuple[Places, Bytes]:
    """Bytes and offsets of one column of the kept records; absent cells are empty."""
    offsets = np.zeros(len(kept) + 1, np.int64)
    total = 0
    for i in range(len(kept)):
        cell = first[kept[i]] + place
        if cell < first[kept[i] + 1]:
            total += end[cell] - start[cell]
    out = np.empty(total, np.uint8)
    size = 0
    for i in range(len(kept)):
        cell = first[kept[i]] + place
        if cell < first[kept[i] + 1]:
            at = start[cell]
            while at < end[cell]:
                out[size] = data[at]
                size += 1
                if escaped[cell] and data[at] == QUOTE:
                    at += 1
                at += 1
        offsets[i + 1] = size
    return offsets, out[:size]


def gather(tokens: Tokens, place: int, kept: Places) -> tuple[Places, Bytes]:
    """Offsets (n + 1) and bytes of the cells at ``place`` of the records ``kept`` (n)."""
    found: tuple[Places, Bytes] = _gather(
        tokens.data, tokens.first, tokens.start, tokens.end, tokens.is_escaped, place, kept
    )
    return found


@numba.njit(cache=True)
def _excess(data: Bytes, first: Places, start: Places, end: Places, width: int) -> Flags:
    found = np.zeros(len(first) - 1, np.bool_)
    for record in range(len(first) - 1):
        for cell in range(first[record] + width, first[record + 1]):
            for at in range(start[cell], end[cell]):
                if data[at] > BLANK:
                    found[record] = True
    return found


def has_excess(tokens: Tokens, width: int) -> Flags:
    """Records with a filled cell at or beyond ``width``."""
    found: Flags = _excess(tokens.data, tokens.first, tokens.start, tokens.end, width)
    return found
