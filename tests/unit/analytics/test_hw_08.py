"""HW-08 on small lakes: the shipped vectors, what a case states, episodes, bounds, parameters."""

from datetime import timedelta

from analytics.model import Draft
from analytics.models.hw_08 import Outcome, Params, grade
from tests.unit.analytics.licence_lake import SITE, START, Lake, found, org
from tests.unit.analytics.model_vectors import vectors_of


def test_papers_in_order_are_clean() -> None:
    assert found(Lake().ship()) == {}


def test_grade_follows_the_shipped_vectors() -> None:
    vectors = vectors_of("HW-08")
    assert len(vectors) == 5
    for vector in vectors:
        given = vector["input"]
        outcome = Outcome(
            tuple(given.get("fails", ())),
            given.get("exempt", False),
            given.get("soft_expired_days"),
            given.get("U", 0.0),
        )
        assert grade(outcome, Params()) == vector["expected_level"], vector["why"]


def one(lake: Lake) -> Draft:
    (draft,) = lake.drafts()
    return draft


def test_a_case_states_owner_times_tonnes_test_table_and_rows() -> None:
    draft = one(Lake("licence").ship().ship(5).ship(20, status="作废"))
    assert draft.identity == (org("r"),)
    assert (draft.started_at, draft.ended_at) == (START, START + timedelta(days=5))
    assert draft.quantities == {"manifests": 2.0, "waste_t": 20.0}
    assert [s.role for s in draft.subjects] == ["receiver", "generator"]
    table = {s.name: (s.value, s.n) for s in draft.statistics}
    assert table["T1_failed"] == (2.0, 2)
    assert "T5_failed" not in table, "the carrier's tests stand in the carrier's case"
    assert sorted({e.dataset for e in draft.evidence}) == ["manifest", "manifest_item"]
    assert "hw_licence r公司: 1 rows in the register" in draft.searched
    assert "疑似" in draft.reason
    assert "登记中查无" in draft.reason


def test_the_licence_behind_a_verdict_is_cited() -> None:
    draft = one(Lake().ship(code="900-249-08"))
    cited = {(e.dataset, e.key) for e in draft.evidence}
    assert ("hw_licence", "JS-r") in cited
    assert {i.code: i.result for i in draft.innocent} == {
        "all_codes_of_category": "ruled_out",
        "exempt_waste": "ruled_out",
        "collection_pilot": "ruled_out",
        "trial_operation": "ruled_out",
    }


def test_an_episode_ends_after_thirty_days_of_silence() -> None:
    lake = Lake("licence").ship(-40).ship(-10).ship(21)
    starts = sorted(d.started_at for d in lake.drafts())
    assert starts == [START - timedelta(days=40), START + timedelta(days=21)]


def test_evidence_is_capped_and_counted() -> None:
    lake = Lake("licence")
    for number in range(50):
        lake.ship(number / 4)
    draft = one(lake)
    shown = [e for e in draft.evidence if e.dataset == "manifest"]
    assert 15 <= len(shown) <= 21
    assert draft.quantities["manifests"] == 50
    assert any(line.startswith("manifest: 50 failed") for line in draft.searched)


def test_t4_states_the_months_delivered() -> None:
    reason = one(Lake().ship(tonnes=1300.0)).reason
    assert "2026年1个月（应有10个月）" in reason
    assert "130%" in reason


def test_later_manifests_do_not_count() -> None:
    assert found(Lake("licence").ship(40)) == {}


def test_parameters_are_used() -> None:
    assert found(Lake().ship(tonnes=500.0), load_near=0.4) == {"T4": 3}
    assert found(Lake().ship(receiver_lat=SITE[1] + 0.0101), site_km=2.0) == {}
