"""The balance sheet of a loop in the briefing: what is listed, masked and left to the page."""

import io
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from docx import Document

from graph.types import Finding
from tests.unit.analytics.loop_lake import CODE
from tests.unit.viz.findings import PHONE, evidence_row, lead_file, loop
from viz.briefing.content import BALANCE_HEADING, Briefing, Section, build_briefing
from viz.briefing.docx_file import briefing_docx
from viz.briefing.html_page import briefing_html
from viz.loop_words import balance_of
from viz.picture import picture_of


def paper(**changed: Any) -> Briefing:
    sql, finding = loop()
    return build_briefing(
        lead_file(replace(finding, **changed), (evidence_row(2),)),
        picture_of(sql, finding), unit_name="某市联合值班中心", on=datetime(2026, 11, 2, 8, 30),
    )  # fmt: skip


def sheet(briefing: Briefing) -> Section | None:
    return next((s for s in briefing.sections if s.heading == "各单位物料平衡"), None)


@pytest.fixture(scope="module")
def finding() -> Finding:
    return loop()[1]


def test_parties_are_named_by_their_numbers(finding: Finding) -> None:
    rows = balance_of(finding)
    assert [row.cells[0] for row in rows if row.code == CODE] == ["a公司", "b公司", "c公司"]


def test_names_are_masked(finding: Finding) -> None:
    first, *rest = finding.subjects
    named = replace(finding, subjects=(replace(first, name=f"李{PHONE}"), *rest))
    assert balance_of(named)[0].cells[0] == "李139****0001"


def test_both_forms_show_it() -> None:
    briefing = paper()
    section = sheet(briefing)
    assert section is not None
    assert section.table is not None
    # Two rounds of 20 tonnes of waste through each party.
    assert section.table.rows[0] == (
        "a公司", CODE, "40.000\n(40.000)", "40.000\n(40.000)", "0",
        "无台账", "无台账", "无台账",
    )  # fmt: skip
    page = briefing_html(briefing)
    assert page.count('<table class="figures">') == 1
    assert "<td>40.000\n(40.000)</td>" in page
    tables = Document(io.BytesIO(briefing_docx(briefing))).tables
    assert BALANCE_HEADING in [tuple(c.text for c in t.rows[0].cells) for t in tables]


def test_paper_leaves_other_codes_and_long_tails_to_the_page() -> None:
    quantities = {f"node{n}:{CODE}:in_t": 1.0 for n in range(1, 16)} | {"node1:other:in_t": 9.0}
    section = sheet(paper(quantities=quantities))
    assert section is not None
    assert section.table is not None
    assert len(section.table.rows) == 12
    assert section.notes == ("另有 3 行见线索页。",)
    few = sheet(paper(quantities={f"node1:{CODE}:in_t": 1.0, "node1:other:in_t": 9.0}))
    assert few is not None
    assert few.notes == ()


@pytest.mark.parametrize("quantities", [{}, {"waste_t": 1.0}, {"node1:other:in_t": 9.0}])
def test_no_rows_no_section(quantities: dict[str, float]) -> None:
    assert sheet(paper(quantities=quantities)) is None
