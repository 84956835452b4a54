"""The frame on a kind made up for it: ties, identities, records left open, rules, late rules."""

import numpy as np
import polars as pl
import pytest

from ingest.resolve.block import Key
from ingest.resolve.cluster import Edges
from ingest.resolve.frame import Attribute, Kind, LateRule, Rule, notes_of, resolve_records
from ingest.resolve.frame_tables import edge_table
from ingest.resolve.kind_weights import KindWeights
from ingest.resolve.kinds.agreement import TEXT_LEVELS, equality

WEIGHTS = KindWeights("test-1", -4.0, 2.0, ((0.0, -3.0, 8.0), (0.0, -3.0, 5.0)))


def keys(records):
    number = records["record"].to_numpy()
    return [Key(name, number, records[name], 4) for name in ("strong", "weak")]


def compare(records, a, b):
    return np.stack([equality(records[name], a, b) for name in ("strong", "weak")], axis=1)


def is_forbidden(pairs):
    one, two = pairs.column("mark")
    return (one != two).fill_null(False).to_numpy()


def is_weak(pairs):
    return pairs.levels[:, 0] != 2


def reaches_identity(pairs, root):
    known = pairs.records.select(pl.col("identity").is_not_null().any().over(pl.Series(root)))
    held = known.to_series().to_numpy()
    return held[pairs.a] | held[pairs.b]


KIND = Kind(
    name="person",
    title="strong",
    columns=("strong", "weak"),
    attributes=tuple(
        Attribute(name, name, TEXT_LEVELS, name, "name") for name in ("strong", "weak")
    ),
    keys=keys,
    compare=compare,
    rules=(Rule("refused_mark", "记号不同", is_forbidden),),
    late=LateRule("refused_weak", "证据太弱", is_weak, reaches_identity),
)


def records(*lines):
    """Records of (strong, weak, identity, mark); an identity is a tie too."""
    frame = pl.DataFrame(
        lines,
        schema=dict.fromkeys(("strong", "weak", "identity", "mark"), pl.String),
        orient="row",
    )
    return frame.with_row_index("record").with_columns(
        pl.col("record").cast(pl.Int64), tie="identity"
    )


def resolved(*lines, weights=WEIGHTS, **more):
    return resolve_records(KIND, records(*lines), weights, **more)


def outcomes(made):
    table = edge_table(made)
    return dict(zip(table.select("a", "b").rows(), table["outcome"].to_list(), strict=True))


CASES = {
    "strong evidence": ([("s", None, None, None), ("s", None, None, None)], [0, 0], "joined"),
    "too little": (
        [("s", "w", None, None), ("t", "w", None, None)], [0, 1], "below_threshold",
    ),
    "a tie says nothing else": (
        [("s", None, "I", None), ("t", None, "I", None)], [0, 0], None,
    ),
    "two identities": (
        [("s", None, "I", None), ("s", None, "J", None)], [0, 1], "refused_different_codes",
    ),
    "two identities before any rule": (
        [("s", None, "I", "m"), ("s", None, "J", "n")], [0, 1], "refused_different_codes",
    ),
    "a rule": ([("s", None, None, "m"), ("s", None, None, "n")], [0, 1], "refused_mark"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_two_records(case):
    lines, root, outcome = CASES[case]
    made = resolved(*lines)
    assert made.clusters.root.tolist() == root
    assert outcomes(made).get((0, 1)) == outcome


def test_a_tie_of_more_records_than_any_cap_holds():
    made = resolved(*[(f"s{n}", "w", "I", None) for n in range(9)])
    assert set(made.clusters.root.tolist()) == {0}


def test_a_record_that_fits_two_identities_is_left_to_neither():
    lines = [("s", None, "I", None), ("s", None, "J", None), ("s", None, None, None)]
    made = resolved(*lines)
    assert made.clusters.root.tolist() == [0, 1, 2]
    assert outcomes(made)[0, 2] == outcomes(made)[1, 2] == "refused_ambiguous"
    assert any("left open" in note for note in notes_of(made))
    # More evidence for one of them than the margin settles it.
    settled = resolved(
        *[(s, "w" if n != 1 else None, i, m) for n, (s, _, i, m) in enumerate(lines)]
    )
    assert settled.clusters.root.tolist() == [0, 1, 0]


def test_a_late_rule_sees_what_stronger_pairs_made():
    weak = KindWeights("test-2", -4.0, 0.5, WEIGHTS.levels)
    lines = [
        ("s", None, "I", None),
        ("s", "w", None, None),
        (None, "w", None, None),
        (None, "v", None, None),
        (None, "v", None, "m"),
    ]
    made = resolved(*lines, weights=weak)
    # The second reached an identity by strong evidence, so the third may not follow by a weak one.
    assert made.clusters.root.tolist() == [0, 0, 2, 3, 3]
    assert outcomes(made)[1, 2] == "refused_weak"


def test_judgements_bind_but_not_against_identities():
    lines = [("s", None, "I", None), ("t", None, "J", None), ("u", None, None, None)]
    must = Edges(np.array([0, 0]), np.array([1, 2]), np.array([np.inf, np.inf]))
    none = (np.empty(0, np.int64), np.empty(0, np.int64))
    assert resolved(*lines, judged=(must, none)).clusters.root.tolist() == [0, 1, 0]
    pair = [("s", None, None, None), ("s", None, None, None)]
    nothing = Edges(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
    made = resolved(*pair, judged=(nothing, (np.array([0]), np.array([1]))))
    assert made.clusters.root.tolist() == [0, 1]
    assert outcomes(made) == {(0, 1): "refused_judgement"}


def test_a_value_above_its_cap_is_left_out_and_said():
    made = resolved(*[("s", None, None, None)] * 5)
    assert made.clusters.root.tolist() == [0, 1, 2, 3, 4]
    assert notes_of(made) == (
        "person: key strong: 1 values above the cap left out, the largest shared by 5 records",
    )


def test_bits_and_prior_are_the_weight():
    table = edge_table(resolved(("s", "w", None, None), ("s", "v", None, None)))
    line = table.row(0, named=True)
    assert line["levels"] == "21"
    assert line["bits"] == [8.0, -3.0]
    assert line["weight"] == -4.0 + 8.0 - 3.0


def test_no_records_give_nothing():
    made = resolved()
    assert made.clusters.root.tolist() == []
    assert edge_table(made).is_empty()
