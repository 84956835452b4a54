"""Which numbers are one phone: country code, area code, extension, and a local number's city."""

import polars as pl
import pytest

from ingest.resolve.kinds.phone import phone_numbers
from tests.unit.ingest.resolve.conftest import code_of, entities_of

NUMBERS = {
    "13811112222": "13811112222",
    "138-1111-2222": "13811112222",
    "+86 138 1111 2222": "13811112222",
    "0086-13811112222": "13811112222",
    "0512-66668888": "051266668888",
    "(0512)66668888": "051266668888",
    "512 66668888": "051266668888",
    "+86 512 6666 8888": "051266668888",
    "+86-0512-66668888": "051266668888",
    "0512-66668888-801": "051266668888",
    "0512-66668888转801": "051266668888",
    "025-84001234": "02584001234",
    "25-84001234": "02584001234",
    "86661234": "86661234",
    "66668888-12": "66668888",
    "400-820-1234": "4008201234",
    "138****2222": "",
    "12345": "",
    "": "",
}
FIRM, OTHER = code_of(1), code_of(2)


@pytest.mark.parametrize("text", NUMBERS)
def test_normal_form(text):
    assert phone_numbers(pl.Series([text])).to_list() == [NUMBERS[text]]


def firm(code, phone, division="320505"):
    return {"uscc": code, "name": "甲公司", "phone": phone, "division_code": division}


def entities(rows, root):
    return [entity for _, entity in sorted(entities_of(rows, "phone", root).items())]


def test_a_local_number_is_that_of_its_holders_city(tmp_path):
    rows = {
        "company": [
            firm(FIRM, "66668888"),
            firm(OTHER, "0512-66668888", "320602"),
            firm(code_of(3), "66668888", "320602"),
        ]
    }
    suzhou, whole, nantong = entities(rows, tmp_path)
    assert suzhou == whole != nantong


def test_a_local_number_of_no_known_city_stays_alone(tmp_path):
    rows = {"company": [firm(FIRM, "66668888", None), firm(OTHER, "0512-66668888")]}
    assert len(set(entities(rows, tmp_path))) == 2
