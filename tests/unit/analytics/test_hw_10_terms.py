"""HW-10: each term of a shell's score, true, false and unknown; identifiers that too many share."""

from datetime import date

import numpy as np
import pytest

from analytics.chain_pass_through import HandedOn, _groups
from tests.unit.analytics.chain_lake import ChainLake, org
from tests.unit.analytics.drafts import result, value


def metered(energy_kwh: dict[str, float]) -> ChainLake:
    """Firms and what each drew from the grid in July."""
    lake = ChainLake()
    for name, energy in energy_kwh.items():
        lake.add("grid_power_month", account_no=name, month="2026-07", energy_kwh=energy,
                 customer_entity=org(name))  # fmt: skip
    return lake


TERMS = {
    "age_days": (ChainLake().firm("x", founded_on=date(2025, 8, 4)), True),
    "age_days, one day older": (ChainLake().firm("x", founded_on=date(2025, 8, 3)), False),
    "age_days, unknown": (ChainLake().firm("x", founded_on=None), None),
    "insured_count": (ChainLake().firm("x", insured=2), True),
    "insured_count, three": (ChainLake().firm("x", insured=3), False),
    "insured_count, only it is not listed": (ChainLake().firm("x", insured=None), True),
    "scope_without_waste": (ChainLake().firm("x", scope="信息咨询"), True),
    "scope_without_waste, hazmat": (ChainLake().firm("x", scope="危险化学品经营"), False),
    "scope_without_waste, unknown": (ChainLake().firm("x", scope=None), None),
    "offender_links": (
        ChainLake().share("HAS_PHONE", "phone:1", "x", "z").penalise("z"), True,
    ),
    "offender_links, address": (
        ChainLake().share("LOCATED_AT", "address:1", "x", "z").penalise("z"), True,
    ),
    "offender_links, controller": (
        ChainLake().share("LEGAL_REP_OF", "person:1", "x")
        .add("penalty", decision_no="1", party_person="person:1", is_hw=True), True,
    ),
    "offender_links, convicted": (
        ChainLake().share("OFFICER_OF", "person:1", "x")
        .add("police_case", case_no="c", case_kind="污染环境")
        .add("police_case_party", case_no="c", outcome="有罪判决", party_person="person:1"), True,
    ),
    "offender_links, only suspected": (
        ChainLake().share("OFFICER_OF", "person:1", "x").penalise("z")
        .add("police_case", case_no="c", case_kind="污染环境")
        .add("police_case_party", case_no="c", outcome="在办", party_person="person:1"), False,
    ),
    "offender_links, of another kind": (
        ChainLake().share("HAS_PHONE", "phone:1", "x", "z").penalise("z", is_hw=False)
        .penalise("k"), False,
    ),
    "offender_links, long ago": (
        ChainLake().share("HAS_PHONE", "phone:1", "x", "z")
        .penalise("z", decided_on=date(2019, 1, 1)),
        False,
    ),
    "power_ratio": (
        metered({f"p{n}": 1000.0 for n in range(1, 9)} | {"x": 49.0}), True,
    ),
    "power_ratio, too few peers": (metered({"x": 1.0}), None),
}  # fmt: skip


@pytest.mark.parametrize("name", TERMS)
def test_each_term(name: str) -> None:
    term = name.partition(",")[0]
    lake, holds = TERMS[name]
    lake.sell("gx", 0, 100.0).sell("xr", 3, 100.0)
    drafts = lake.drafts(score_3=0.0, operating_staff=10**6)
    if not drafts:
        assert not holds, "a firm without any point is no shell"
        return
    (draft,) = drafts
    points = value(draft, "node1_points")
    assert points == (0 if not holds else 2 if term == "offender_links" else 1)
    assert draft.quantities[f"node1_{term}_verdict"] == (-1 if holds is None else holds)
    told = [s for s in draft.statistics if s.name == f"node1_{term}"]
    assert bool(told) is (holds is not None)
    assert bool(told) is not any(f"{term} " in s and "not testable" in s for s in draft.searched)


def test_a_bookkeepers_phone_is_ignored_and_told() -> None:
    many = [f"n{i}" for i in range(19)]
    hub = ChainLake().chain().share("HAS_PHONE", "phone:1", "x", "z", *many).penalise("z")
    (draft,) = hub.drafts()
    assert value(draft, "node1_points") == 4
    assert result(draft, "bookkeeper_phone") == "holds"
    assert any("ignored, degree 21" in line for line in draft.searched)
    at_cap = ChainLake().chain().share("HAS_PHONE", "phone:1", "x", "z", *many[1:]).penalise("z")
    (draft,) = at_cap.drafts()
    assert value(draft, "node1_points") == 6
    assert value(draft, "node1_shared_phone_degree") == 20


def test_an_incubators_address_is_ignored() -> None:
    many = [f"n{i}" for i in range(19)]
    lake = ChainLake().chain().share("LOCATED_AT", "address:1", "x", "z", *many).penalise("z")
    (draft,) = lake.drafts()
    assert value(draft, "node1_points") == 4
    assert result(draft, "incubator_address") == "holds"


def with_suppliers(count: int) -> ChainLake:
    """The chain's firm x has that many suppliers beside its generator."""
    lake = ChainLake().chain()
    for number in range(count):
        lake.sell("gx", -60, 1.0, seller_entity=f"org:s{number}")
    return lake


def test_a_hub_is_no_inner_firm() -> None:
    assert with_suppliers(20).drafts() == []
    (draft,) = with_suppliers(19).drafts()
    (partners,) = [s for s in draft.statistics if s.name == "node1_partners"]
    assert (partners.value, partners.threshold) == (20, 20)
    assert value(draft, "end_partners") == 1


def test_what_was_not_passed_is_told() -> None:
    lake = ChainLake().chain()
    for number in range(21):
        lake.sell("zk", 0, 1.0, seller_entity=f"org:s{number}")
    (draft,) = lake.drafts()
    assert "path search did not pass 1 organisations of more than 20 partners" in draft.searched


def test_the_papers_behind_every_supplier_are_evidence() -> None:
    lake = ChainLake().firm("x", insured=0, scope="咨询").sell("gx", 0, 60.0).sell("hx", -20, 60.0)
    (draft,) = lake.sell("xr", 2, 50.0).drafts()
    assert value(draft, "node1_byproduct_generators") == 2
    told = [e for e in draft.evidence if e.role == "node 1 shell byproduct_generators"]
    assert len(told) == 2


def passed_on(*lots: tuple[str, float, float]) -> ChainLake:
    """A young firm x without scope, and what it bought and sold: way, day, tonnes."""
    lake = ChainLake().firm("x", founded_on=date(2026, 3, 1), scope="信息咨询")
    for way, day, tonnes in lots:
        lake.sell(way, day, tonnes, "*化工*副产盐" if way[0] == "g" else "工业盐")
    return lake


PASSED: dict[str, tuple[list[tuple[str, float, float]], bool]] = {
    "one lot, a fifth kept": ([("gx", 0, 100.0), ("xr", 2, 80.0)], True),
    "two lots of unequal size, each passed on whole": (
        [("gx", 0, 30.0), ("gx", 0.2, 20.0), ("xr", 2, 30.0), ("xr", 2.2, 20.0)], False,
    ),
    "the same, sold in the other order": (
        [("gx", 0, 20.0), ("gx", 0.2, 30.0), ("xr", 2, 30.0), ("xr", 2.2, 20.0)], False,
    ),
    "a fifth kept of each of two": (
        [("gx", 0, 30.0), ("gx", 0.2, 20.0), ("xr", 2, 24.0), ("xr", 2.2, 16.0)], True,
    ),
    "two lots sold as one, a fifth kept": (
        [("gx", 0, 30.0), ("gx", 0.2, 20.0), ("xr", 2, 40.0)], True,
    ),
    "one lot sold as two, nothing kept": (
        [("gx", 0, 50.0), ("xr", 2, 30.0), ("xr", 2.2, 20.0)], False,
    ),
    "the rest to another customer, nothing kept": (
        [("gx", 0, 100.0), ("xr", 2, 60.0), ("xk", 2.2, 40.0)], False,
    ),
    "after eight days": ([("gx", 0, 100.0), ("xr", 8, 80.0)], False),
}  # fmt: skip


@pytest.mark.parametrize("name", PASSED)
def test_what_is_kept_back_of_lots(name: str) -> None:
    lots, holds = PASSED[name]
    (draft,) = passed_on(*lots).drafts(price_low=99.0)
    assert value(draft, "node1_points") == (3 if holds else 2)
    assert (draft.quantities["node1_pass_through_share_verdict"] == 1) is holds


def test_groups_of_lots_are_those_of_a_plain_search() -> None:
    """Against every lot in and every lot out compared, on random lots of few days and goods."""
    random = np.random.default_rng(20261128)
    for _ in range(60):
        lots, outs, days = random.integers(0, 9), random.integers(0, 9), int(random.integers(0, 5))
        day, goods = np.sort(random.integers(0, 20, lots)), random.integers(-1, 3, lots)
        out = HandedOn(
            random.integers(0, 20, outs), np.ones(outs), random.integers(-1, 3, outs),
            random.random(outs) < 0.5,
        )  # fmt: skip
        may = (out.day[:, None] >= day) & (out.day[:, None] <= day + days)
        may &= ~out.is_strict[:, None] | ((out.goods[:, None] == goods) & (goods >= 0))
        group = list(range(lots))
        for row in may:
            together = {group[lot] for lot in np.flatnonzero(row)}
            group = [min(together) if own in together else own for own in group]
        expected = [min((group[lot] for lot in np.flatnonzero(row)), default=-1) for row in may]
        of_lot, of_out = _groups(day, goods, out, days)
        assert (of_lot.tolist(), of_out.tolist()) == (group, expected)
