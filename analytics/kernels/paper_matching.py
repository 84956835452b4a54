"""Which papers are of one transfer: by quantity and time, one of a kind for each."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

# Kinds of papers, in the order in which equal ones are told.
INVOICE, MANIFEST, VEHICLE = range(3)
DAY_S = 86_400
# Looks to either side of a paper, near ones that it lists there, and how often it may list anew
# when others were nearer to those: bounds for a pair with thousands of papers in one week.
LOOKS, LISTED, ASKED = 512, 8, 32


class Papers(NamedTuple):
    """Papers in order of ``pair`` and ``first``.

    ``first`` to ``last`` in seconds: when it was, equal where the time is known, else the ends of
    the day. ``tonnes`` NaN where unknown; ``kind`` INVOICE, MANIFEST or VEHICLE; ``truck`` 0 where
    unknown; ``is_goods`` where it names goods that are no waste.
    """

    pair: Ints
    first: Ints
    last: Ints
    tonnes: Floats
    kind: NDArray[np.int8]
    truck: Ints
    is_goods: Bools


class Reach(NamedTuple):
    """Seconds that two papers may be apart, and the share by which quantities may differ."""

    span: int
    tolerance: float


def match_papers(papers: Papers, reach: Reach) -> Ints:
    """Position of the manifest or invoice that each paper is of one transfer with, -1: none.

    Invoices join manifests, vehicles' moves join manifests, else invoices and by them the
    manifest. Two papers may be of one transfer when they are of one pair, at most ``span`` apart
    and of no two known trucks. A paper joins one host, and a host takes one paper of each kind,
    unless quantities add up:

    1. papers and hosts whose known quantities agree, the nearest ones first (equally near: the
       earlier paper, then the earlier host);
    2. a paper and the free hosts that add up to it: those of one instant, or all within the span,
       or those of them up to it or from it on; it joins the first of them, and all are taken;
    3. the free papers that add up to a host, chosen in the same way;
    4. papers and hosts of which one has no quantity, the nearest ones first.

    Goods that are no waste join a manifest by 1 only: other sales of the pair add up by chance.
    Quantities agree that differ by at most ``tolerance`` of the larger one.

    Returns
    -------
    Ints
        As long as ``papers``; a host is none's guest. Time and memory grow with the papers, times
        at most LOOKS each for a pair that has more than that within the span.
    """
    host = np.full(len(papers.pair), -1, np.int64)
    begins = np.flatnonzero(np.diff(papers.pair, prepend=papers.pair[:1] - 1)).astype(np.int64)
    ends = np.append(begins[1:], len(host)).astype(np.int64)
    _match_pairs(papers, reach, begins, ends, host)
    return host


@njit(cache=True)
def _match_pairs(papers: Papers, reach: Reach, begins: Ints, ends: Ints, host: Ints) -> None:
    is_taken = np.zeros((host.size, 3), np.bool_)
    top = np.arange(host.size)
    for block in range(begins.size):
        place = np.arange(begins[block], ends[block])
        kinds = papers.kind[begins[block] : ends[block]]
        manifests, invoices = place[kinds == MANIFEST], place[kinds == INVOICE]
        moves = place[kinds == VEHICLE]
        for hosts, guests in ((manifests, invoices), (manifests, moves), (invoices, moves)):
            if hosts.size and guests.size:
                _join(papers, reach, hosts, guests[host[guests] < 0], host, top, is_taken)


@njit(cache=True)
def _join(
    papers: Papers, reach: Reach, hosts: Ints, guests: Ints, host: Ints, top: Ints, is_taken: Bools
) -> None:
    """Let free guests of one kind join hosts of one kind; ``is_taken`` is of the top of a host."""
    _join_near(papers, reach, hosts, guests, host, top, is_taken, True)
    _join_sums(papers, reach, hosts, guests, host, top, is_taken)
    _join_near(papers, reach, hosts, guests, host, top, is_taken, False)


@njit(cache=True)
def _put(papers: Papers, p: int, h: int, host: Ints, top: Ints, is_taken: Bools) -> None:
    host[p] = top[h]
    top[p] = top[h]
    is_taken[top[h], papers.kind[p]] = True


@njit(cache=True)
def _apart(papers: Papers, p: int, h: int) -> int:
    """Seconds between two papers, 0 where they may be at one time."""
    return int(max(papers.first[h] - papers.last[p], papers.first[p] - papers.last[h], 0))


@njit(cache=True)
def _agrees(one: float, other: float, tolerance: float) -> bool:
    return abs(one - other) <= tolerance * max(one, other)


@njit(cache=True)
def _is_other(papers: Papers, p: int, h: int) -> bool:
    """Whether the trucks differ for certain."""
    one, other = papers.truck[p], papers.truck[h]
    return bool(one != 0 and other != 0 and one != other)


@njit(cache=True)
def _is_strange(papers: Papers, p: int, h: int) -> bool:
    """Whether a paper of goods stands against a manifest."""
    return bool(papers.is_goods[p] and papers.kind[h] == MANIFEST)


@njit(cache=True)
def _join_near(
    papers: Papers, reach: Reach, hosts: Ints, guests: Ints, host: Ints, top: Ints,
    is_taken: Bools, is_weighed: bool,
) -> None:  # fmt: skip
    """Join pairs, nearest first: both weighed alike, or one of them not weighed."""
    times = papers.first[hosts]
    for _ in range(ASKED):
        left = guests[host[guests] < 0]
        apart = np.empty(left.size * LISTED * 2, np.int64)
        pairs = np.empty((left.size * LISTED * 2, 2), np.int64)
        n = 0
        for p in left:
            n = _list_near(papers, reach, hosts, times, p, top, is_taken, is_weighed, apart, pairs,
                           n)  # fmt: skip
        if n == 0:
            return
        for k in np.argsort(apart[:n], kind="mergesort"):
            p, h = pairs[k]
            if host[p] < 0 and not is_taken[top[h], papers.kind[p]]:
                _put(papers, p, h, host, top, is_taken)


@njit(cache=True)
def _list_near(
    papers: Papers, reach: Reach, hosts: Ints, times: Ints, p: int, top: Ints, is_taken: Bools,
    is_weighed: bool, apart: Ints, pairs: Ints, n: int,
) -> int:  # fmt: skip
    """Append the nearest free hosts of a guest on each side; of equally near ones the earlier."""
    middle = np.searchsorted(times, papers.first[p], "right")
    for step in (-1, 1):
        at, begin = (middle - 1, n) if step < 0 else (middle, n)
        for _ in range(LOOKS):
            if at < 0 or at >= hosts.size or n - begin == LISTED:
                break
            h = hosts[at]
            if abs(times[at] - papers.first[p]) > reach.span + DAY_S:
                break
            fits = _apart(papers, p, h) <= reach.span and not is_taken[top[h], papers.kind[p]]
            if fits and not _is_other(papers, p, h):
                if is_weighed:
                    fits = _agrees(papers.tonnes[p], papers.tonnes[h], reach.tolerance)
                else:
                    is_unknown = np.isnan(papers.tonnes[p]) or np.isnan(papers.tonnes[h])
                    fits = is_unknown and not _is_strange(papers, p, h)
                if fits:
                    apart[n] = _apart(papers, p, h)
                    pairs[n, 0], pairs[n, 1] = p, h
                    n += 1
            at += step
        if step < 0:
            apart[begin:n] = apart[begin:n][::-1].copy()
            pairs[begin:n] = pairs[begin:n][::-1].copy()
    return n


@njit(cache=True)
def _join_sums(
    papers: Papers, reach: Reach, hosts: Ints, guests: Ints, host: Ints, top: Ints, is_taken: Bools
) -> None:
    """Join a guest with hosts that add up to it, then guests with a host that they add up to."""
    parts = np.empty(2 * LOOKS, np.int64)
    times = papers.first[hosts]
    for p in guests:
        if host[p] >= 0 or np.isnan(papers.tonnes[p]):
            continue
        n = _near_parts(papers, reach, hosts, times, p, host, top, is_taken, True, parts)
        begin, end = _adding_up(papers, reach, parts[:n], p)
        if end:
            _put(papers, p, parts[begin], host, top, is_taken)
            for h in parts[begin:end]:
                is_taken[top[h], papers.kind[p]] = True
    times = papers.first[guests]
    for h in hosts:
        if (
            not guests.size
            or is_taken[top[h], papers.kind[guests[0]]]
            or np.isnan(papers.tonnes[h])
        ):
            continue
        n = _near_parts(papers, reach, guests, times, h, host, top, is_taken, False, parts)
        begin, end = _adding_up(papers, reach, parts[:n], h)
        for p in parts[begin:end]:
            _put(papers, p, h, host, top, is_taken)


@njit(cache=True)
def _near_parts(
    papers: Papers, reach: Reach, others: Ints, times: Ints, whole: int, host: Ints, top: Ints,
    is_taken: Bools, are_hosts: bool, parts: Ints,
) -> int:  # fmt: skip
    """Fill in the free papers within reach that are no larger than the whole; their number."""
    middle = np.searchsorted(times, papers.first[whole], "right")
    n = 0
    for at in range(max(middle - LOOKS, 0), min(middle + LOOKS, others.size)):
        part = others[at]
        p, h = (whole, part) if are_hosts else (part, whole)
        if host[p] >= 0 or is_taken[top[h], papers.kind[p]]:
            continue
        if _apart(papers, p, h) > reach.span or _is_other(papers, p, h):
            continue
        if papers.tonnes[part] <= papers.tonnes[whole] and not _is_strange(papers, p, h):
            parts[n] = part
            n += 1
    return n


@njit(cache=True)
def _adding_up(papers: Papers, reach: Reach, parts: Ints, whole: int) -> tuple[int, int]:
    """Begin and end of the parts that add up to the whole, 0 and 0 where none do."""
    n = parts.size
    best, nearest = (0, 0), np.int64(-1)
    begin = 0
    for end in range(1, n + 1):
        if end < n and papers.first[parts[end]] == papers.first[parts[begin]]:
            continue
        apart = _apart(papers, parts[begin], whole)
        if _is_sum(papers, reach, parts, begin, end, whole) and (nearest < 0 or apart < nearest):
            best, nearest = (begin, end), apart
        begin = end
    if nearest >= 0:
        return best
    upto = np.searchsorted(papers.first[parts], papers.last[whole], "right")
    since = np.searchsorted(papers.first[parts], papers.first[whole], "left")
    for begin, end in ((0, n), (0, upto), (since, n)):
        if _is_sum(papers, reach, parts, begin, end, whole):
            return begin, end
    return 0, 0


@njit(cache=True)
def _is_sum(papers: Papers, reach: Reach, parts: Ints, begin: int, end: int, whole: int) -> bool:
    if end - begin < 2:
        return False
    total = float(papers.tonnes[parts[begin:end]].sum())
    return bool(_agrees(total, papers.tonnes[whole], reach.tolerance))
