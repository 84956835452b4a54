"""Evidence rows as delivered: file, line and cells behind a finding."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import duckdb
import polars as pl

from graph.types import Evidence
from records.contract import load_contract

AGENCY_ZH = {
    "ecology": "生态环境",
    "police": "公安",
    "transport": "交通运输",
    "tax": "税务",
    "market": "市场监管",
    "social_insurance": "人社",
    "grid": "供电",
    "water": "水利水务",
    "weather": "气象",
    "enterprise": "企业自备（生态环境转送）",
    "reference": "数据室参照表",
}


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """One row as the agency delivered it; ``cells`` are unmasked: mask before showing."""

    evidence: Evidence
    dataset_zh: str
    agency: str
    path: str
    sheet: str | None
    line: int | None
    cells: dict[str, str | None]
    is_current: bool

    @property
    def agency_zh(self) -> str:
        """Chinese name of the agency that answers for the row."""
        return AGENCY_ZH.get(self.agency, self.agency)


def evidence_rows(
    sql: duckdb.DuckDBPyConnection, evidence: Iterable[Evidence]
) -> list[EvidenceRow]:
    """The delivered rows behind ``evidence``, in its order, without those the lake lost.

    One statement per dataset.
    """
    wanted = list(evidence)
    contract = load_contract()
    found: dict[str, EvidenceRow] = {}
    for name in sorted({e.dataset for e in wanted}):
        dataset = contract.dataset(name)
        own = {e.reference: e for e in wanted if e.dataset == name}
        keys = pl.DataFrame(
            [(e.batch, e.row, e.part) for e in own.values()],
            schema={"batch": pl.String, "row": pl.Int64, "part": pl.Int32},
            orient="row",
        )
        sql.register("wanted_rows", keys.to_arrow())
        rows = sql.execute(
            f"SELECT h.batch, h.row, h.part, h.sheet, h.line, h.raw_json,"
            f" h.superseded_by IS NULL, b.path"
            f' FROM "{name}_history" h JOIN wanted_rows w USING (batch, row, part)'
            f" LEFT JOIN (SELECT batch, min(path) AS path FROM batch_ledger GROUP BY batch) b"
            f" ON b.batch = h.batch"
        ).fetchall()
        sql.unregister("wanted_rows")
        for batch, row, part, sheet, line, raw, is_current, path in rows:
            reference = f"{name}:{batch}:{row}:{part}"
            found[reference] = EvidenceRow(
                evidence=own[reference],
                dataset_zh=dataset.name_zh,
                agency=dataset.agency,
                path=path or "",
                sheet=sheet,
                line=line,
                cells=json.loads(raw) if raw else {},
                is_current=bool(is_current),
            )
    # A row may be cited twice, each time for what else it shows.
    return [replace(found[e.reference], evidence=e) for e in wanted if e.reference in found]


def freeze_rows(rows: Sequence[EvidenceRow]) -> str:
    """Rows as the text of a frozen copy, cells unmasked."""
    return json.dumps(
        [
            {
                "evidence": row.evidence.to_json(),
                "dataset_zh": row.dataset_zh,
                "agency": row.agency,
                "path": row.path,
                "sheet": row.sheet,
                "line": row.line,
                "cells": row.cells,
                "is_current": row.is_current,
            }
            for row in rows
        ],
        ensure_ascii=False,
    )


def thaw_rows(text: str) -> tuple[EvidenceRow, ...]:
    """Rows of a frozen copy."""
    return tuple(
        EvidenceRow(
            evidence=Evidence(**item["evidence"]),
            dataset_zh=item["dataset_zh"],
            agency=item["agency"],
            path=item["path"],
            sheet=item["sheet"],
            line=item["line"],
            cells=item["cells"],
            is_current=item["is_current"],
        )
        for item in json.loads(text)
    )
