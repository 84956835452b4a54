"""A phone, an address or a person that many share brings nobody together, and the run says so.

Strategy: one lake per value and way of sharing it, of firms from :mod:`behaviour_town`'s parts.
"""

from itertools import islice, product
from pathlib import Path

import polars as pl
import pytest

from tests.unit.ingest.resolve.behaviour_town import FIRST, SECOND, Statement, Town
from tests.unit.ingest.resolve.conftest import code_of, entities_of, id_number_of
from tests.unit.ingest.resolve.test_firms import labels

MANY = 300
SHARED = {
    "a bookkeeper's phone": {"env_phone": "13800009999"},
    "the address of an incubator": {"site_address": "苏州市鸿图路1号"},
    "both": {"env_phone": "13800009999", "site_address": "苏州市鸿图路1号"},
    "a nominee as representative": {"legal_rep": "司徒怀瑾"},
}


def many_firms(shared: Statement, is_coded: bool) -> list[Statement]:
    names = (f"苏州{a}{b}电子商务有限公司" for a, b in product(FIRST, SECOND))
    rows: list[Statement] = []
    for number, name in enumerate(islice(names, MANY)):
        code = {"uscc": code_of(70_000 + number)} if is_coded else {}
        rows.append({"name": name, "division_code": "320505", **shared, **code})
    return rows


@pytest.mark.parametrize("is_coded", [False, True])
@pytest.mark.parametrize("shared", SHARED)
def test_what_300_firms_share_joins_none_of_them(
    shared: str, is_coded: bool, tmp_path: Path
) -> None:
    found, resolved = labels(many_firms(SHARED[shared], is_coded), tmp_path)
    assert len(set(found)) == MANY
    key = {"env_phone": "phone", "site_address": "address", "legal_rep": "representative+city"}
    for column in SHARED[shared]:
        note = next(n for n in resolved.notes if n.startswith(f"blocking key {key[column]}:"))
        assert str(MANY) in note


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_300_firms_share_hides_nobody_who_is_one(seed: int, tmp_path: Path) -> None:
    """Two rows of one firm among them are found by what they do not share with the others."""
    shared = SHARED["both"]
    firm = Town(seed).firm(city=0)
    longer = firm.name.replace("有限公司", "有限责任公司")
    own = [
        firm.says("uscc", "legal_rep", **shared),
        firm.says("legal_rep", name=longer, **shared),
    ]
    found, resolved = labels([*own, *many_firms(shared, is_coded=False)], tmp_path)
    assert found[0] == found[1]
    sizes = resolved.tuples.group_by("entity").len()
    assert sizes.filter(pl.col("len") > 1).height == 1


FATHERS_AND_SONS = [("端木明远", "端木明哲"), ("诸葛守拙", "诸葛若拙"), ("宇文修竹", "宇文修齐")]


@pytest.mark.parametrize("has_numbers", [True, False])
@pytest.mark.parametrize("names", FATHERS_AND_SONS)
def test_father_and_son_on_one_phone_are_two_persons(
    names: tuple[str, str], has_numbers: bool, tmp_path: Path
) -> None:
    rows = [
        {
            "permit_no": f"P{n}",
            "name": name,
            "person_id": id_number_of(n, born) if has_numbers else None,
            "employer_uscc": code_of(9),
            "phone": "13811112222",
        }
        for n, (name, born) in enumerate(zip(names, ("19610101", "19880101"), strict=True), 1)
    ]
    found = entities_of({"driver_permit": rows}, "person", tmp_path)
    persons = [found.get(("driver_permit", n, "driver", 0)) for n in (1, 2)]
    assert None not in persons
    assert persons[0] != persons[1]
