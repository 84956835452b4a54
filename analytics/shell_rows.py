"""Rows of query results as evidence, grouped by firm."""

import polars as pl

from graph.types import Evidence

Row = dict[str, object]


def row_evidence(row: Row, dataset: str, role: str) -> tuple[Evidence, ...]:
    """The row as evidence in ``role``; nothing where the query found no row."""
    if row.get("batch") is None:
        return ()
    return (
        Evidence(
            dataset, str(row["batch"]), int(str(row["row"])), int(str(row["part"])),
            str(row["key"]), role,
        ),
    )  # fmt: skip


def by_organization(frame: pl.DataFrame) -> dict[str, list[Row]]:
    """Rows by the value of ``organization``, in their order."""
    grouped: dict[str, list[Row]] = {}
    for row in frame.iter_rows(named=True):
        grouped.setdefault(str(row["organization"]), []).append(row)
    return grouped


def evidence_of(sources: object, key: str, role: str) -> tuple[Evidence, ...]:
    """Evidence from row references."""
    found = []
    for reference in sources if isinstance(sources, list) else []:
        parts = str(reference).split(":")
        if len(parts) == 4 and parts[2].isdigit() and parts[3].isdigit():
            found.append(Evidence(parts[0], parts[1], int(parts[2]), int(parts[3]), key, role))
    return tuple(found)
