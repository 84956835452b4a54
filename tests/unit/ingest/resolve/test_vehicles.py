"""Which mentions are one vehicle: plate and kind, colour as evidence, cameras that misread."""

import pytest

from ingest.resolve.extract import number_batches, tuples
from ingest.resolve.kinds.resolving import resolve_vehicles
from ingest.resolve.known import load_known
from ingest.resolve.run import placed
from records.registry import Registry
from records.workspace import Workspace
from tests.unit.ingest.resolve.conftest import entities_of, make_views


def known(plate="苏A12B45", kind="01"):
    return {"plate": plate, "plate_kind": kind}


def seen(plate="苏A12B45", kind=None, color=None, **more):
    return {"plate": plate, "plate_kind": kind, "plate_color": color, **more}


TOGETHER = {
    "a dot and small letters": {"vehicle": [known()], "waybill": [{"plate": "苏a·12b45"}]},
    "an unknown kind": {"vehicle": [known()], "checkpoint_pass": [seen()]},
    "other kind means unknown": {"vehicle": [known()], "checkpoint_pass": [seen(kind="99")]},
    "B read as 8": {"vehicle": [known()], "checkpoint_pass": [seen("苏A12845")]},
    "a new energy plate": {
        "vehicle": [known("苏AD12345", "52")], "checkpoint_pass": [seen("苏AD12345")],
    },
    "two kinds, told by colour": {
        "vehicle": [known(kind="02"), known(kind="01")],
        "checkpoint_pass": [seen(color="黄色")],
    },
    "a trailer by its role and by its kind": {
        "vehicle": [known("苏A123挂", "15")],
        "manifest": [{"manifest_no": "1", "trailer_plate": "苏A123挂"}],
    },
}  # fmt: skip
APART = {
    "a misread whose colour contradicts": {
        "vehicle": [known()], "checkpoint_pass": [seen("苏A12845", color="蓝")],
    },
    "a misread of another kind": {
        "vehicle": [known()], "checkpoint_pass": [seen("苏A12845", "02")],
    },
    "one character apart": {"vehicle": [known()], "checkpoint_pass": [seen("苏A12B46", "01")]},
    "two look-alikes that only cameras saw": {
        "checkpoint_pass": [seen("苏A12B45"), seen("苏A12845")],
    },
    "tractor and trailer under one number": {
        "vehicle": [known()],
        "manifest": [{"manifest_no": "1", "trailer_plate": "苏A12B45"}],
    },
    "two kinds, nothing to tell by": {
        "vehicle": [known(kind="01"), known(kind="02")], "checkpoint_pass": [seen()],
    },
    "an unknown kind is no trailer": {
        "vehicle": [known(kind="15")], "checkpoint_pass": [seen()],
    },
    "documents do not misread": {"vehicle": [known()], "waybill": [{"plate": "苏A12845"}]},
    "a misread that could be two plates": {
        "vehicle": [known("苏A12B85"), known("苏A128B5")],
        "checkpoint_pass": [seen("苏A12885")],
    },
}  # fmt: skip


@pytest.mark.parametrize("case", TOGETHER)
def test_one_vehicle(case, tmp_path):
    found = entities_of(TOGETHER[case], "vehicle", tmp_path)
    last = list(found.values())[-1]
    assert len(found) == sum(map(len, TOGETHER[case].values()))
    if case == "two kinds, told by colour":
        assert found["checkpoint_pass", 1, "vehicle", 0] == found["vehicle", 2, "vehicle", 0]
    else:
        assert set(found.values()) == {last}


@pytest.mark.parametrize("case", APART)
def test_vehicles_of_their_own(case, tmp_path):
    found = entities_of(APART[case], "vehicle", tmp_path)
    assert len(set(found.values())) == len(found) == sum(map(len, APART[case].values()))


@pytest.mark.parametrize("plate", ["UNREAD", "unread", "无", "", "苏A", "123456"])
def test_what_is_no_plate_is_no_vehicle(plate, tmp_path):
    rows = {"checkpoint_pass": [seen(plate)], "gate_pass": [{"plate": plate}]}
    assert entities_of(rows, "vehicle", tmp_path) == {}


def test_both_plates_on_the_road_are_two_vehicles(tmp_path):
    rows = {"vehicle": [known()], "checkpoint_pass": [seen()] * 6 + [seen("苏A12845")] * 5}
    found = entities_of(rows, "vehicle", tmp_path)
    assert len(set(found.values())) == 2
    rows["checkpoint_pass"] = [seen()] * 6 + [seen("苏A12845")] * 2
    assert len(set(entities_of(rows, "vehicle", tmp_path).values())) == 1


def test_a_misread_plate_shows_the_documented_one(tmp_path):
    rows = {"vehicle": [known("苏A12B45")], "checkpoint_pass": [seen("苏A12845", color="黄")]}
    assert plates_of(rows, tmp_path) == [("苏A12B45", "01"), ("苏A12B45", "01")]


def plates_of(rows, root):
    """Plate and kind of each tuple as the tables take them."""
    sql = make_views(rows).cursor()
    number_batches(sql)
    load_known(sql, Registry(Workspace(root)))
    made = resolve_vehicles(placed(tuples(sql, "vehicle")))
    return made.tuples.select("plate", "kind").rows()
