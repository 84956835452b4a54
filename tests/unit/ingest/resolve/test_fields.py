"""Levels of fields against rapidfuzz, weights fitted without labels, and one-to-one links."""

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import LCSseq, Levenshtein

from ingest.resolve.cluster import Edges
from ingest.resolve.fellegi_sunter import fit, weigh_fields
from ingest.resolve.fields import CLOSE_RATIO, SIMILAR_RATIO, compare_fields, pack_fields
from ingest.resolve.linking import link_one_to_one

TEXTS = st.one_of(st.none(), st.text("abcd王李", max_size=9))


def expected_level(one: str | None, two: str | None) -> int:
    if not one or not two:
        return 0
    if one == two:
        return 4
    likeness = max(
        1 - Levenshtein.distance(one, two) / max(len(one), len(two)),
        2 * LCSseq.similarity(one, two) / (len(one) + len(two)),
    )
    return 3 if likeness >= CLOSE_RATIO else 2 if likeness >= SIMILAR_RATIO else 1


@settings(max_examples=60, deadline=None)
@given(st.lists(TEXTS, min_size=2, max_size=12))
def test_levels_are_those_of_a_library(texts: list[str | None]) -> None:
    fields = pack_fields(pl.DataFrame({"text": texts}, schema={"text": pl.String}), ("text",))
    a, b = np.triu_indices(len(texts), 1)
    found = compare_fields(fields, a, b)[:, 0].tolist()
    assert found == [expected_level(texts[i], texts[j]) for i, j in zip(a, b, strict=True)]


def people(number: int) -> pl.DataFrame:
    """Each person twice, the second time with one field changed."""
    random = np.random.default_rng(7)
    first = pl.DataFrame(
        {
            "name": [f"人{n % 97}号{n}" for n in range(number)],
            "born": [f"19{n % 80:02d}-{n % 12 + 1:02d}" for n in range(number)],
            "town": random.choice(["甲", "乙", "丙", "丁"], number),
        }
    )
    second = first.with_columns(
        name=pl.when(pl.int_range(pl.len()) % 2 == 0)
        .then(pl.col("name") + "z")
        .otherwise(pl.col("name")),
        born=pl.when(pl.int_range(pl.len()) % 2 == 1).then(pl.lit("1900-01")).otherwise("born"),
    )
    return pl.concat([first, second])


def test_weights_fitted_without_labels_tell_the_same_from_the_different() -> None:
    number = 300
    frame = people(number)
    fields = pack_fields(frame, ("name", "born", "town"))
    same = np.arange(number)
    a = np.concatenate([same, same])
    b = np.concatenate([same + number, (same + 1) % number + number])
    levels = compare_fields(fields, a, b)
    weights = fit(fields, levels, 1 / number)
    bits = weigh_fields(weights, fields, a, levels)
    assert bits[:number].min() > bits[number:].max()
    assert (np.diff(weights.bits[:, 1:], axis=1) >= -1e-9).all()
    assert (weights.bits[:, 0] == 0).all()


def test_agreement_on_a_rare_value_weighs_more() -> None:
    frame = pl.DataFrame({"name": ["张伟"] * 40 + ["欧阳立群"] * 2 + [f"人{n}" for n in range(60)]})
    fields = pack_fields(frame, ("name",))
    a, b = np.array([0, 40]), np.array([1, 41])
    levels = compare_fields(fields, a, b)
    common, rare = weigh_fields(fit(fields, levels, 0.01), fields, a, levels)
    assert rare > common


def test_links_take_the_strongest_pair_first_and_each_record_once() -> None:
    edges = Edges(np.array([0, 0, 1, 1]), np.array([2, 3, 2, 3]), np.array([5.0, 4.0, 6.0, -1.0]))
    kept = link_one_to_one(4, edges, 0.0)
    assert sorted(zip(edges.a[kept].tolist(), edges.b[kept].tolist(), strict=True)) == [
        (0, 3),
        (1, 2),
    ]
