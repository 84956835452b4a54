"""Papers of one transfer: nearest pairs first against brute force, and bounds for a busy pair."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.kernels.paper_matching import INVOICE, MANIFEST, VEHICLE, Papers, Reach, match_papers

DAY = 86_400
REACH = Reach(7 * DAY, 0.1)
# Few of the small ones never add up to a large one.
PAPER = st.tuples(
    st.sampled_from([INVOICE, MANIFEST]),
    st.integers(0, 30),
    st.booleans(),
    st.sampled_from([10.0, 10.5, 1000.0]),
)
Given = tuple[int, int, bool, float]


def papers_of(given: list[Given]) -> Papers:
    """Kind, half day, whether dated by day, tonnes; all of one pair."""
    placed = sorted(
        (half // 2 * 2 if by_day else half, k, by_day, t) for k, half, by_day, t in given
    )
    first = np.array([half * DAY // 2 for half, *_ in placed], np.int64)
    return Papers(
        np.zeros(len(placed), np.int64),
        first,
        first + np.array([DAY if by_day else 0 for _, _, by_day, _ in placed], np.int64),
        np.array([tonnes for *_, tonnes in placed]),
        np.array([kind for _, kind, *_ in placed], np.int8),
        np.zeros(len(placed), np.int64),
        np.zeros(len(placed), np.bool_),
    )


def nearest_first(papers: Papers) -> list[int]:
    host = [-1] * len(papers.pair)
    pairs = [
        (max(papers.first[h] - papers.last[p], papers.first[p] - papers.last[h], 0), p, h)
        for p in np.flatnonzero(papers.kind == INVOICE).tolist()
        for h in np.flatnonzero(papers.kind == MANIFEST).tolist()
        if abs(papers.tonnes[p] - papers.tonnes[h]) <= 0.1 * max(papers.tonnes[p], papers.tonnes[h])
    ]
    for apart, p, h in sorted(pairs):
        if apart <= REACH.span and host[p] < 0 and h not in host:
            host[p] = h
    return host


@settings(deadline=None)
@given(st.lists(PAPER, max_size=7))
def test_nearest_pairs_join_first(given: list[Given]) -> None:
    papers = papers_of(given)
    assert match_papers(papers, REACH).tolist() == nearest_first(papers)


def test_a_busy_pair_is_bounded_and_keeps_one_of_a_kind() -> None:
    n = 3000
    papers = Papers(
        np.zeros(2 * n, np.int64),
        np.zeros(2 * n, np.int64),
        np.zeros(2 * n, np.int64),
        np.full(2 * n, 10.0),
        np.repeat(np.array([INVOICE, MANIFEST], np.int8), n),
        np.zeros(2 * n, np.int64),
        np.zeros(2 * n, np.bool_),
    )
    host = match_papers(papers, REACH)
    assert np.unique(host[host >= 0], return_counts=True)[1].max() == 1
    assert (host[n:] == -1).all()


def test_pairs_do_not_mix() -> None:
    papers = papers_of([(INVOICE, 0, False, 10.0), (MANIFEST, 1, False, 10.0),
                        (MANIFEST, 2, False, 10.0), (VEHICLE, 3, False, 10.0)])  # fmt: skip
    pair = np.array([0, 1, 1, 2])
    assert match_papers(papers._replace(pair=pair), REACH).tolist() == [-1, -1, -1, -1]
