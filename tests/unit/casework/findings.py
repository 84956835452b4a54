"""Findings for tests of casework, and a lake that holds the rows behind them."""

from dataclasses import replace
from datetime import date
from typing import Any

import duckdb

from graph.types import Evidence, Finding, Subject
from tests.unit.analytics.tables import make_inputs

BATCH = "batch-manifest"


def finding(number: int = 1, **changes: Any) -> Finding:
    """Grade 2 finding ``HW-11:<number>`` that rests on the first manifest."""
    base = Finding(
        finding_id=f"HW-11:{number:04d}",
        model="HW-11",
        model_version="1",
        grade_raw=2,
        grade=2,
        caps=(),
        score=0.5,
        status="ok",
        as_of="2026-10-31",
        window_from="2026-10-01T08:00:00+08:00",
        window_to="2026-10-05T08:00:00+08:00",
        title=f"疑似闭环{number}",
        reason="疑似",
        subjects=(Subject("org:1", "organization", "generator", "甲公司"),),
        quantities={},
        statistics=(),
        innocent=(),
        would_clear=(),
        evidence=(Evidence("manifest", BATCH, 1, 1, "20263205000001", "edge 1"),),
        searched=(),
        legal_refs=(),
        params={},
    )
    return replace(base, **changes)


def lake(
    name: str = "甲公司", divisions: dict[str, str] | None = None
) -> duckdb.DuckDBPyConnection:
    """A lake with one manifest whose shipper's cell reads ``name``; places of findings by id."""
    rows: dict[str, list[dict[str, Any]]] = {
        "manifest": [
            {
                "manifest_no": "20263205000001",
                "shipper_name": name,
                "receiver_name": "乙公司",
                "raw_json": f'{{"移出人名称": "{name}"}}',
            }
        ],
        "batch_ledger": [{"dataset": "manifest", "batch": BATCH, "path": "manifest/a.csv"}],
        "finding": [
            {"finding_id": key, "division_code": value} for key, value in (divisions or {}).items()
        ],
    }
    return make_inputs(rows, date(2026, 10, 31)).sql
