"""Rows on their way: what is filled in, what is held back, what never reaches a file."""

import polars as pl
import pytest

from ingest.simulate.delivery import Delivery
from ingest.simulate.settle import settle
from ingest.simulate.size import WorldSize
from ingest.simulate.truth import Case, Truth

SIZE = WorldSize(
    generators=6, receivers=9, carriers=3, manifests=10, outlets=4, testing_bodies=2, operators=2,
    traders=4, bystanders=4, test_reports=5, cameras=5, street_passes=5,
)  # fmt: skip


@pytest.fixture
def delivery() -> Delivery:
    return Delivery(settle(3, SIZE), Truth(3))


def vehicles(delivery: Delivery) -> pl.DataFrame:
    owners = delivery.world.of_role("carrier")["firm"].to_numpy()
    ids = delivery.world.buy_vehicles(owners)
    return pl.DataFrame({"vehicle:vehicle": ids, "plate_kind": ["01"] * len(ids)})


def test_plates_are_filled_in_where_a_frame_leaves_them_out(delivery: Delivery) -> None:
    known = vehicles(delivery)
    delivery.add("vehicle", known)
    delivery.add("vehicle", pl.DataFrame({"plate": ["苏E1234挂"], "plate_kind": ["15"]}))
    plates = delivery.take("vehicle")["plate"].to_list()
    assert sorted(plates) == sorted([*delivery.world.vehicles()["plate"], "苏E1234挂"])


def test_forms_of_a_dataset_are_taken_apart(delivery: Delivery) -> None:
    rows = pl.DataFrame({"mn": ["A"], "factor_code": ["w01018"], "data_time": ["2026-10-01"]})
    delivery.add("obs_hour", rows)
    delivery.add("obs_hour", rows.drop("mn"), "web")
    delivery.add("obs_hour", rows[:0], "empty")
    assert delivery.waiting() == [("obs_hour", ""), ("obs_hour", "web")]
    assert "mn" in delivery.take("obs_hour").columns
    assert "mn" not in delivery.take("obs_hour", "web").columns


def test_held_rows_wait_until_they_are_released(delivery: Delivery) -> None:
    delivery.hold("holiday", pl.DataFrame({"day": ["2026-10-01"], "is_workday": [False]}))
    assert delivery.waiting() == []
    delivery.release()
    delivery.release()
    assert delivery.take("holiday").height == 1


def test_a_tag_is_claimed_by_its_case_and_stays_behind(delivery: Delivery) -> None:
    case = Case("X-001", "X", "hit", "", [0], "", "", "")
    delivery.truth.plant(case)
    delivery.add("holiday", pl.DataFrame({
        "tag": [None, "X-001"], "day": ["2026-10-01", "2026-10-02"], "is_workday": [False, True],
    }))  # fmt: skip
    frame = delivery.take("holiday")
    assert frame.columns == ["day", "is_workday"]
    assert frame["is_workday"].to_list() == ["否", "是"]
    assert case.rows == [{"dataset": "holiday", "key": "2026-10-02"}]
