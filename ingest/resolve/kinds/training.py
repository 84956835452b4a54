"""Bits of a kind learned from records whose identifier says which are one.

    python -m ingest.resolve.kinds.training WORKSPACE person SOURCE > person_weights.json

How often two records of one thing agree at a level (m) is counted on pairs that share the
identifier, how often records of different things do (u) on random pairs that do not; a level is
worth log2(m / u). Levels that either side hardly shows keep their stated worth, and so does what
the label itself is made of. Nothing is learned about the prior: it depends on the size of a lake,
and the threshold is set against it.

Source: I. Fellegi, A. Sunter, A theory for record linkage, JASA 64 (1969),
doi:10.1080/01621459.1969.10501049.
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl
from numpy.typing import NDArray

from ingest.resolve.block import Key, block
from ingest.resolve.extract import number_batches, tuples
from ingest.resolve.frame import Kind, Levels
from ingest.resolve.kind_weights import KindWeights, load_kind_weights
from ingest.resolve.kinds.resolving import KINDS, resolve_persons, resolve_vehicles
from ingest.resolve.known import load_known
from ingest.resolve.run import placed
from records.mentions import load_mentions
from records.registry import Registry
from records.views import open_views
from records.workspace import Workspace

RANDOM_PAIRS = 2_000_000
# Records of one label compared pairwise; labels of more records are left out.
LABEL_CAP = 100
# A level is learned when this many pairs of both sides show it.
LEAST_PAIRS = 20
MOST_BITS = 13.0
BITS_PLACES = 2
# Column whose equality is the truth, and attributes that are not learned: those it is made of, and
# names, of which a simulated province has more different ones than people have.
LABELS = {
    "person": ("identity", ("id_number", "name")),
    "vehicle": ("plate", ("plate", "reads")),
}


@dataclass(frozen=True, slots=True)
class Learned:
    """Weights, how many pairs they were learned on, and which levels were."""

    weights: KindWeights
    records: int
    same_pairs: int
    apart_pairs: int
    learned: tuple[str, ...]


def learn(
    kind: Kind,
    records: pl.DataFrame,
    label: pl.Series,
    stated: KindWeights,
    fixed: tuple[str, ...],
    seed: int = 1,
) -> Learned:
    """Bits of each level, learned where the labels show it, else as stated.

    Parameters
    ----------
    records
        As the frame has them.
    label
        Per record, null where it is not known what it is.
    fixed
        Attributes that keep their stated bits.
    """
    known = np.flatnonzero(label.is_not_null().to_numpy())
    key = Key("label", known.astype(np.int64), label.gather(known), LABEL_CAP)
    same = block([key], len(label)).pairs(0, len(label))
    rng = np.random.default_rng(seed)
    one, two = (known[rng.integers(0, len(known), RANDOM_PAIRS)] for _ in range(2))
    differ = (label.gather(one) != label.gather(two)).to_numpy()
    m = _counts(kind, kind.compare(records, *same))
    u = _counts(kind, kind.compare(records, one[differ], two[differ]))
    bits, learned = [], []
    for k, attribute in enumerate(kind.attributes):
        of_level = list(stated.levels[k])
        for level, name in enumerate(list(attribute.levels)[1:], 1):
            if attribute.name in fixed or min(m[k][level], u[k][level]) < LEAST_PAIRS:
                continue
            share_m, share_u = m[k][level] / m[k][1:].sum(), u[k][level] / u[k][1:].sum()
            worth = float(np.clip(np.log2(share_m / share_u), -MOST_BITS, MOST_BITS))
            of_level[level] = round(worth, BITS_PLACES)
            learned.append(f"{attribute.name}.{name}")
        bits.append(tuple(of_level))
    weights = KindWeights(f"{kind.name}-learned-1", stated.prior, stated.threshold, tuple(bits))
    return Learned(weights, len(known), len(same[0]), int(differ.sum()), tuple(learned))


def _counts(kind: Kind, levels: Levels) -> list[NDArray[np.int64]]:
    """Pairs per level of each attribute."""
    return [
        np.bincount(levels[:, k], minlength=len(attribute.levels))
        for k, attribute in enumerate(kind.attributes)
    ]


def document(kind: Kind, learned: Learned, source: str) -> dict[str, Any]:
    """The weights and the record of their training, as a file of the package has them."""
    weights = learned.weights
    names = kind.level_names
    stated = [
        f"{attribute}.{level}"
        for attribute, levels in names.items()
        for level in levels[1:]
        if f"{attribute}.{level}" not in learned.learned
    ]
    return {
        "version": weights.version,
        "prior": weights.prior,
        "threshold": weights.threshold,
        "levels": {
            attribute: dict(zip(levels, bits, strict=True))
            for (attribute, levels), bits in zip(names.items(), weights.levels, strict=True)
        },
        "training": {
            "source": source,
            "label": LABELS[kind.name][0],
            "records": learned.records,
            "same_pairs": learned.same_pairs,
            "apart_pairs": learned.apart_pairs,
            "learned": list(learned.learned),
            "stated_by_experts": ["prior", "threshold", *stated],
        },
    }


def trained(workspace: Workspace, name: str, source: str) -> dict[str, Any]:
    """Document of the weights of one kind, learned from a resolved workspace.

    Raises
    ------
    KeyError
        When the kind has no identifier to learn from.
    """
    column, fixed = LABELS[name]
    kind = KINDS[name]
    views = open_views(workspace)
    try:
        sql = views.cursor()
        number_batches(sql)
        load_known(sql, Registry(workspace))
        _put_owners(sql)
        found = placed(tuples(sql, name))
        made = resolve_persons(sql, found, []) if name == "person" else resolve_vehicles(found)
    finally:
        views.close()
    records = made.resolved.pairs.records
    stated = load_kind_weights(name, kind.level_names)
    return document(kind, learn(kind, records, records[column], stated, fixed), source)


def _put_owners(sql: duckdb.DuckDBPyConnection) -> None:
    """Make the tables of resolved organisations that owners are read from, out of the members."""
    numbers = pl.DataFrame(
        [(m.dataset, m.role, n) for n, m in enumerate(load_mentions()) if m.kind == "organization"],
        schema={"dataset": pl.String, "role": pl.String, "mention": pl.Int16},
        orient="row",
    )
    sql.register("owner_mention", numbers.to_arrow())
    sql.execute(
        "CREATE TEMP TABLE id_organization AS SELECT entity_id,"
        " CAST(row_number() OVER (ORDER BY entity_id) - 1 AS INTEGER) AS entity"
        " FROM (SELECT DISTINCT entity_id FROM member WHERE kind = 'organization')"
    ).fetchall()
    sql.execute(
        "CREATE TEMP TABLE resolved_organization AS SELECT entity, division_code AS division,"
        " 0 AS first_rank FROM id_organization JOIN organization USING (entity_id)"
    ).fetchall()
    sql.execute(
        "INSERT INTO mention_member SELECT o.mention, b.batch_no, m.row, m.part, 0, i.entity"
        " FROM member m JOIN owner_mention o ON o.dataset = m.dataset AND o.role = m.role"
        " JOIN batch_number b ON b.batch = m.batch JOIN id_organization i"
        " ON i.entity_id = m.entity_id WHERE m.kind = 'organization'"
    ).fetchall()
    sql.unregister("owner_mention")


def main(arguments: list[str]) -> int:
    """Write the document of one kind to the standard output; SOURCE says what it is learned on."""
    folder, name, source = arguments
    made = trained(Workspace(Path(folder)), name, source)
    sys.stdout.write(json.dumps(made, ensure_ascii=False, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
