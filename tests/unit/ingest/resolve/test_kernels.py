"""Compiled kernels against plain statements of the same definitions."""

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import LCSseq, Levenshtein
from stdnum.cn import uscc

from ingest.resolve.block import Key, candidate_pairs
from ingest.resolve.cluster import Edges, cluster
from ingest.resolve.distance import common_length, contains, edit_distance
from ingest.resolve.identifiers import USCC_ALPHABET, pack, valid_person_id, valid_uscc
from tests.oracles import resolution as oracle
from tests.unit.ingest.resolve.conftest import code_of, id_number_of

NAMES = st.text(alphabet="宏润恒鑫环保科技𠮷", max_size=40)


def points(text: str) -> np.ndarray:
    return pack(pl.Series([text], dtype=pl.String), 48)[0]


@settings(max_examples=150, deadline=None)
@given(NAMES, NAMES)
def test_distances(x, y):
    args = points(x), len(x), points(y), len(y)
    assert edit_distance(*args) == oracle.edit_distance(x, y) == Levenshtein.distance(x, y)
    assert common_length(*args) == oracle.common_length(x, y) == LCSseq.similarity(x, y)
    assert contains(*args) == (y != "" and y in x)


@st.composite
def graphs(draw):
    n = draw(st.integers(2, 9))
    node = st.integers(0, n - 1)
    pairs = draw(st.sets(st.tuples(node, node).filter(lambda p: p[0] < p[1]), max_size=20))
    weights = draw(st.lists(st.sampled_from([1.0, 3.0, 3.0, 7.0]), min_size=len(pairs),
                            max_size=len(pairs)))  # fmt: skip
    edges = [(a, b, w) for (a, b), w in zip(sorted(pairs), weights, strict=True)]
    code = draw(st.lists(st.sampled_from([-1, -1, 0, 1]), min_size=n, max_size=n))
    branch = draw(st.lists(st.sampled_from([-1, -1, -1, 0]), min_size=n, max_size=n))
    apart = draw(st.sets(st.tuples(node, node).filter(lambda p: p[0] < p[1]), max_size=3))
    return n, edges, code, branch, apart


@settings(max_examples=200, deadline=None)
@given(graphs(), st.randoms(use_true_random=False))
def test_clusters(graph, shuffler):
    n, edges, code, branch, apart = graph
    wanted = oracle.merged_in_order(n, edges, 2.0, code, branch, apart)
    shuffler.shuffle(edges)
    given_edges = Edges(
        np.array([e[0] for e in edges], np.int64),
        np.array([e[1] for e in edges], np.int64),
        np.array([e[2] for e in edges], np.float64),
    )
    pairs = np.array(sorted(apart), np.int64).reshape(-1, 2)
    made = cluster(
        n, given_edges, 2.0, np.array(code), np.array(branch), (pairs[:, 0], pairs[:, 1])
    )
    assert made.root.tolist() == wanted


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from([None, "a", "b", "c"]), min_size=1, max_size=12))
def test_pairs_of_a_key(values):
    key = Key("k", np.arange(len(values)), pl.Series(values, dtype=pl.String), 4)
    made = candidate_pairs([key, key], len(values))
    found = list(zip(made.a.tolist(), made.b.tolist(), strict=True))
    assert found == sorted(oracle.shared_pairs(values, 4))


def test_a_key_of_100_000_records_is_dropped_and_told():
    n = 100_000
    key = Key("phone", np.arange(n), pl.Series(["1"] * n), 25)
    made = candidate_pairs([key], n)
    assert len(made.a) == 0
    assert [(d.key, d.values, d.largest) for d in made.dropped] == [("phone", 1, n)]


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet=USCC_ALPHABET, min_size=18, max_size=18))
def test_credit_codes(text):
    codes = [text, code_of(7), code_of(7)[:17] + "0", text[:17], ""]
    made = valid_uscc(pl.Series(codes)).to_list()
    assert made[0] == _checks(text)
    assert made[1:] == [True, code_of(7)[17] == "0", False, False]


def _checks(text: str) -> bool:
    return uscc.calc_check_digit(text[:17]) == text[17]


def test_id_numbers():
    good = [id_number_of(n) for n in range(20)]
    bad = [good[0][:17] + ("0" if good[0][17] != "0" else "1"), "32050019901301001X", "1" * 18, ""]
    assert valid_person_id(pl.Series(good)).all()
    assert not valid_person_id(pl.Series(bad)).any()
