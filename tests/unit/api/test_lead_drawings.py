"""The console's page of a lead: funnel of a ring, balance sheet of a loop, neither elsewhere.

Strategy: leads opened from findings of the models on small lakes, over a service without a graph.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from api.console.lead import SUBJECTS_SHOWN
from graph.types import Subject
from tests.unit.analytics.loop_lake import CODE
from tests.unit.analytics.ring_lake import RingLake
from tests.unit.api.findings import finding as plain_finding
from tests.unit.api.judged_site import JudgedSite, judged_site
from tests.unit.viz.findings import PHONE, finding_of, loop
from viz.loop_words import HEADING

BALANCE, FUNNEL = "各单位物料平衡", "漏斗图"
TRUCKS = 20


@dataclass(frozen=True)
class Console:
    """The pages as an analyst with a purpose gets them, and the number of each model's lead."""

    site: JudgedSite
    numbers: dict[str, str]

    def get(self, path: str, user: str = "analyst") -> Any:
        return self.site.client.get(path, headers=self.site.headers(user))

    def page(self, model: str) -> str:
        answer = self.get(f"/leads/{self.numbers[model]}")
        assert answer.status_code == 200
        return str(answer.text)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JudgedSite]:
    (ring,) = RingLake().tied().anomalies([*(f"s{n}" for n in range(6)), "o1"]).drafts()
    _, looped = loop()
    first, *rest = looped.subjects
    trucks = [Subject(f"vehicle:{n}", "vehicle", "vehicle", f"苏A{n}") for n in range(TRUCKS)]
    made = judged_site(tmp_path_factory.mktemp("drawings"))
    found = [
        finding_of(ring, "TP-06"),
        replace(looped, subjects=(replace(first, name=f"李{PHONE}"), *rest, *trucks)),
        plain_finding("OM-02:0001"),
    ]
    with made.services.sql() as sql, made.services.leads() as leads:
        leads.sync(sql, [replace(f, evidence=()) for f in found])
    yield made
    made.close()


@pytest.fixture(scope="module")
def console(site: JudgedSite) -> Console:
    with site.services.leads() as leads:
        numbers = {lead.model: lead.lead_no for lead, _ in leads.newest_copies()}
    return Console(site, numbers)


def test_the_funnel_of_a_ring_is_shown_and_drawn(console: Console) -> None:
    address = f"/leads/{console.numbers['TP-06']}/funnel.svg"
    assert address in console.page("TP-06")
    drawn = console.get(address)
    assert drawn.status_code == 200
    assert drawn.headers["content-type"].startswith("image/svg+xml")
    assert drawn.content.lstrip().startswith(b"<?xml")
    assert console.get(address).content == drawn.content


@pytest.mark.parametrize("model", ["HW-11", "OM-02"])
def test_a_lead_without_shares_has_no_funnel(console: Console, model: str) -> None:
    assert FUNNEL not in console.page(model)
    refused = console.get(f"/leads/{console.numbers[model]}/funnel.svg")
    assert refused.status_code == 404


def test_no_funnel_for_an_unknown_lead_or_for_strangers(console: Console) -> None:
    assert console.get("/leads/XS2026999999/funnel.svg").status_code == 404
    address = f"/leads/{console.numbers['TP-06']}/funnel.svg"
    assert b"<svg" not in console.site.client.get(address).content
    assert console.get(address, "officer1").status_code == 404


def test_the_balance_of_a_loop_stands_in_its_own_scrolling_table(console: Console) -> None:
    page = console.page("HW-11")
    assert page.count(BALANCE) == 1
    table = page.partition(f"<h2>{BALANCE}</h2>")[2].partition("</table>")[0]
    assert '<div class="scroll"><table class="balance">' in table
    assert all(heading in table for heading in HEADING)
    assert CODE in table
    assert "40.000（2笔）" in table
    assert "李139****0001" in table
    assert PHONE not in table


@pytest.mark.parametrize("model", ["TP-06", "OM-02"])
def test_other_leads_have_no_balance(console: Console, model: str) -> None:
    assert BALANCE not in console.page(model)


def test_the_paper_of_a_loop_tells_its_balance(console: Console) -> None:
    paper = console.get(f"/leads/{console.numbers['HW-11']}/papers/html").text
    table = paper.partition(BALANCE)[2].partition("</table>")[0]
    assert "李139****0001" in table
    assert PHONE not in table
    assert BALANCE not in console.get(f"/leads/{console.numbers['TP-06']}/papers/html").text


def test_why_a_grade_is_capped_stands_under_the_reason(console: Console) -> None:
    page = console.page("TP-06")
    said = page.partition('<p class="lead-in">')[2].partition("</section>")[0]
    assert "级别限制：目前仅有" in said
    assert "至多三级" in said


def test_shares_are_told_in_per_cent_and_models_by_their_plain_name(console: Console) -> None:
    page = console.page("TP-06")
    assert "<td>本组站点的异常比例</td>" in page
    assert '<td class="number">100%</td>' in page
    assert "(图模型)" not in page
    assert "(图模型)" not in console.get("/leads").text


def test_what_only_orders_the_list_is_folded(console: Console) -> None:
    page = console.page("HW-11")
    head, mark, rest = page.partition("<details><summary>排序与说明性数值")
    assert mark
    assert "排序总分" not in head
    assert "排序总分" in rest.partition("</details>")[0]


def test_many_subjects_are_folded_and_what_is_not_drawn_is_told(console: Console) -> None:
    page = console.page("HW-11")
    assert f"另有 {TRUCKS + 3 - SUBJECTS_SHOWN} 个主体" in page
    folded = page.partition(f"另有 {TRUCKS + 3 - SUBJECTS_SHOWN} 个主体")[2]
    assert f"苏A{TRUCKS - 1}" in folded.partition("</details>")[0]
    assert f"未画出：车辆 {TRUCKS} 个" in page
