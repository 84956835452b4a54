"""Packets of HJ 212 found in a log: frame, declared length and check sum; kernels over bytes.

A packet is ``##``, four digits that count the bytes of the data segment, the segment itself and
four hexadecimal digits of check sum. Sources: HJ 212-2017 section 6.3 and appendix A; the check
sum shifts the register by eight before each byte, which sets it apart from the one of Modbus.
"""

from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

LINE_FEED, RETURN, BLANK, HASH, AMPERSAND, ZERO, NINE = 10, 13, 32, 35, 38, 48, 57
LENGTH_DIGITS, CHECK_DIGITS = 4, 4
POLYNOMIAL = 0xA001
WHOLE, BAD_PACKET, BAD_LENGTH = 0, 1, 2
Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Frames:
    """Packets and other filled lines of a block, in order.

    ``packets`` has ``line``, ``state`` (``WHOLE``, ``BAD_PACKET``, ``BAD_LENGTH``), ``given`` and
    ``computed`` check sums (-1: none), ``before`` (text before the first packet of the line),
    ``text`` (the packet as delivered) and ``segment``. ``others`` has ``line`` and ``text``.
    ``used`` bytes were consumed; ``next_line`` is the line that follows.
    """

    packets: pl.DataFrame
    others: pl.DataFrame
    used: int
    next_line: int


@numba.njit(cache=True)
def check_sum(data: Bytes, begin: int, end: int) -> int:
    """Check sum of the bytes from ``begin`` to ``end`` (exclusive), 0 to 65535."""
    register = 0xFFFF
    for at in range(begin, end):
        register = (register >> 8) ^ data[at]
        for _ in range(8):
            is_odd = register & 1
            register >>= 1
            if is_odd:
                register ^= POLYNOMIAL
    return register


@numba.njit(cache=True)
def _hexadecimal(data: Bytes, begin: int, size: int) -> int:
    """Value of ``size`` hexadecimal digits, -1 when one of them is none."""
    value = 0
    for at in range(begin, begin + size):
        byte = data[at] | 32
        if 48 <= byte <= 57:
            value = value * 16 + byte - 48
        elif 97 <= byte <= 102:
            value = value * 16 + byte - 87
        else:
            return -1
    return value


@numba.njit(cache=True)
def _declared(data: Bytes, begin: int, end: int) -> int:
    """Declared length of the segment, -1 when there are not four digits."""
    if begin + LENGTH_DIGITS > end:
        return -1
    value = 0
    for at in range(begin, begin + LENGTH_DIGITS):
        if data[at] < ZERO or data[at] > NINE:
            return -1
        value = value * 10 + data[at] - ZERO
    return value


@numba.njit(cache=True)
def _next_mark(data: Bytes, at: int, end: int) -> int:
    """Place of the next ``##`` with a digit behind it, ``end`` when there is none."""
    while at + 2 < end:
        if data[at] == HASH and data[at + 1] == HASH and ZERO <= data[at + 2] <= NINE:
            return at
        at += 1
    return end


@numba.njit(cache=True)
def _closes(data: Bytes, begin: int, at: int, end: int) -> bool:
    """Whether a segment from ``begin`` may end at ``at``: ``&&`` before, a check sum behind."""
    return (
        begin + 2 <= at
        and at + CHECK_DIGITS <= end
        and data[at - 1] == AMPERSAND
        and data[at - 2] == AMPERSAND
        and _hexadecimal(data, at, CHECK_DIGITS) >= 0
    )


@numba.njit(cache=True)
def _segment(data: Bytes, mark: int, stop: int) -> tuple[int, int, int]:
    """(state, begin, end) of the segment of the packet at ``mark`` whose text ends at ``stop``."""
    begin = mark + 2 + LENGTH_DIGITS
    declared = _declared(data, mark + 2, stop)
    if declared < 0:
        return BAD_PACKET, begin, begin
    if _closes(data, begin, begin + declared, stop):
        return WHOLE, begin, begin + declared
    at = stop - CHECK_DIGITS
    while at > begin:
        if _closes(data, begin, at, stop):
            return BAD_LENGTH, begin, at
        at -= 1
    return BAD_PACKET, begin, begin


@numba.njit(cache=True)
def _scan(data: Bytes, is_last: bool, line: int, size: int) -> tuple[Places, int, int, int]:
    """Rows of line, state, given, computed, before begin and end, text begin and end, segment end.

    State -1 is a filled line without a packet.
    """
    found = np.empty((size, 9), np.int64)
    n, at = 0, 0
    while at < len(data):
        end = at
        while end < len(data) and data[end] != LINE_FEED:
            end += 1
        if end >= len(data) and not is_last:
            break
        stop = end
        while stop > at and data[stop - 1] <= BLANK:
            stop -= 1
        mark = _next_mark(data, at, stop)
        if mark == stop and stop > at:
            found[n] = (line, -1, -1, -1, at, at, at, stop, stop)
            n += 1
        before = mark
        while mark < stop:
            following = _next_mark(data, mark + 2, stop)
            state, begin, close = _segment(data, mark, following)
            given = computed = -1
            if state != BAD_PACKET:
                given = _hexadecimal(data, close, CHECK_DIGITS)
                computed = check_sum(data, begin, close)
            found[n] = (line, state, given, computed, at, before, mark, following, close)
            n += 1
            mark = following
        line += 1
        at = end + 1
    return found, n, min(at, len(data)), line


@numba.njit(cache=True)
def _slices(data: Bytes, begin: Places, end: Places) -> tuple[Places, Bytes]:
    offsets = np.zeros(len(begin) + 1, np.int64)
    for i in range(len(begin)):
        offsets[i + 1] = offsets[i] + end[i] - begin[i]
    out = np.empty(offsets[-1], np.uint8)
    for i in range(len(begin)):
        out[offsets[i] : offsets[i + 1]] = data[begin[i] : end[i]]
    return offsets, out


def _texts(data: Bytes, begin: Places, end: Places) -> pl.Series:
    offsets, text = _slices(data, begin, end)
    array = pa.LargeStringArray.from_buffers(len(begin), pa.py_buffer(offsets), pa.py_buffer(text))
    return pl.Series(pl.from_arrow(array), dtype=pl.String)


def frame(data: Bytes, *, is_last: bool, line: int) -> Frames:
    """Packets of the whole lines of a block; what follows the last line is left for the next one.

    Parameters
    ----------
    data
        UTF-8 bytes beginning at the start of a line.
    is_last
        Whether the text ends with this block.
    line
        Number of the first line.
    """
    marks = int(np.count_nonzero((data[:-1] == HASH) & (data[1:] == HASH))) if len(data) else 0
    size = int(np.count_nonzero(data == LINE_FEED)) + marks + 1
    table, count, used, next_line = _scan(data, is_last, line, size)
    found = np.ascontiguousarray(table[:count].T)
    is_packet = found[1] >= 0
    rows, rest = found[:, is_packet], found[:, ~is_packet]
    begin = np.minimum(rows[6] + 2 + LENGTH_DIGITS, rows[8])
    packets = pl.DataFrame(
        {
            "line": rows[0],
            "state": rows[1],
            "given": rows[2],
            "computed": rows[3],
            "before": _texts(data, rows[4], rows[5]).str.strip_chars(),
            "text": _texts(data, rows[6], rows[7]).str.strip_chars(),
            "segment": _texts(data, begin, np.maximum(begin, rows[8])),
        }
    )
    others = pl.DataFrame({"line": rest[0], "text": _texts(data, rest[6], rest[7])})
    return Frames(packets, others, used, next_line)
