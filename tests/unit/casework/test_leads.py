"""Leads from findings: opened, regraded, marked, never closed; lists, counts, frozen copies."""

from pathlib import Path

import pytest

from casework.errors import UnknownLead
from casework.lead import LeadFilter
from casework.lead_sync import SyncReport
from casework.leads import Leads
from tests.unit.casework.findings import finding, lake

ANY = LeadFilter()


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "state" / "casework.sqlite"


def numbers(store: Path, where: LeadFilter = ANY) -> list[str]:
    with Leads.open(store) as leads:
        return [lead.lead_no for lead in leads.find(where)]


def events(store: Path, lead_no: str) -> list[tuple[str, str, str]]:
    with Leads.open(store) as leads:
        return [(e.event, e.from_state, e.to_state) for e in leads.file(lead_no).events]


def test_a_new_finding_opens_a_scored_lead_with_its_rows(store: Path) -> None:
    with Leads.open(store) as leads:
        report = leads.sync(lake(divisions={"HW-11:0001": "320505"}), [finding()])
    assert report == SyncReport(1, 0, 0, 0)
    with Leads.open(store) as leads:
        held = leads.file("XS2026000001")
    assert held.lead.state == "SCORED"
    assert held.lead.division_code == "320505"
    assert held.lead.opened_on == "2026-10-31"
    assert held.finding == finding()
    (row,) = held.evidence
    assert row.cells == {"移出人名称": "甲公司"}
    assert row.path == "manifest/a.csv"
    assert events(store, "XS2026000001") == [
        ("intake", "DETECTED", "DETECTED"),
        ("score", "DETECTED", "SCORED"),
    ]


def test_nothing_new_changes_nothing(store: Path) -> None:
    for expected in (SyncReport(1, 0, 0, 0), SyncReport(0, 0, 0, 1)):
        with Leads.open(store) as leads:
            assert leads.sync(lake(), [finding()]) == expected
    assert len(events(store, "XS2026000001")) == 2


def test_a_change_of_grade_is_an_event_and_a_new_copy(store: Path) -> None:
    with Leads.open(store) as leads:
        leads.sync(lake("甲公司"), [finding()])
    with Leads.open(store) as leads:
        assert leads.sync(lake("甲公司（更名）"), [finding(grade=1)]) == SyncReport(0, 1, 0, 0)
        held = leads.file("XS2026000001")
    assert held.lead.grade == 1
    assert held.evidence[0].cells == {"移出人名称": "甲公司（更名）"}
    assert held.events[-1].note == "模型由二级重新评定为一级"


def test_the_frozen_copy_survives_the_loss_of_the_row(store: Path) -> None:
    with Leads.open(store) as leads:
        leads.sync(lake(), [finding()])
        leads.sync(lake("改动"), [finding()])
        assert leads.file("XS2026000001").evidence[0].cells == {"移出人名称": "甲公司"}


def test_a_vanished_finding_marks_and_never_closes(store: Path) -> None:
    with Leads.open(store) as leads:
        leads.sync(lake(), [finding()])
        assert leads.sync(lake(), []) == SyncReport(0, 0, 1, 0)
        assert leads.sync(lake(), []) == SyncReport(0, 0, 0, 0)
        held = leads.file("XS2026000001")
    assert held.lead.is_corrected
    assert held.lead.state == "SCORED"
    assert held.finding == finding()
    with Leads.open(store) as leads:
        assert leads.sync(lake(), [finding()]) == SyncReport(0, 1, 0, 0)
        held = leads.file("XS2026000001")
    assert not held.lead.is_corrected
    assert held.events[-1].note == "数据再次更正，原发现重新成立"


def test_the_silence_of_a_failed_model_means_nothing(store: Path) -> None:
    with Leads.open(store) as leads:
        leads.sync(lake(), [finding(), finding(2, finding_id="OM-02:1", model="OM-02")])
        assert leads.sync(lake(), [], judged={"OM-02"}) == SyncReport(0, 0, 1, 0)
        assert not leads.file("HW-11:0001").lead.is_corrected
        assert leads.file("OM-02:1").lead.is_corrected


def test_a_replaced_finding_keeps_its_lead(store: Path) -> None:
    moved = finding(9, replaces="HW-11:0001")
    with Leads.open(store) as leads:
        leads.sync(lake(), [finding()])
        assert leads.sync(lake(), [moved]) == SyncReport(0, 1, 0, 0)
        held = leads.file(moved.finding_id)
        assert held.lead.lead_no == "XS2026000001"
        assert held.events[-1].event == "data_corrected"
        assert leads.sync(lake(), [moved]) == SyncReport(0, 0, 0, 1)


def test_the_data_gate_holds_a_lead_until_it_is_passed(store: Path) -> None:
    poor = finding(status="data_issue", grade=3)
    with Leads.open(store) as leads:
        leads.sync(lake(), [poor])
        assert leads.file("XS2026000001").lead.state == "DATA_ISSUE"
        assert leads.sync(lake(), [finding(grade=3)]) == SyncReport(0, 1, 0, 0)
        assert leads.file("XS2026000001").lead.state == "SCORED"


def test_numbers_run_on_by_year_in_the_order_of_finding_ids(store: Path) -> None:
    with Leads.open(store) as leads:
        leads.sync(lake(), [finding(2), finding(1)])
        leads.sync(lake(), [finding(1), finding(2), finding(3), finding(4, as_of="2027-01-02")])
        given = {f.finding_id: lead.lead_no for lead, f in leads.newest_copies()}
    assert given == {
        "HW-11:0001": "XS2026000001",
        "HW-11:0002": "XS2026000002",
        "HW-11:0003": "XS2026000003",
        "HW-11:0004": "XS2027000001",
    }


@pytest.fixture
def many(store: Path) -> Path:
    findings = [
        finding(n, grade=1 + n % 3, score=0.1 * n, title=f"疑似第{n}件", model="HW-11")
        for n in range(1, 8)
    ] + [finding(8, finding_id="OM-02:8", model="OM-02", grade=1, score=0.99)]
    divisions = {f.finding_id: ("320500", "320100")[i % 2] for i, f in enumerate(findings)}
    with Leads.open(store) as leads:
        leads.sync(lake(divisions=divisions), findings)
    return store


FILTERS: dict[str, tuple[LeadFilter, int]] = {
    "all": (ANY, 8),
    "grade": (LeadFilter(grade=1), 3),
    "model": (LeadFilter(model="OM-02"), 1),
    "state": (LeadFilter(state="SCORED"), 8),
    "other state": (LeadFilter(state="REMINDED"), 0),
    "city": (LeadFilter(division="3205"), 4),
    "words of the title": (LeadFilter(text="第3件"), 1),
    "lead number": (LeadFilter(text="000002"), 1),
    "nobody's own": (LeadFilter(owner="officer1"), 0),
}


@pytest.mark.parametrize("name", FILTERS)
def test_filters(many: Path, name: str) -> None:
    where, expected = FILTERS[name]
    assert len(numbers(many, where)) == expected


def test_pages_hold_every_lead_once_in_one_order(many: Path) -> None:
    whole = numbers(many)
    paged: list[str] = []
    while page := numbers(many, LeadFilter(after=paged[-1] if paged else "", limit=3)):
        paged += page
    assert paged == whole
    with Leads.open(many) as leads:
        order = [(lead.grade, -lead.score) for lead in leads.find(LeadFilter())]
    assert order == sorted(order)


def test_counts(many: Path) -> None:
    with Leads.open(many) as leads:
        assert leads.counts("grade") == {"1": 3, "2": 3, "3": 2}
        assert leads.count(LeadFilter(model="HW-11", limit=1)) == 7
        with pytest.raises(ValueError, match="owner"):
            leads.counts("owner")


def test_an_unknown_number_says_where_to_look(store: Path) -> None:
    with Leads.open(store) as leads, pytest.raises(UnknownLead, match=r"XS1.*leads list"):
        leads.file("XS1")


def test_a_fault_keeps_nothing(store: Path) -> None:
    def fail(leads: Leads) -> None:
        leads.sync(lake(), [finding()])
        raise RuntimeError

    with pytest.raises(RuntimeError), Leads.open(store) as leads:
        fail(leads)
    assert numbers(store) == []
