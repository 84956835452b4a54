"""Which texts are one address: district, street and numbers; what stands before the street."""

import pytest

from tests.unit.ingest.resolve.conftest import code_of, entities_of

FIRM, OTHER, THIRD = (code_of(n) for n in (1, 2, 3))
TOGETHER = {
    "with and without its province": ("江苏省苏州市振兴路88号", "苏州市振兴路88号"),
    "the mark of the number": ("苏州市振兴路88号", "苏州市振兴路88#"),
    "a township before the street": ("苏州市枫桥街道振兴路88号", "苏州市振兴路88号"),
    "a district named by one only": ("苏州市吴中区振兴路88号", "苏州市振兴路88号"),
    "Chinese numerals": ("苏州市振兴路八号", "苏州市振兴路8号"),
}
APART = {
    "two door numbers": ("苏州市振兴路88号", "苏州市振兴路89号"),
    "a door and a room behind it": ("苏州市振兴路88号", "苏州市振兴路88号201室"),
    "two rooms": ("苏州市振兴路88号201室", "苏州市振兴路88号202室"),
    "two districts": ("苏州市吴中区振兴路88号", "苏州市相城区振兴路88号"),
    "two cities": ("苏州市振兴路88号", "南通市振兴路88号"),
    "two streets of almost one name": ("苏州市东振兴路88号", "苏州市西振兴路88号"),
}


def entities(texts, root, codes=(FIRM, OTHER, THIRD)):
    rows = {
        "company": [
            {"uscc": code, "name": "甲公司", "address": text}
            for code, text in zip(codes, texts, strict=False)
        ]
    }
    return [entity for _, entity in sorted(entities_of(rows, "address", root).items())]


@pytest.mark.parametrize("case", TOGETHER)
def test_one_address(case, tmp_path):
    one, two = entities(TOGETHER[case], tmp_path)
    assert one == two


@pytest.mark.parametrize("case", APART)
def test_two_addresses(case, tmp_path):
    one, two = entities(APART[case], tmp_path)
    assert one != two


def test_a_wrong_character_joins_the_spellings_of_one_holder(tmp_path):
    texts = ("苏州市工业大道振兴路88号", "苏州市工业大道振新路88号")
    assert len(set(entities(texts, tmp_path))) == 2
    assert len(set(entities(texts, tmp_path, (FIRM, FIRM)))) == 1


def test_a_bare_street_that_could_be_two_is_neither(tmp_path):
    texts = ("苏州市枫桥街道振兴路88号", "苏州市横塘街道振兴路88号", "苏州市振兴路88号")
    assert len(set(entities(texts, tmp_path))) == 3


def test_one_district_of_two_is_not_guessed(tmp_path):
    texts = ("苏州市吴中区振兴路88号", "苏州市相城区振兴路88号", "苏州市振兴路88号")
    assert len(set(entities(texts, tmp_path))) == 3
