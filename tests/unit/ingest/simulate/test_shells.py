"""HW-10 plants: what makes a shell hollow is there, and look-alikes lack it."""

from datetime import date

import polars as pl
import pytest

from ingest.simulate.scene import Scene
from ingest.simulate.truth import Case
from tests.unit.ingest.simulate.conftest import Province

HUB = 20


def punished(scene: Scene) -> pl.DataFrame:
    """Firms punished for waste, and firms led by persons punished for it."""
    rows = [r for r in scene.notes["penalty"] if r["is_hw"]]
    people = scene.world.people.frame()
    ids = [r.get("party_person_id") for r in rows] + [
        r["person_id"] for r in scene.notes["police_case_party"] if r["outcome"] == "有罪判决"
    ]
    legal = people["id_number"].gather(scene.world.firms()["legal_person"])
    return scene.world.firms().filter(
        pl.col("firm").is_in([r.get("org:party") for r in rows if "org:party" in r])
        | legal.is_in([number for number in ids if number])
    )


def shares_with_punished(scene: Scene, firm: int) -> bool:
    """A phone of few firms, or the legal representative, is that of a punished firm or person."""
    firms, others = scene.world.firms(), punished(scene)
    row = firms.row(firm, named=True)
    if others["firm"].is_in([firm]).any():
        return True
    crowd = firms.filter(pl.col("phone") == row["phone"]).height
    by_phone = crowd <= HUB and others["phone"].is_in([row["phone"]]).any()
    return bool(by_phone or others["legal_person"].is_in([row["legal_person"]]).any())


def flow(province: Province, case: Case, firm: int) -> tuple[float, float]:
    """What a firm pays and gets for goods by weight in a case, in yuan per tonne."""
    goods = province.of_case(province.events.sales, case).filter(pl.col("uom") == "吨")
    yuan = (goods["quantity"] * goods["price_yuan"]).alias("yuan")
    goods = goods.with_columns(yuan)
    bought, sold = (goods.filter(pl.col(side) == firm) for side in ("buyer", "seller"))
    return (
        bought["yuan"].sum() / max(bought["quantity"].sum(), 1e-9),
        sold["yuan"].sum() / max(sold["quantity"].sum(), 1e-9),
    )


def test_prices_fall_from_hand_to_hand_in_hits_and_rise_in_look_alikes(province: Province) -> None:
    for case in province.cases("HW-10"):
        for firm in case.core:
            paid, got = flow(province, case, firm)
            if paid and got:
                assert (got < paid) == (case.kind == "hit"), case.name


def test_grave_hits_lead_to_a_punished_circle_and_no_look_alike_does(province: Province) -> None:
    for case in province.cases("HW-10"):
        linked = any(shares_with_punished(province.scene, firm) for firm in case.core)
        if case.severity == "grave":
            assert linked, case.name
        if case.kind != "hit":
            assert not linked, case.name


def test_shells_have_hardly_any_people_and_no_licence(province: Province) -> None:
    firms = province.scene.world.firms()
    shells = [f for case in province.cases("HW-10", "hit") for f in case.core]
    rows = firms.filter(pl.col("firm").is_in(shells))
    assert rows.height >= 8
    assert (rows["insured_count"] <= 2).all()
    assert not rows["scope"].str.contains("危险").any()
    assert (rows["monthly_kwh"] < 100).all()
    young = rows.filter(pl.col("founded_on") > date(2025, 10, 31))
    assert young.height == rows.height - 1  # one was bought for its age


def test_waste_goes_on_within_days_and_in_order(province: Province) -> None:
    goods = province.events.sales.filter(pl.col("uom") == "吨")
    for case in province.cases("HW-10", "hit"):
        own = province.of_case(goods, case)
        days = own.select(pl.col("issued_at").max() - pl.col("issued_at").min()).item().days
        assert days <= 30, case.name
        for firm in case.core:
            sold = own.filter(pl.col("seller") == firm)["issued_at"]
            bought = own.filter(pl.col("buyer") == firm)["issued_at"]
            if len(sold):
                assert sold.min() > bought.min(), case.name


def test_dumps_are_confirmed_under_a_police_case_that_names_the_shell(province: Province) -> None:
    notes = province.scene.notes
    dumped = [c for c in province.cases("HW-10", "hit") if "倾倒" in c.name]
    assert len(dumped) == 2
    for case in dumped:
        (site,) = [r for r in notes["dump_site"] if r["tag"] == case.tag]
        assert site["confirmed"] == "已确认"
        codes = {province.scene.name_of(firm, "uscc") for firm in case.core}
        named = {
            r.get("uscc") for r in notes["police_case_party"] if r["case_no"] == site["case_no"]
        }
        assert named & codes
        ends = province.of_case(province.events.hauls, case)
        assert ((ends["receiver:lon"] - site["lon"]).abs() < 1e-9).all()


@pytest.mark.parametrize("name", ["代账公司的客户", "孵化园里的代理商"])
def test_hubs_hold_a_punished_firm(province: Province, name: str) -> None:
    (case,) = [c for c in province.cases("HW-10", "look_alike") if c.name == name]
    firms, others = province.scene.world.firms(), punished(province.scene)
    row = firms.row(case.core[0], named=True)
    building = row["address"].split("座")[0]
    shared = (
        pl.col("phone") == row["phone"]
        if "代账" in name
        else pl.col("address").str.starts_with(building)
    )
    assert firms.filter(shared).height > HUB
    assert others.filter(shared).height >= 1
