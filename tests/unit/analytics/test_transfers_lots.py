"""What manifests handed over: their states, quantities, and refused loads on their way back."""

from datetime import timedelta
from typing import Any

import pytest

from analytics.transfers import TransferRules, load_transfers
from records.clock import day_end
from tests.unit.analytics.loop_lake import AS_OF, START, Lake
from tests.unit.analytics.tables import make_inputs

RULES = TransferRules(merge_days=7, return_days=30, trip_hours=24, weight_tolerance=0.1)
SPAN = (START - timedelta(days=100), day_end(AS_OF))
ONLY_FILED: dict[str, Any] = {"departed_at": None, "arrived_at": None, "accepted_at": None,
                              "decision": None}  # fmt: skip
REFUSED: dict[str, Any] = {"decision": "拒绝", "status": "已拒绝"}


def told(lake: Lake) -> list[str]:
    """Way and tonnes of each edge in order of time."""
    edges = load_transfers(make_inputs(lake.tables, AS_OF).sql, *SPAN, RULES).edges
    rows = edges.select("source", "target", "tonnes").rows()
    return [f"{source[-1]}{target[-1]} {tonnes}" for source, target, tonnes in rows]


def part(out_t: float, in_t: float | None) -> dict[str, Any]:
    return {"decision": "部分接受", "item": {"qty_out_t": out_t, "qty_in_t": in_t}}


STATES = {
    "filed": ({"status": "已提交", **ONLY_FILED}, False),
    "filed, and left": ({"status": "已提交", **ONLY_FILED, "departed_at": START}, True),
    "under way": ({"status": "运输中", **ONLY_FILED, "departed_at": START}, True),
    "under way, no time but the hand-over": ({"status": "运输中", **ONLY_FILED}, True),
    "waiting to be accepted": ({"status": "待接受", **ONLY_FILED, "arrived_at": START}, True),
    "no state, handed over": ({"status": None, **ONLY_FILED}, True),
    "a draft": ({"status": "草稿"}, False),
    "cancelled": ({"status": "作废"}, False),
}


@pytest.mark.parametrize("name", STATES)
def test_a_manifest_counts_once_the_load_has_left(name: str) -> None:
    head, counts = STATES[name]
    assert told(Lake().move("ab", 0, **head)) == (["ab 10.0"] if counts else [])


QUANTITIES = {
    "accepted": (Lake().move("ab", 0, item={"qty_out_t": 10.0, "qty_in_t": 9.0}), ["ab 9.0"]),
    "only the one handed out": (
        Lake().move("ab", 0, item={"qty_out_t": 10.0, "qty_in_t": None}), ["ab 10.0"],
    ),
    "partly accepted": (Lake().move("ab", 0, **part(20.0, 12.0)), ["ab 12.0"]),
    "partly accepted, nobody knows how much": (
        Lake().move("ab", 0, **part(20.0, None)), ["ab None"],
    ),
    "refused": (Lake().move("ab", 0, **REFUSED), []),
    "one item of the code without quantity": (
        Lake().move("ab", 0, 20.0).add(
            "manifest_item", manifest_no="20263205000000", item_no=2, waste_code="336-064-17",
            waste_name="y",
        ),
        ["ab None"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", QUANTITIES)
def test_the_quantity_of_a_lot(name: str) -> None:
    lake, expected = QUANTITIES[name]
    assert told(lake) == expected


def refused(day: float, tonnes: float) -> Lake:
    return Lake().move("ab", day, tonnes, **REFUSED)


RETURNS = {
    "all of it": (refused(0, 30.0).move("ba", 2, 29.0), []),
    "on two trucks": (refused(0, 30.0).move("ba", 1, 18.0).move("ba", 2, 12.0), []),
    "two refusals, two returns": (
        refused(0, 30.0).move("ab", 1, 30.0, **REFUSED).move("ba", 2, 30.0).move("ba", 3, 30.0), [],
    ),
    "two refusals, one return": (
        refused(0, 30.0).move("ab", 1, 30.0, **REFUSED).move("ba", 2, 30.0).move("ba", 40, 30.0),
        ["ba 30.0"],
    ),
    "a small lot first": (
        refused(0, 30.0).move("ba", 1, 1.0).move("ba", 2, 30.0), ["ba 1.0"],
    ),
    "only a small lot": (refused(0, 30.0).move("ba", 1, 1.0), ["ba 1.0"]),
    "a larger lot": (refused(0, 10.0).move("ba", 1, 30.0), ["ba 30.0"]),
    "each to its own quantity": (
        refused(0, 10.0).move("ab", 1, 30.0, **REFUSED).move("ba", 2, 30.0).move("ba", 3, 10.0), [],
    ),
    "before it was sent": (refused(0, 10.0).move("ba", -1, 10.0), ["ba 10.0"]),
    "too late": (refused(0, 10.0).move("ba", 31, 10.0), ["ba 10.0"]),
    "another code": (refused(0, 10.0).move("ba", 1, code="900-249-08"), ["ba 10.0"]),
    "another firm": (refused(0, 10.0).move("bc", 1), ["bc 10.0"]),
    "the part that was refused": (
        Lake().move("ab", 0, **part(10.0, 6.0)).move("ba", 2, 4.0), ["ab 6.0"],
    ),
    "more than the part": (
        Lake().move("ab", 0, **part(10.0, 6.0)).move("ba", 2, 9.0), ["ab 6.0", "ba 9.0"],
    ),
    "a part that nobody weighed": (
        Lake().move("ab", 0, **part(10.0, None)).move("ba", 2, 4.0), ["ab None"],
    ),
    "a return that nobody weighed": (refused(0, 10.0).move("ba", 2, None), []),
    "the one that was weighed goes before": (
        refused(0, 10.0).move("ba", 1, None).move("ba", 2, 10.0), ["ba None"],
    ),
    "a refusal without a departure": (
        refused(0, 10.0).move("ab", 1, **REFUSED, departed_at=None, handover_at=None)
        .move("ba", 2).move("ba", 3), [],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", RETURNS)
def test_a_refused_load_goes_back(name: str) -> None:
    lake, expected = RETURNS[name]
    assert told(lake) == expected


def test_a_lot_of_a_filed_manifest_closes_no_loop() -> None:
    assert Lake().move("ab", 0).move("ba", 5, status="已提交", **ONLY_FILED).drafts() == []
