"""Scores of clusters against sums over all pairs and records, written out."""

from itertools import combinations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.bench.cluster_scores import score_clusters

LABELS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=12)


@given(LABELS)
def test_scores_are_the_definitions(labels: list[tuple[int, int]]) -> None:
    found, truth = zip(*labels, strict=True)
    scores = score_clusters(pl.Series(found), pl.Series(truth))
    pairs = list(combinations(range(len(labels)), 2))
    said = {(i, j) for i, j in pairs if found[i] == found[j]}
    real = {(i, j) for i, j in pairs if truth[i] == truth[j]}
    assert scores.found_pairs == len(said)
    assert scores.precision == pytest.approx(len(said & real) / len(said) if said else 1, abs=1e-5)
    assert scores.recall == pytest.approx(len(said & real) / len(real) if real else 1, abs=1e-5)
    shares = []
    for i in range(len(labels)):
        one = {j for j in range(len(labels)) if found[j] == found[i]}
        two = {j for j in range(len(labels)) if truth[j] == truth[i]}
        shares.append((len(one & two) / len(one), len(one & two) / len(two)))
    precision, recall = (sum(s) / len(labels) for s in zip(*shares, strict=True))
    assert scores.bcubed_precision == pytest.approx(precision, abs=1e-5)
    assert scores.bcubed_recall == pytest.approx(recall, abs=1e-5)
