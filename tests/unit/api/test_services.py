"""Services see what a run beside them made, and close without pulling views away from readers."""

import json
from pathlib import Path

import duckdb
import polars as pl
import pytest

from api import services as module
from api.identity.caller import Caller
from api.identity.roles import ROLES
from api.reading.findings import FindingFilter, list_findings
from api.services import Services
from api.settings import load_settings
from graph.errors import StoreUnreachable
from records.atomic import write_parquet
from records.resolved import FINDING_COLUMNS, RESOLVED_TABLES
from tests.unit.api.findings import finding


def write_findings(root: Path, numbers: range) -> None:
    made = [finding(f"HW-11:{number:04d}", grade=1 + number % 3) for number in numbers]
    rows = [
        {
            "finding_id": f.finding_id,
            "model": f.model,
            "grade": f.grade,
            "grade_raw": f.grade_raw,
            "score": f.score,
            "status": f.status,
            "as_of": f.as_of,
            "window_from": f.window_from,
            "window_to": f.window_to,
            "title": f.title,
            "subject_ids": [s.entity_id for s in f.subjects],
            "division_code": "320100",
            "json": f.to_line(),
        }
        for f in made
    ]
    frame = pl.DataFrame(rows, schema=FINDING_COLUMNS)
    write_parquet(frame, root / "lake" / "derived" / "detect" / "findings.parquet")


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Services:
    """Services over a workspace with three findings, looking at the lake at every request."""
    monkeypatch.setattr(module, "REOPEN_S", 0.0)
    write_findings(tmp_path, range(3))
    return Services.open(load_settings(tmp_path))


ANALYST = Caller("li", ROLES["analyst"], "核查")


def test_first_findings_are_seen_and_old_readers_finish(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "REOPEN_S", 0.0)
    opened = Services.open(load_settings(tmp_path))
    count = "SELECT count(*) FROM finding"
    with opened.sql() as before:
        assert before.execute(count).fetchall() == [(0,)]
        write_findings(tmp_path, range(5))
        with opened.sql() as after:
            assert after.execute(count).fetchall() == [(5,)]
        opened.close()
        assert before.execute(count).fetchall() == [(0,)]


def test_views_are_kept_while_nothing_changes(opened: Services) -> None:
    with opened.sql():
        first = opened._snapshot
    with opened.sql():
        assert opened._snapshot is first
    opened.close()


def test_what_is_derived_is_kept_until_resolution_runs_again(
    opened: Services, tmp_path: Path
) -> None:
    made: list[int] = []

    def make(sql: duckdb.DuckDBPyConnection) -> int:
        made.append(int(sql.execute("SELECT count(*) FROM resolve_record").fetchall()[0][0]))
        return made[-1]

    assert [opened.kept(make), opened.kept(make)] == [0, 0]
    write_findings(tmp_path, range(9))
    assert opened.kept(make) == 0
    record = pl.DataFrame([{"record": 1}], schema=RESOLVED_TABLES["resolve_record"])
    write_parquet(record, tmp_path / "lake" / "derived" / "resolve" / "record.parquet")
    write_findings(tmp_path, range(4))
    assert opened.kept(make) == 1
    assert made == [0, 1]
    opened.close()


def test_findings_are_ordered_paged_and_counted(opened: Services) -> None:
    first = list_findings(opened, ANALYST, FindingFilter(limit=2))
    assert [f.grade for f in first.items] == [1, 2]
    assert first.total == 3
    second = list_findings(opened, ANALYST, FindingFilter(limit=2, after=first.next or ""))
    assert [f.grade for f in second.items] == [3]
    assert second.next is None
    opened.close()


def test_reading_findings_is_written_down(opened: Services) -> None:
    list_findings(opened, ANALYST, FindingFilter())
    with opened.audit() as audit:
        line = audit.lines()[0]
    assert (line.user, line.action, line.purpose) == ("li", "findings.list", "核查")
    opened.close()


def test_l4_values_in_texts_are_masked(opened: Services, tmp_path: Path) -> None:
    write_findings(tmp_path, range(1))
    text = json.dumps(
        [f.to_json() for f in list_findings(opened, ANALYST, FindingFilter()).items],
        ensure_ascii=False,
    )
    assert "13912345678" not in text
    assert "139****5678" in text
    opened.close()


def test_a_store_that_does_not_answer_is_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JINGHUAN_GRAPH_URI", "bolt://127.0.0.1:9")
    opened = Services.open(load_settings(tmp_path))
    for _ in range(2):
        with pytest.raises(StoreUnreachable, match=r"127\.0\.0\.1:9"):
            _ = opened.graph
    opened.close()
