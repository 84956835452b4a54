"""Two records without code that cannot be one stay apart, whatever third record fits both."""

import numpy as np

from ingest.resolve.cluster import JOINED, REFUSED_CONTRARY, REFUSED_JUDGEMENT, Edges, cluster

NONE = np.full(3, -1)
NOBODY = np.empty(0, np.int64)
ENDS = np.array([0, 1]), np.array([1, 2])
PAIR = np.array([0]), np.array([2])


def outcomes(weights, apart=(NOBODY, NOBODY), contrary=(NOBODY, NOBODY), bits=6.0):
    edges = Edges(*ENDS, np.array(weights))
    return cluster(3, edges, 2.0, NONE, NONE, apart, contrary, bits).outcome.tolist()


def test_the_weaker_edge_is_refused():
    assert outcomes([5.0, 3.0]) == [JOINED, JOINED]
    assert outcomes([5.0, 3.0], contrary=PAIR) == [JOINED, REFUSED_CONTRARY]


def test_an_edge_that_says_more_than_what_speaks_against_it_holds():
    assert outcomes([9.0, 7.0], contrary=PAIR) == [JOINED, JOINED]
    assert outcomes([9.0, np.inf], contrary=PAIR) == [JOINED, JOINED]


def test_a_judgement_goes_before():
    assert outcomes([9.0, 7.0], apart=PAIR, contrary=PAIR) == [JOINED, REFUSED_JUDGEMENT]
