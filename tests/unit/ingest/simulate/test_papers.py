"""Papers of transfers by plain loops over what is delivered: licence, carrier, truck, crew, border.

The oracle follows the text of the domain; it knows nothing of a detector. Everyday transfers must
pass every test, planted ones fail just those that their case tells of.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl
import pytest

from ingest.simulate.geography import distance_km
from ingest.simulate.licences import operating_licences, transport_licences
from ingest.simulate.shipments import papers
from tests.unit.ingest.simulate.conftest import Province

BORDER = "跨省"
Row = dict[str, Any]


@dataclass(frozen=True)
class Register:
    """What the registers say, by number, plate or person."""

    licences: dict[str, list[Row]]
    items: dict[str, list[Row]]
    carriers: dict[int, str]
    plates: dict[str, date]
    crews: dict[tuple[str, str], date]
    approvals: dict[str, Row]


@pytest.fixture(scope="module")
def delivered(province: Province) -> dict[str, pl.DataFrame]:
    """Registers and manifests as they go to the files, with the tags of the manifests."""
    scene = province.scene
    shipments = province.events.shipments
    october = shipments.filter(pl.col("accepted_at") >= pl.lit(date(2026, 10, 1)))
    monthly = october.group_by("receiver", "category").agg(tonnes=pl.col("received_t").sum())
    papers(scene.world, shipments, scene.delivery)
    operating_licences(scene.world, scene.delivery, monthly.sort("receiver", "category"),
                       scene.own_licences())  # fmt: skip
    transport_licences(scene.world, scene.delivery, scene.fleet)
    names = ("hw_licence", "hw_licence_item", "carrier_licence", "vehicle_permit", "driver_permit",
             "transfer_approval")  # fmt: skip
    return {name: scene.delivery.take(name) for name in names} | {"shipments": shipments}


@pytest.fixture(scope="module")
def register(delivered: dict[str, pl.DataFrame]) -> Register:
    licences: dict[str, list[Row]] = defaultdict(list)
    items: dict[str, list[Row]] = defaultdict(list)
    for row in delivered["hw_licence"].iter_rows(named=True):
        licences[str(row["licence_no"])].append(row)
    for row in delivered["hw_licence_item"].iter_rows(named=True):
        items[str(row["licence_no"])].append(row)
    crews = {
        (row["person_id"], row["kind"]): row["valid_to"]
        for row in delivered["driver_permit"].iter_rows(named=True)
    }
    plates = {
        row["plate"]: row["valid_to"]
        for row in delivered["vehicle_permit"].iter_rows(named=True)
        if "危险" in row["scope"]
    }
    approvals = {r["approval_no"]: r for r in delivered["transfer_approval"].iter_rows(named=True)}
    carriers = dict(delivered["carrier_licence"].select("uscc", "scope").iter_rows())
    return Register(licences, items, carriers, plates, crews, approvals)


def failed(row: Row, register: Register, province: Province) -> set[str]:
    """Tests that one transfer fails; tonnage of year and approval are summed elsewhere."""
    world, out = province.scene.world, set()
    day = row["accepted_at"].date()
    number = str(row["licence_no"])
    valid = [
        v for v in register.licences.get(number, []) if v["valid_from"] <= day <= v["valid_to"]
    ]
    if not valid:
        out.add("licence")
    items = [i for i in register.items.get(number, []) if i["category"] == row["category"]]
    codes = [str(i["waste_code"] or "全部") for i in items]
    if not any(c == "全部" or str(row["waste_code"]) in c for c in codes):
        out.add("scope")
    elif not any(str(row["method"]) in str(i["method"]).split("、") for i in items):
        out.add("method")
    firm = world.firms().row(int(str(row["carrier"])), named=True)
    if "危险" not in register.carriers.get(firm["uscc"], ""):
        out.add("carrier")
    truck = world.vehicles().row(int(str(row["vehicle"])), named=True)
    for plate in filter(None, (truck["plate"], truck["trailer_plate"])):
        if register.plates.get(plate, date.min) < day:
            out.add("vehicle")
    ids = world.people.frame()["id_number"]
    for role, kind in (("driver", "道路危险货物驾驶"), ("escort", "押运")):
        if register.crews.get((ids[int(str(row[role]))], kind), date.min) < day:
            out.add(role)
    if row["scope"] == BORDER:
        approval = register.approvals.get(str(row["approval_no"]))
        if approval is None or not approval["approved_on"] <= day <= approval["valid_to"]:
            out.add("border")
    if row["receiver_lon"] is not None:
        site = world.firms().row(int(str(row["receiver"])), named=True)
        at = [pl.Series([v]).to_numpy() for v in
              (row["receiver_lon"], row["receiver_lat"], site["lon"], site["lat"])]  # fmt: skip
        if distance_km(*at)[0] > 1:
            out.add("site")
    return out


@pytest.fixture(scope="module")
def failures(
    province: Province, delivered: dict[str, pl.DataFrame], register: Register
) -> dict[str, set[str]]:
    """Failed tests by tag; untagged transfers under ''."""
    out: dict[str, set[str]] = defaultdict(set)
    for row in delivered["shipments"].filter(pl.col("decision") != "拒绝").iter_rows(named=True):
        out[row["tag"] or ""] |= failed(row, register, province)
    return out


def test_everyday_transfers_pass_every_test(failures: dict[str, set[str]]) -> None:
    assert failures[""] == set()


EXPECTED = {
    "许可证到期后继续接收": {"licence"},
    "接收许可范围外的废物": {"scope"},
    "交给无许可证的作坊": {"licence", "scope"},
    "处置方式与许可不符": {"method"},
    "接收地点不在许可设施": {"site"},
    "承运人无危险货物运输资质": {"carrier", "vehicle"},
    "道路运输证过期一周": {"vehicle"},
    "道路运输证过期四个月": {"vehicle"},
    "车辆没有道路运输证": {"vehicle"},
    "驾驶员从业资格过期三周": {"driver"},
    "押运员没有从业资格": {"escort"},
    "跨省转移未经批准": {"border"},
    "跨省转移批准已过期": {"border"},
    "已换证而许可数据未更新": {"licence", "scope"},
    "未破损废铅蓄电池豁免运输": {"carrier", "vehicle"},
    "废酸作生产原料豁免利用": {"licence", "scope"},
}


def test_planted_transfers_fail_what_their_case_tells_and_nothing_else(
    province: Province, failures: dict[str, set[str]]
) -> None:
    cases = province.cases("HW-08")
    assert len(cases) > 25
    got = {case.name: failures[case.tag] for case in cases}
    assert got == {case.name: EXPECTED.get(case.name, set()) for case in cases}


def test_tonnes_of_the_year_stand_to_the_licence_as_each_case_says(
    province: Province, delivered: dict[str, pl.DataFrame]
) -> None:
    """Everyday plants stay well below what they may take."""
    year = delivered["shipments"].filter(pl.col("accepted_at").dt.year() == 2026)
    taken = dict(year.group_by("licence_no").agg(pl.col("received_t").sum()).iter_rows())
    licensed = dict(delivered["hw_licence"].select("licence_no", "total_t_a").iter_rows())
    share = {number: taken.get(number, 0) / total for number, total in licensed.items()}
    expected = {
        "年接收量为许可量的一倍半": (1.4, 1.6), "年接收量略超许可量": (1.0, 1.2),
        "年接收量接近许可量": (0.9, 1.0), "年接收量约为许可量的八成": (0.7, 0.85),
    }  # fmt: skip
    special = set()
    for case in province.cases("HW-08"):
        rows = province.of_case(delivered["shipments"], case)
        if case.name in expected:
            low, high = expected[case.name]
            number = rows["licence_no"][0]
            special.add(number)
            assert low <= share[number] < high, case.name
    assert len(special) == len(expected)
    assert max(value for number, value in share.items() if number not in special) < 0.7


def test_licence_numbers_are_not_shared(delivered: dict[str, pl.DataFrame]) -> None:
    heads = delivered["hw_licence"].unique(["licence_no", "uscc"])
    assert heads["licence_no"].is_unique().all()
