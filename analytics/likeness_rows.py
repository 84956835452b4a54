"""A likeness of two bodies: its rules, its rows, and how pairs of rows become one."""

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from graph.types import Evidence

KINDS = ("parameter", "fragment", "photo", "raw_file", "sampler")
Row = dict[str, object]
# SHA-256 of a file without a byte: failed uploads are alike everywhere.
EMPTY_FILE = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@dataclass(frozen=True, slots=True)
class LikenessRules:
    """What makes two bodies alike, and the period that is looked at.

    ``parameter_days`` between two equal changes. ``fragment`` values of an equal stretch,
    ``distinct`` different ones in it, ``margin_bits`` beyond chance, ``fragment_days`` of series.
    ``photo_bits``: most bits in which two pictures of different places differ. ``place_km``: two
    places farther apart are two; the other sampling numbers are those of TP-01. ``rows_shown``
    pairs of rows for each pair of bodies and kind.
    """

    since: datetime
    until: datetime
    parameter_days: int
    fragment: int
    distinct: int
    margin_bits: float
    fragment_days: int
    photo_bits: int
    place_km: float
    join_min: int
    fixed_h: float
    setup_min: int
    exif_min: float
    rows_shown: int


@dataclass(frozen=True, slots=True)
class Likeness:
    """Two bodies (first < second), the kind, how often, and rows of both sides."""

    first: str
    second: str
    kind: str
    count: int
    rows: tuple[Evidence, ...]


# Rows (body, batch, row, part, key) of ``a`` paired with those of ``b``, the first few for each
# pair of bodies with the number of all.
PAIRED = """
SELECT a.body AS first, b.body AS second, a.batch AS batch_a, a.row AS row_a, a.part AS part_a,
    a.key AS key_a, b.batch AS batch_b, b.row AS row_b, b.part AS part_b, b.key AS key_b,
    count(*) OVER (PARTITION BY a.body, b.body) AS pairs
FROM {pairs}
QUALIFY row_number() OVER (PARTITION BY a.body, b.body ORDER BY a.batch, a.row, a.part, b.batch,
    b.row, b.part, a.key, b.key) <= $shown
ORDER BY ALL
"""
IN_RING = "one a JOIN one b ON a.ring = b.ring AND a.body < b.body AND "


def paired(frame: pl.DataFrame, dataset: str, kind: str) -> list[Likeness]:
    """Likenesses of the rows that ``PAIRED`` gives, all of one dataset and kind."""
    grouped: dict[tuple[str, str], list[Row]] = {}
    for row in frame.iter_rows(named=True):
        grouped.setdefault((str(row["first"]), str(row["second"])), []).append(row)
    found = []
    for (first, second), rows in sorted(grouped.items()):
        shown = [
            Evidence(
                dataset, str(row[f"batch_{side}"]), int(str(row[f"row_{side}"])),
                int(str(row[f"part_{side}"])), str(row[f"key_{side}"]), f"likeness {kind}",
            )
            for row in rows
            for side in "ab"
        ]  # fmt: skip
        count = int(str(rows[0]["pairs"]))
        found.append(Likeness(first, second, kind, count, tuple(dict.fromkeys(shown))))
    return found
