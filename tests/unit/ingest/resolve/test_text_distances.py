"""Distances over Arrow columns count characters, whatever chunks, gaps and offsets they come in."""

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import LCSseq, Levenshtein

from ingest.resolve.engines.splink_backends import duckdb_backend
from ingest.resolve.engines.splink_options import SplinkOptions
from ingest.resolve.engines.text_distances import common_lengths, edit_distances

TEXTS = st.lists(
    st.tuples(
        *[st.one_of(st.none(), st.text(alphabet="中丰宏润A1é𠮷\U00100041", max_size=40))] * 2
    ),
    max_size=8,
)


@settings(max_examples=100, deadline=None)
@given(TEXTS, st.integers(0, 3))
def test_equal_to_the_plain_distances(pairs: list[tuple[str | None, str | None]], cut: int) -> None:
    x = pa.array([p[0] for p in pairs], pa.string())[cut:]
    y = pa.array([p[1] for p in pairs], pa.large_string())[cut:]
    rest = [(a or "", b or "") for a, b in pairs[cut:]]
    assert edit_distances(x, y).to_pylist() == [Levenshtein.distance(*pair) for pair in rest]
    assert common_lengths(x, y).to_pylist() == [LCSseq.similarity(*pair) for pair in rest]
    chunked = pa.chunked_array([x[:2], x[2:]], pa.string())
    assert edit_distances(chunked, y).to_pylist() == edit_distances(x, y).to_pylist()


@pytest.mark.parametrize(
    ("x", "y", "distance", "common"),
    [
        ("中", "丰", 1, 0),
        ("苏州宏润环保", "苏州宏闰环保", 1, 5),
        ("𠮷野", "吉野", 1, 1),
        ("", "环保", 2, 0),
    ],
)
def test_in_duckdb(x: str, y: str, distance: int, common: int) -> None:
    with duckdb_backend(SplinkOptions()) as backend:
        found = backend.query(
            f"SELECT edit_distance('{x}', '{y}') AS d, common_length('{x}', '{y}') AS c,"
            f" edit_distance('{x}', NULL) AS n"
        )
    assert found.to_pylist() == [{"d": distance, "c": common, "n": None}]
