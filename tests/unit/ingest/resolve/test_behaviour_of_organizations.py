"""Which rows become one organisation: the behaviour that people rely on, over many made-up firms.

Strategy: a case writes rows about firms drawn from :mod:`behaviour_town` and says how they belong
together. All cases of a seed lie in one lake, among firms of no interest, and go from rows to
members as in a run; what a case says must hold whatever firms it was told about.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.ingest.resolve.behaviour_town import Statement, Town
from tests.unit.ingest.resolve.conftest import entities_of
from tests.unit.ingest.resolve.test_firms import CROWD

SEEDS = (1, 2, 3, 4)
# Rows of one inner list are one organisation, those of different lists are not.
Groups = list[list[Statement]]
EVERYTHING = ("uscc", "env_phone", "legal_rep", "site_address")
ALL_BUT_CODE = EVERYTHING[1:]


def sisters_of_a_character(town: Town) -> Groups:
    firm, (twin,) = town.firm(), town.slips(1)
    name = firm.name.replace(firm.trade, firm.trade[0] + twin)
    return [[firm.says("site_address")], [firm.says(name=name, site_address=firm.other_address)]]


def sisters_of_a_character_with_codes(town: Town) -> Groups:
    firm, other, (twin,) = town.firm(), town.firm(), town.slips(1)
    name = firm.name.replace(firm.trade, firm.trade[0] + twin)
    return [[firm.says(*EVERYTHING)], [firm.says(*ALL_BUT_CODE, name=name, uscc=other.code)]]


def plants_of_a_numeral(town: Town) -> Groups:
    firm = town.firm()
    stem = f"{firm.city}{firm.trade}{firm.industry}"
    return [[firm.says(name=f"{stem}{number}厂")] for number in ("二", "四")]


def plants_of_an_ordinal_and_one_phone(town: Town) -> Groups:
    firm = town.firm()
    stem = f"{firm.city}{firm.trade}{firm.industry}"
    return [[firm.says("env_phone", name=f"{stem}第{number}厂")] for number in ("一", "三")]


def east_and_south(town: Town) -> Groups:
    firm = town.firm()
    stem = f"{firm.city}{firm.trade}"
    return [[firm.says(name=f"{stem}{part}{firm.industry}有限公司")] for part in ("华东", "华南")]


def east_and_south_with_one_phone(town: Town) -> Groups:
    firm = town.firm()
    stem = f"{firm.city}{firm.trade}"
    return [
        [firm.says("env_phone", name=f"{stem}{part}{firm.industry}有限公司")]
        for part in ("华东", "华南")
    ]


def plants_of_a_numeral_and_one_owner(town: Town) -> Groups:
    firm = town.firm()
    stem = f"{firm.city}{firm.trade}{firm.industry}"
    return [[firm.says(*ALL_BUT_CODE, name=f"{stem}{number}厂")] for number in ("2", "4")]


def head_office_and_branch(town: Town) -> Groups:
    firm = town.firm()
    branch = f"{firm.name}城西分公司"
    return [[firm.says(*EVERYTHING)], [firm.says(*ALL_BUT_CODE, name=branch)]]


def head_office_and_branch_with_codes(town: Town) -> Groups:
    firm, other = town.firm(), town.firm()
    branch = f"{firm.name}城西分公司"
    own = firm.says(*ALL_BUT_CODE, name=branch, uscc=other.code)
    return [[firm.says(*EVERYTHING)], [own, firm.says("env_phone", name=branch)]]


def two_branches(town: Town) -> Groups:
    firm = town.firm()
    return [
        [firm.says(*ALL_BUT_CODE, name=f"{firm.name}{place}分公司")] for place in ("城西", "城东")
    ]


def one_name_in_two_cities(town: Town) -> Groups:
    firm, other = town.firm(city=0), town.firm(city=1)
    name = other.name.replace(other.trade + other.industry, firm.trade + firm.industry)
    return [[firm.says()], [other.says(name=name)]]


def one_name_in_two_cities_with_codes(town: Town) -> Groups:
    firm, other = town.firm(city=2), town.firm(city=3)
    name = f"{firm.trade}{firm.industry}有限公司"
    return [[firm.says("uscc", name=name)], [other.says("uscc", name=name)]]


def one_name_in_two_cities_delivered_bare(town: Town) -> Groups:
    firm, other = town.firm(city=4), town.firm(city=5)
    name = f"{firm.trade}{firm.industry}有限公司"
    return [[firm.says(name=name)], [other.says(name=name)]]


def father_and_son_at_one_address(town: Town) -> Groups:
    father, son = town.firm(city=0), town.firm(city=0)
    heir = father.person[:-1] + "宝"
    return [
        [father.says("site_address", "legal_rep", "env_phone")],
        [son.says(site_address=father.address, legal_rep=heir, env_phone=father.phone)],
    ]


def one_owner_of_two_firms(town: Town) -> Groups:
    firm, other = town.firm(city=0), town.firm(city=0)
    return [
        [firm.says("legal_rep", "site_address")],
        [other.says(legal_rep=firm.person, site_address=firm.address)],
    ]


def short_name_of_two_firms(town: Town) -> Groups:
    firm, other = town.firm(city=0), town.firm(city=1)
    name = other.name.replace(other.trade + other.industry, firm.trade + firm.industry)
    short = {"name": firm.trade + firm.industry[:2], "division_code": "320000"}
    return [[firm.says("uscc")], [other.says("uscc", name=name)], [short]]


def former_name(town: Town) -> Groups:
    firm, before = town.firm(city=0), town.firm(city=0)
    return [[firm.says("uscc", former_names=before.name), before.says()]]


def traditional_script(town: Town) -> Groups:
    firm = town.firm()
    name = f"{firm.city}{firm.trade}{firm.traditional}有限公司"
    return [[firm.says("uscc"), firm.says(name=name.replace("苏", "蘇").replace("盐", "鹽"))]]


def letters_for_digits_in_the_code(town: Town) -> Groups:
    firm = town.firm()
    wrong = firm.code.replace("0", "O").replace("1", "I")
    return [[firm.says("uscc"), firm.says(name=f"{firm.trade}公司", uscc=wrong)]]


def full_width_digits_in_the_code(town: Town) -> Groups:
    firm = town.firm()
    wide = firm.code.translate({ord(c): ord(c) + 0xFEE0 for c in firm.code})
    return [[firm.says("uscc"), firm.says(name=f"{firm.trade}公司", uscc=wide)]]


def moved_within_the_city(town: Town) -> Groups:
    firm = town.firm()
    moved = {"site_address": firm.other_address, "division_code": firm.other_district}
    return [[firm.says("uscc", "legal_rep", "site_address"), firm.says("legal_rep", **moved)]]


def moved_to_another_city(town: Town) -> Groups:
    firm, there = town.firm(city=0), town.firm(city=1)
    moved = {"site_address": there.address, "division_code": there.district}
    return [[firm.says("uscc", "legal_rep", "site_address"), firm.says("legal_rep", **moved)]]


def slip_of_the_pen_with_the_phone(town: Town) -> Groups:
    firm, (slip,) = town.firm(), town.slips(1)
    wrong = firm.name.replace(firm.trade, firm.trade[0] + slip)
    return [[firm.says("uscc", "env_phone"), firm.says("env_phone", name=wrong)]]


def region_left_out(town: Town) -> Groups:
    firm = town.firm()
    return [[firm.says("uscc"), firm.says(name=firm.name.removeprefix(firm.city))]]


def region_moved_into_brackets(town: Town) -> Groups:
    firm = town.firm()
    forms = (
        f"{firm.trade}（{firm.city}）{firm.industry}有限公司",
        f"{firm.trade}{firm.industry}({firm.city})有限公司",
    )
    return [[firm.says("uscc"), *(firm.says(name=name) for name in forms)]]


def region_moved_out_of_brackets(town: Town) -> Groups:
    firm = town.firm()
    name = f"{firm.trade}（{firm.city}）{firm.industry}有限公司"
    return [[firm.says("uscc", name=name), firm.says()]]


def other_legal_form_with_the_code(town: Town) -> Groups:
    firm = town.firm()
    longer = firm.name.replace("有限公司", "有限责任公司")
    return [[firm.says("uscc"), firm.says("uscc", name=longer), firm.says(name=longer)]]


def full_width_and_blanks(town: Town) -> Groups:
    firm = town.firm()
    return [[firm.says("uscc"), firm.says(name=f"　{firm.city} {firm.name[2:]}。")]]


APART: tuple[Callable[[Town], Groups], ...] = (
    sisters_of_a_character,
    sisters_of_a_character_with_codes,
    plants_of_a_numeral,
    plants_of_an_ordinal_and_one_phone,
    plants_of_a_numeral_and_one_owner,
    east_and_south,
    east_and_south_with_one_phone,
    head_office_and_branch,
    head_office_and_branch_with_codes,
    two_branches,
    one_name_in_two_cities,
    one_name_in_two_cities_with_codes,
    one_name_in_two_cities_delivered_bare,
    father_and_son_at_one_address,
    one_owner_of_two_firms,
    short_name_of_two_firms,
)
TOGETHER: tuple[Callable[[Town], Groups], ...] = (
    former_name,
    traditional_script,
    letters_for_digits_in_the_code,
    full_width_digits_in_the_code,
    moved_within_the_city,
    moved_to_another_city,
    slip_of_the_pen_with_the_phone,
    region_left_out,
    region_moved_into_brackets,
    region_moved_out_of_brackets,
    other_legal_form_with_the_code,
    full_width_and_blanks,
)
CASES = {case.__name__: case for case in (*APART, *TOGETHER)}
Told = dict[str, list[list[tuple[Statement, int]]]]


@pytest.fixture(scope="module", params=SEEDS)
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Told:
    """Entity of every row, by case and group, for one seed."""
    town = Town(request.param)
    written = {name: case(town) for name, case in CASES.items()}
    rows = [row for groups in written.values() for group in groups for row in group]
    root: Path = tmp_path_factory.mktemp("town")
    found = entities_of({"enterprise": [*rows, *CROWD]}, "organization", root)
    entity = iter(found["enterprise", n, "enterprise", 0] for n in range(1, len(rows) + 1))
    return {
        name: [[(row, next(entity)) for row in group] for group in groups]
        for name, groups in written.items()
    }


@pytest.mark.parametrize("case", [case.__name__ for case in TOGETHER])
def test_rows_of_one_firm_join(case: str, told: Told) -> None:
    for group in told[case]:
        assert len({entity for _, entity in group}) == 1, group


@pytest.mark.parametrize("case", [case.__name__ for case in APART])
def test_rows_of_different_firms_stay_apart(case: str, told: Told) -> None:
    groups = [{entity for _, entity in group} for group in told[case]]
    assert len(set().union(*groups)) == sum(map(len, groups)), told[case]
    assert all(len(entities) == 1 for entities in groups), told[case]


def test_nothing_joins_across_firms(told: Told) -> None:
    cases_of: dict[int, set[str]] = {}
    for name, groups in told.items():
        for _, entity in (pair for group in groups for pair in group):
            cases_of.setdefault(entity, set()).add(name)
    assert [names for names in cases_of.values() if len(names) > 1] == []
