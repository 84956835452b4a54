"""Numbers of a finding as people read them: shares, conditions, firms side by side, the rest."""

import pytest

from graph.types import Statistic
from tests.unit.analytics.chain_lake import ChainLake
from tests.unit.analytics.loop_lake import Lake
from tests.unit.analytics.ring_lake import RingLake
from tests.unit.viz.findings import finding_of
from viz.statistic_rows import statistic_rows, value_text


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("observed_share", 1.0, "100%"),
        ("power_ratio", 0.002848, "0.285%"),
        ("power_ratio", 1.025, "102%"),
        ("power_ratio", 12.345, "1230%"),
        ("excess_p", 1.2e-6, "0.00012%"),
        ("excess_p", 3e-9, "不到 0.000001%"),
        ("excess_p", 0.0, "0%"),
        ("fdr_rejected", 1.0, "是"),
        ("scope_without_waste", 0.0, "否"),
        ("rank_choice", -0.0, "0"),
    ],
)
def test_shares_are_per_cent_and_conditions_yes_or_no(name: str, value: float, text: str) -> None:
    assert value_text(name, value, "1") == text


def test_what_orders_the_list_decides_nothing() -> None:
    (draft,) = Lake().ring("abc").drafts()
    rows = statistic_rows(finding_of(draft))
    assert not [row for row in rows.main if "排序" in row.name]
    assert {row.name for row in rows.minor} >= {"排序总分"}
    assert rows.parties is None
    assert len(rows.main) + len(rows.minor) == len(draft.statistics)


def test_degrees_of_identifiers_are_apart() -> None:
    own = [f"s{n}" for n in range(6)]
    (draft,) = RingLake().tied().anomalies([*own, "o1"]).drafts()
    rows = statistic_rows(finding_of(draft, "TP-06"))
    assert [row.name for row in rows.minor][:1] == ["第1个共用标识的关联单位数"]
    assert {row.name: row.value for row in rows.main}["本组站点的异常比例"] == "100%"


def test_firms_between_stand_side_by_side_under_their_names() -> None:
    lake = ChainLake().shell("x").shell("y").sell("gx", 0, 100.0).sell("xy", 2, 95.0)
    (draft,) = lake.sell("yr", 4, 80.0, "工业盐").drafts()
    parties = statistic_rows(finding_of(draft, "HW-10")).parties
    assert parties is not None
    assert parties.headings == ("指标", "x公司", "y公司", "阈值")
    cells = {row[0]: row[1:] for row in parties.rows}
    assert cells["参保人数"][0] == "0 人（符合）"
    assert cells["收购同类副产品的产废单位"][0].endswith("（不符合）")
    assert "缺数据" in cells["用电与同类之比"]
    assert all(len(row) == 4 for row in parties.rows)
    assert not [row for row in statistic_rows(finding_of(draft)).main if "家" in row.name[:3]]


def test_firms_without_names_go_by_number() -> None:
    (draft,) = ChainLake().chain().drafts()
    finding = finding_of(draft, "HW-10")
    object.__setattr__(finding, "subjects", ())
    parties = statistic_rows(finding).parties
    assert parties is not None
    assert parties.headings == ("指标", "第1家", "阈值")


def test_a_number_without_threshold_says_so() -> None:
    (draft,) = Lake().ring("abc").drafts()
    finding = finding_of(draft)
    object.__setattr__(finding, "statistics", (Statistic("trips_unseen", 2.0, None, "trips", 3),))
    (row,) = statistic_rows(finding).main
    assert (row.value, row.threshold, row.n) == ("2 趟", "—", 3)
