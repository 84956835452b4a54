"""Moments and their strip: no hour where a row names a day, the year where it changes."""

from dataclasses import replace
from datetime import date, datetime

from analytics.models.hw_11 import Params, detect
from graph.types import Evidence
from tests.unit.analytics.loop_lake import AS_OF, org
from tests.unit.analytics.tables import make_inputs
from tests.unit.viz.findings import finding_of, loop_lake
from viz.timeline import Moment, moments_of
from viz.timeline_drawing import moment_text, strip


def test_a_day_has_no_hour_and_an_hour_is_shanghais() -> None:
    lake = loop_lake()
    lake.add("test_report", report_no="P1", sampled_on=date(2026, 8, 5), tester_entity=org("x"),
             site_entity=org("a"))  # fmt: skip
    inputs = make_inputs(lake.tables, AS_OF)
    (draft,) = detect(inputs, Params())
    finding = finding_of(draft)
    ((batch, row, part),) = inputs.sql.execute(
        "SELECT batch, row, part FROM test_report_linked"
    ).fetchall()
    cited = Evidence("test_report", batch, row, part, "P1", "service")
    told = moments_of(inputs.sql, replace(finding, evidence=(*finding.evidence, cited)))
    texts = {m.kind: moment_text(m) for m in reversed(told)}
    assert texts["test"] == "2026-08-05"
    assert {m.at for m in told if m.kind == "test"} == {datetime(2026, 8, 5)}
    # Accepted at 01:00 UTC.
    assert texts["manifest"] == "2026-08-03 09:00"


def moment(at: datetime) -> Moment:
    return Moment(at, "manifest", "a", "b", 1.0, "吨", "edge 1")


def test_the_year_stands_where_it_changes() -> None:
    drawn = strip([moment(datetime(2025, 11, 13, 9)), moment(datetime(2026, 9, 16, 9))])
    assert drawn is not None
    ticks = [text for _, text in drawn.ticks]
    assert ticks[0] == "2025-11-14"
    assert [text[:4] for text in ticks if len(text) == 10] == ["2025", "2026"]


def test_one_year_needs_no_year() -> None:
    drawn = strip([moment(datetime(2026, 8, 1, 9)), moment(datetime(2026, 8, 20, 9))])
    assert drawn is not None
    assert {len(text) for _, text in drawn.ticks} == {5}
